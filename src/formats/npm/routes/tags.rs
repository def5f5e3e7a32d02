//! dist-tags: names that point to versions.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use futures_util::StreamExt;

use super::place::Place;
use crate::error::{Error, Result};
use crate::formats::npm::path::TagPath;
use crate::formats::npm::{model, names};
use crate::http::{Path, answer};
use crate::registry::{Ability, Door, ListedPackage, PackageType, ProjectAccess, Registry};

/// `GET …/-/package/:name/dist-tags`: 200 `{"latest":"1.2.0"}`.
pub(in crate::formats::npm) async fn list(
    place: Place,
    Path(path): Path<TagPath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    if path.tag.is_some() {
        return Err(Error::Missing);
    }
    let versions = place.versions(&registry, &path.name).await?;
    if versions.is_empty() {
        return Err(match place.missing("Package") {
            Error::NotFound(_) => Error::Missing,
            other => other,
        });
    }
    answer::ok(&model::tags(&versions))
}

/// `PUT …/-/package/:name/dist-tags/:tag`: the body is a version; 204.
pub(in crate::formats::npm) async fn set(
    access: ProjectAccess,
    Path(path): Path<TagPath>,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let tag = path.tag.ok_or(Error::Missing)?;
    names::check_tag(&tag)?;
    let version = read_version(body).await?;
    registry
        .move_tag(&access, names::key(&path.name, &version), tag)
        .await?;
    Ok(answer::no_content())
}

/// `DELETE …/-/package/:name/dist-tags/:tag`: 204.
pub(in crate::formats::npm) async fn remove(
    access: ProjectAccess,
    Path(path): Path<TagPath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let tag = path.tag.ok_or(Error::Missing)?;
    registry
        .remove_tag(&access, PackageType::Npm, path.name, tag)
        .await?;
    Ok(answer::no_content())
}

/// The same at group and instance level, for the project that owns the version.
pub(in crate::formats::npm) async fn set_in_its_project(
    place: Place,
    Path(path): Path<TagPath>,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let tag = path.tag.ok_or(Error::Missing)?;
    names::check_tag(&tag)?;
    let version = read_version(body).await?;
    let versions = place.versions(&registry, &path.name).await?;
    let item = versions.find(&version);
    let project = item
        .ok_or_else(|| place.missing("Package"))?
        .package
        .project_id;
    let access = owner(&registry, &place, project, Ability::CreatePackage)?;
    registry
        .move_tag(&access, names::key(&path.name, &version), tag)
        .await?;
    Ok(answer::no_content())
}

/// The same at group and instance level, for the project whose version carries the tag.
pub(in crate::formats::npm) async fn remove_in_its_project(
    place: Place,
    Path(path): Path<TagPath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let tag = path.tag.ok_or(Error::Missing)?;
    let versions = place.versions(&registry, &path.name).await?;
    let carries = |item: &&ListedPackage| item.tags.iter().any(|own| own.name == tag);
    let item = versions.packages.iter().rev().find(carries);
    let project = item
        .ok_or_else(|| place.missing("Package Tag"))?
        .package
        .project_id;
    let access = owner(&registry, &place, project, Ability::DestroyPackage)?;
    registry
        .remove_tag(&access, PackageType::Npm, path.name, tag)
        .await?;
    Ok(answer::no_content())
}

fn owner(
    registry: &Registry,
    place: &Place,
    project: i64,
    ability: Ability,
) -> Result<ProjectAccess> {
    registry.project_access(
        &project.to_string(),
        place.actor.clone(),
        ability,
        Door::Format,
    )
}

/// A JSON string, or the bare version that some scripts send.
async fn read_version(mut body: web::Payload) -> Result<String> {
    let not_given = || {
        Error::message(
            StatusCode::BAD_REQUEST,
            "400 Bad request - \"Version\" not given",
        )
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| Error::bad_request(error.to_string()))?);
        if bytes.len() > 1024 {
            return Err(not_given());
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let bare = text.trim().trim_matches('"');
    match bare.is_empty() || bare.starts_with(['{', '[']) || bare == "null" {
        true => Err(not_given()),
        false => Ok(bare.to_owned()),
    }
}
