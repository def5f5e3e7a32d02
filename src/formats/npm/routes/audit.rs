//! Audits. Advisories are not kept here, so nothing is ever found; what clients send is not even read.

use actix_web::HttpResponse;
use serde_json::json;

use crate::error::Result;
use crate::http::answer;

/// `POST …/-/npm/v1/security/advisories/bulk`: 200 `{}`.
pub(in crate::formats::npm) async fn bulk() -> Result<HttpResponse> {
    answer::ok(&json!({}))
}

/// `POST …/-/npm/v1/security/audits[/quick]`: 200 and an empty report, every key of it: pnpm fails without.
pub(in crate::formats::npm) async fn report() -> Result<HttpResponse> {
    answer::ok(&json!({
        "actions": [],
        "advisories": {},
        "muted": [],
        "metadata": {
            "vulnerabilities": { "info": 0, "low": 0, "moderate": 0, "high": 0, "critical": 0 },
            "dependencies": 1,
            "devDependencies": 0,
            "optionalDependencies": 0,
            "totalDependencies": 1,
        },
    }))
}
