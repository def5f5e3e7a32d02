//! The session of the web page (ours): who has pasted a token need not keep it in the browser.

use actix_web::http::header::SET_COOKIE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::views;
use super::views::shapes::USER_DETAIL;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::describe::{
    Answer::*,
    Operation,
    Shape::{self, *},
};
use crate::http::{Route, answer, session_cookie};
use crate::registry::{Actor, Registry};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/-/session" Anyone => show, described SHOW;
    POST "/-/session" AnyScope => begin, described BEGIN;
    DELETE "/-/session" Public => end, described END;
};

const SESSION: Shape = Named(
    "Session",
    &Object(&[&[
        ("user", Maybe(&USER_DETAIL)),
        ("admin", Flag),
        ("scopes", List(&Text)),
    ]]),
);
const SHOW: Operation = Operation::new("Who is signed in to the page", Json(200, &SESSION));
const BEGIN: Operation = Operation::new("Sign in to the page", Json(201, &SESSION));
const END: Operation = Operation::new("Sign out of the page", Empty(204));

/// `GET /-/session`: 200, `user` (null for nobody) and the `scopes` of the token behind the call.
async fn show(Caller(actor): Caller, registry: web::Data<Registry>) -> Result<HttpResponse> {
    describe(&actor, &registry).map(|view| HttpResponse::Ok().json(view))
}

/// `POST /-/session`: 201 and the cookie, for the access token that the request came with. The session can do what the
/// token can, ends with it, and 12 hours after the last page.
async fn begin(Caller(actor): Caller, registry: web::Data<Registry>) -> Result<HttpResponse> {
    let secret = registry
        .create_session_token(&actor, session_cookie::PURPOSE, session_cookie::LIFETIME)
        .await?
        .ok_or(Error::Unauthorized)?;
    let cookie = session_cookie::set(&registry.config().url(), secret.reveal())?;
    let mut response = answer::created(&describe(&actor, &registry)?)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// `DELETE /-/session`: 204; the session is over, whoever still holds the cookie.
async fn end(request: HttpRequest, registry: web::Data<Registry>) -> Result<HttpResponse> {
    if let Some(secret) = session_cookie::read(request.headers()) {
        registry.delete_session_token(&secret).await?;
    }
    let mut response = answer::no_content();
    let cookie = session_cookie::clear(&registry.config().url())?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

fn describe(actor: &Actor, registry: &Registry) -> Result<serde_json::Value> {
    let url = registry.config().url();
    let user = actor.user().map(|user| views::user(user.clone(), &url));
    let scopes: &[String] = match actor {
        Actor::User(actor) => &actor.scopes,
        _ => &[],
    };
    Ok(json!({ "user": user, "admin": actor.is_admin(), "scopes": scopes }))
}
