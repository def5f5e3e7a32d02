//! Protocol behaviour of each format.

mod generic;
mod golang;
mod maven;
pub mod npm;
mod pypi;
