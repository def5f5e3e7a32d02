//! Protocol behaviour of each format.

mod composer;
mod generic;
mod maven;
pub mod npm;
mod nuget;
mod pypi;
