//! What tests stand on: a real server on a real port in a directory of its own, and actors who speak to it.

mod actor;
mod app;
#[allow(dead_code, reason = "each kind of client has its own way in")]
pub mod clients;
mod process;
mod raw;
pub mod seeds;
pub mod shape;
mod world;

pub use actor::{Actor, Answer};
pub use app::{ROOT_TOKEN, TestApp};
pub use process::{Packhouse, Process, eventually};
pub use raw::Raw;
pub use world::Place;
pub use world::{each, id_of, keys};
