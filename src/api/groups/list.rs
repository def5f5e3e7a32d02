//! Lists of groups: all, those directly below one, and those anywhere below it.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};

use super::projects::{LEVELS, min_access_level};
use super::views;
use crate::auth::Caller;
use crate::error::Result;
use crate::http::describe::{Field, Shape::*};
use crate::http::{Check, Page, Params, answer};
use crate::registry::{
    Actor, GroupAccess, GroupFilter, GroupOrder, GroupOrderBy, GroupScope, Registry, Search,
    Visibility,
};

/// `GET /groups`: 200, a page of groups. Unless `all_available` says otherwise, administrators and anonymous callers
/// get what they may see, everybody else the groups around their memberships (GitLab).
pub(super) async fn everywhere(
    Caller(actor): Caller,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let query = GroupQuery::parse(&mut check, actor.is_admin());
    let declared = check.done()?;
    let scope = GroupScope::Everywhere;
    answer_page(&registry, &request, actor, scope, query, declared).await
}

/// `GET /groups/:id/subgroups`: 200, a page of the groups directly below.
pub(super) async fn children(
    access: GroupAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let query = GroupQuery::parse(&mut check, true);
    let declared = check.done()?;
    let scope = GroupScope::ChildrenOf(access.group.id);
    answer_page(&registry, &request, access.actor, scope, query, declared).await
}

/// `GET /groups/:id/descendant_groups`: 200, a page of the groups on every level below.
pub(super) async fn descendants(
    access: GroupAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let query = GroupQuery::parse(&mut check, true);
    let declared = check.done()?;
    let scope = GroupScope::DescendantsOf(access.group.id);
    answer_page(&registry, &request, access.actor, scope, query, declared).await
}

async fn answer_page(
    registry: &Registry,
    request: &HttpRequest,
    actor: Actor,
    scope: GroupScope,
    query: GroupQuery,
    declared: BTreeMap<String, String>,
) -> Result<HttpResponse> {
    let page = query.page;
    let (items, total) = registry
        .list_groups(
            actor,
            scope,
            query.filter,
            query.order,
            page.limit(),
            page.offset(),
        )
        .await?;
    let url = registry.config().url();
    let views: Vec<_> = items.iter().map(|item| views::group(item, &url)).collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, request, &url, declared, total);
    Ok(response)
}

pub(super) const FILTERS: &[Field] = &[
    ("statistics?", Flag),
    ("skip_groups?", List(&Integer)),
    ("all_available?", Flag),
    ("visibility?", Words(Visibility::WORDS)),
    ("search?", Text),
    ("owned?", Flag),
    ("min_access_level?", Words(LEVELS)),
    ("top_level_only?", Flag),
    ("order_by?", Words(&["name", "path", "id"])),
    ("sort?", Words(&["asc", "desc"])),
];

struct GroupQuery {
    filter: GroupFilter,
    order: GroupOrder,
    page: Page,
}

impl GroupQuery {
    fn parse(check: &mut Check<'_>, all_available: bool) -> GroupQuery {
        check.flag_or("statistics", false); // shown to nobody: there is no repository to measure
        let skip = check.list("skip_groups").unwrap_or_default();
        let joined_only = !check.flag("all_available").unwrap_or(all_available);
        let filter = GroupFilter {
            skip: skip.iter().filter_map(|id| id.parse().ok()).collect(),
            joined_only,
            visibility: check
                .choice("visibility", Visibility::WORDS)
                .and_then(Visibility::parse),
            search: Search::parse(&check.text("search").unwrap_or_default()),
            owned: check.flag_or("owned", false),
            min_access_level: min_access_level(check),
            top_level_only: check.flag("top_level_only").unwrap_or(false),
        };
        let by = match check.choice_or("order_by", &["name", "path", "id"], "name") {
            "path" => GroupOrderBy::Path,
            "id" => GroupOrderBy::Id,
            _ => GroupOrderBy::Name,
        };
        let descending = check.choice_or("sort", &["asc", "desc"], "asc") == "desc";
        GroupQuery {
            filter,
            order: GroupOrder { by, descending },
            page: check.page(),
        }
    }
}
