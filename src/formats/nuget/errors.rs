//! Errors as NuGet's clients show them: never the body. All print the reason phrase of the status line, and those of v3
//! the header `X-NuGet-Warning`, too (Microsoft, "NuGet server API": "Custom HTTP headers").

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use std::borrow::Cow;

use crate::error::Error;
use crate::http::answer;

/// 400 in GitLab's words for packages: without a prefix.
pub(super) fn refused(text: impl Into<Cow<'static, str>>) -> Error {
    Error::message(StatusCode::BAD_REQUEST, text)
}

/// 409, the one status that `--skip-duplicate` passes over.
pub(super) fn taken(_: &str) -> Error {
    Error::message(
        StatusCode::CONFLICT,
        "A package with the same name and version already exists",
    )
}

pub(super) fn error_response(error: &Error) -> HttpResponse {
    let mut response = answer::error_response(error);
    let reason = match error {
        Error::Refused(Cow::Borrowed(text))
        | Error::Message {
            text: Cow::Borrowed(text),
            ..
        } => Some(*text),
        Error::Protected(protected) => Some(protected.action.refusal()),
        _ => None,
    };
    if reason.is_some() {
        response.head_mut().reason = reason;
    }
    // Not with 401 and 404, by which clients find their way from one source to the next.
    let is_final = matches!(
        error.status(),
        StatusCode::BAD_REQUEST
            | StatusCode::FORBIDDEN
            | StatusCode::CONFLICT
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::INSUFFICIENT_STORAGE
    );
    let printable = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
    let text: String = error.to_string().chars().map(printable).collect();
    if let (true, Ok(text)) = (is_final, HeaderValue::try_from(text)) {
        let name = HeaderName::from_static("x-nuget-warning");
        response.headers_mut().insert(name, text);
    }
    response
}
