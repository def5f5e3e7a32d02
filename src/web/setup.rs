//! `GET /-/setup`: choose a project and a format, get everything that a client needs.

use actix_web::{HttpRequest, HttpResponse, web};

use super::frame::{self, Page, absent};
use super::html::{Html, html};
use super::lines::{self, Order};
use super::snippets::{self, Target};
use crate::auth::Caller;
use crate::error::Result;
use crate::http::{BaseUrl, Params};
use crate::registry::{
    Ability, Actor, Door, PackageType, Project, ProjectFilter, ProjectOrder, ProjectOrderBy,
    ProjectScope, Registry, Visibility,
};

/// Projects in the list to choose from; others are named in the address, as the pages of projects do.
const CHOICE: i64 = 500;

/// 200; `project` is a full path, `type` a package type.
pub(super) async fn show(
    Caller(actor): Caller,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let url = registry.config().url();
    let projects = readable(&registry, &actor).await?;
    let chosen = match params.text("project") {
        Some(path) => {
            absent(registry.project_access(path, actor.clone(), Ability::ReadPackage, Door::Core))?
                .map(|access| Project::clone(&access.project))
        }
        None => projects.first().cloned(),
    };
    let package_type = params
        .text("type")
        .and_then(PackageType::parse)
        .filter(|wanted| snippets::FORMATS.iter().any(|(known, _)| known == wanted))
        .unwrap_or(PackageType::Npm);
    let told = match &chosen {
        Some(project) => told(project, package_type, &url),
        None => html!(
            "<div class=\"empty\"><p>There is no project that you may read.</p><p><a class=\"button\" href=\"{}\">Sign in</a></p></div>",
            url.path_of("/-/sign_in")
        ),
    };
    let main = html!(
        "<h1>Set up a client</h1><p class=\"lead\">Choose a project and a format, then paste.</p>{}{}",
        form(&projects, chosen.as_ref(), package_type, &url),
        told
    );
    frame::send(
        &registry,
        &request,
        &actor,
        Page::new("Set up a client", main),
    )
    .await
}

async fn readable(registry: &Registry, actor: &Actor) -> Result<Vec<Project>> {
    let order = ProjectOrder {
        by: ProjectOrderBy::Path,
        descending: false,
    };
    let (items, _) = registry
        .list_projects(
            actor.clone(),
            ProjectScope::Everywhere,
            ProjectFilter::default(),
            order,
            CHOICE,
            0,
        )
        .await?;
    let items = super::home::by_full_path(items);
    Ok(items.into_iter().map(|item| item.project).collect())
}

fn form(
    projects: &[Project],
    chosen: Option<&Project>,
    package_type: PackageType,
    url: &BaseUrl,
) -> Html {
    let option = |value: &str, label: &str, is_chosen: bool| {
        let selected = is_chosen.then(|| html!(" selected"));
        html!("<option value=\"{}\"{}>{}</option>", value, selected, label)
    };
    let is_chosen = |project: &Project| chosen.is_some_and(|chosen| chosen.id == project.id);
    let mut places: Vec<Html> = projects
        .iter()
        .map(|project| option(&project.full_path, &project.full_path, is_chosen(project)))
        .collect();
    if let Some(chosen) = chosen.filter(|_| !projects.iter().any(is_chosen)) {
        places.push(option(&chosen.full_path, &chosen.full_path, true));
    }
    let formats: Vec<Html> = snippets::FORMATS
        .iter()
        .map(|(kind, name)| option(kind.as_str(), name, *kind == package_type))
        .collect();
    html!(
        "<form class=\"filters\" method=\"get\" action=\"{}\" data-filters>\
         <label>Project <select name=\"project\">{}</select></label>\
         <label>Format <select name=\"type\">{}</select></label>\
         <button type=\"submit\">Show</button></form>",
        url.path_of("/-/setup"),
        places,
        formats
    )
}

fn told(project: &Project, package_type: PackageType, url: &BaseUrl) -> Html {
    let (name, version, qualifier) = snippets::example_of(package_type);
    let target = Target {
        url,
        project_id: project.id,
        project_path: &project.full_path,
        public: project.visibility == Visibility::Public,
        name,
        version,
        qualifier,
        files: &[],
    };
    let reading = match target.public {
        true => "Reading this project needs no token, publishing does.",
        false => "Reading and publishing need a token.",
    };
    html!(
        "<p class=\"note\">{} Put yours where <mark>{}</mark> stands; \
         <a href=\"{}\">make one</a> with the scope <code>api</code>, or a deploy token of the project.</p>{}",
        reading,
        snippets::TOKEN,
        url.path_of("/-/tokens"),
        lines::tabs(
            &snippets::clients(package_type, &target),
            Order::ConfigureFirst
        )
    )
}
