//! The four requests of a generic package: publish, download (and HEAD), delete.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::path::FilePath;
use crate::error::{Error, Result};
use crate::http::{Params, Path, answer, download as file_download, upload as file_upload};
use crate::registry::{
    FileOfPackage, NewFile, NewPackage, OnExisting, PackageStatus, PackageType, ProjectAccess,
    Registry, duplicate_not_allowed,
};

/// `PUT …/generic/:package_name/:package_version/[*path/]:file_name`: the body is the file.
/// 201 `{"message":"201 Created"}`, or with `?select=package_file` 200 and the package file.
pub(super) async fn upload(
    access: ProjectAccess,
    Path(path): Path<FilePath>,
    params: Params,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let query = UploadQuery::parse(&params)?;
    let new = NewPackage {
        status: query.status,
        ..NewPackage::new(path.key(), OnExisting::BySetting(duplicate_not_allowed))
    };
    registry.may_publish(&access, &new, Some(&path.file_name))?;
    let staged =
        file_upload::stage(&registry, &request, body.into_inner(), PackageType::Generic).await?;
    let file = NewFile::new(path.file_name.clone(), staged);
    let published = registry.publish_file(&access, new, file).await?;
    match query.select_package_file {
        true => answer::ok(&package_file(&registry, &access, &path, &published)),
        false => answer::json(StatusCode::CREATED, &json!({ "message": "201 Created" })),
    }
}

/// `GET …/generic/:package_name/:package_version/[*path/]:file_name`: 200 and the newest file of this name.
pub(super) async fn download(
    access: ProjectAccess,
    Path(path): Path<FilePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let file = registry
        .find_file(&access.projects(), &path.key(), &path.file_name)?
        .ok_or(Error::Missing)?;
    file_download::send(&registry, &request, &file, &path.base_name)
}

/// `DELETE …/generic/:package_name/:package_version/[*path/]:file_name`: 204; every file of this name goes, the package stays.
pub(super) async fn remove(
    access: ProjectAccess,
    Path(path): Path<FilePath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry
        .remove_file_by_name(&access, path.key(), path.file_name)
        .await?;
    Ok(answer::no_content())
}

struct UploadQuery {
    status: Option<PackageStatus>,
    select_package_file: bool,
}

impl UploadQuery {
    fn parse(params: &Params) -> Result<UploadQuery> {
        let mut check = params.check();
        let status = check
            .choice("status", &["default", "hidden"])
            .and_then(PackageStatus::parse);
        let select_package_file = check.choice("select", &["package_file"]).is_some();
        check.done()?;
        Ok(UploadQuery {
            status,
            select_package_file,
        })
    }
}

/// The package file as GitLab prints its record. Clients read `id`, `size`, `file_name`, `file_sha256` and `file.url`
/// (semantic-release makes the last one its release link, so it is our stable URL).
fn package_file(
    registry: &Registry,
    access: &ProjectAccess,
    path: &FilePath,
    published: &FileOfPackage,
) -> Value {
    let FileOfPackage { package, file } = published;
    let url = format!(
        "/api/v4/projects/{}/packages/generic/{}/{}/{}",
        access.project.id,
        path.name,
        path.version,
        path.file_name.replace("%2F", "/")
    );
    json!({
        "id": file.id,
        "package_id": package.id,
        "created_at": file.created_at,
        "updated_at": file.created_at,
        "size": file.size,
        "file_store": 1,
        "file_md5": file.md5,
        "file_sha1": file.sha1,
        "file_sha256": file.sha256,
        "file_name": file.file_name,
        "verification_retry_at": null,
        "verified_at": null,
        "verification_failure": null,
        "verification_retry_count": null,
        "verification_checksum": null,
        "verification_state": 0,
        "verification_started_at": null,
        "status": "default",
        "file": { "url": registry.config().url().path_of(&url) },
        "new_file_path": null,
    })
}
