//! Files by their SHA-256 and name, and what belongs to them.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{FileMetadata, attestations, distribution};
use crate::error::{Error, Result};
use crate::http::{FromPath, Path, PathParams, download};
use crate::registry::{GroupAccess, PackageFile, PackageType, ProjectAccess, Registry, Visibility};

/// `…/files/:sha256/:file`
pub(super) struct FilePath {
    sha256: String,
    file_name: String,
    part: Part,
}

/// What of a file is wanted. No distribution's name ends like one of these.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Itself,
    Metadata,
    Signature,
    Provenance,
}

const PARTS: [(&str, Part); 3] = [
    (".metadata", Part::Metadata),
    (".asc", Part::Signature),
    (".provenance", Part::Provenance),
];

impl FromPath for FilePath {
    fn from_path(params: &PathParams) -> Result<FilePath> {
        let name = params.get("file");
        let part = PARTS
            .iter()
            .find_map(|(ending, part)| Some((name.strip_suffix(ending)?, *part)));
        let (file_name, part) = part.unwrap_or((name, Part::Itself));
        Ok(FilePath {
            sha256: params.get("sha256").to_ascii_lowercase(),
            file_name: file_name.to_owned(),
            part,
        })
    }
}

/// `GET …/projects/:id/packages/pypi/files/:sha256/:file`: 200 and the bytes.
pub(super) async fn from_project(
    access: ProjectAccess,
    Path(path): Path<FilePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let file = find(&registry, &access.projects(), &path)?;
    let file = file.ok_or_else(|| Error::not_found("Package"))?;
    let is_public = access.project.visibility == Visibility::Public;
    send(&registry, &request, &file, &path, is_public).await
}

/// `GET …/groups/:id/-/packages/pypi/files/:sha256/:file`: the same, from any project that the caller may read.
pub(super) async fn from_group(
    access: GroupAccess,
    Path(path): Path<FilePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let projects = registry.readable_projects(&access)?;
    let file = find(&registry, &projects, &path)?;
    let file = file.ok_or_else(|| super::simple::missing_in_group(&access))?;
    send(&registry, &request, &file, &path, false).await
}

fn find(
    registry: &Registry,
    projects: &[i64],
    path: &FilePath,
) -> Result<Option<Arc<PackageFile>>> {
    registry.find_file_by_content(projects, PackageType::Pypi, &path.sha256, &path.file_name)
}

async fn send(
    registry: &Registry,
    request: &HttpRequest,
    file: &PackageFile,
    path: &FilePath,
    is_public: bool,
) -> Result<HttpResponse> {
    let mut response = match path.part {
        Part::Itself => download::send(registry, request, file, &file.file_name)?,
        part => belonging(registry, file, part).await?,
    };
    // The URL names the content, so that it can be kept for ever; attestations may yet come or go.
    if path.part != Part::Provenance {
        let cached = match is_public {
            true => "public, max-age=31536000, immutable",
            false => "private, max-age=31536000, immutable",
        };
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static(cached));
    }
    Ok(response)
}

/// What was kept beside the bytes; a wheel's metadata is read from the wheel again, so that it is always the wheel's.
async fn belonging(registry: &Registry, file: &PackageFile, part: Part) -> Result<HttpResponse> {
    let missing = || Error::not_found("Package");
    let metadata = registry.file_metadata(file)?.ok_or_else(missing)?;
    let metadata: FileMetadata = serde_json::from_value(metadata)?;
    let (content_type, bytes) = match part {
        Part::Signature => {
            let signature = metadata.signature.ok_or_else(missing)?;
            ("application/pgp-signature", signature.into_bytes())
        }
        Part::Provenance => {
            let attestations = metadata.attestations.ok_or_else(missing)?;
            let provenance = attestations::provenance(&attestations);
            let content_type = "application/vnd.pypi.integrity.v1+json";
            (content_type, serde_json::to_vec(&provenance)?)
        }
        Part::Metadata | Part::Itself => {
            metadata.metadata_sha256.ok_or_else(missing)?;
            let blob = registry.open_blob(file)?;
            let bytes = web::block(move || distribution::wheel_metadata(blob)).await??;
            ("text/plain; charset=utf-8", bytes)
        }
    };
    Ok(HttpResponse::Ok().content_type(content_type).body(bytes))
}
