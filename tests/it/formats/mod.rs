//! Protocol behaviour of each format.

mod composer;
mod conan;
mod generic;
mod maven;
pub mod npm;
mod pypi;
