//! Projects (contract 11.2): lists, one of them, and what changes them.

mod edit;
mod list;
mod query;

use actix_web::{HttpResponse, web};

use super::views;
use crate::error::Result;
use crate::http::{Route, answer};
use crate::registry::{ProjectAccess, Registry};
use crate::routes;

pub(super) use query::min_access_level;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects" Anyone => list::everywhere;
    GET "/projects/{id}" Project(ReadProject) => detail;
    GET "/users/{user_id}/projects" Anyone => list::of_user;
    GET "/groups/{id}/projects" Group(ReadGroup) => list::of_group;
};

pub(super) const SIGNED_IN_ROUTES: &[Route] = routes! {
    POST "/projects" SignedIn => edit::create;
    POST "/projects/user/{user_id}" Admin => edit::create_for_user;
    PUT "/projects/{id}" Project(AdminProject) => edit::update;
    DELETE "/projects/{id}" Project(OwnProject) => edit::remove;
};

/// `GET /projects/:id`: 200, the project; anonymous callers get its basic form.
async fn detail(access: ProjectAccess, registry: web::Data<Registry>) -> Result<HttpResponse> {
    let full = !access.actor.is_anonymous();
    let item = registry.project_of(&access)?;
    answer::ok(&views::project(&item, full, &registry.config().url()))
}
