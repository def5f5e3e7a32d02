//! Access tokens of projects and groups: each has a bot for its user (contract 11.6).
//!
//! GitLab's refusals are odd here, and kept: 401 to whoever may not see the tokens, 400 to whoever may not make one.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::personal_access_tokens::{EXPIRY, NEW_KEYS};
use super::personal_access_tokens::{TokenId, describe, rotated, with_secret};
use super::source_access::SourceAccess;
use super::token_shapes::{AccessTokenView, TokenQuery, expiry};
use super::token_shapes::{FILTERS, TOKEN_KEYS, VALUE};
use super::views::merge;
use crate::error::{Error, Result};
use crate::http::describe::{
    Answer::*,
    Field, Operation,
    Shape::{self, *},
};
use crate::http::{Params, Path, Route, answer};
use crate::registry::{
    ACCESS_TOKEN_DAYS, AccessLevel, AccessToken, BOT_TOKEN_SCOPES, NewAccessToken, Registry, Source,
};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/access_tokens" Project(ReadProject) => list, described LIST;
    POST "/projects/{id}/access_tokens" Project(ReadProject) => create, described CREATE;
    GET "/projects/{id}/access_tokens/{token_id}" Project(ReadProject) => detail, described DETAIL;
    POST "/projects/{id}/access_tokens/{token_id}/rotate" Project(ReadProject) => rotate, described ROTATE;
    DELETE "/projects/{id}/access_tokens/{token_id}" Project(ReadProject) => revoke, described REVOKE;
    GET "/groups/{id}/access_tokens" Group(ReadGroup) => list, described LIST;
    POST "/groups/{id}/access_tokens" Group(ReadGroup) => create, described CREATE;
    GET "/groups/{id}/access_tokens/{token_id}" Group(ReadGroup) => detail, described DETAIL;
    POST "/groups/{id}/access_tokens/{token_id}/rotate" Group(ReadGroup) => rotate, described ROTATE;
    DELETE "/groups/{id}/access_tokens/{token_id}" Group(ReadGroup) => revoke, described REVOKE;
};

const OF_SOURCE: &[Field] = &[
    ("access_level", Maybe(&Integer)),
    ("resource_type", Words(&["project", "group"])),
    ("resource_id", Integer),
];
const TOKEN: Shape = Named("ResourceAccessToken", &Object(&[TOKEN_KEYS, OF_SOURCE]));
const NEW_TOKEN: Shape = Named(
    "NewResourceAccessToken",
    &Object(&[TOKEN_KEYS, VALUE, OF_SOURCE]),
);
const LIST: Operation = Operation::new("Access tokens of a place", Pages(&TOKEN)).takes(&[FILTERS]);
const DETAIL: Operation = Operation::new("An access token of a place", Json(200, &TOKEN));
const CREATE: Operation = Operation::new("Make an access token with a bot", Json(201, &NEW_TOKEN))
    .takes(&[
        NEW_KEYS,
        &[
            ("scopes", List(&Words(BOT_TOKEN_SCOPES))),
            ("access_level?", Integer),
        ],
    ]);
const ROTATE: Operation =
    Operation::new("Rotate an access token of a place", Json(200, &NEW_TOKEN)).takes(&[EXPIRY]);
const REVOKE: Operation = Operation::new("Revoke an access token of a place", Empty(204));

/// `GET …/access_tokens`: 200, a page of tokens.
async fn list(
    access: SourceAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    permit(&access)?;
    let mut check = params.check();
    let query = TokenQuery::parse(&mut check);
    let declared = check.done()?;
    let tokens = query.apply(registry.access_tokens_of(access.source).await?);
    let (tokens, total) = query.page.cut(tokens);
    let views = tokens
        .into_iter()
        .map(|token| view(&registry, &access, token))
        .collect::<Result<Vec<_>>>()?;
    let mut response = answer::ok(&views)?;
    let url = registry.config().url();
    query
        .page
        .add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET …/access_tokens/:token_id`: 200.
async fn detail(
    access: SourceAccess,
    Path(TokenId(id)): Path<TokenId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    permit(&access)?;
    let token = find(&registry, &access, id)?.ok_or_else(|| missing(&access, id))?;
    answer::ok(&view(&registry, &access, token)?)
}

/// `POST …/access_tokens`: 201, the token with its value; makes its bot a member.
async fn create(
    access: SourceAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let new = describe(&mut check, BOT_TOKEN_SCOPES);
    let level = check.integer("access_level");
    let level = match level.map(AccessLevel::from_number) {
        None => AccessLevel::Maintainer,
        Some(Some(level)) if level != AccessLevel::Admin => level,
        Some(_) => {
            check.refuse("access_level does not have a valid value");
            AccessLevel::Guest
        }
    };
    check.done()?;
    let new = NewAccessToken {
        source: Some(access.source),
        expires_at: Some(expiry(new.expires_at, ACCESS_TOKEN_DAYS)?),
        ..new
    };
    allow_creation(&access, level)?;
    let (token, secret) = registry
        .create_bot_token(access.source, level, access.user_id(), new)
        .await?;
    let view = with_secret(token, &secret);
    answer::created(&merge(&view, of_source(&access, Some(level))))
}

/// `POST …/access_tokens/:token_id/rotate`: 200, the successor with its value.
async fn rotate(
    access: SourceAccess,
    Path(TokenId(id)): Path<TokenId>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    permit(&access)?;
    // Only administrators are told that there is no such token.
    let unknown = || match access.actor.is_admin() {
        true => Error::Missing,
        false => Error::Unauthorized,
    };
    let token = find(&registry, &access, id)?.ok_or_else(unknown)?;
    let level = registry.level_of_bot(access.source, &token)?;
    if level > access.level {
        return Err(Error::Unauthorized); // the value of a token above one's own role is not to be had this way
    }
    let (token, secret) = rotated(&registry, token.id, &params).await?;
    let view = with_secret(token, &secret);
    answer::ok(&merge(&view, of_source(&access, level)))
}

/// `DELETE …/access_tokens/:token_id`: 204; its bot is no member any more.
async fn revoke(
    access: SourceAccess,
    Path(TokenId(id)): Path<TokenId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    permit(&access)?;
    let token = find(&registry, &access, id)?.ok_or_else(|| missing(&access, id))?;
    registry.revoke_access_token(token.id).await?;
    Ok(answer::no_content())
}

fn is_permitted(access: &SourceAccess) -> bool {
    access.level
        >= Some(match access.source {
            Source::Project(_) => AccessLevel::Maintainer,
            Source::Group(_) => AccessLevel::Owner,
        })
}

fn permit(access: &SourceAccess) -> Result<()> {
    match is_permitted(access) {
        true => Ok(()),
        false => Err(Error::Unauthorized),
    }
}

/// In the words of GitLab's service.
fn allow_creation(access: &SourceAccess, level: AccessLevel) -> Result<()> {
    if !is_permitted(access) {
        return Err(Error::bad_request(format!(
            "User does not have permission to create {} access token",
            access.noun()
        )));
    }
    if access.level >= Some(level) {
        return Ok(());
    }
    Err(Error::bad_request(match level {
        AccessLevel::Owner => "Could not provision owner access to project access token",
        _ => {
            "Access level of the token can't be greater the access level of the user who created the token"
        }
    }))
}

fn find(registry: &Registry, access: &SourceAccess, id: i64) -> Result<Option<AccessToken>> {
    let token = registry.access_token(id)?;
    Ok(token.filter(|token| token.source == Some(access.source)))
}

fn missing(access: &SourceAccess, id: i64) -> Error {
    Error::not_found(format!(
        "Could not find {} access token with token_id: {id}",
        access.noun()
    ))
}

fn view(registry: &Registry, access: &SourceAccess, token: AccessToken) -> Result<Value> {
    let level = registry.level_of_bot(access.source, &token)?;
    Ok(merge(
        &AccessTokenView::new(token),
        of_source(access, level),
    ))
}

/// What these tokens show beyond personal ones; a revoked token's bot has no level any more.
fn of_source(access: &SourceAccess, level: Option<AccessLevel>) -> Value {
    let id = match access.source {
        Source::Project(id) | Source::Group(id) => id,
    };
    json!({
        "access_level": level.map(|level| level as i64),
        "resource_type": access.noun(),
        "resource_id": id,
    })
}
