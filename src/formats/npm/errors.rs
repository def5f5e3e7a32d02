//! Errors as npm's clients read them: npm and yarn print the key `error`; GitLab sends it beside its own `message`.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use crate::error::Error;
use crate::http::answer;

pub(super) fn error_response(error: &Error) -> HttpResponse {
    let mut response = HttpResponse::build(error.status())
        .content_type("application/json")
        .body(body(error).to_string());
    answer::add_error_headers(&mut response, error);
    response
}

fn body(error: &Error) -> Value {
    let both = |text: &str| json!({ "message": text, "error": text });
    match error {
        // `404 Package Tag Not Found` and `Package tag not found`
        Error::NotFound(thing) => {
            let (first, rest) = thing.split_at(thing.len().min(1));
            let short = format!("{first}{} not found", rest.to_lowercase());
            json!({ "message": error.to_string(), "error": short })
        }
        Error::Refused(why) => both(why),
        Error::InvalidToken(_) | Error::InsufficientScope => {
            let mut body = error.body();
            body["message"] = json!(error.to_string());
            body
        }
        Error::Invalid { fields, .. } => json!({ "message": fields, "error": error.to_string() }),
        Error::Person(_) => both("500 Internal Server Error"),
        other => both(&other.to_string()),
    }
}
