//! `/`: what is here, and the results of a search.

use actix_web::{HttpRequest, HttpResponse, web};

use super::frame::{self, Page};
use super::html::{Html, html};
use super::rows;
use super::snippets;
use super::words::count;
use crate::auth::Caller;
use crate::error::Result;
use crate::http::{BaseUrl, Params};
use crate::registry::{
    Actor, PackageType, ProjectFilter, ProjectItem, ProjectOrder, ProjectOrderBy, ProjectScope,
    Registry, Visibility, search_terms,
};

/// Newest packages on the front page, and names that a search shows.
const NEWEST: usize = 15;
const FOUND: usize = 100;
/// Projects on the front page.
const PROJECTS: i64 = 30;

/// `GET /`: 200, the newest packages and the projects that the visitor may see; with `search` or `package_type` what is found.
pub(super) async fn show(
    Caller(actor): Caller,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let search = params.text("search").unwrap_or_default().to_owned();
    let package_type = params.text("package_type").and_then(PackageType::parse);
    let page = match search.is_empty() && package_type.is_none() {
        true => front(&registry, &actor).await?,
        false => results(&registry, &actor, search, package_type).await?,
    };
    frame::send(&registry, &request, &actor, page).await
}

async fn front(registry: &Registry, actor: &Actor) -> Result<Page> {
    let url = registry.config().url();
    let newest = registry
        .search_everywhere(actor.clone(), None, Vec::new(), NEWEST)
        .await?;
    let order = ProjectOrder {
        by: ProjectOrderBy::Path,
        descending: false,
    };
    let (projects, total) = registry
        .list_projects(
            actor.clone(),
            ProjectScope::Everywhere,
            ProjectFilter::default(),
            order,
            PROJECTS,
            0,
        )
        .await?;
    let projects = by_full_path(projects);
    let packages = match newest.is_empty() {
        false => rows::list(&newest, &url, true),
        true => empty(actor, &projects, &url),
    };
    let main = html!(
        "<h1>Packages</h1>{}<div class=\"columns\">\
         <section aria-labelledby=\"newest\"><h2 id=\"newest\">Newest</h2>{}</section>\
         <section aria-labelledby=\"projects\"><h2 id=\"projects\">Projects <small>{}</small></h2>{}</section></div>",
        types(None, "", &url),
        packages,
        total,
        project_list(&projects, &url),
    );
    Ok(Page::new("Packages", main))
}

async fn results(
    registry: &Registry,
    actor: &Actor,
    search: String,
    package_type: Option<PackageType>,
) -> Result<Page> {
    let url = registry.config().url();
    let found = registry
        .search_everywhere(actor.clone(), package_type, search_terms(&search), FOUND)
        .await?;
    let told = match found.len() {
        0 => html!(
            "<section class=\"empty\"><h2>Nothing found</h2><p>Every word must occur in the name of a package or of its project.</p></section>"
        ),
        _ => rows::list(&found, &url, true),
    };
    let many = match found.len() {
        0 => "No packages".to_owned(),
        FOUND => format!("The first {FOUND} packages"),
        some => count(some as i64, "package", "packages"),
    };
    let main = html!(
        "<h1>Search</h1>{}<p class=\"quiet\" role=\"status\">{}</p>{}",
        types(package_type, &search, &url),
        many,
        told
    );
    Ok(Page {
        search,
        ..Page::new("Search", main)
    })
}

/// One link for each format: narrows what is shown.
fn types(chosen: Option<PackageType>, search: &str, url: &BaseUrl) -> Html {
    let link = |package_type: Option<PackageType>, label: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !search.is_empty() {
            query.append_pair("search", search);
        }
        if let Some(package_type) = package_type {
            query.append_pair("package_type", package_type.as_str());
        }
        let query = query.finish();
        let target = match query.is_empty() {
            true => url.path_of("/"),
            false => url.path_of(&format!("/?{query}")),
        };
        let current = (package_type == chosen).then(|| html!(" aria-current=\"true\""));
        html!("<a href=\"{}\"{}>{}</a>", target, current, label)
    };
    let mut links = vec![link(None, "All")];
    links.extend(
        snippets::FORMATS
            .iter()
            .map(|(kind, name)| link(Some(*kind), name)),
    );
    html!(
        "<nav class=\"types\" aria-label=\"Package types\">{}</nav>",
        links
    )
}

/// What to do where there is nothing yet.
fn empty(actor: &Actor, projects: &[ProjectItem], url: &BaseUrl) -> Html {
    let (text, path, label) = match (actor.is_anonymous(), projects.is_empty()) {
        (true, true) => (
            "Nothing here is public. Sign in to see what you may read.",
            "/-/sign_in",
            "Sign in",
        ),
        (false, true) => (
            "You are a member of no project yet. Ask an administrator, or make a project with the REST API or the command line.",
            "/-/tokens",
            "Your tokens",
        ),
        _ => (
            "No packages yet. Choose a project and a client, and paste the lines that publish the first one.",
            "/-/setup",
            "Set up a client",
        ),
    };
    html!(
        "<div class=\"empty\"><p>{}</p><p><a class=\"button\" href=\"{}\">{}</a></p></div>",
        text,
        url.path_of(path),
        label
    )
}

/// Lists of the API are in the order of the last segment; people look for the first.
pub(super) fn by_full_path(mut projects: Vec<ProjectItem>) -> Vec<ProjectItem> {
    projects.sort_by(|a, b| a.project.full_path.cmp(&b.project.full_path));
    projects
}

/// Projects with their visibility.
pub(super) fn project_list(projects: &[ProjectItem], url: &BaseUrl) -> Html {
    let row = |item: &ProjectItem| {
        let project = &item.project;
        let description = project
            .description
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| html!("<span class=\"quiet\">{}</span>", text));
        html!(
            "<li><a href=\"{}\">{}</a>{}{}</li>",
            url.path_of(&format!("/{}", project.full_path)),
            project.full_path,
            lock(project.visibility),
            description
        )
    };
    let rows: Vec<Html> = projects.iter().map(row).collect();
    html!("<ul class=\"projects\">{}</ul>", rows)
}

/// Nothing for what is public.
pub(super) fn lock(visibility: Visibility) -> Option<Html> {
    (visibility != Visibility::Public)
        .then(|| html!("<span class=\"tag\">{}</span>", visibility.as_str()))
}
