//! Members of projects and groups (contract 11.4): the same handlers for both.

mod edit;
mod list;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::views;
use super::views::shapes::MEMBER;
use crate::error::{Error, Result};
use crate::http::describe::{Answer::*, Field, Operation, Shape::*};
use crate::http::{FromPath, PathParams, Route};
use crate::registry::{
    AccessLevel, Actor, GroupAccess, MemberItem, ProjectAccess, Registry, Source,
};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/members" Project(ReadProject) => list::list, described LIST;
    GET "/projects/{id}/members/all" Project(ReadProject) => list::list_all, described LIST_ALL;
    GET "/projects/{id}/members/{user_id}" Project(ReadProject) => list::detail, described DETAIL;
    GET "/projects/{id}/members/all/{user_id}" Project(ReadProject) => list::detail_of_all, described DETAIL_OF_ALL;
    POST "/projects/{id}/members" Project(AdminProject) => edit::add, described ADD;
    PUT "/projects/{id}/members/{user_id}" Project(AdminProject) => edit::update, described UPDATE;
    DELETE "/projects/{id}/members/{user_id}" Project(ReadProject) => edit::remove, described REMOVE;
    GET "/groups/{id}/members" Group(ReadGroup) => list::list, described LIST;
    GET "/groups/{id}/members/all" Group(ReadGroup) => list::list_all, described LIST_ALL;
    GET "/groups/{id}/members/{user_id}" Group(ReadGroup) => list::detail, described DETAIL;
    GET "/groups/{id}/members/all/{user_id}" Group(ReadGroup) => list::detail_of_all, described DETAIL_OF_ALL;
    POST "/groups/{id}/members" Group(OwnGroup) => edit::add, described ADD;
    PUT "/groups/{id}/members/{user_id}" Group(OwnGroup) => edit::update, described UPDATE;
    DELETE "/groups/{id}/members/{user_id}" Group(ReadGroup) => edit::remove, described REMOVE;
};

const FILTERS: &[Field] = &[("query?", Text), ("user_ids?", List(&Integer))];
const LIST: Operation = Operation::new("Direct members", Pages(&MEMBER)).takes(&[FILTERS]);
const LIST_ALL: Operation =
    Operation::new("Members, those of the groups above too", Pages(&MEMBER)).takes(&[FILTERS]);
const DETAIL: Operation = Operation::new("A direct member", Json(200, &MEMBER));
const DETAIL_OF_ALL: Operation = Operation::new(
    "A member of this place or of a group above",
    Json(200, &MEMBER),
);
const KEYS: &[Field] = &[("access_level", Integer), ("expires_at?", Maybe(&Date))];
const ADD: Operation = Operation::new(
    "Add a member, or several",
    Json(201, &Either(&[MEMBER, Object(&[&[("status", Text)]])])),
)
.takes(&[
    KEYS,
    &[("user_id?", Either(&[Integer, Text])), ("username?", Text)],
])
.refuses(&[409]);
const UPDATE: Operation = Operation::new("Change a member", Json(200, &MEMBER)).takes(&[KEYS]);
const REMOVE: Operation = Operation::new("Remove a member, or leave", Empty(204));

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

fn view(registry: &Registry, item: MemberItem) -> serde_json::Value {
    views::member(item, &registry.config().url())
}
