//! Lists of projects, with their filters and orders.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::api::views;
use crate::auth::Caller;
use crate::error::Result;
use crate::http::{Check, FromPath, Page, Params, Path, PathParams, answer};
use crate::registry::{
    Actor, GroupAccess, ProjectFilter, ProjectOrder, ProjectOrderBy, ProjectScope, Registry,
    Search, Visibility,
};

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

const ORDERS: &[&str] = &[
    "id",
    "name",
    "path",
    "created_at",
    "updated_at",
    "last_activity_at",
    "similarity",
    "star_count",
];

/// The numbers of the roles, and the two below all of them.
const LEVELS: &[&str] = &["0", "5", "10", "15", "20", "30", "40", "50"];

pub(in crate::api) struct ProjectQuery {
    simple: bool,
    filter: ProjectFilter,
    order: ProjectOrder,
    page: Page,
}

impl ProjectQuery {
    fn parse(check: &mut Check<'_>) -> ProjectQuery {
        let by = match check.choice_or("order_by", ORDERS, "created_at") {
            "name" => ProjectOrderBy::Name,
            "path" => ProjectOrderBy::Path,
            "updated_at" | "last_activity_at" => ProjectOrderBy::UpdatedAt,
            "similarity" => ProjectOrderBy::Similarity,
            _ => ProjectOrderBy::Id, // GitLab: ids grow with created_at; and nothing has stars
        };
        let descending = check.choice_or("sort", &["asc", "desc"], "desc") == "desc";
        let filter = ProjectFilter {
            archived: check.flag("archived").unwrap_or(false),
            visibility: check
                .choice("visibility", Visibility::WORDS)
                .and_then(Visibility::parse),
            search: Search::parse(&check.text("search").unwrap_or_default()),
            search_namespaces: check.flag("search_namespaces").unwrap_or(false),
            owned: check.flag_or("owned", false),
            starred: check.flag_or("starred", false),
            membership: check.flag_or("membership", false),
            min_access_level: ProjectQuery::min_access_level(check),
            id_after: check.integer("id_after"),
            id_before: check.integer("id_before"),
            updated_after: check
                .moment("last_activity_after")
                .max(check.moment("updated_after")),
            updated_before: [
                check.moment("last_activity_before"),
                check.moment("updated_before"),
            ]
            .into_iter()
            .flatten()
            .min(),
            topics: check.list("topic").unwrap_or_default(),
        };
        let simple = check.flag_or("simple", false);
        check.flag_or("statistics", false); // shown to nobody: there is no repository to measure
        check.flag_or("with_custom_attributes", false);
        ProjectQuery {
            simple,
            filter,
            order: ProjectOrder { by, descending },
            page: check.page(),
        }
    }

    /// Also of lists of groups.
    pub(in crate::api) fn min_access_level(check: &mut Check<'_>) -> i64 {
        check
            .choice("min_access_level", LEVELS)
            .and_then(|level| level.parse().ok())
            .unwrap_or(0)
    }
}
