//! Protocol behaviour of each format.

mod conan;
mod generic;
mod maven;
pub mod npm;
mod pypi;
