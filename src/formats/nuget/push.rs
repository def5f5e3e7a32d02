//! Publishing: who the package is stands in its nuspec. Neither the path nor the name of the uploaded file counts.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::errors::taken;
use super::manifest::Nuspec;
use super::path::file_name;
use super::{id, nupkg, refused};
use crate::error::Result;
use crate::http::{answer, upload};
use crate::registry::{
    NewFile, NewPackage, OnExisting, PackageKey, PackageType, ProjectAccess, Registry, StagedBlob,
};

/// `PUT …/packages/nuget[/]`, and the same of the v2 feed: a form with the package as its first file, or the package.
/// 201 `{"message":"201 Created"}`; from then on it can be installed.
pub(super) async fn package(
    access: ProjectAccess,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let (staged, nuspec) = receive(&registry, &request, body).await?;
    if nuspec.is_of_symbols() {
        return Err(refused(
            "this is a package of symbols: push it to the SymbolPackagePublish resource",
        ));
    }
    let new = NewPackage {
        keywords: Some(nuspec.manifest.tags.clone()),
        metadata: Some(serde_json::to_value(&nuspec.manifest)?),
        ..new_package(&registry, &access, &nuspec)?
    };
    publish(&registry, &access, new, ".nupkg", staged).await
}

/// `PUT …/packages/nuget/symbolpackage[/]`: the symbols of a package that is there. 201 `{"message":"201 Created"}`.
pub(super) async fn symbols(
    access: ProjectAccess,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let (staged, nuspec) = receive(&registry, &request, body).await?;
    if !nuspec.is_of_symbols() {
        return Err(refused(
            "symbol package is invalid, its nuspec does not declare the package type SymbolsPackage",
        ));
    }
    let new = new_package(&registry, &access, &nuspec)?;
    if !registry.has_package(&access, &new.key)? {
        return Err(refused(
            "symbol package is invalid, matching package does not exist",
        ));
    }
    publish(&registry, &access, new, ".snupkg", staged).await
}

async fn receive(
    registry: &Registry,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<(StagedBlob, Nuspec)> {
    let body = body.into_inner();
    let staged =
        upload::stage_first_file(registry, request, body, PackageType::Nuget, "package").await?;
    let nuspec = registry.inspect(&staged, nupkg::read).await?;
    Ok((staged, nuspec))
}

/// The package of a nuspec. An id keeps the case in which it came first, whoever pushes its next version.
fn new_package(registry: &Registry, access: &ProjectAccess, nuspec: &Nuspec) -> Result<NewPackage> {
    let name_key = id::key(&nuspec.id);
    let first = registry.first_spelling(access.project.id, PackageType::Nuget, &name_key)?;
    let name = first.unwrap_or_else(|| nuspec.id.clone());
    let key = PackageKey {
        name_key,
        version_key: Some(nuspec.parsed.key()),
        ..PackageKey::exact(PackageType::Nuget, &name, &nuspec.version)
    };
    Ok(NewPackage::new(key, OnExisting::BySetting(taken)))
}

async fn publish(
    registry: &Registry,
    access: &ProjectAccess,
    new: NewPackage,
    ending: &str,
    staged: StagedBlob,
) -> Result<HttpResponse> {
    let version_key = new.key.version_key.as_deref().unwrap_or_default();
    let name = file_name(&new.key.name_key, version_key, ending);
    registry
        .publish_file(access, new, NewFile::new(name, staged))
        .await?;
    answer::json(StatusCode::CREATED, &json!({ "message": "201 Created" }))
}
