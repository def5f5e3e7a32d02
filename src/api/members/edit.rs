//! Who becomes a member, with which level, and who is none any more.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::{MemberId, Place, view};
use crate::error::{Error, Result};
use crate::http::{Check, Params, Path, answer};
use crate::registry::{AccessLevel, Expiry, MemberChange, Registry};

/// `POST …/members`: 201, the member; for several users at once `{"status":"success"}`, and then all of them or nobody.
pub(super) async fn add(
    place: Place,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let ids = user_ids(&mut check);
    let username = check.text("username");
    match (&ids, &username) {
        (None, None) => check.refuse("user_id is missing"),
        (Some(_), Some(_)) => check.refuse("user_id, username are mutually exclusive"),
        _ => {}
    }
    let access_level = access_level(&mut check);
    let expires_at = expiry(&mut check, &params);
    check.done()?;
    let ids = match (ids, username) {
        (Some(ids), _) => ids,
        (None, name) => {
            let user = registry.user_by_name(&name.unwrap_or_default())?;
            vec![user.ok_or_else(|| Error::not_found("User"))?.id]
        }
    };
    let change = |user_id: &i64| MemberChange {
        user_id: *user_id,
        access_level,
        expires_at: expires_at.clone(),
        by: place.actor.user().map(|user| user.id),
    };
    let changes = ids.iter().map(change).collect();
    registry
        .add_members(place.source, place.level, changes)
        .await?;
    match ids.as_slice() {
        [user_id] => {
            let item = registry.member(place.source, false, *user_id).await?;
            answer::created(&view(&registry, item))
        }
        _ => answer::created(&json!({ "status": "success" })),
    }
}

/// `PUT …/members/:user_id`: 200, the member.
pub(super) async fn update(
    place: Place,
    Path(MemberId(user_id)): Path<MemberId>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let change = MemberChange {
        user_id,
        access_level: access_level(&mut check),
        expires_at: expiry(&mut check, &params),
        by: None,
    };
    check.done()?;
    registry
        .update_member(place.source, place.level, change)
        .await?;
    let item = registry.member(place.source, false, user_id).await?;
    answer::ok(&view(&registry, item))
}

/// `DELETE …/members/:user_id`: 204; members may leave by themselves.
pub(super) async fn remove(
    place: Place,
    Path(MemberId(user_id)): Path<MemberId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let leaves = place.actor.user().is_some_and(|user| user.id == user_id);
    if !leaves && place.level < Some(place.administered_from) {
        return Err(Error::Forbidden);
    }
    registry
        .remove_member(place.source, place.level, user_id)
        .await?;
    Ok(answer::no_content())
}

/// `user_id`: one, or several with commas.
fn user_ids(check: &mut Check<'_>) -> Option<Vec<i64>> {
    let texts = check.list("user_id").filter(|texts| !texts.is_empty())?;
    let ids: Option<Vec<i64>> = texts.iter().map(|text| text.parse().ok()).collect();
    if ids.is_none() {
        check.refuse("user_id is invalid");
    }
    Some(ids.unwrap_or_default())
}

/// A role that a membership can have, by its number.
fn access_level(check: &mut Check<'_>) -> AccessLevel {
    let text = check.required("access_level");
    let level = text.parse().ok().and_then(AccessLevel::from_number);
    match level {
        Some(level) if level != AccessLevel::Admin => return level,
        _ if text.is_empty() => {} // missing, and told so
        _ if text.parse::<i64>().is_err() => check.refuse("access_level is invalid"),
        _ => check.refuse("access_level does not have a valid value"),
    }
    AccessLevel::Guest // never used: the check fails
}

/// `expires_at`: a date; given and empty, never.
fn expiry(check: &mut Check<'_>, params: &Params) -> Expiry {
    match check.date("expires_at") {
        Some(date) => Expiry::On(date),
        None if params.is_given("expires_at") => Expiry::Never,
        None => Expiry::Keep,
    }
}
