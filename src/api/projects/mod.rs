//! Projects (contract 11.2): lists, one of them, and what changes them.

mod edit;
mod list;
mod query;

use actix_web::{HttpResponse, web};

use super::views;
use super::views::shapes::{ACCEPTED, FULL_PROJECT, PROJECT};
use crate::error::Result;
use crate::http::describe::{Answer::*, Operation, Shape::*};
use crate::http::{Route, answer};
use crate::registry::{ProjectAccess, Registry};
use crate::routes;

pub(super) use query::{LEVELS, min_access_level};

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects" Anyone => list::everywhere, described EVERYWHERE;
    GET "/projects/{id}" Project(ReadProject) => detail, described DETAIL;
    GET "/users/{user_id}/projects" Anyone => list::of_user, described OF_USER;
    GET "/groups/{id}/projects" Group(ReadGroup) => list::of_group, described OF_GROUP;
};

pub(super) const SIGNED_IN_ROUTES: &[Route] = routes! {
    POST "/projects" SignedIn => edit::create, described CREATE;
    POST "/projects/user/{user_id}" Admin => edit::create_for_user, described CREATE_FOR_USER;
    PUT "/projects/{id}" Project(AdminProject) => edit::update, described UPDATE;
    DELETE "/projects/{id}" Project(OwnProject) => edit::remove, described REMOVE;
};

const EVERYWHERE: Operation =
    Operation::new("Projects that the caller may see", Pages(&PROJECT)).takes(&[query::FILTERS]);
const OF_USER: Operation =
    Operation::new("Personal projects of a user", Pages(&PROJECT)).takes(&[query::FILTERS]);
const OF_GROUP: Operation = Operation::new("Projects of a group", Pages(&PROJECT)).takes(&[
    query::FILTERS,
    &[("include_subgroups?", Flag), ("with_shared?", Flag)],
]);
const DETAIL: Operation = Operation::new("A project", Json(200, &PROJECT));
const CREATE: Operation = Operation::new("Make a project", Json(201, &FULL_PROJECT))
    .takes(&[edit::KEYS, &[("namespace_id?", Integer)]]);
const CREATE_FOR_USER: Operation = Operation::new(
    "Make a personal project of a user",
    Json(201, &FULL_PROJECT),
)
.takes(&[edit::KEYS]);
const UPDATE: Operation =
    Operation::new("Change a project", Json(200, &FULL_PROJECT)).takes(&[edit::KEYS]);
const REMOVE: Operation = Operation::new("Delete a project", Json(202, &ACCEPTED));

/// `GET /projects/:id`: 200, the project; anonymous callers get its basic form.
async fn detail(access: ProjectAccess, registry: web::Data<Registry>) -> Result<HttpResponse> {
    let full = !access.actor.is_anonymous();
    let item = registry.project_of(&access)?;
    answer::ok(&views::project(&item, full, &registry.config().url()))
}
