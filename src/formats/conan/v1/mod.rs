//! The first protocol: one revision, and a URL for every file.

mod body;
pub(super) mod read;
mod urls;
pub(super) mod write;
