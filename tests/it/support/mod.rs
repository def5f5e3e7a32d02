//! What tests stand on: a real server on a real port in a directory of its own, and actors who speak to it.

mod actor;
mod app;
pub mod archives;
pub mod clients;
pub mod composer;
pub mod conan;
/// The same damage that the property tests beside the parsers do.
#[path = "../../../src/fuzz.rs"]
#[expect(dead_code, reason = "those tests use more of it")]
pub mod fuzz;
pub mod golang;
pub mod helm;
pub mod nuget;
mod process;
pub mod python;
mod raw;
pub mod seeds;
pub mod shape;
pub mod terraform;
pub mod tls;
mod watch;
mod world;

pub use actor::{Actor, Answer};
pub use app::{ROOT_TOKEN, TestApp};
pub use process::{Packhouse, Process, eventually};
pub use raw::Raw;
pub use watch::{Seen, StandIn, Watched};
pub use world::Place;
pub use world::{each, id_of, keys};
