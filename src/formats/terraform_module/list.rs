//! Lists of modules, in the form of the public registry's. Terraform does not ask for them; people and tools do.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::path::ModulePath;
use super::place::{Place, latest, versions};
use crate::auth::Caller;
use crate::error::Result;
use crate::http::{FromPath, Params, Path, PathParams, answer};
use crate::registry::{Actor, Found, PackageType, ReadableProject, Registry, search_terms};

const MOST: usize = 100;

pub(super) struct ListPath {
    namespace: String,
    name: String,
}

impl FromPath for ListPath {
    fn from_path(params: &PathParams) -> Result<ListPath> {
        Ok(ListPath {
            namespace: params.get("namespace").to_owned(),
            name: params.get("name").to_owned(),
        })
    }
}

/// `GET M/search?q=`: 200 and the modules that have every word, wherever the caller may read them.
pub(super) async fn search(
    Caller(actor): Caller,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let query = params.text("q").unwrap_or_default();
    let projects = registry.readable_projects_everywhere(&actor)?;
    list(
        &registry,
        &actor,
        &projects,
        search_terms(query),
        "",
        &params,
    )
    .await
}

/// `GET M/:namespace`: 200 and its modules.
pub(super) async fn of_namespace(
    Caller(actor): Caller,
    Path(path): Path<ListPath>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    below(&registry, &actor, &path, &params).await
}

/// `GET M/:namespace/:name`: 200 and the modules of that name, one for each system.
pub(super) async fn of_name(
    Caller(actor): Caller,
    Path(path): Path<ListPath>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    below(&registry, &actor, &path, &params).await
}

async fn below(
    registry: &Registry,
    actor: &Actor,
    path: &ListPath,
    params: &Params,
) -> Result<HttpResponse> {
    let place = Place::of(registry, actor, &path.namespace)?;
    if place.projects.is_empty() {
        return Err(place.missing());
    }
    let prefix = match path.name.as_str() {
        "" => String::new(),
        name => format!("{name}/"),
    };
    list(
        registry,
        actor,
        &place.projects,
        Vec::new(),
        &prefix,
        params,
    )
    .await
}

async fn list(
    registry: &Registry,
    actor: &Actor,
    projects: &[ReadableProject],
    words: Vec<String>,
    prefix: &str,
    params: &Params,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let limit = check.integer("limit").unwrap_or(20).clamp(1, MOST as i64) as usize;
    let offset = check.integer("offset").unwrap_or(0).max(0) as usize;
    check.done()?;
    let ids = projects.iter().map(|project| project.id).collect();
    let kind = PackageType::TerraformModule;
    let (found, _) = registry
        .find_packages(ids, kind, words, usize::MAX, 0)
        .await?;
    let mut found = found
        .into_iter()
        .filter(|found| found.package.name.starts_with(prefix))
        .skip(offset);
    let mut modules = Vec::new();
    for found in found.by_ref().take(limit) {
        modules.extend(module(registry, actor, projects, found).await?);
    }
    let more = found.next().is_some().then_some(offset + limit);
    answer::ok(&json!({
        "meta": { "limit": limit, "current_offset": offset, "next_offset": more },
        "modules": modules,
    }))
}

/// A module by its latest version; `None` if it has just gone.
async fn module(
    registry: &Registry,
    actor: &Actor,
    projects: &[ReadableProject],
    found: Found,
) -> Result<Option<Value>> {
    let path = projects
        .iter()
        .find(|project| project.id == found.package.project_id);
    let (Some(project), Some((name, system))) = (path, found.package.name.split_once('/')) else {
        return Ok(None);
    };
    let namespace = project.full_path.split('/').next().unwrap_or_default();
    let of = [("namespace", namespace), ("name", name), ("system", system)];
    let Ok(path) = ModulePath::from_path(&PathParams::decode(of.into_iter())) else {
        return Ok(None);
    };
    let place = Place::of(registry, actor, namespace)?;
    let listing = versions(registry, place.ids(), &path.module).await?;
    let Some(listed) = latest(&listing) else {
        return Ok(None);
    };
    let version = listed.package.version.as_deref().unwrap_or_default();
    let source = format!("/{}", place.path_of(listed.package.project_id));
    Ok(Some(json!({
        "id": format!("{namespace}/{name}/{system}/{version}"),
        "namespace": namespace,
        "name": name,
        "version": version,
        "provider": system,
        "source": registry.config().url().absolute(&source),
        "published_at": listed.package.created_at,
    })))
}
