//! Protocol behaviour of each format.

mod generic;
mod maven;
pub mod npm;
mod pypi;
