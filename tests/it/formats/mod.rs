//! Protocol behaviour of each format.

mod composer;
mod forwarding;
mod generic;
mod maven;
pub mod npm;
mod pypi;
