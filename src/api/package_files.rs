//! Files of a package: list, download, deletion (contract, sections 7 and 9.2).

use actix_web::{HttpRequest, HttpResponse, web};

use super::packages::PackageId;
use super::views::PackageFileView;
use super::views::shapes::PACKAGE_FILE;
use crate::error::Result;
use crate::http::describe::{Answer::*, Operation, Shape::*};
use crate::http::download::unmodified_since;
use crate::http::{
    FromPath, Params, Path, PathParams, Route, answer, document, download as file_download,
};
use crate::registry::{FileOrderBy, ProjectAccess, Registry};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/packages/{package_id}/package_files" Project(ReadPackage) => list, described LIST;
    GET "/projects/{id}/packages/{package_id}/package_files/{package_file_id}/download" Project(ReadPackage) => download, described DOWNLOAD;
    DELETE "/projects/{id}/packages/{package_id}/package_files/{package_file_id}" Project(DestroyPackage) => remove, described REMOVE;
};

const LIST: Operation = Operation::new("Files of a package", Pages(&PACKAGE_FILE)).takes(&[&[
    ("order_by?", Words(&["id", "created_at", "file_name"])),
    ("sort?", Words(&["asc", "desc"])),
]]);
const DOWNLOAD: Operation = Operation::new("The bytes of a file", File);
const REMOVE: Operation = Operation::new("Delete a file", Empty(204)).refuses(&[412]);

/// `…/packages/:package_id/package_files/:package_file_id`
struct FileId {
    package_id: i64,
    file_id: i64,
}

impl FromPath for FileId {
    fn from_path(params: &PathParams) -> Result<FileId> {
        Ok(FileId {
            package_id: params.id("package_id")?,
            file_id: params.id("package_file_id")?,
        })
    }
}

/// `GET …/packages/:package_id/package_files`: 200, a page of files with their digests.
async fn list(
    access: ProjectAccess,
    Path(PackageId(package_id)): Path<PackageId>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let by = match check.choice_or("order_by", &["id", "created_at", "file_name"], "id") {
        "created_at" => FileOrderBy::CreatedAt,
        "file_name" => FileOrderBy::FileName,
        _ => FileOrderBy::Id,
    };
    let descending = check.choice_or("sort", &["asc", "desc"], "asc") == "desc";
    let page = check.page();
    let declared = check.done()?;
    let (files, total) = registry
        .list_package_files(
            &access,
            package_id,
            by,
            descending,
            page.limit(),
            page.offset(),
        )
        .await?;
    let url = registry.config().url();
    let views: Vec<PackageFileView> = files
        .into_iter()
        .map(|(file, pipelines)| {
            PackageFileView::new(file, pipelines, &access.project.full_path, &url)
        })
        .collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET …/package_files/:package_file_id/download`: 200 and the bytes.
async fn download(
    access: ProjectAccess,
    Path(id): Path<FileId>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let file = registry.package_file(&access, id.package_id, id.file_id)?;
    if let Some(derived) = registry.derived_document(&access, &file).await? {
        return Ok(document::send(
            &request,
            &derived,
            "application/octet-stream",
        ));
    }
    // Sub-directories of generic files are part of the stored name; a browser saves the last segment.
    let base_name = file
        .file_name
        .rsplit("%2F")
        .next()
        .unwrap_or(&file.file_name);
    let mut response = file_download::send(&registry, &request, &file, base_name)?;
    response.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static("content-transfer-encoding"),
        actix_web::http::header::HeaderValue::from_static("binary"),
    );
    Ok(response)
}

/// `DELETE …/package_files/:package_file_id`: 204; the package stays, even without files.
async fn remove(
    access: ProjectAccess,
    Path(id): Path<FileId>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry
        .remove_file(
            &access,
            id.package_id,
            id.file_id,
            unmodified_since(&request),
        )
        .await?;
    Ok(answer::no_content())
}
