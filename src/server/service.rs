//! Service routes, as GitLab has them: is the process there, and can it work?

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::openapi;
use crate::error::{Error, Result};
use crate::http::describe::{Answer::*, Field, Operation, Shape::*};
use crate::http::{Mount, answer};
use crate::registry::Registry;
use crate::routes;

pub(super) static MOUNTS: &[Mount] = &[Mount {
    routes: routes! {
        GET "/health" Public => health, described HEALTH;
        GET "/liveness" Public => liveness, described LIVENESS;
        GET "/readiness" Public => readiness, described READINESS;
        GET "/openapi.json" Public => openapi::send, described openapi::OPENAPI;
    },
    ..Mount::core("/-")
}];

const STATUS: &[Field] = &[("status", Text)];
const HEALTH: Operation = Operation::new("Whether the process answers", Line);
const LIVENESS: Operation =
    Operation::new("Whether the process lives", Json(200, &Object(&[STATUS])));
const READINESS: Operation = Operation::new(
    "Whether database and storage can be used",
    Json(
        200,
        &Object(&[STATUS, &[("master_check", List(&Object(&[STATUS])))]]),
    ),
)
.refuses(&[503]);

/// `GET /-/health`: 200, text; the process answers.
async fn health() -> Result<HttpResponse> {
    Ok(HttpResponse::Ok()
        .content_type("text/plain")
        .body("GitLab OK"))
}

/// `GET /-/liveness`: 200 `{"status":"ok"}`.
async fn liveness() -> Result<HttpResponse> {
    answer::ok(&json!({ "status": "ok" }))
}

/// `GET /-/readiness`: 200 if database and storage can be used, 503 if not.
async fn readiness(registry: web::Data<Registry>) -> Result<HttpResponse> {
    match registry.check_ready() {
        Ok(()) => answer::ok(&json!({ "status": "ok", "master_check": [{ "status": "ok" }] })),
        Err(error) => {
            tracing::error!(cause = error.cause(), "not ready");
            Err(Error::message(
                actix_web::http::StatusCode::SERVICE_UNAVAILABLE,
                "503 Service Unavailable",
            ))
        }
    }
}
