//! Groups (contract 11.3): lists, one of them, and what changes them.

mod edit;
mod list;

use actix_web::{HttpResponse, web};

use super::projects;
use super::views;
use super::views::shapes::{ACCEPTED, GROUP, GROUP_DETAIL};
use crate::error::Result;
use crate::http::describe::{Answer::*, Operation, Shape::*};
use crate::http::{Params, Route, answer};
use crate::registry::{
    GroupAccess, ProjectFilter, ProjectOrder, ProjectOrderBy, ProjectScope, Registry,
};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/groups" Anyone => list::everywhere, described EVERYWHERE;
    GET "/groups/{id}" Group(ReadGroup) => detail, described DETAIL;
    GET "/groups/{id}/subgroups" Group(ReadGroup) => list::children, described CHILDREN;
    GET "/groups/{id}/descendant_groups" Group(ReadGroup) => list::descendants, described DESCENDANTS;
};

pub(super) const SIGNED_IN_ROUTES: &[Route] = routes! {
    POST "/groups" SignedIn => edit::create, described CREATE;
    PUT "/groups/{id}" Group(OwnGroup) => edit::update, described UPDATE;
    DELETE "/groups/{id}" Group(OwnGroup) => edit::remove, described REMOVE;
};

const EVERYWHERE: Operation =
    Operation::new("Groups that the caller may see", Pages(&GROUP)).takes(&[list::FILTERS]);
const CHILDREN: Operation =
    Operation::new("Groups directly below a group", Pages(&GROUP)).takes(&[list::FILTERS]);
const DESCENDANTS: Operation =
    Operation::new("Groups on every level below a group", Pages(&GROUP)).takes(&[list::FILTERS]);
const DETAIL: Operation =
    Operation::new("A group", Json(200, &GROUP_DETAIL)).takes(&[&[("with_projects?", Flag)]]);
const CREATE: Operation = Operation::new("Make a group", Json(201, &GROUP_DETAIL))
    .takes(&[
        &[("name", Text), ("path", Text), ("parent_id?", Integer)],
        edit::KEYS,
    ])
    .refuses(&[404]);
const UPDATE: Operation = Operation::new("Change a group", Json(200, &GROUP_DETAIL))
    .takes(&[&[("name?", Text), ("path?", Text)], edit::KEYS]);
const REMOVE: Operation = Operation::new("Delete a group", Json(202, &ACCEPTED));

/// GitLab shows that many projects inside a group, and means them to be listed by their own route.
const MOST_PROJECTS: i64 = 100;

/// `GET /groups/:id`: 200, the group, with its projects unless `with_projects=false`.
async fn detail(
    access: GroupAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let with_projects = check.flag("with_projects").unwrap_or(true);
    check.done()?;
    let item = registry.group_of(&access)?;
    let url = registry.config().url();
    let full = !access.actor.is_anonymous();
    let scope = ProjectScope::Group {
        id: access.group.id,
        include_subgroups: false,
    };
    let newest_first = ProjectOrder {
        by: ProjectOrderBy::Id,
        descending: true,
    };
    let projects = match with_projects {
        false => None,
        true => {
            let all = ProjectFilter::default();
            let (projects, _total) = registry
                .list_projects(access.actor, scope, all, newest_first, MOST_PROJECTS, 0)
                .await?;
            let view = |item| views::project(item, full, &url);
            Some(projects.iter().map(view).collect())
        }
    };
    answer::ok(&views::group_detail(&item, projects, &url))
}
