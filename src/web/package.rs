//! `GET /:project/-/packages/:package_id`: what a package is, and how to get it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::frame::{self, Page, absent};
use super::html::{Html, html};
use super::lines::{self, Order};
use super::place::crumbs;
use super::rows;
use super::snippets::{self, Target};
use super::words::{ago, badge, count, size};
use super::{chart, package_parts as parts};
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::{BaseUrl, FromPath, Path, PathParams};
use crate::registry::{
    Ability, Actor, Display, Door, Downloads, FileOrderBy, Package, PackageDetail, PackageFile,
    PackageStatus, Project, ProjectAccess, Registry, User, Visibility,
};

pub(super) struct PagePath {
    project: String,
    package_id: i64,
}

impl FromPath for PagePath {
    fn from_path(params: &PathParams) -> Result<PagePath> {
        // What is no id has the page of what is not there.
        let package_id = params.id("package_id").unwrap_or(0);
        Ok(PagePath {
            project: params.get("id").to_owned(),
            package_id,
        })
    }
}

/// Files that the page lists; the API has all of them.
const FILES: i64 = 100;

/// Everything that the page tells.
pub(super) struct Shown {
    pub(super) project: Project,
    pub(super) detail: PackageDetail,
    pub(super) files: Vec<PackageFile>,
    pub(super) files_total: i64,
    pub(super) display: Display,
    pub(super) downloads: Downloads,
    pub(super) publisher: Option<User>,
    /// Why the visitor, who otherwise might, must not delete it.
    pub(super) protected_by: Option<String>,
}

/// 200 `text/html` whoever asks: a package that is not there and one that the visitor may not see are the same page.
pub(super) async fn show(
    Caller(actor): Caller,
    Path(path): Path<PagePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let Some(shown) = find(&registry, &path, &actor).await? else {
        return frame::send_nothing(&registry, &request, &actor, StatusCode::OK).await;
    };
    let url = registry.config().url();
    // A README takes a millisecond or more.
    let page = web::block(move || page(&shown, &url)).await?;
    frame::send(&registry, &request, &actor, page).await
}

/// The package, as far as this visitor may read it.
async fn find(registry: &Registry, path: &PagePath, actor: &Actor) -> Result<Option<Shown>> {
    let access = registry.project_access(
        &path.project,
        actor.clone(),
        Ability::ReadPackage,
        Door::Core,
    );
    let Some(access) = absent(access)? else {
        return Ok(None);
    };
    match read(registry, &access, path.package_id).await {
        Ok(shown) => Ok(Some(shown)),
        Err(Error::RecordNotFound | Error::Message { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn read(registry: &Registry, access: &ProjectAccess, id: i64) -> Result<Shown> {
    let detail = registry.package_detail(access, id).await?;
    let (files, files_total) = registry
        .list_package_files(access, id, FileOrderBy::Id, true, FILES, 0)
        .await?;
    let publisher = match detail.item.package.creator_id {
        Some(id) => registry.user(id)?,
        None => None,
    };
    let protected_by = match detail.item.access.destroy {
        true => registry.deletion_protection(access, &detail.item.package)?,
        false => None,
    };
    Ok(Shown {
        project: Project::clone(&access.project),
        files: files.into_iter().map(|(file, _)| file).collect(),
        files_total,
        display: registry.package_display(access, id).await?,
        downloads: registry.package_downloads(access, id).await?,
        publisher,
        protected_by,
        detail,
    })
}

fn page(shown: &Shown, url: &BaseUrl) -> Page {
    let package = &shown.detail.item.package;
    let title = match &package.version {
        Some(version) => format!("{} {version}", package.name),
        None => package.name.clone(),
    };
    let main = html!(
        "{}{}<div class=\"package\"><div>{}{}{}{}{}{}</div><aside>{}</aside></div>",
        crumbs(&shown.project.full_path, url),
        head(shown),
        warning(package),
        install(shown, url),
        parts::readme(&shown.display),
        parts::dependencies(&shown.display),
        parts::files(shown, url),
        parts::versions(shown, url),
        aside(shown, url),
    );
    Page::new(title, main)
}

fn head(shown: &Shown) -> Html {
    let package = &shown.detail.item.package;
    let tags: Vec<Html> = shown
        .detail
        .item
        .tags
        .iter()
        .map(|tag| html!("<span class=\"tag\">{}</span>", tag.name))
        .collect();
    let qualifier = (!package.qualifier.is_empty())
        .then(|| html!("<span class=\"tag\">{}</span>", package.qualifier));
    let version = package
        .version
        .as_deref()
        .map(|version| html!("<span class=\"version\">{}</span>", version));
    let lead = shown
        .display
        .description
        .as_deref()
        .map(|text| html!("<p class=\"lead\">{}</p>", text));
    html!(
        "<div class=\"title\">{}<h1>{} {}</h1>{}{}{}</div>{}",
        badge(package.package_type),
        package.name,
        version,
        rows::status(package.status),
        qualifier,
        tags,
        lead,
    )
}

fn warning(package: &Package) -> Option<Html> {
    (package.status == PackageStatus::Deprecated).then(|| {
        let why = package
            .status_message
            .as_deref()
            .unwrap_or("Its maintainers advise against using it.");
        html!(
            "<p class=\"note warn\" role=\"note\"><strong>Deprecated.</strong> {}</p>",
            why
        )
    })
}

fn install(shown: &Shown, url: &BaseUrl) -> Html {
    let package = &shown.detail.item.package;
    let files: Vec<String> = shown
        .files
        .iter()
        .map(|file| file.file_name.clone())
        .collect();
    let target = Target {
        url,
        project_id: package.project_id,
        project_path: &shown.project.full_path,
        public: shown.project.visibility == Visibility::Public,
        name: &package.name,
        version: package.version.as_deref().unwrap_or_default(),
        qualifier: &package.qualifier,
        files: &files,
    };
    let clients = snippets::clients(package.package_type, &target);
    match clients.is_empty() {
        true => Html::default(),
        false => html!(
            "<section aria-label=\"Install\">{}</section>",
            lines::tabs(&clients, Order::InstallFirst)
        ),
    }
}

fn aside(shown: &Shown, url: &BaseUrl) -> Html {
    let package = &shown.detail.item.package;
    let display = &shown.display;
    let total: u64 = shown.files.iter().map(|file| file.size).sum();
    let mut facts = vec![fact("Published", ago(package.created_at))];
    if let Some(user) = &shown.publisher {
        facts.push(fact("By", html!("{}", user.name)));
    }
    if let Some((pipeline, _)) = shown.detail.item.pipelines.first() {
        let sha: String = pipeline.sha.chars().take(8).collect();
        facts.push(fact(
            "Pipeline",
            html!(
                "#{} <span class=\"quiet\">{} · <code>{}</code></span>",
                pipeline.id,
                pipeline.ref_name,
                sha
            ),
        ));
    }
    if let Some(moment) = package.last_downloaded_at {
        facts.push(fact("Downloaded", ago(moment)));
    }
    facts.push(fact(
        "Size",
        html!(
            "{} in {}",
            size(total),
            count(shown.files_total, "file", "files")
        ),
    ));
    if let Some(license) = &display.license {
        facts.push(fact("Licence", html!("{}", license)));
    }
    if !display.authors.is_empty() {
        facts.push(fact("Author", html!("{}", display.authors.join(", "))));
    }
    for (label, value) in &display.facts {
        facts.push(fact(label, html!("{}", value)));
    }
    facts.push(fact(
        "Project",
        html!(
            "<a href=\"{}\">{}</a>",
            url.path_of(&format!("/{}", shown.project.full_path)),
            shown.project.full_path
        ),
    ));
    html!(
        "{}<dl>{}</dl>{}{}{}",
        chart::downloads(&shown.downloads),
        facts,
        parts::links(display),
        parts::keywords(display),
        parts::removal(shown, url),
    )
}

fn fact(label: &str, value: Html) -> Html {
    html!("<div><dt>{}</dt><dd>{}</dd></div>", label, value)
}
