//! Members of projects and groups (contract 11.4): the same handlers for both.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde_json::json;

use super::views;
use crate::error::{Error, Result};
use crate::http::{Check, FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{
    AccessLevel, Actor, Expiry, GroupAccess, MemberChange, MemberItem, ProjectAccess, Registry,
    Source,
};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/members" Project(ReadProject) => list;
    GET "/projects/{id}/members/all" Project(ReadProject) => list_all;
    GET "/projects/{id}/members/{user_id}" Project(ReadProject) => detail;
    GET "/projects/{id}/members/all/{user_id}" Project(ReadProject) => detail_of_all;
    POST "/projects/{id}/members" Project(AdminProject) => add;
    PUT "/projects/{id}/members/{user_id}" Project(AdminProject) => update;
    DELETE "/projects/{id}/members/{user_id}" Project(ReadProject) => remove;
    GET "/groups/{id}/members" Group(ReadGroup) => list;
    GET "/groups/{id}/members/all" Group(ReadGroup) => list_all;
    GET "/groups/{id}/members/{user_id}" Group(ReadGroup) => detail;
    GET "/groups/{id}/members/all/{user_id}" Group(ReadGroup) => detail_of_all;
    POST "/groups/{id}/members" Group(OwnGroup) => add;
    PUT "/groups/{id}/members/{user_id}" Group(OwnGroup) => update;
    DELETE "/groups/{id}/members/{user_id}" Group(ReadGroup) => remove;
};

/// The project or group whose members are meant, as far as the route let the caller in.
struct Place {
    source: Source,
    actor: Actor,
    level: Option<AccessLevel>,
    /// From which level on a caller may remove others here.
    administered_from: AccessLevel,
}

impl FromRequest for Place {
    type Error = Error;
    type Future = Ready<Result<Place>>;

    fn from_request(request: &HttpRequest, body: &mut Payload) -> Self::Future {
        let project = ProjectAccess::from_request(request, body).into_inner();
        ready(match project {
            Ok(access) => Ok(Place {
                source: Source::Project(access.project.id),
                actor: access.actor,
                level: access.level,
                administered_from: AccessLevel::Maintainer,
            }),
            Err(_no_project) => {
                let group = GroupAccess::from_request(request, body).into_inner();
                group.map(|access| Place {
                    source: Source::Group(access.group.id),
                    actor: access.actor,
                    level: access.level,
                    administered_from: AccessLevel::Owner,
                })
            }
        })
    }
}

/// `…/members/:user_id`
struct MemberId(i64);

impl FromPath for MemberId {
    fn from_path(params: &PathParams) -> Result<MemberId> {
        params.id("user_id").map(MemberId)
    }
}

/// `GET …/members`: 200, a page of direct members.
async fn list(
    place: Place,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    answer_page(place, false, params, request, registry).await
}

/// `GET …/members/all`: 200, a page of members of this place and of the groups above, each with the highest level.
async fn list_all(
    place: Place,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    answer_page(place, true, params, request, registry).await
}

async fn answer_page(
    place: Place,
    inherited: bool,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let query = check.text("query").unwrap_or_default().to_lowercase();
    let wanted = check.list("user_ids");
    let page = check.page();
    let declared = check.done()?;
    let mut members = registry.members(place.source, inherited).await?;
    members.retain(|item| {
        let user = &item.user;
        let by_id = wanted
            .as_ref()
            .is_none_or(|ids| ids.contains(&user.id.to_string()));
        let named = |name: &str| name.to_lowercase().contains(&query);
        by_id && (named(&user.name) || named(&user.username))
    });
    let (members, total) = page.cut(members);
    let url = registry.config().url();
    let views: Vec<_> = members
        .into_iter()
        .map(|item| views::member(item, &url))
        .collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET …/members/:user_id`: 200, a direct member.
async fn detail(
    place: Place,
    Path(MemberId(user_id)): Path<MemberId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let item = registry.member(place.source, false, user_id).await?;
    answer::ok(&view(&registry, item))
}

/// `GET …/members/all/:user_id`: 200, a member of this place or of a group above.
async fn detail_of_all(
    place: Place,
    Path(MemberId(user_id)): Path<MemberId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let item = registry.member(place.source, true, user_id).await?;
    answer::ok(&view(&registry, item))
}

/// `POST …/members`: 201, the member; for several users at once `{"status":"success"}`, and then all of them or nobody.
async fn add(place: Place, params: Params, registry: web::Data<Registry>) -> Result<HttpResponse> {
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
async fn update(
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
async fn remove(
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

fn view(registry: &Registry, item: MemberItem) -> serde_json::Value {
    views::member(item, &registry.config().url())
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
