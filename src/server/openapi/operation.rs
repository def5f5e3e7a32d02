//! One route as an OpenAPI operation: its parameters, its answer, and every refusal that its row implies.

use std::collections::BTreeSet;

use actix_web::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::super::table::TableRoute;
use super::schema::Schemas;
use crate::http::Permission;
use crate::http::describe::{Answer, Field, Operation, PAGE, Shape};
use crate::registry::Door;

/// How every refusal of a core route looks (`Error::body`).
const REFUSAL: Shape = Shape::Named(
    "Refusal",
    &Shape::Either(&[
        Shape::Object(&[&[(
            "message",
            Shape::Either(&[
                Shape::Text,
                Shape::Map(&Shape::Either(&[Shape::Text, Shape::List(&Shape::Text)])),
            ]),
        )]]),
        Shape::Object(&[&[
            (
                "error",
                Shape::Either(&[Shape::Text, Shape::List(&Shape::Text)]),
            ),
            ("error_description?", Shape::Text),
            ("scope?", Shape::Text),
        ]]),
    ]),
);

const PAGING_HEADERS: &[&str] = &[
    "X-Page",
    "X-Per-Page",
    "X-Next-Page",
    "X-Prev-Page",
    "X-Total",
    "X-Total-Pages",
    "Link",
];

pub(super) fn render(row: &TableRoute, operation: &Operation, schemas: &mut Schemas) -> Value {
    let method = &row.route.method;
    let pattern = row.pattern();
    let mut parameters: Vec<Value> = path_parameters(row)
        .map(|(name, shape)| parameter("path", name, true, schemas.render(&shape)))
        .collect();
    let mut rendered = json!({
        "operationId": operation_id(method, &pattern),
        "summary": operation.summary,
        "tags": [tag(&pattern)],
        "security": security(row),
    });
    let pages = matches!(operation.answer, Answer::Pages(_)).then_some(PAGE);
    let takes = || operation.takes.iter().copied().chain(pages).flatten();
    if matches!(*method, Method::GET | Method::DELETE) {
        parameters.extend(takes().map(|(name, shape)| query_parameter(name, shape, schemas)));
    } else if !operation.takes.is_empty() {
        rendered["requestBody"] = body(takes(), schemas);
    }
    if operation.refuses.contains(&412) {
        let schema = json!({ "type": "string" });
        parameters.push(parameter("header", "If-Unmodified-Since", false, schema));
    }
    rendered["parameters"] = json!(parameters);
    rendered["responses"] = Value::Object(responses(row, operation, schemas));
    rendered
}

/// Each paging header, told once.
pub(super) fn paging_headers() -> Value {
    let header = |name: &&str| {
        let told = json!({ "schema": { "type": "string" } });
        ((*name).to_owned(), told)
    };
    Value::Object(PAGING_HEADERS.iter().map(header).collect())
}

/// `get_projects_id_packages`
fn operation_id(method: &Method, pattern: &str) -> String {
    let words = pattern.trim_start_matches("/api/v4");
    let words = words.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>();
    format!(
        "{}_{}",
        method.as_str().to_ascii_lowercase(),
        words.join("_")
    )
}

/// The last word of a path that is no variable and no action on one.
fn tag(pattern: &str) -> &str {
    let mut words = pattern.trim_start_matches("/api/v4").split('/');
    let first = words.find(|word| !matches!(*word, "" | "-")).unwrap_or("");
    words
        .find(|word| !word.starts_with('{') && !matches!(*word, "-" | "self" | "user"))
        .unwrap_or(first)
}

/// A project or group goes by number or path, a namespace too; commits by their id; everything else has a number.
fn path_parameters(row: &TableRoute) -> impl Iterator<Item = (&'static str, Shape)> + use<> {
    let permission = row.route.permission;
    let pattern = row.route.pattern;
    let names = pattern
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    names.map(move |name| {
        let by_name = match name {
            "id" => {
                matches!(permission, Permission::Project(_) | Permission::Group(_))
                    || pattern.starts_with("/namespaces/")
            }
            "user_id" => {
                pattern == "/users/{user_id}/projects" || pattern == "/projects/user/{user_id}"
            }
            other => !other.ends_with("_id"),
        };
        (name, if by_name { Shape::Text } else { Shape::Integer })
    })
}

fn parameter(place: &str, name: &str, required: bool, schema: Value) -> Value {
    json!({ "name": name, "in": place, "required": required, "schema": schema })
}

/// Lists are written with commas.
fn query_parameter(name: &str, shape: &Shape, schemas: &mut Schemas) -> Value {
    let known = name.trim_end_matches('?');
    let mut told = parameter("query", known, known == name, schemas.render(shape));
    if matches!(shape, Shape::List(_)) {
        told["style"] = json!("form");
        told["explode"] = json!(false);
    }
    told
}

/// As JSON; the same keys may come in a form or in the query. What a body has beyond them is ignored.
fn body<'a>(fields: impl Iterator<Item = &'a Field> + Clone, schemas: &mut Schemas) -> Value {
    let required = fields.clone().any(|(name, _)| !name.ends_with('?'));
    let schema = schemas.body(fields);
    json!({ "required": required, "content": { "application/json": { "schema": schema } } })
}

/// Any of these, or for routes that anybody may call none.
fn security(row: &TableRoute) -> Value {
    let mut schemes = vec![json!({ "access_token": [] }), json!({ "bearer": [] })];
    if row.mount.job_tokens {
        schemes.push(json!({ "job_token": [] }));
    }
    match row.route.permission {
        Permission::Public => schemes.clear(),
        // What is public may be read by anybody.
        Permission::Anyone | Permission::Project(_) | Permission::Group(_)
            if row.mount.door == Door::Core =>
        {
            schemes.push(json!({}));
        }
        _ => {}
    }
    json!(schemes)
}

fn responses(row: &TableRoute, operation: &Operation, schemas: &mut Schemas) -> Map<String, Value> {
    let mut responses = Map::new();
    let mut tell = |status: u16, content: Value| {
        let reason = StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason());
        let mut told = json!({ "description": reason.unwrap_or_default() });
        if let (Value::Object(told), Value::Object(content)) = (&mut told, content) {
            told.extend(content);
        }
        responses.insert(status.to_string(), told);
    };
    let of_type = |content_type: &str, schema: Value| json!({ "content": { content_type: { "schema": schema } } });
    match operation.answer {
        Answer::Json(status, shape) => {
            tell(status, of_type("application/json", schemas.render(shape)))
        }
        Answer::Pages(shape) => {
            let mut content = of_type("application/json", schemas.render(&Shape::List(shape)));
            let header = |name: &&str| {
                (
                    (*name).to_owned(),
                    json!({ "$ref": format!("#/components/headers/{name}") }),
                )
            };
            content["headers"] = Value::Object(PAGING_HEADERS.iter().map(header).collect());
            tell(200, content);
        }
        Answer::Empty(status) => tell(status, Value::Null),
        Answer::File => {
            let bytes = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
            tell(200, of_type("application/octet-stream", bytes.clone()));
            tell(206, of_type("application/octet-stream", bytes));
        }
        Answer::Line => tell(200, of_type("text/plain", json!({ "type": "string" }))),
    }
    if row.route.method == Method::GET {
        tell(304, Value::Null);
    }
    let refusal = schemas.render(&REFUSAL);
    for status in refusals(row, operation) {
        tell(status, of_type("application/json", refusal.clone()));
    }
    responses
}

/// What the life of a request refuses before the handler does (`server::dispatch`, `auth::decide`), and what the route adds.
fn refusals(row: &TableRoute, operation: &Operation) -> BTreeSet<u16> {
    let mut statuses = BTreeSet::from([400]); // parameters, of a route that takes none a body that is no JSON
    statuses.extend(operation.refuses);
    if !matches!(row.route.permission, Permission::Public) {
        statuses.extend([401, 403, 429]); // 429: too many failed attempts from one address
    }
    if row.route.pattern.contains('{') {
        statuses.insert(404);
    }
    if matches!(operation.answer, Answer::File) {
        statuses.insert(416);
    }
    if row.route.method != Method::GET {
        statuses.insert(413);
    }
    statuses
}
