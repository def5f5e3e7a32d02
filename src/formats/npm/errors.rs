//! Errors as npm's clients read them: npm and yarn print the key `error`; GitLab sends it beside its own `message`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
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

/// A group that is not there, or that the caller may not see: the scope is what the client knows of it.
pub(super) fn of_the_instance(error: &Error) -> HttpResponse {
    match error {
        Error::NotFound(thing) if thing == "Group" => error_response(&Error::message(
            StatusCode::NOT_FOUND,
            "404 Project Not Found: at instance level the scope of a package must be the path of a top-level group, letter by letter",
        )),
        other => error_response(other),
    }
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
        Error::Protected(protected) => both(protected.action.refusal()),
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
