//! `GET /:group/:project?go-get=1`: where clients that use no proxy are told to ask (Modules Reference, "Finding a
//! repository for a module path").

use actix_web::{HttpResponse, web};

use super::unknown;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::{FromPath, Path, PathParams};
use crate::registry::{Ability, Door, Registry};

/// An import path without its host: a project, and perhaps more.
pub(super) struct ImportPath(String);

impl FromPath for ImportPath {
    fn from_path(params: &PathParams) -> Result<ImportPath> {
        Ok(ImportPath(params.get("id").trim_matches('/').to_owned()))
    }
}

/// 200 and a page with a `go-import` tag for whoever may read the packages of the project. The path leads to it or to
/// something below it; nothing is guessed for others.
pub(super) async fn show(
    Caller(actor): Caller,
    Path(ImportPath(path)): Path<ImportPath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut candidates = path.match_indices('/').map(|(at, _)| &path[..at]).skip(1);
    let whole = std::iter::once(path.as_str());
    let project = candidates
        .by_ref()
        .take(MOST_LEVELS)
        .chain(whole)
        .find_map(|candidate| {
            let actor = actor.clone();
            match registry.project_access(candidate, actor, Ability::ReadPackage, Door::Format) {
                Ok(access) => Some(Ok(access.project)),
                Err(error) if error.status().is_server_error() => Some(Err(error)),
                Err(_refused) => None,
            }
        });
    let Some(project) = project.transpose()? else {
        return Err(match actor.is_anonymous() {
            true => Error::Challenge,
            false => unknown("no project of yours has this path"),
        });
    };
    let url = registry.config().url();
    let proxy = url.absolute(&format!("/api/v4/projects/{}/packages/go", project.id));
    let root = url.absolute(&format!("/{}", project.full_path));
    let root = root
        .split_once("://")
        .map_or(root.as_str(), |(_, rest)| rest);
    // Full paths are made of letters that need no escaping, and so is the base URL.
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(format!(
            "<!DOCTYPE html>\n<html><head><meta name=\"go-import\" content=\"{root} mod {proxy}\"></head></html>\n"
        )))
}

/// As deep as groups can lie.
const MOST_LEVELS: usize = 21;
