//! Protocol behaviour of each format.

mod composer;
mod generic;
mod golang;
mod maven;
pub mod npm;
mod pypi;
