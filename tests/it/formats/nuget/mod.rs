//! NuGet packages: push, flat container, registrations, search, deletion, and the v2 feed.

mod access;
mod bad_input;
mod content;
mod deletion;
mod duplicates;
mod groups;
mod publishing;
mod registration;
mod search;
mod service_index;
mod symbols;
mod v2;

use serde_json::{Value, json};

use crate::support::Actor;
use crate::support::nuget::nuget;

fn created() -> Value {
    json!({ "message": "201 Created" })
}

/// The versions in the flat container.
fn versions(actor: &Actor, project: i64, id: &str) -> Value {
    let path = format!("{}/download/{id}/index.json", nuget(project));
    actor.get(&path).expect(200).json()["versions"].clone()
}

/// The leaves of a registration that has one page.
fn leaves(actor: &Actor, base: &str, id: &str) -> Vec<Value> {
    let path = format!("{base}/metadata/{id}/index.json");
    let index = actor.get(&path).expect(200).json();
    assert_eq!(index["count"], 1, "{index}");
    let leaves = index["items"][0]["items"].as_array();
    leaves.unwrap_or_else(|| panic!("{index}")).clone()
}
