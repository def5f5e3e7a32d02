//! Answers that every part of the API gives alike.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use serde::Serialize;

use crate::error::{Error, Result, TokenProblem};

/// The realm that package clients are challenged with, to the letter: Maven stores credentials under it.
const REALM: &str = "Basic realm=\"GitLab Packages Registry\"";

pub fn ok(value: &impl Serialize) -> Result<HttpResponse> {
    json(StatusCode::OK, value)
}

pub fn created(value: &impl Serialize) -> Result<HttpResponse> {
    json(StatusCode::CREATED, value)
}

pub fn json(status: StatusCode, value: &impl Serialize) -> Result<HttpResponse> {
    Ok(HttpResponse::build(status)
        .content_type("application/json")
        .body(serde_json::to_vec(value)?))
}

/// 204 with an empty body: what deletes answer.
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// 302: what is asked for is to be looked for there.
pub fn found_at(url: &str) -> Result<HttpResponse> {
    let location = HeaderValue::try_from(url).map_err(Error::internal)?;
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("private, no-cache")))
        .finish())
}

/// 202 for what is deleted in the background.
pub fn accepted() -> HttpResponse {
    HttpResponse::Accepted().json(serde_json::json!({ "message": "202 Accepted" }))
}

/// GitLab's JSON form of an error, with the headers that go with it.
pub fn error_response(error: &Error) -> HttpResponse {
    let mut response = HttpResponse::build(error.status())
        .content_type("application/json")
        .body(error.body().to_string());
    add_error_headers(&mut response, error);
    response
}

/// The headers that belong to an error whatever shape its body has.
pub fn add_error_headers(response: &mut HttpResponse, error: &Error) {
    let (name, value) = match error {
        Error::Challenge => (WWW_AUTHENTICATE, REALM.to_owned()),
        Error::InvalidToken(problem) => (WWW_AUTHENTICATE, bearer_challenge(*problem)),
        Error::MethodNotAllowed { allow } => (ALLOW, allow.clone()),
        Error::TooManyRequests { retry_after_secs } => (RETRY_AFTER, retry_after_secs.to_string()),
        Error::RangeNotSatisfiable { size } => (
            HeaderName::from_static("content-range"),
            format!("bytes */{size}"),
        ),
        _ => return,
    };
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}

/// RFC 6750, section 3.
fn bearer_challenge(problem: TokenProblem) -> String {
    format!(
        "Bearer realm=\"Protected by OAuth 2.0\", error=\"invalid_token\", error_description=\"{}\"",
        Error::InvalidToken(problem)
    )
}
