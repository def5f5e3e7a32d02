//! Lists of projects, with their filters and orders.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};

use super::query::ProjectQuery;
use crate::api::views;
use crate::auth::Caller;
use crate::error::Result;
use crate::http::{FromPath, Params, Path, PathParams, answer};
use crate::registry::{Actor, GroupAccess, ProjectScope, Registry};

/// `/users/:user_id/…`: a number or a user name.
pub(super) struct UserName(pub(super) String);

impl FromPath for UserName {
    fn from_path(params: &PathParams) -> Result<UserName> {
        Ok(UserName(params.get("user_id").to_owned()))
    }
}

/// `GET /projects`: 200, a page of what the caller may see.
pub(super) async fn everywhere(
    Caller(actor): Caller,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let query = ProjectQuery::parse(&mut check);
    let declared = check.done()?;
    let scope = ProjectScope::Everywhere;
    answer_page(&registry, &request, actor, scope, query, declared).await
}

/// `GET /users/:user_id/projects`: 200, a page of this user's personal projects.
pub(super) async fn of_user(
    Caller(actor): Caller,
    Path(UserName(name)): Path<UserName>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let user = registry.user_by_id_or_name(&name)?;
    let mut check = params.check();
    let query = ProjectQuery::parse(&mut check);
    let declared = check.done()?;
    let scope = ProjectScope::PersonalOf { user_id: user.id };
    answer_page(&registry, &request, actor, scope, query, declared).await
}

/// `GET /groups/:id/projects`: 200, a page of the group's projects, with `include_subgroups` of those below it too.
pub(super) async fn of_group(
    access: GroupAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let query = ProjectQuery::parse(&mut check);
    let include_subgroups = check.flag_or("include_subgroups", false);
    check.flag_or("with_shared", true); // nothing is shared here
    let declared = check.done()?;
    let scope = ProjectScope::Group {
        id: access.group.id,
        include_subgroups,
    };
    answer_page(&registry, &request, access.actor, scope, query, declared).await
}

async fn answer_page(
    registry: &Registry,
    request: &HttpRequest,
    actor: Actor,
    scope: ProjectScope,
    query: ProjectQuery,
    declared: BTreeMap<String, String>,
) -> Result<HttpResponse> {
    let full = !actor.is_anonymous() && !query.simple;
    let page = query.page;
    let (items, total) = registry
        .list_projects(
            actor,
            scope,
            query.filter,
            query.order,
            page.limit(),
            page.offset(),
        )
        .await?;
    let url = registry.config().url();
    let views: Vec<_> = items
        .iter()
        .map(|item| views::project(item, full, &url))
        .collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, request, &url, declared, total);
    Ok(response)
}
