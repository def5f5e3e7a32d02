//! Conan packages: revisions, files, search, removal, in both protocols.

mod access;
mod bad_input;
mod first_protocol;
mod incomplete;
mod instance;
mod packages_api;
mod removal;
mod revisions;
mod search;
mod sessions;

const R: &str = "hello/0.1/_/_";
