//! What this server says it is (contract 11.1).

use actix_web::HttpResponse;
use serde_json::json;

use crate::error::Result;
use crate::http::describe::{Answer::*, Operation, Shape::*};
use crate::http::{Route, answer};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/version" CurrentUser => version, described VERSION;
    GET "/metadata" CurrentUser => version, described VERSION;
};

const VERSION: Operation = Operation::new(
    "What this server is",
    Json(
        200,
        &Object(&[&[
            ("version", Text),
            ("revision", Text),
            (
                "kas",
                Object(&[&[
                    ("enabled", Flag),
                    ("externalUrl", Null),
                    ("externalK8sProxyUrl", Null),
                    ("version", Null),
                ]]),
            ),
            ("enterprise", Flag),
        ]]),
    ),
);

/// The GitLab whose API this is: glab, renovate and python-gitlab choose features by it.
const GITLAB_VERSION: &str = "18.4.0";
/// Our own version, in the place of GitLab's commit.
const REVISION: &str = concat!("packhouse-", env!("CARGO_PKG_VERSION"));

/// `GET /version`, `GET /metadata`: 200, the same body on both.
async fn version() -> Result<HttpResponse> {
    answer::ok(&json!({
        "version": GITLAB_VERSION,
        "revision": REVISION,
        "kas": { "enabled": false, "externalUrl": null, "externalK8sProxyUrl": null, "version": null },
        "enterprise": false,
    }))
}
