//! `GET /-/openapi.json`: OpenAPI 3.1 of the core routes, made of the route table and of what stands beside its routes.
//!
//! Routes of package formats are not in it: their protocols are described by those who made them.

mod operation;
mod schema;

use std::sync::LazyLock;

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};

use super::table::{TableRoute, routes};
use crate::error::Result;
use crate::http::describe::{Answer, Operation, Shape};
use crate::registry::{Door, Registry};
use schema::Schemas;

/// Everything but the address of this server.
static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

pub(super) const OPENAPI: Operation = Operation::new(
    "This description",
    Answer::Json(
        200,
        &Shape::Object(&[&[
            ("openapi", Shape::Text),
            ("info", Shape::Any),
            ("servers", Shape::Any),
            ("paths", Shape::Any),
            ("components", Shape::Any),
        ]]),
    ),
);

/// `GET /-/openapi.json`: 200, the description.
pub(super) async fn send(registry: web::Data<Registry>) -> Result<HttpResponse> {
    let mut document = DOCUMENT.clone();
    document["servers"] = json!([{ "url": registry.config().url().to_string() }]);
    crate::http::answer::ok(&document)
}

/// GitLab's REST API and our own service routes; pages for people and package protocols are described elsewhere.
fn is_core(row: &TableRoute) -> bool {
    row.mount.door != Door::Format && matches!(row.mount.prefix, "/api/v4" | "/-")
}

fn document() -> Value {
    let mut schemas = Schemas::default();
    let mut paths: Map<String, Value> = Map::new();
    for row in routes().filter(is_core) {
        let Some(operation) = row.route.described else {
            continue; // a test fails
        };
        let path = paths.entry(row.pattern()).or_insert_with(|| json!({}));
        path[row.route.method.as_str().to_ascii_lowercase()] =
            operation::render(&row, operation, &mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Packhouse",
            "summary": "GitLab's REST API, as far as package tools call it",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [],
        "paths": paths,
        "components": {
            "schemas": schemas.into_named(),
            "headers": operation::paging_headers(),
            "securitySchemes": {
                "access_token": { "type": "apiKey", "in": "header", "name": "PRIVATE-TOKEN" },
                "bearer": { "type": "http", "scheme": "bearer" },
                "job_token": { "type": "apiKey", "in": "header", "name": "JOB-TOKEN" },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_core_route_is_described() {
        let forgotten: Vec<String> = routes()
            .filter(|row| is_core(row) && row.route.described.is_none())
            .map(|row| format!("{} {}", row.route.method, row.pattern()))
            .collect();
        assert!(
            forgotten.is_empty(),
            "routes without `described`:\n{}",
            forgotten.join("\n")
        );
        assert!(
            routes().filter(is_core).count() > 50,
            "is the filter blind?"
        );
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let text = DOCUMENT.to_string();
        for (at, _) in text.match_indices("\"$ref\":\"#") {
            let rest = &text[at + 9..];
            let pointer = &rest[..rest.find('"').unwrap()];
            assert!(DOCUMENT.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
