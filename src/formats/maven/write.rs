//! `PUT`: a file, a checksum of one, or a `maven-metadata.xml`.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use serde_json::json;

use super::metadata::{self, Kept, Uploaded};
use super::path::{METADATA, MavenPath, SNAPSHOT};
use super::pom::Pom;
use crate::error::{Error, Result};
use crate::http::{Path, answer, upload as file_upload};
use crate::registry::{
    Checked, ChecksumAlgorithm, NewFile, NewPackage, OnExisting, PackageKey, PackageType,
    ProjectAccess, Registry, duplicate_not_allowed,
};

/// A checksum may come with the name of its file behind it, not with a book.
const MOST_BYTES_OF_CHECKSUM: usize = 4_096;

/// `PUT …/maven/*path`: the body is the file. 200 for a file and for an MD5 sum, 204 for the other checksums, 409 for one
/// that is not the file's.
pub(super) async fn upload(
    access: ProjectAccess,
    Path(path): Path<MavenPath>,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    match path.checksum {
        Some(algorithm) => {
            let sum = read_checksum(body, algorithm).await?;
            check(&registry, &access, &path, algorithm, sum).await
        }
        None if path.is_metadata() => put_metadata(&registry, &access, &path, &request, body).await,
        None => put_file(&registry, &access, &path, &request, body).await,
    }
}

async fn put_file(
    registry: &Registry,
    access: &ProjectAccess,
    path: &MavenPath,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse> {
    let key = path.file_key()?;
    let is_snapshot = path.folder.ends_with(SNAPSHOT);
    let on_existing = match is_snapshot {
        true => OnExisting::Add, // every build of a snapshot is a new one
        false => OnExisting::BySettingUnlessEqual(duplicate_not_allowed),
    };
    let mut new = NewPackage {
        checksums_apart: true,
        merge_metadata: Kept::merge,
        ..NewPackage::new(key, on_existing)
    };
    registry.may_publish(access, &new, Some(&path.file_name))?;
    let staged =
        file_upload::stage(registry, request, body.into_inner(), PackageType::Maven).await?;
    if path.file_name.ends_with(".pom") {
        let pom = registry
            .inspect(&staged, |file| Ok(Pom::read(file)))
            .await?;
        new.metadata = Some(Kept::of_pom(pom).value()?);
    }
    registry
        .publish_file(access, new, NewFile::new(&path.file_name, staged))
        .await?;
    stored()
}

/// What clients say of an artifact is kept, and their bytes with it; what they are told is made from the database.
async fn put_metadata(
    registry: &Registry,
    access: &ProjectAccess,
    path: &MavenPath,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse> {
    if path.folder.is_empty() {
        return Err(Error::bad_request(
            "Validation failed: Maven metadatum path is invalid",
        ));
    }
    let place = metadata_place(registry, access, path)?;
    let with = |key| NewPackage {
        merge_metadata: Kept::merge,
        ..NewPackage::new(key, OnExisting::Replace)
    };
    registry.may_publish(access, &with(place.clone()), Some(METADATA))?;
    let staged =
        file_upload::stage(registry, request, body.into_inner(), PackageType::Maven).await?;
    let uploaded = registry.inspect(&staged, Uploaded::read).await?;
    if uploaded.names_version && place.version.is_none() {
        return stored(); // the document of a version that is not there: it would make a package of the version's name
    }
    let new = NewPackage {
        metadata: Some(uploaded.kept.value()?),
        ..with(place)
    };
    registry
        .publish_file(access, new, NewFile::new(METADATA, staged))
        .await?;
    stored()
}

/// The row that a document belongs to: a snapshot's own, a release's if there is one of that name, else the artifact's.
fn metadata_place(
    registry: &Registry,
    access: &ProjectAccess,
    path: &MavenPath,
) -> Result<PackageKey> {
    if path.is_in_snapshot() {
        return path.file_key();
    }
    if let Ok(release) = path.file_key()
        && registry.has_package(access, &release)?
    {
        return Ok(release);
    }
    Ok(path.versionless_key())
}

/// Compares a checksum with its file; one that comes first is remembered.
async fn check(
    registry: &Registry,
    access: &ProjectAccess,
    path: &MavenPath,
    algorithm: ChecksumAlgorithm,
    sum: String,
) -> Result<HttpResponse> {
    let good = match path.is_metadata() {
        true => {
            let place = metadata_place(registry, access, path)?;
            let uploaded =
                metadata::was_uploaded(registry, access.project.id, &place, algorithm, &sum)?;
            uploaded.unwrap_or(true)
        }
        false => {
            let key = path.file_key()?;
            let checked = registry
                .check_file(access, key, path.file_name.clone(), algorithm, sum)
                .await?;
            match checked {
                Checked::Same => true,
                Checked::Early => return Ok(empty()),
                Checked::Different => false,
            }
        }
    };
    match good {
        true if algorithm == ChecksumAlgorithm::Md5 => Ok(empty()),
        true => Ok(answer::no_content()),
        false => Err(Error::message(StatusCode::CONFLICT, "409 Conflict")),
    }
}

/// The first word of the body, in lower case. Fails with 409 for what can be no checksum of this kind.
async fn read_checksum(mut body: web::Payload, algorithm: ChecksumAlgorithm) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk =
            chunk.map_err(|error| Error::bad_request(format!("the upload broke off: {error}")))?;
        if bytes.len() + chunk.len() > MOST_BYTES_OF_CHECKSUM {
            return Err(Error::TooLarge(format!(
                "a checksum may take {MOST_BYTES_OF_CHECKSUM} bytes"
            )));
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8_lossy(&bytes);
    let sum = text
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if sum.len() != algorithm.digits() || !sum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::message(StatusCode::CONFLICT, "409 Conflict"));
    }
    Ok(sum)
}

fn stored() -> Result<HttpResponse> {
    answer::ok(&json!({ "message": "201 Created" }))
}

fn empty() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/plain")))
        .body(())
}
