//! Reading: files, their checksums, and the documents; alike at every level.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use super::file_name::{SnapshotFile, newest_builds};
use super::metadata;
use super::path::MavenPath;
use crate::error::{Error, Result};
use crate::http::{Path, answer, document, download};
use crate::registry::{
    ChecksumAlgorithm, Document, GroupAccess, PackageFile, PackageKey, PackageType, ProjectAccess,
    Registry, Wanted,
};

/// `GET …/projects/:id/packages/maven/*path`: 200 and a file, a checksum or a document.
pub(super) async fn in_project(
    access: ProjectAccess,
    Path(path): Path<MavenPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    if let Some(found) = find(&registry, &access.projects(), &path, &request).await? {
        return Ok(found);
    }
    let (wanted, elsewhere) = (groups_of(&path), path_of(&request));
    let url = registry.forward_from_project(&access, PackageType::Maven, &wanted, &elsewhere)?;
    answer::found_at(&url.ok_or_else(|| Error::not_found("Package"))?)
}

/// `GET …/groups/:id/-/packages/maven/*path`: the same over every project that the caller may read. Versions of one
/// name that lie in several projects are told together; of equal ones the newest package is served.
pub(super) async fn in_group(
    access: GroupAccess,
    Path(path): Path<MavenPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let projects = registry.readable_projects(&access)?;
    if let Some(found) = find(&registry, &projects, &path, &request).await? {
        return Ok(found);
    }
    let (wanted, elsewhere) = (groups_of(&path), path_of(&request));
    match registry.forward_from_group(&access, PackageType::Maven, &wanted, &elsewhere)? {
        Some(url) => answer::found_at(&url),
        None => Err(missing(
            &registry,
            &projects,
            &path,
            access.actor.is_anonymous(),
        )?),
    }
}

/// Every folder of the path that may be a group: a document does not say whether it is that of a group, an artifact or a
/// snapshot.
fn groups_of(path: &MavenPath) -> Vec<Wanted<'_>> {
    std::iter::successors(Some(path.folder.as_str()), |folder| {
        folder.rsplit_once('/').map(|(above, _)| above)
    })
    .take(3)
    .map(Wanted::Folder)
    .collect()
}

/// The path in the repository, as the client spelt it.
fn path_of(request: &HttpRequest) -> String {
    let path = request.uri().path();
    let (_, path) = path.split_once("/packages/maven/").unwrap_or(("", ""));
    format!("/{path}")
}

/// `GET …/packages/maven/*path`: the same in the project whose path is the package's name.
pub(super) async fn in_instance(
    access: ProjectAccess,
    Path(path): Path<MavenPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    match find(&registry, &access.projects(), &path, &request).await? {
        Some(found) => Ok(found),
        None => Err(missing(
            &registry,
            &access.projects(),
            &path,
            access.actor.is_anonymous(),
        )?),
    }
}

/// A name that nothing public has may be one that this caller has not signed in for: without the challenge its client
/// would look for it in the next repository, and find somebody else's.
fn missing(
    registry: &Registry,
    projects: &[i64],
    path: &MavenPath,
    anonymous: bool,
) -> Result<Error> {
    let name = match path.is_metadata() && !path.is_in_snapshot() {
        true => path.folder.clone(),
        false => path.file_key().map(|key| key.name).unwrap_or_default(),
    };
    let known = !anonymous || registry.has_versions(projects, PackageType::Maven, &name)?;
    Ok(if known {
        Error::not_found("Package")
    } else {
        Error::Challenge
    })
}

async fn find(
    registry: &Registry,
    projects: &[i64],
    path: &MavenPath,
    request: &HttpRequest,
) -> Result<Option<HttpResponse>> {
    if path.is_metadata() {
        match metadata::at_path(registry, projects, path).await? {
            Some(found) => {
                return Ok(Some(match path.checksum {
                    Some(algorithm) => checksum(&found.checksum(algorithm)),
                    None => send_document(request, &found),
                }));
            }
            // What a client says of builds that are not here leads nowhere; what strayed to a release is a mere file.
            None if path.is_in_snapshot() => return Ok(None),
            None => {}
        }
    }
    // A path that can name no file is one that nothing has: clients ask for folders, indexes and catalogs.
    let Ok(key) = path.file_key() else {
        return Ok(None);
    };
    let file = match registry.find_file(projects, &key, &path.file_name)? {
        Some(file) => Some(file),
        None => newest_build(registry, projects, &key, &path.file_name).await?,
    };
    let Some(file) = file else {
        return Ok(None);
    };
    Ok(Some(match path.checksum {
        Some(algorithm) => checksum(&registry.checksum(&file, algorithm).await?),
        None => send_file(registry, request, &file)?,
    }))
}

/// `demo-1.0-SNAPSHOT.jar` where builds have timestamps: the newest (Ivy, curl).
async fn newest_build(
    registry: &Registry,
    projects: &[i64],
    key: &PackageKey,
    file_name: &str,
) -> Result<Option<std::sync::Arc<PackageFile>>> {
    let (Some((_, artifact)), Some(version)) = (key.name.rsplit_once('/'), key.version.as_deref())
    else {
        return Ok(None);
    };
    let Some(SnapshotFile { build: None, part }) =
        SnapshotFile::parse(artifact, version, file_name)
    else {
        return Ok(None);
    };
    let files = registry.file_names(projects, key).await?;
    let builds = newest_builds(artifact, version, files.iter().map(String::as_str));
    match builds.get(&part) {
        Some(Some(build)) => {
            registry.find_file(projects, key, &part.name_in_build(artifact, version, build))
        }
        _ => Ok(None),
    }
}

/// Checksums as headers save the client a request each (the resolver of Maven 3.9, Gradle).
fn send_file(
    registry: &Registry,
    request: &HttpRequest,
    file: &PackageFile,
) -> Result<HttpResponse> {
    let mut response = download::send(registry, request, file, &file.file_name)?;
    let sha512 = registry.known_sha512(file)?;
    for (name, digest) in [
        ("x-checksum-sha1", Some(file.sha1.clone())),
        ("x-checksum-md5", Some(file.md5.clone())),
        ("x-checksum-sha512", sha512),
    ] {
        add_header(&mut response, name, digest);
    }
    Ok(response)
}

fn send_document(request: &HttpRequest, found: &Document) -> HttpResponse {
    let mut response = document::send(request, found, "application/xml");
    for (name, algorithm) in [
        ("x-checksum-sha1", ChecksumAlgorithm::Sha1),
        ("x-checksum-md5", ChecksumAlgorithm::Md5),
        ("x-checksum-sha256", ChecksumAlgorithm::Sha256),
        ("x-checksum-sha512", ChecksumAlgorithm::Sha512),
    ] {
        add_header(&mut response, name, Some(found.checksum(algorithm)));
    }
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn add_header(response: &mut HttpResponse, name: &'static str, digest: Option<String>) {
    if let Some(Ok(value)) = digest.map(HeaderValue::try_from) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}

/// Bare hex, without a line's end.
fn checksum(digest: &str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/plain")))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .body(digest.to_owned())
}
