//! Protocol behaviour of each format.

mod composer;
mod conan;
mod damaged;
mod forwarding;
mod generic;
mod golang;
mod helm;
mod maven;
pub mod npm;
mod nuget;
mod pypi;
mod terraform_module;
