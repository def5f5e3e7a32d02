//! Protocol behaviour of each format.

mod composer;
mod damaged;
mod generic;
mod maven;
pub mod npm;
mod pypi;
