//! Ping, whoami, and `npm login` by the token that a person has already.

use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::answer;
use crate::registry::Registry;

/// `GET …/-/ping`: 200 `{}`, to anybody.
pub(in crate::formats::npm) async fn ping() -> Result<HttpResponse> {
    answer::ok(&json!({}))
}

/// `GET …/-/whoami`: 200 `{"username":"root"}`; 401 for nobody.
pub(in crate::formats::npm) async fn whoami(Caller(actor): Caller) -> Result<HttpResponse> {
    match actor.is_anonymous() {
        true => Err(Error::Challenge),
        false => answer::ok(&json!({ "username": actor.label() })),
    }
}

/// `PUT …/-/user/org.couchdb.user::name`: 201 and the token again, if the password is one that is good here; else 401.
pub(in crate::formats::npm) async fn login(
    request: HttpRequest,
    mut body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry.freshen()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| Error::bad_request(error.to_string()))?);
        if bytes.len() > 64 << 10 {
            return Err(Error::TooLarge("a login is short".to_owned()));
        }
    }
    let sent: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let secret = sent["password"].as_str().unwrap_or_default().to_owned();
    let name = sent["name"].as_str().unwrap_or_default().to_owned();
    if secret.is_empty() {
        return Err(Error::Unauthorized);
    }
    let by_deploy_token = || registry.recognise_deploy_token(Some(&name), &secret);
    let actor = match registry.recognise_access_token(&secret)? {
        Some(actor) => Some(actor),
        None => by_deploy_token()?,
    };
    let actor = actor.ok_or(Error::Unauthorized)?;
    let id = request.path().rsplit('/').next().unwrap_or_default();
    answer::created(&json!({
        "ok": true,
        "id": id,
        "rev": "1-0",
        "username": actor.label(),
        "token": secret,
    }))
}

/// `DELETE …/-/user/token/:token`: 200 `{"ok":true}`. The token stays good: other tools of its owner use it, too.
pub(in crate::formats::npm) async fn logout() -> Result<HttpResponse> {
    answer::ok(&json!({ "ok": true }))
}

/// `POST` to anything else, the web login among it: 404, after which npm asks for name and password.
pub(in crate::formats::npm) async fn unknown() -> Result<HttpResponse> {
    Err(Error::Missing)
}
