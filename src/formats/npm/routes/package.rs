//! What an install reads: packuments, single manifests, tarballs.

use actix_web::http::header::ACCEPT;
use actix_web::{HttpRequest, HttpResponse, web};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::place::Place;
use crate::error::{Error, Result};
use crate::formats::npm::path::NpmPath;
use crate::formats::npm::{model, names};
use crate::http::{Params, Path, answer, document, download};
use crate::registry::{DocumentKey, Listing, PackageType, Registry, Shows};

/// What stays as it is in the URL that a request is sent on to: GitLab writes `@acme/demo` there.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'@')
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const ABBREVIATED: &str = "application/vnd.npm.install-v1+json";

/// `GET …/:name` · `…/:name/:version_or_tag` · `…/:name/-/:file`: 200 and a packument, a manifest, or the tarball.
pub(in crate::formats::npm) async fn show(
    place: Place,
    Path(path): Path<NpmPath>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    match path {
        NpmPath::Package { name } => {
            let writes = params.text("write").is_some(); // what is to be changed must be here
            let short = !writes && wants_abbreviated(&request);
            match packument(&place, name.clone(), short, &request, &registry).await {
                Err(error) if !writes => elsewhere(&place, &registry, &name, "", error),
                outcome => outcome,
            }
        }
        NpmPath::Version { name, version } => {
            let outcome = manifest(&place, &name, &version, &registry).await;
            outcome.or_else(|error| elsewhere(&place, &registry, &name, &version, error))
        }
        NpmPath::Tarball { name, version } => tarball(&place, &name, &version, &request, &registry),
        NpmPath::Revision { .. } | NpmPath::TarballRevision { .. } => Err(place.missing("Package")),
    }
}

/// A name that is not here may be sent on to another registry; every other refusal stands.
fn elsewhere(
    place: &Place,
    registry: &Registry,
    name: &str,
    version: &str,
    refusal: Error,
) -> Result<HttpResponse> {
    if !matches!(refusal, Error::NotFound(_)) {
        return Err(refusal);
    }
    let path = match version {
        "" => format!("/{name}"),
        version => format!("/{name}/{version}"),
    };
    let path = utf8_percent_encode(&path, IN_PATH).to_string();
    match place.forward(registry, name, &path)? {
        Some(url) => answer::found_at(&url),
        None => Err(refusal),
    }
}

async fn packument(
    place: &Place,
    name: String,
    short: bool,
    request: &HttpRequest,
    registry: &Registry,
) -> Result<HttpResponse> {
    let (kind, content_type) = match short {
        true => ("abbreviated", ABBREVIATED),
        false => ("full", "application/json"),
    };
    let key = DocumentKey {
        package_type: PackageType::Npm,
        kind,
        name_key: name.clone(),
        prefix: place.prefix.clone(),
    };
    let urls = place.urls(registry);
    let render = move |versions: Listing| match short {
        true => model::abbreviated(&name, &versions, &urls).map(Some),
        false => model::full(&name, &versions, &urls).map(Some),
    };
    let found = registry
        .listing_document(&place.projects, key, Shows::InstallableWhole, render)
        .await?;
    let found = found.ok_or_else(|| place.missing("Packages"))?;
    Ok(document::send(request, &found, content_type))
}

/// Dependabot, Corepack and `npm view name@version` ask for one version, or for what a tag points to.
async fn manifest(
    place: &Place,
    name: &str,
    version: &str,
    registry: &Registry,
) -> Result<HttpResponse> {
    let versions = place.versions(registry, name).await?;
    let tags = model::tags(&versions);
    let wanted = tags.get(version).copied().unwrap_or(version);
    let item = versions
        .find(wanted)
        .ok_or_else(|| place.missing("Package"))?;
    let body = model::single(name, item, &place.urls(registry))?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("Cache-Control", "private, no-cache"))
        .body(body))
}

fn tarball(
    place: &Place,
    name: &str,
    version: &str,
    request: &HttpRequest,
    registry: &Registry,
) -> Result<HttpResponse> {
    let stored = names::file_name(name, version);
    let file = registry
        .find_file(&place.projects, &names::key(name, version), &stored)?
        .ok_or_else(|| place.missing("Package"))?;
    let saved_as = names::file_name(names::base_name(name), version);
    download::send(registry, request, &file, &saved_as)
}

/// Whether the abbreviated form is the first of the client's types that there is.
fn wants_abbreviated(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut types = accept
        .split(',')
        .map(|part| part.split(';').next().unwrap_or("").trim());
    types.find(|name| matches!(*name, ABBREVIATED | "application/json" | "*/*"))
        == Some(ABBREVIATED)
}
