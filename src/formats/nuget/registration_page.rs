//! Reading registrations.

use actix_web::{HttpRequest, HttpResponse, web};

use super::path::{PackagePath, RangePath, VersionPath};
use super::place::Place;
use super::registration;
use super::release::Release;
use crate::error::{Error, Result};
use crate::http::{Path, answer, document};
use crate::registry::{DocumentKey, Listing, PackageType, Registry, Shows};

/// `GET …/metadata/:package/index.json`: 200 and everything about its versions.
pub(super) async fn index(
    place: Place,
    Path(PackagePath(name_key)): Path<PackagePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let key = place.urls.document("registration", &name_key);
    let urls = place.urls.clone();
    let render = move |listing: Listing| {
        let releases = Release::all(&listing.packages)?;
        let index = (!releases.is_empty()).then(|| registration::index(&urls, &releases));
        Ok(index.map(|index| serde_json::to_vec(&index)).transpose()?)
    };
    let found = registry
        .listing_document(&place.projects, key, Shows::InstallableWhole, render)
        .await?;
    let found = found.ok_or_else(|| Error::not_found("Packages"))?;
    Ok(document::send(&request, &found, "application/json"))
}

/// `GET …/metadata/:package/page/:lower/:upper.json`: 200 and a part of a long registration.
pub(super) async fn page(
    place: Place,
    Path(PackagePath(name_key)): Path<PackagePath>,
    Path(range): Path<RangePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let (lower, upper) = (range.lower.key(), range.upper.key());
    let key = DocumentKey {
        prefix: place.urls.registration_page(&name_key, &lower, &upper),
        ..place.urls.document("registration page", &name_key)
    };
    let urls = place.urls.clone();
    let render = move |listing: Listing| {
        let releases = Release::all(&listing.packages)?;
        let page = registration::page(&urls, &releases, &range.lower, &range.upper);
        Ok(page.map(|page| serde_json::to_vec(&page)).transpose()?)
    };
    let found = registry
        .listing_document(&place.projects, key, Shows::InstallableWhole, render)
        .await?;
    let found = found.ok_or_else(|| Error::not_found("Packages"))?;
    Ok(document::send(&request, &found, "application/json"))
}

/// `GET …/metadata/:package/:version.json`: 200 and that version alone.
pub(super) async fn leaf(
    place: Place,
    Path(VersionPath(key)): Path<VersionPath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let projects = place.projects.clone();
    let listing = registry
        .listing(
            projects,
            PackageType::Nuget,
            &key.name_key,
            Shows::InstallableWhole,
        )
        .await?;
    let releases = Release::all(&listing.packages)?;
    let is_wanted = |release: &&Release| Some(release.version.key()) == key.version_key;
    let release = releases.iter().find(is_wanted);
    let release = release.ok_or_else(|| Error::not_found("Package"))?;
    answer::ok(&registration::leaf(&place.urls, release))
}
