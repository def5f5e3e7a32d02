//! Modules on their way in: `curl --upload-file`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::archive::{self, Archive};
use super::path::ProjectPath;
use crate::error::{Error, Result};
use crate::http::{Path, answer, upload as file_upload};
use crate::registry::{NewFile, NewPackage, OnExisting, PackageType, ProjectAccess, Registry};

/// `PUT J/:version/file`: the body is the archive, or a form's part `file`. 201 `{"message":"201 Created"}`.
///
/// A version is published once: nobody's lock file covers modules, so nothing but this keeps their bytes.
pub(super) async fn upload(
    access: ProjectAccess,
    Path(path): Path<ProjectPath>,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut new = NewPackage {
        once_in_namespace: Some(elsewhere),
        ..NewPackage::new(
            path.module.key(&path.version),
            OnExisting::RefuseVersion(taken),
        )
    };
    registry.may_publish(&access, &new, None)?;
    let kind = PackageType::TerraformModule;
    let staged = file_upload::stage(&registry, &request, body.into_inner(), kind).await?;
    if staged.size == 0 {
        return Err(Error::invalid_param("file is missing"));
    }
    let size = staged.size;
    let Archive { kind, about } = registry
        .inspect(&staged, move |file| archive::read(file, size))
        .await?;
    new.metadata = Some(about);
    let file = NewFile::new(path.module.file_name(&path.version, kind), staged);
    registry.publish_file(&access, new, file).await?;
    answer::json(StatusCode::CREATED, &json!({ "message": "201 Created" }))
}

fn taken() -> Error {
    Error::message(StatusCode::FORBIDDEN, "Package version already exists.")
}

fn elsewhere() -> Error {
    Error::message(
        StatusCode::FORBIDDEN,
        "A module with the same name already exists in the namespace.",
    )
}
