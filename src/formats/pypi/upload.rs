//! The upload: one distribution file in a form.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::distribution::{self, Found};
use super::form::{self, Upload};
use super::{FileMetadata, attestations, taken};
use crate::error::Result;
use crate::http::{answer, upload as form_upload};
use crate::registry::{NewFile, NewPackage, OnExisting, PackageType, ProjectAccess, Registry};

/// `POST …/packages/pypi`, with or without a slash at its end: the file is the part `content`.
/// 201 `{"message":"201 Created"}`.
pub(super) async fn upload(
    access: ProjectAccess,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let body = body.into_inner();
    let form =
        form_upload::stage_form(&registry, &request, body, PackageType::Pypi, &form::PLAN).await?;
    let upload = Upload::parse(form)?;
    upload.check_digests()?;
    let new = NewPackage::new(upload.key.clone(), OnExisting::RefuseFile(taken));
    registry.may_publish(&access, &new, Some(&upload.file_name.text))?;
    if let Some(promised) = upload.fields.text("blake2_256_digest").map(str::to_owned) {
        let check = move |file| form::check_blake2(file, &promised);
        registry.inspect(&upload.staged, check).await?;
    }
    let found = inspect(&registry, &upload).await?;
    upload.fields.check_requires_python(&found.metadata)?;
    let sha256 = found.wheel_metadata_sha256;
    let new = NewPackage {
        metadata: Some(found.metadata.clone().into_json()),
        ..new
    };
    let text = |name: &str| upload.fields.text(name).map(str::to_owned);
    let attestations = upload
        .fields
        .text("attestations")
        .map(|field| attestations::parse(field, &upload.staged.digests.sha256));
    let metadata = FileMetadata {
        filetype: text("filetype"),
        pyversion: text("pyversion"),
        requires_python: found.metadata.requires_python()?.map(str::to_owned),
        metadata_sha256: sha256,
        signature: text("gpg_signature"),
        attestations: attestations.transpose()?,
    };
    let file = NewFile {
        name: upload.file_name.text,
        metadata: Some(serde_json::to_value(metadata)?),
        staged: upload.staged,
    };
    registry.publish_file(&access, new, file).await?;
    answer::json(StatusCode::CREATED, &json!({ "message": "201 Created" }))
}

/// What the file says of itself, or of files that are not read, what the form says.
async fn inspect(registry: &Registry, upload: &Upload) -> Result<Found> {
    let (file_name, name_key, version_key) = (
        upload.file_name.clone(),
        upload.name_key.clone(),
        upload.version_key.clone(),
    );
    let read = move |file| distribution::read(file, &file_name, &name_key, &version_key);
    let found = registry.inspect(&upload.staged, read).await?;
    Ok(found.unwrap_or_else(|| Found {
        metadata: upload.fields.metadata(),
        wheel_metadata_sha256: None,
    }))
}
