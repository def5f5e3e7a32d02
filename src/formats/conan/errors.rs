//! What the client prints of an error: text as it is, JSON only in Artifactory's shape.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;

use crate::error::Error;
use crate::http::answer;

/// GitLab's JSON with `errors` beside it, which is what clients print; 401 is text, after which they ask for a password.
pub(super) fn error_response(error: &Error) -> HttpResponse {
    let status = error.status();
    let mut response = HttpResponse::build(status);
    let mut response = match status {
        StatusCode::UNAUTHORIZED => {
            response.insert_header((CONTENT_TYPE, HeaderValue::from_static("text/plain")));
            response.body(error.to_string())
        }
        _ => {
            let mut body = error.body();
            body["errors"] = json!([{ "status": status.as_u16(), "message": error.to_string() }]);
            response
                .content_type("application/json")
                .body(body.to_string())
        }
    };
    answer::add_error_headers(&mut response, error);
    response
}
