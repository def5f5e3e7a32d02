//! Protocol behaviour of each format.

mod generic;
pub mod npm;
mod pypi;
