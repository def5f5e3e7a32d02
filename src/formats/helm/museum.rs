//! ChartMuseum's API below `api/:channel`: what is there, as JSON, and its removal.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::channel::{ChannelPath, with_plus};
use super::index::{Entry, Index};
use super::missing;
use crate::error::{Error, Result};
use crate::http::{FromPath, Path, PathParams, answer, document};
use crate::registry::{
    DocumentKey, ListedPackage, Listing, PackageType, ProjectAccess, Registry, Shows,
};

/// A chart in a channel, and perhaps one of its versions.
pub(super) struct ChartPath {
    place: ChannelPath,
    name: String,
    version: String,
}

impl FromPath for ChartPath {
    fn from_path(params: &PathParams) -> Result<ChartPath> {
        Ok(ChartPath {
            place: ChannelPath::from_path(params)?,
            name: params.get("name").to_owned(),
            version: with_plus(params.get("version")),
        })
    }
}

impl ChartPath {
    fn document(&self, kind: &'static str) -> DocumentKey {
        DocumentKey {
            package_type: PackageType::Helm,
            kind,
            name_key: self.name.clone(),
            prefix: format!("{} {}", self.place.channel, self.version),
        }
    }
}

fn url(_: &ListedPackage, file_name: &str) -> String {
    format!("charts/{file_name}")
}

/// `GET …/helm/api/:channel/charts`: 200 and an object of all charts with their versions.
pub(super) async fn all(
    access: ProjectAccess,
    Path(path): Path<ChannelPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let key = DocumentKey {
        package_type: PackageType::Helm,
        kind: "charts",
        name_key: String::new(),
        prefix: path.channel.clone(),
    };
    let render = |packages: Vec<_>| {
        let index = Index::of(packages, url)?;
        Ok(Some(serde_json::to_vec(&index.entries)?))
    };
    let charts = registry
        .packages_document(&access.projects(), key, path.channel, render)
        .await?;
    let charts = charts.ok_or(Error::Missing)?;
    Ok(document::send(&request, &charts, "application/json"))
}

/// `GET …/helm/api/:channel/charts/:name`: 200 and the list of its versions, newest first.
pub(super) async fn versions(
    access: ProjectAccess,
    Path(path): Path<ChartPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let channel = path.place.channel.clone();
    let render = move |listing: Listing| {
        let versions = versions_in(&channel, listing.packages)?;
        let there = !versions.is_empty();
        Ok(there.then(|| serde_json::to_vec(&versions)).transpose()?)
    };
    let versions = registry
        .listing_document(
            &access.projects(),
            path.document("versions"),
            Shows::Listed,
            render,
        )
        .await?;
    match versions {
        Some(versions) => Ok(document::send(&request, &versions, "application/json")),
        None if path.name == "index.yaml" => Err(not_here(&registry, &path.place)),
        None => Err(missing(&path.name)),
    }
}

/// `GET …/helm/api/:channel/charts/:name/:version`: 200 and that version.
pub(super) async fn version(
    access: ProjectAccess,
    Path(path): Path<ChartPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let (channel, version) = (path.place.channel.clone(), path.version.clone());
    let render = move |Listing { mut packages, .. }: Listing| {
        packages.retain(|listed| listed.package.version.as_ref() == Some(&version));
        let versions = versions_in(&channel, packages)?;
        Ok(versions.first().map(serde_json::to_vec).transpose()?)
    };
    let found = registry
        .listing_document(
            &access.projects(),
            path.document("version"),
            Shows::Listed,
            render,
        )
        .await?;
    let found = found.ok_or_else(|| missing(&format!("{}-{}", path.name, path.version)))?;
    Ok(document::send(&request, &found, "application/json"))
}

/// The versions of the one name that is listed, as far as they are in the channel.
fn versions_in(channel: &str, mut packages: Vec<ListedPackage>) -> Result<Vec<Entry>> {
    packages.retain(|listed| listed.package.qualifier == channel);
    let index = Index::of(packages, url)?;
    Ok(index.entries.into_values().next().unwrap_or_default())
}

/// Who gives Helm the upload URL for the repository's (chartmuseum #674) is told the right one.
fn not_here(registry: &Registry, place: &ChannelPath) -> Error {
    let path = format!("{}/{}", place.context(), place.channel);
    let url = registry.config().url().absolute(&path);
    Error::message(
        StatusCode::NOT_FOUND,
        format!(
            "There is no index here: the repository is {url}, and this is where charts are uploaded"
        ),
    )
}

/// `DELETE …/helm/api/:channel/charts/:name/:version`: 200 `{"deleted":true}`.
pub(super) async fn remove(
    access: ProjectAccess,
    Path(path): Path<ChartPath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let unknown = || missing(&format!("{}-{}", path.name, path.version));
    let key = path.place.key(&path.name, &path.version);
    let package = registry.find_package(&access, &key)?.ok_or_else(unknown)?;
    match registry.remove_package(&access, package.id, None).await {
        Ok(()) => answer::ok(&json!({ "deleted": true })),
        Err(Error::RecordNotFound) => Err(unknown()),
        Err(error) => Err(error),
    }
}
