//! The versions of a package, and its files (Microsoft, "Package content").

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::manifest::Manifest;
use super::nupkg;
use super::path::{File, FilePath, PackagePath, file_name};
use super::place::Place;
use super::release::Release;
use crate::error::{Error, Result};
use crate::http::{Path, document, download as file_download};
use crate::registry::{PackageFile, PackageKey, Registry, Shows};

/// `GET …/download/:package/index.json`: 200 and the versions in their normal form, unlisted ones too.
pub(super) async fn versions(
    place: Place,
    Path(PackagePath(name_key)): Path<PackagePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let key = place.urls.document("versions", &name_key);
    let found = registry
        .listing_document(&place.projects, key, Shows::InstallableWhole, |listing| {
            let releases = Release::all(&listing.packages)?;
            let versions: Vec<String> = releases
                .iter()
                .map(|release| release.version.key())
                .collect();
            Ok(match versions.is_empty() {
                true => None,
                false => Some(serde_json::to_vec(&json!({ "versions": versions }))?),
            })
        })
        .await?;
    let found = found.ok_or_else(|| Error::not_found("Packages"))?;
    Ok(document::send(&request, &found, "application/json"))
}

/// `GET …/download/:package/:version/:file`: 200 and the bytes, never a redirect: clients do not follow one with their
/// credentials.
pub(super) async fn download(
    place: Place,
    Path(FilePath { key, file }): Path<FilePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    match file {
        File::Stored(name) => {
            let file = find(&registry, &place, &key, &name)?;
            file_download::send(&registry, &request, &file, &name)
        }
        File::Nuspec => {
            let package = registry.open_blob(&*package_file(&registry, &place, &key)?)?;
            let bytes = web::block(move || nupkg::nuspec(package)).await??;
            Ok(text("application/xml", bytes))
        }
        File::Readme => readme(&registry, &place, &key).await,
    }
}

async fn readme(registry: &Registry, place: &Place, key: &PackageKey) -> Result<HttpResponse> {
    let file = package_file(registry, place, key)?;
    let missing = || Error::not_found("Package");
    let name = registry.kept_metadata(&place.projects, key, readme_name)?;
    let name = name.as_ref().clone().ok_or_else(missing)?;
    let package = registry.open_blob(&file)?;
    let bytes = web::block(move || nupkg::readme(package, &name)).await??;
    Ok(text(
        "text/markdown; charset=utf-8",
        bytes.ok_or_else(missing)?,
    ))
}

fn readme_name(kept: Vec<String>) -> Option<String> {
    let manifest: Manifest = serde_json::from_str(kept.last()?).ok()?;
    manifest.readme
}

/// Not shown as a page of this server, whatever it holds.
fn text(content_type: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(("Content-Security-Policy", "sandbox; default-src 'none'"))
        .body(bytes)
}

fn package_file(
    registry: &Registry,
    place: &Place,
    key: &PackageKey,
) -> Result<std::sync::Arc<PackageFile>> {
    let version_key = key.version_key.as_deref().unwrap_or_default();
    find(
        registry,
        place,
        key,
        &file_name(&key.name_key, version_key, ".nupkg"),
    )
}

fn find(
    registry: &Registry,
    place: &Place,
    key: &PackageKey,
    name: &str,
) -> Result<std::sync::Arc<PackageFile>> {
    let found = registry.find_file(&place.projects, key, name)?;
    found.ok_or_else(|| Error::not_found("Package"))
}
