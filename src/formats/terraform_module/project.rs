//! Modules of one project, by their own URL: `source = "https://HOST/api/v4/projects/1/packages/terraform/modules/x/aws/1.0.0"`.

use actix_web::{HttpRequest, HttpResponse, web};

use super::download::{X_TERRAFORM_GET, find};
use super::path::{ProjectPath, segment};
use super::place::{latest as latest_of, versions};
use crate::error::{Error, Result};
use crate::http::{Params, Path, download};
use crate::registry::{ProjectAccess, Registry};

/// `GET J`: 200 and the archive of the latest version; with `?terraform-get=1` as below.
pub(super) async fn latest(
    access: ProjectAccess,
    Path(path): Path<ProjectPath>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let listing = versions(&registry, access.projects().to_vec(), &path.module).await?;
    let listed = latest_of(&listing).ok_or(Error::Missing)?;
    let version = listed.package.version.clone().unwrap_or_default();
    send(
        &access,
        ProjectPath { version, ..path },
        &params,
        &request,
        &registry,
    )
}

/// `GET J/:version`: 200 and the archive. Terraform asks with `?terraform-get=1` first: 204, and in `X-Terraform-Get` the same
/// address with the form of the archive.
pub(super) async fn of_version(
    access: ProjectAccess,
    Path(path): Path<ProjectPath>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    send(&access, path, &params, &request, &registry)
}

fn send(
    access: &ProjectAccess,
    path: ProjectPath,
    params: &Params,
    request: &HttpRequest,
    registry: &Registry,
) -> Result<HttpResponse> {
    let found = find(registry, &access.projects(), &path.module, &path.version)?;
    let (file, kind) = found.ok_or(Error::Missing)?;
    if params.text("terraform-get") != Some("1") {
        return download::send(registry, request, &file, &file.file_name);
    }
    let own = format!(
        "/api/v4/projects/{}/packages/terraform/modules/{}/{}?archive={kind}",
        segment(&path.id),
        path.module.package(),
        segment(&path.version)
    );
    Ok(HttpResponse::NoContent()
        .insert_header((X_TERRAFORM_GET, registry.config().url().absolute(&own)))
        .finish())
}
