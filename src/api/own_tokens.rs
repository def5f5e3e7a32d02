//! Access tokens that a user makes for itself (ours: GitLab has this on its pages only, its API gives `k8s_proxy` and
//! `self_rotate` at most).

use actix_web::{HttpResponse, web};

use super::personal_access_tokens::NEW_KEYS;
use super::personal_access_tokens::{describe, with_secret};
use super::token_shapes::NEW_TOKEN;
use super::token_shapes::expiry;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::describe::{Answer::*, Operation, Shape::*};
use crate::http::{Params, Route, answer};
use crate::registry::{ACCESS_TOKEN_DAYS, Actor, NewAccessToken, Registry};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    POST "/-/personal_access_tokens" SignedIn => create, described CREATE;
};

const CREATE: Operation = Operation::new("Make a token for oneself", Json(201, &NEW_TOKEN))
    .takes(&[NEW_KEYS, &[("scopes", List(&Words(SCOPES)))]]);

/// What a package client is good with. The caller's own token has `api` or it would not be here, so none of them is more.
const SCOPES: &[&str] = &["api", "read_api", "read_user", "self_rotate"];

/// `POST /-/personal_access_tokens`: 201, the token with its value. It does not outlive the token that makes it: who has
/// found a token must not turn it into one that lasts.
async fn create(
    Caller(actor): Caller,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let Actor::User(caller) = actor else {
        return Err(Error::Unauthorized);
    };
    if caller.user.bot {
        return Err(Error::refused(
            "The token of a project or group makes no tokens; its maintainers do.",
        ));
    }
    let mut check = params.check();
    let new = describe(&mut check, SCOPES);
    check.done()?;
    let last = registry
        .access_token(caller.token_id)?
        .ok_or(Error::Unauthorized)?
        .expires_at;
    let asked = expiry(new.expires_at.clone(), ACCESS_TOKEN_DAYS)?;
    let expires_at = match last {
        Some(last) if last < asked && new.expires_at.is_some() => {
            return Err(Error::bad_request(format!(
                "Expiration date must be on or before {last}, when the token that asks expires"
            )));
        }
        Some(last) => asked.min(last),
        None => asked,
    };
    let new = NewAccessToken {
        user_id: caller.user.id,
        expires_at: Some(expires_at),
        ..new
    };
    let (token, secret) = registry.create_access_token(new).await?;
    answer::created(&with_secret(token, &secret))
}
