//! Packages of a project: list, detail, deletion.

mod deletion;
mod detail;
mod filters;
mod items;
mod list;
mod pipelines;
mod status;

use crate::support::seeds::{PUB, packages};

/// The list of `acme/pub` with a query.
fn list(query: &str) -> String {
    format!("{}{query}", packages(PUB))
}
