//! The web page, and the routes that exist for it.

mod browser;
mod display;
mod downloads;
mod own_tokens;
mod pages;
mod search;
mod session;

use serde_json::{Value, json};

use crate::formats::npm;
use crate::support::TestApp;

/// Publishes an npm package; more fields of its manifest come from `more`.
fn publish_npm(app: &TestApp, project: i64, name: &str, version: &str, more: Value) {
    let mut manifest = json!({ "name": name, "version": version });
    for (field, value) in more.as_object().expect("an object") {
        manifest[field] = value.clone();
    }
    let prefix = format!("/api/v4/projects/{project}/packages/npm");
    npm::publish(&app.root(), &prefix, &manifest).expect(200);
}

/// Publishes a generic package of one file.
fn publish_generic(app: &TestApp, project: i64, name: &str, version: &str) {
    let path = format!("/api/v4/projects/{project}/packages/generic/{name}/{version}/f.txt");
    app.root().put(&path, b"bytes").expect(201);
}

/// The id of the newest package of this name.
fn package_id(app: &TestApp, name: &str) -> i64 {
    let sql = "SELECT max(id) FROM packages WHERE name = ?1";
    let database = app.database();
    database
        .query_row(sql, [name], |row| row.get(0))
        .expect("the package is there")
}
