//! PyPI packages: the upload form, the simple index, files.

mod access;
mod bad_input;
mod files;
mod index;
mod uploads;

use serde_json::{Value, json};

use crate::support::Actor;
use crate::support::python::pypi;

const JSON: &str = "application/vnd.pypi.simple.v1+json";

fn uploaded() -> Value {
    json!({ "message": "201 Created" })
}

/// The files of a name in JSON.
fn files_of(actor: &Actor, base: &str, name: &str) -> Value {
    let actor = actor.with("Accept", JSON);
    actor
        .get(&format!("{base}/simple/{name}/"))
        .expect(200)
        .json()
}

/// The path of the only file of a name in a project.
fn only_file(actor: &Actor, project: i64, name: &str) -> String {
    let page = files_of(actor, &pypi(project), name);
    let files = page["files"].as_array().unwrap();
    assert_eq!(files.len(), 1, "{page}");
    path_of(&files[0])
}

/// The path in a file's URL.
fn path_of(file: &Value) -> String {
    let url = file["url"].as_str().unwrap();
    url[url.find("/api/").unwrap()..].to_owned()
}
