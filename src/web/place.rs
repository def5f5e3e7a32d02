//! `/:project` and `/:group`, with or without `/-/packages`: what lies there.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::frame::{self, Page, absent};
use super::home::{lock, project_list};
use super::html::{Html, html};
use super::rows::{self, Asked, PER_PAGE};
use super::words::count;
use crate::auth::Caller;
use crate::error::Result;
use crate::http::{BaseUrl, FromPath, Params, Path, PathParams};
use crate::registry::{
    Ability, AccessLevel, Actor, Door, GroupAccess, GroupFilter, GroupOrder, GroupOrderBy,
    GroupScope, PackageItem, ProjectAccess, ProjectFilter, ProjectOrder, ProjectOrderBy,
    ProjectScope, Registry,
};

/// `/acme/tools`, one segment once the server has seen that it is no other route.
pub(super) struct PlacePath(pub(super) String);

impl FromPath for PlacePath {
    fn from_path(params: &PathParams) -> Result<PlacePath> {
        Ok(PlacePath(params.get("id").to_owned()))
    }
}

/// Projects and groups that stand beside a list.
const BESIDE: i64 = 100;

/// `GET /:path`: 200, the packages of the project or group; 404 for what is neither or not the visitor's to see. What no
/// browser asks for is refused as every unknown route.
pub(super) async fn show(
    Caller(actor): Caller,
    path: Path<PlacePath>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    frame::wants_html(&request)?;
    packages(Caller(actor), path, params, request, registry).await
}

/// `GET /:path/-/packages`: the same page, for every client.
pub(super) async fn packages(
    Caller(actor): Caller,
    Path(PlacePath(path)): Path<PlacePath>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let path = path.trim_end_matches('/');
    // GitLab's own pages of groups begin so.
    let (path, only_group) = match path.strip_prefix("groups/") {
        Some(group) => (group, true),
        None => (path, false),
    };
    let asked = Asked::read(&params);
    let is_number = path.bytes().all(|byte| byte.is_ascii_digit()); // an id is no page's address
    let project = match only_group || is_number {
        true => None,
        false => {
            absent(registry.project_access(path, actor.clone(), Ability::ReadPackage, Door::Core))?
        }
    };
    if let Some(access) = project {
        let page = of_project(&registry, &request, &access, asked).await?;
        return frame::send(&registry, &request, &actor, page).await;
    }
    let group = match is_number {
        true => None,
        false => {
            absent(registry.group_access(path, actor.clone(), Ability::ReadGroup, Door::Core))?
        }
    };
    match group {
        Some(access) => {
            let page = of_group(&registry, &request, &access, asked).await?;
            frame::send(&registry, &request, &actor, page).await
        }
        None => frame::send_nothing(&registry, &request, &actor, StatusCode::NOT_FOUND).await,
    }
}

async fn of_project(
    registry: &Registry,
    request: &HttpRequest,
    access: &ProjectAccess,
    asked: Asked,
) -> Result<Page> {
    let url = registry.config().url();
    let project = &access.project;
    let (items, total) = registry
        .list_packages(
            access,
            asked.filter.clone(),
            asked.order,
            PER_PAGE,
            asked.offset(),
        )
        .await?;
    let settings = access.is_at_least(AccessLevel::Maintainer).then(|| {
        html!(
            "<a class=\"button\" href=\"{}\">Settings</a>",
            url.path_of(&format!("/{}/-/settings", project.full_path))
        )
    });
    let setup = url.path_of(&format!(
        "/-/setup?{}",
        form_urlencoded::Serializer::new(String::new())
            .append_pair("project", &project.full_path)
            .finish()
    ));
    let head = html!(
        "{}<div class=\"head\"><h1>{} {}</h1><div class=\"actions\"><a class=\"button\" href=\"{}\">Set up a client</a>{}</div></div>{}",
        above(&project.full_path, &url),
        project.name,
        lock(project.visibility),
        setup,
        settings,
        described(project.description.as_deref()),
    );
    let here = url.path_of(&format!("/{}/-/packages", project.full_path));
    let list = listed(&asked, request, &items, total, &here, &url, false, &setup);
    Ok(Page::new(
        project.full_path.clone(),
        html!("{}{}", head, list),
    ))
}

async fn of_group(
    registry: &Registry,
    request: &HttpRequest,
    access: &GroupAccess,
    asked: Asked,
) -> Result<Page> {
    let url = registry.config().url();
    let group = &access.group;
    let (items, total) = registry
        .list_group_packages(
            access,
            false,
            asked.filter.clone(),
            asked.order,
            PER_PAGE,
            asked.offset(),
        )
        .await?;
    let (projects, _) = registry
        .list_projects(
            access.actor.clone(),
            ProjectScope::Group {
                id: group.id,
                include_subgroups: false,
            },
            ProjectFilter::default(),
            ProjectOrder {
                by: ProjectOrderBy::Path,
                descending: false,
            },
            BESIDE,
            0,
        )
        .await?;
    let below = subgroups(registry, access.actor.clone(), group.id, &url).await?;
    let head = html!(
        "{}<h1>{} {}</h1>{}",
        above(&group.full_path, &url),
        group.name,
        lock(group.visibility),
        described(Some(&group.description)),
    );
    let here = url.path_of(&format!("/groups/{}/-/packages", group.full_path));
    let list = listed(
        &asked,
        request,
        &items,
        total,
        &here,
        &url,
        true,
        &url.path_of("/-/setup"),
    );
    let beside = html!(
        "<aside>{}<h2>Projects <small>{}</small></h2>{}</aside>",
        below,
        projects.len(),
        project_list(&projects, &url)
    );
    let main = html!(
        "{}<div class=\"columns\"><div>{}</div>{}</div>",
        head,
        list,
        beside
    );
    Ok(Page::new(group.full_path.clone(), main))
}

async fn subgroups(
    registry: &Registry,
    actor: Actor,
    group_id: i64,
    url: &BaseUrl,
) -> Result<Option<Html>> {
    let order = GroupOrder {
        by: GroupOrderBy::Path,
        descending: false,
    };
    let scope = GroupScope::ChildrenOf(group_id);
    let (groups, total) = registry
        .list_groups(actor, scope, GroupFilter::default(), order, BESIDE, 0)
        .await?;
    let rows: Vec<Html> = groups
        .iter()
        .map(|item| {
            html!(
                "<li><a href=\"{}\">{}</a>{}</li>",
                url.path_of(&format!("/{}", item.group.full_path)),
                item.group.full_path,
                lock(item.group.visibility)
            )
        })
        .collect();
    Ok((total > 0).then(|| {
        html!(
            "<h2>Groups <small>{}</small></h2><ul class=\"projects\">{}</ul>",
            total,
            rows
        )
    }))
}

#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one piece of a page"
)]
fn listed(
    asked: &Asked,
    request: &HttpRequest,
    items: &[PackageItem],
    total: i64,
    here: &str,
    url: &BaseUrl,
    projects: bool,
    setup: &str,
) -> Html {
    let rows = match (items.is_empty(), asked.is_narrowed()) {
        (false, _) => rows::list(items, url, projects),
        (true, true) => html!(
            "<div class=\"empty\"><p>Nothing here is like that.</p><p><a class=\"button\" href=\"{}\">Show everything</a></p></div>",
            here
        ),
        (true, false) => html!(
            "<div class=\"empty\"><p>No packages yet. Choose a client, and paste the lines that publish the first one.</p><p><a class=\"button\" href=\"{}\">Set up a client</a></p></div>",
            setup
        ),
    };
    let many = match total < crate::registry::COUNT_LIMIT {
        true => count(total, "package", "packages"),
        false => "More than 10 000 packages".to_owned(),
    };
    html!(
        "{}<p class=\"quiet\" role=\"status\">{}</p>{}{}",
        asked.form(here),
        many,
        rows,
        asked.pages(request, items.len(), total)
    )
}

fn described(description: Option<&str>) -> Option<Html> {
    let text = description.filter(|text| !text.is_empty())?;
    Some(html!("<p class=\"lead\">{}</p>", text))
}

/// The way down to what lies above a place: `acme` of `acme/tools`.
fn above(full_path: &str, url: &BaseUrl) -> Option<Html> {
    let (above, _) = full_path.rsplit_once('/')?;
    Some(crumbs(above, url))
}

/// The way down to a place, with itself: `acme / tools`.
pub(super) fn crumbs(full_path: &str, url: &BaseUrl) -> Html {
    let ends = full_path
        .match_indices('/')
        .map(|(at, _)| at)
        .chain([full_path.len()]);
    let crumb = |end: usize| {
        let path = &full_path[..end];
        let name = path.rsplit('/').next().unwrap_or(path);
        html!(
            "<li><a href=\"{}\">{}</a></li>",
            url.path_of(&format!("/{path}")),
            name
        )
    };
    let crumbs: Vec<Html> = ends.map(crumb).collect();
    html!(
        "<nav aria-label=\"Place\"><ol class=\"crumbs\">{}</ol></nav>",
        crumbs
    )
}
