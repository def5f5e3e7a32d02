//! The files of a revision, in both protocols.

use std::io::Read;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use super::conanfile::Conanfile;
use super::file_name::{FileName, INFO, MANIFEST, RECIPE};
use super::path::{File, Revision};
use super::scope::Scope;
use crate::error::{Error, Result};
use crate::http::{Path, answer, download as file_download, upload as file_upload};
use crate::registry::{PackageFile, PackageType, Registry, RevisionFile, StagedBlob};

/// Bytes of a `conaninfo.txt` (GitLab reads no more), and what is read of a recipe.
const MOST_INFO: u64 = 1 << 20;

/// `GET …/files`: 200 `{"files":{"conanfile.py":{},…}}`.
pub(super) async fn list(
    scope: Scope,
    Path(Revision { reference, path }): Path<Revision>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let found = registry
        .revision_files(&scope.access, &reference.key(), &path)
        .map_err(|error| scope.missing(&reference, error))?;
    let names = found
        .iter()
        .map(|file| (FileName::of_stored(&file.file_name), json!({})));
    answer::ok(&json!({ "files": names.collect::<Map<String, Value>>() }))
}

/// `GET …/files/*file`: 200 and the bytes.
pub(super) async fn download(
    scope: Scope,
    Path(file): Path<File>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let key = file.reference.key();
    let found = registry
        .revision_file(&scope.access, &key, &file.path, &file.name.stored())
        .map_err(|error| scope.missing(&file.reference, error))?;
    file_download::send(&registry, &request, &found, file.name.base_name())
}

/// `PUT …/files/*file`: the body is the file. 200 and what was stored; a file that is there already is replaced, and
/// with the manifest the revision is there.
pub(super) async fn upload(
    scope: Scope,
    Path(file): Path<File>,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    file.may_be_written()?;
    let key = file.reference.key();
    registry.may_publish_revision(&scope.access, &key)?;
    if asks_for_deduplication(&request) {
        return Err(Error::not_found("File"));
    }
    // Nobody waits for a log.
    let upload = (!file.name.is_metadata())
        .then(|| registry.begin_upload(&scope.access, &key, &file.path, file.name.stored()));
    let stored = receive(&registry, &scope, file, &request, body).await?;
    if let Some(upload) = upload {
        upload.has_arrived();
    }
    answer::json(
        StatusCode::OK,
        &json!({
            "id": stored.id,
            "package_id": stored.package_id,
            "created_at": stored.created_at,
            "size": stored.size,
            "file_md5": stored.md5,
            "file_sha1": stored.sha1,
            "file_sha256": stored.sha256,
            "file_name": stored.file_name,
        }),
    )
}

async fn receive(
    registry: &Registry,
    scope: &Scope,
    file: File,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<PackageFile> {
    let staged =
        file_upload::stage(registry, request, body.into_inner(), PackageType::Conan).await?;
    let metadata = match &file.name {
        name if name.is(INFO) => Some(read_info(registry, &staged).await?),
        name if name.is(RECIPE) && file.path.binary.is_none() => {
            let source = registry.inspect(&staged, read_text).await?;
            Some(serde_json::to_string(&Conanfile::parse(&source))?)
        }
        _ => None,
    };
    let new = RevisionFile {
        name: file.name.stored(),
        instead_of: file.name.other_compressions(),
        last_file: MANIFEST,
        metadata,
        staged,
    };
    registry
        .publish_to_revision(&scope.access, file.reference.key(), file.path, new)
        .await
}

/// Conan 1 sends an empty body first: whether the server has a file of this SHA-1 somewhere. Whoever may write to one
/// project must not learn, or get, what lies in another, so it never has.
fn asks_for_deduplication(request: &HttpRequest) -> bool {
    let header = request.headers().get("x-checksum-deploy");
    header.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
}

/// What a binary says of itself, kept as text: searches show it.
async fn read_info(registry: &Registry, staged: &StagedBlob) -> Result<String> {
    if staged.size > MOST_INFO {
        return Err(Error::TooLarge(format!(
            "{INFO} may take {MOST_INFO} bytes"
        )));
    }
    registry.inspect(staged, read_text).await
}

/// As much of a file as anybody looks at.
fn read_text(file: std::fs::File) -> Result<String> {
    let mut bytes = Vec::new();
    file.take(MOST_INFO).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
