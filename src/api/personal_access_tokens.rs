//! Personal access tokens (contract 11.5).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::token_shapes::{AccessTokenView, TokenQuery, expiry};
use super::token_shapes::{FILTERS, NEW_TOKEN, TOKEN, TOKEN_KEYS};
use super::views::merge;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::describe::{
    Answer::*,
    Field, Operation,
    Shape::{self, *},
};
use crate::http::{Check, FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{
    ACCESS_TOKEN_DAYS, ACCESS_TOKEN_SCOPES, AccessToken, Actor, NewAccessToken, OWN_TOKEN_SCOPES,
    ROTATED_TOKEN_DAYS, Registry, Secret, User,
};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/personal_access_tokens" SignedIn => list, described LIST;
    GET "/personal_access_tokens/self" AnyScope => detail_of_self, described DETAIL_OF_SELF;
    POST "/personal_access_tokens/self/rotate" SelfRotate => rotate_self, described ROTATE_SELF;
    DELETE "/personal_access_tokens/self" AnyScope => revoke_self, described REVOKE_SELF;
    GET "/personal_access_tokens/{token_id}" SignedIn => detail, described DETAIL;
    POST "/personal_access_tokens/{token_id}/rotate" SelfRotate => rotate, described ROTATE;
    DELETE "/personal_access_tokens/{token_id}" SignedIn => revoke, described REVOKE;
    POST "/users/{user_id}/personal_access_tokens" Admin => create_for_user, described CREATE_FOR_USER;
    POST "/user/personal_access_tokens" SignedIn => create_for_self, described CREATE_FOR_SELF;
};

const LIST: Operation = Operation::new("Personal access tokens", Pages(&TOKEN))
    .takes(&[FILTERS, &[("user_id?", Integer)]])
    .refuses(&[404]);
const WITH_ADDRESSES: Shape = Named(
    "PersonalAccessToken",
    &Object(&[TOKEN_KEYS, &[("last_used_ips", List(&Null))]]),
);
const DETAIL_OF_SELF: Operation = Operation::new("The token that asks", Json(200, &WITH_ADDRESSES));
const DETAIL: Operation = Operation::new("A token", Json(200, &WITH_ADDRESSES));
/// What rotating takes.
pub(super) const EXPIRY: &[Field] = &[("expires_at?", Date)];
const ROTATE_SELF: Operation =
    Operation::new("Rotate the token that asks", Json(200, &NEW_TOKEN)).takes(&[EXPIRY]);
const ROTATE: Operation = Operation::new("Rotate a token", Json(200, &NEW_TOKEN)).takes(&[EXPIRY]);
const REVOKE_SELF: Operation = Operation::new("Revoke the token that asks", Empty(204));
const REVOKE: Operation = Operation::new("Revoke a token", Empty(204));
/// What describes a new token, beside its scopes.
pub(super) const NEW_KEYS: &[Field] = &[
    ("name", Text),
    ("description?", Text),
    ("expires_at?", Date),
];
const CREATE_FOR_USER: Operation = Operation::new("Make a token for a user", Json(201, &NEW_TOKEN))
    .takes(&[NEW_KEYS, &[("scopes", List(&Words(ACCESS_TOKEN_SCOPES)))]]);
const CREATE_FOR_SELF: Operation = Operation::new(
    "Make a token of few scopes for oneself",
    Json(201, &NEW_TOKEN),
)
.takes(&[NEW_KEYS, &[("scopes", List(&Words(OWN_TOKEN_SCOPES)))]]);

/// `…/personal_access_tokens/:token_id`, and below a project or group `…/access_tokens/:token_id`
pub(super) struct TokenId(pub(super) i64);

impl FromPath for TokenId {
    fn from_path(params: &PathParams) -> Result<TokenId> {
        params.id("token_id").map(TokenId)
    }
}

/// `/users/:user_id/…`
struct UserId(i64);

impl FromPath for UserId {
    fn from_path(params: &PathParams) -> Result<UserId> {
        params.id("user_id").map(UserId)
    }
}

/// `GET /personal_access_tokens`: 200, a page of the caller's tokens; for administrators of everybody's, or `user_id`'s.
async fn list(
    Caller(actor): Caller,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let user_id = check.integer("user_id");
    let query = TokenQuery::parse(&mut check);
    let declared = check.done()?;
    let caller = actor.user().ok_or(Error::Unauthorized)?;
    let whose = match user_id {
        Some(id) if id == caller.id => Some(id),
        Some(_) if !caller.admin => return Err(Error::Unauthorized),
        Some(id) => Some(find_user(&registry, id)?.id),
        None => (!caller.admin).then_some(caller.id),
    };
    let tokens = query.apply(registry.access_tokens(whose).await?);
    let (tokens, total) = query.page.cut(tokens);
    let views: Vec<AccessTokenView> = tokens.into_iter().map(AccessTokenView::new).collect();
    let mut response = answer::ok(&views)?;
    let url = registry.config().url();
    query
        .page
        .add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET /personal_access_tokens/self`: 200, the token that asks.
async fn detail_of_self(
    Caller(actor): Caller,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    answer::ok(&with_addresses(own_token(&registry, &actor)?))
}

/// `GET /personal_access_tokens/:token_id`: 200, one's own; any for administrators.
async fn detail(
    Caller(actor): Caller,
    Path(TokenId(id)): Path<TokenId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    answer::ok(&with_addresses(find(&registry, &actor, id)?))
}

/// `POST /personal_access_tokens/self/rotate`: 200, the successor with its value; the token that asks is revoked.
async fn rotate_self(
    Caller(actor): Caller,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let token = own_token(&registry, &actor)?;
    answer_rotated(&registry, token.id, &params).await
}

/// `POST /personal_access_tokens/:token_id/rotate`: 200, the successor with its value.
async fn rotate(
    Caller(actor): Caller,
    Path(TokenId(id)): Path<TokenId>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let token = find(&registry, &actor, id)?;
    // `self_rotate` is good for the token that has it, and for no other.
    if let Actor::User(caller) = &actor
        && caller.token_id != token.id
        && !caller.scopes.iter().any(|scope| scope == "api")
    {
        return Err(Error::InsufficientScope);
    }
    answer_rotated(&registry, token.id, &params).await
}

/// `DELETE /personal_access_tokens/self`: 204; the token that asks is dead.
async fn revoke_self(Caller(actor): Caller, registry: web::Data<Registry>) -> Result<HttpResponse> {
    let token = own_token(&registry, &actor)?;
    registry.revoke_access_token(token.id).await?;
    Ok(answer::no_content())
}

/// `DELETE /personal_access_tokens/:token_id`: 204; one's own, any for administrators.
async fn revoke(
    Caller(actor): Caller,
    Path(TokenId(id)): Path<TokenId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let token = registry.access_token(id)?.ok_or(Error::RecordNotFound)?;
    if !may_manage(&actor, &token) {
        // GitLab's bare line.
        return Err(Error::message(StatusCode::BAD_REQUEST, "400 Bad request"));
    }
    registry.revoke_access_token(token.id).await?;
    Ok(answer::no_content())
}

/// `POST /users/:user_id/personal_access_tokens`: 201, the token with its value.
async fn create_for_user(
    Path(UserId(user_id)): Path<UserId>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let new = parse_new(&params, ACCESS_TOKEN_SCOPES)?;
    let user_id = find_user(&registry, user_id)?.id;
    create(&registry, NewAccessToken { user_id, ..new }).await
}

/// `POST /user/personal_access_tokens`: 201, a token of few scopes with its value.
async fn create_for_self(
    Caller(actor): Caller,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let new = parse_new(&params, OWN_TOKEN_SCOPES)?;
    let user_id = actor.user().ok_or(Error::Unauthorized)?.id;
    create(&registry, NewAccessToken { user_id, ..new }).await
}

async fn create(registry: &Registry, new: NewAccessToken) -> Result<HttpResponse> {
    let (token, secret) = registry.create_access_token(new).await?;
    answer::created(&with_secret(token, &secret))
}

/// What every new token is described by; its user and its place are the caller's to say.
pub(super) fn describe(check: &mut Check<'_>, scopes: &[&'static str]) -> NewAccessToken {
    NewAccessToken {
        user_id: 0,
        source: None,
        name: check.required("name"),
        description: check.text("description"),
        scopes: check.required_choices("scopes", scopes),
        expires_at: check.date("expires_at"),
    }
}

fn parse_new(params: &Params, scopes: &[&'static str]) -> Result<NewAccessToken> {
    let mut check = params.check();
    let new = describe(&mut check, scopes);
    check.done()?;
    Ok(NewAccessToken {
        expires_at: Some(expiry(new.expires_at, ACCESS_TOKEN_DAYS)?),
        ..new
    })
}

/// The token and its value, which is shown this once.
pub(super) fn with_secret(token: AccessToken, secret: &Secret) -> Value {
    merge(
        &AccessTokenView::new(token),
        json!({ "token": secret.reveal() }),
    )
}

/// Rotates on behalf of a caller who may, with `expires_at` of the request.
pub(super) async fn rotated(
    registry: &Registry,
    token_id: i64,
    params: &Params,
) -> Result<(AccessToken, Secret)> {
    let mut check = params.check();
    let expires_at = check.date("expires_at");
    check.done()?;
    let expires_at = expiry(expires_at, ROTATED_TOKEN_DAYS)?;
    registry.rotate_access_token(token_id, expires_at).await
}

async fn answer_rotated(registry: &Registry, id: i64, params: &Params) -> Result<HttpResponse> {
    let (token, secret) = rotated(registry, id, params).await?;
    answer::ok(&with_secret(token, &secret))
}

/// Addresses are not kept here, so the list that GitLab shows of them is empty.
fn with_addresses(token: AccessToken) -> Value {
    merge(&AccessTokenView::new(token), json!({ "last_used_ips": [] }))
}

fn own_token(registry: &Registry, actor: &Actor) -> Result<AccessToken> {
    let Actor::User(caller) = actor else {
        return Err(Error::Unauthorized);
    };
    registry
        .access_token(caller.token_id)?
        .ok_or(Error::Unauthorized)
}

/// Only administrators are told that there is no such token.
fn find(registry: &Registry, actor: &Actor, id: i64) -> Result<AccessToken> {
    match registry.access_token(id)? {
        Some(token) if may_manage(actor, &token) => Ok(token),
        None if actor.is_admin() => Err(Error::Missing),
        _ => Err(Error::Unauthorized),
    }
}

fn may_manage(actor: &Actor, token: &AccessToken) -> bool {
    actor.is_admin() || actor.user().is_some_and(|user| user.id == token.user_id)
}

fn find_user(registry: &Registry, id: i64) -> Result<User> {
    registry.user(id)?.ok_or_else(|| Error::not_found("User"))
}
