//! Ping, and how a client logs in: it shows a token once and from then on sends the one it was given.

use std::time::Duration;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpResponse, web};

use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::registry::Registry;

/// What its session tokens are for.
pub(super) const PURPOSE: &str = "conan";

/// GitLab's longest; a session ends earlier with the token behind it. A shorter one would end in the middle of a pipeline,
/// and Conan would upload half of its packages.
const LIFETIME: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// `GET …/v1/ping`: 200, empty. Conan 2 goes on only where `revisions` stands in the header.
pub(super) async fn ping() -> Result<HttpResponse> {
    Ok(HttpResponse::Ok()
        .insert_header(("X-Conan-Server-Capabilities", "revisions,complex_search"))
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/plain")))
        .body(""))
}

/// `GET …/v1/users/authenticate`: 200 and a session token as bare text, for a token of any kind; else 401.
pub(super) async fn authenticate(
    Caller(actor): Caller,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let session = registry
        .create_session_token(&actor, PURPOSE, LIFETIME)
        .await?;
    let session = session.ok_or(Error::Challenge)?;
    Ok(text(session.reveal().to_owned()))
}

/// `GET …/v1/users/check_credentials`: 200 `ok` for who is somebody; else 401, after which the client logs in.
pub(super) async fn check_credentials(Caller(actor): Caller) -> Result<HttpResponse> {
    match actor.is_anonymous() {
        true => Err(Error::Challenge),
        false => Ok(text("ok".to_owned())),
    }
}

fn text(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/plain")))
        .body(body)
}
