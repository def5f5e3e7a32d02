//! What `go` asks for: the versions of a module, and what belongs to one.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::path::{Part, ReadPath, Wanted};
use super::version::Version;
use super::{Kept, in_seconds, key, mod_name, unknown, zip_name};
use crate::error::{Error, Result};
use crate::http::{Path, document, download};
use crate::registry::{
    DocumentKey, FileWithMetadata, GroupAccess, ListedPackage, Listing, PackageFile, PackageType,
    ProjectAccess, Registry, Shows, Timestamp, Visibility,
};

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// `GET …/projects/:id/packages/go/:module/@v/…` and `…/@latest`: 200 and what was asked for, 404 in text.
pub(super) async fn in_project(
    access: ProjectAccess,
    Path(path): Path<ReadPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let is_public = access.project.visibility == Visibility::Public;
    let place = Place {
        registry: &registry,
        request: &request,
        projects: &access.projects(),
        is_public,
    };
    let found = place.answer(&path).await?;
    found.ok_or_else(|| path.unknown())
}

/// `GET …/groups/:id/-/packages/go/:module/@v/…` and `…/@latest`: the same over every project that the caller may read.
pub(super) async fn in_group(
    access: GroupAccess,
    Path(path): Path<ReadPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let projects = registry.readable_projects(&access)?;
    let place = Place {
        registry: &registry,
        request: &request,
        projects: &projects,
        is_public: false,
    };
    match place.answer(&path).await? {
        Some(found) => Ok(found),
        None if access.actor.is_anonymous() && !place.has_above(&path.module)? => {
            Err(Error::Challenge)
        }
        None => Err(path.unknown()),
    }
}

/// `GET …/sumdb/*`: 404 whoever asks and wherever; `go` then asks the checksum database itself, if it may.
pub(super) async fn checksum_database() -> Result<HttpResponse> {
    Err(unknown("this registry mirrors no checksum database"))
}

/// Where something is looked for, and how it is to be answered.
struct Place<'a> {
    registry: &'a Registry,
    request: &'a HttpRequest,
    projects: &'a [i64],
    is_public: bool,
}

impl ReadPath {
    fn unknown(&self) -> Error {
        let module = &self.module;
        match &self.wanted {
            Wanted::List | Wanted::Latest => unknown(&format!("{module}: unknown module")),
            Wanted::Query => unknown(&format!("{module}: unknown version")),
            Wanted::Of(version, _) => {
                unknown(&format!("{module}@{version}: unknown module or version"))
            }
        }
    }
}

impl Place<'_> {
    /// `None`: there is no such module or version here.
    async fn answer(&self, path: &ReadPath) -> Result<Option<HttpResponse>> {
        match &path.wanted {
            Wanted::List => self.document(&path.module, "list", TEXT, list).await,
            Wanted::Latest => self.document(&path.module, "latest", JSON, latest).await,
            Wanted::Of(version, part) => self.part(&path.module, version, *part),
            Wanted::Query => Ok(None),
        }
    }

    async fn document(
        &self,
        module: &str,
        kind: &'static str,
        content_type: &str,
        render: fn(Listing) -> Result<Option<Vec<u8>>>,
    ) -> Result<Option<HttpResponse>> {
        let key = DocumentKey {
            package_type: PackageType::Golang,
            kind,
            name_key: module.to_owned(),
            prefix: String::new(),
        };
        let registry = self.registry;
        let found = registry.listing_document(self.projects, key, Shows::Listed, render);
        let found = found.await?;
        Ok(found.map(|found| document::send(self.request, &found, content_type)))
    }

    fn part(&self, module: &str, version: &Version, part: Part) -> Result<Option<HttpResponse>> {
        let Some(zip) = self.file(module, version, &zip_name(version))? else {
            return Ok(None);
        };
        let mut response = match part {
            Part::Info => {
                let kept = Kept::of(self.registry, &zip)?;
                let time = made_at(kept.time, version, zip.created_at);
                HttpResponse::Ok()
                    .content_type(JSON)
                    .body(info(version.as_str(), &time))
            }
            Part::Sums => {
                let Kept { h1, go_mod_h1, .. } = Kept::of(self.registry, &zip)?;
                let sums =
                    format!("{module} {version} {h1}\n{module} {version}/go.mod {go_mod_h1}\n");
                HttpResponse::Ok().content_type(TEXT).body(sums)
            }
            Part::Zip => self.send(&zip, "application/zip")?,
            Part::Mod => match self.file(module, version, &mod_name(version))? {
                Some(go_mod) => self.send(&go_mod, TEXT)?,
                None => return Ok(None),
            },
        };
        // A version never changes: other bytes under its name are refused for ever.
        let cached = match self.is_public {
            true => "public, max-age=31536000, immutable",
            false => "private, max-age=31536000, immutable",
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cached));
        Ok(Some(response))
    }

    fn file(
        &self,
        module: &str,
        version: &Version,
        file_name: &str,
    ) -> Result<Option<Arc<PackageFile>>> {
        self.registry
            .find_file(self.projects, &key(module, version), file_name)
    }

    fn send(&self, file: &PackageFile, content_type: &'static str) -> Result<HttpResponse> {
        let mut response = download::send(self.registry, self.request, file, &file.file_name)?;
        let headers = response.headers_mut();
        if headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        Ok(response)
    }

    /// Whether a module is here in which an import of this path could be found. `go` asks for the longer paths as well,
    /// and ends the build if it is asked for a password there, so it hears that they are not here; nothing leaks by
    /// that, for the module that is here ends its search.
    fn has_above(&self, path: &str) -> Result<bool> {
        let mut above = path;
        while let Some((shorter, _)) = above.rsplit_once('/') {
            if self
                .registry
                .has_versions(self.projects, PackageType::Golang, shorter)?
            {
                return Ok(true);
            }
            above = shorter;
        }
        Ok(false)
    }
}

/// Releases and prereleases by precedence, one a line. Pseudo-versions are never listed.
fn list(listing: Listing) -> Result<Option<Vec<u8>>> {
    let mut versions: Vec<Version> = with_zip(&listing)
        .map(|(version, _)| version)
        .filter(|version| !version.is_pseudo())
        .collect();
    versions.sort_unstable();
    let lines: String = versions
        .iter()
        .map(|version| format!("{version}\n"))
        .collect();
    Ok(Some(lines.into_bytes()))
}

fn latest(listing: Listing) -> Result<Option<Vec<u8>>> {
    let newest = with_zip(&listing).max_by(|(a, _), (b, _)| a.cmp_as_latest(b));
    let Some((version, listed)) = newest else {
        return Ok(None);
    };
    let zip = zip_of(listed, &version);
    let kept = zip.and_then(|zip| Some((zip.file.created_at, zip.metadata.as_deref()?)));
    let Some((created_at, kept)) = kept else {
        return Ok(None);
    };
    let kept: Kept = serde_json::from_str(kept)?;
    let time = made_at(kept.time, &version, created_at);
    Ok(Some(info(version.as_str(), &time).into_bytes()))
}

/// A version whose zip somebody has deleted cannot be had.
fn with_zip(listing: &Listing) -> impl Iterator<Item = (Version, &ListedPackage)> {
    listing.packages.iter().filter_map(|listed| {
        let version = Version::parse(listed.package.version.as_deref()?)?;
        zip_of(listed, &version)?;
        Some((version, listed))
    })
}

fn zip_of<'a>(listed: &'a ListedPackage, version: &Version) -> Option<&'a FileWithMetadata> {
    let name = zip_name(version);
    listed
        .files
        .iter()
        .rfind(|file| file.file.file_name == name)
}

/// When a version was made: as the uploader says, as a pseudo-version says itself, or when it was uploaded.
fn made_at(told: Option<String>, version: &Version, uploaded: Timestamp) -> String {
    told.unwrap_or_else(|| in_seconds(version.commit_time().unwrap_or(uploaded)))
}

fn info(version: &str, time: &str) -> String {
    json!({ "Version": version, "Time": time }).to_string()
}
