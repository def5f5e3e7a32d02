//! Deleting, unlisting and listing again.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::path::{V2VersionPath, VersionPath};
use crate::error::Result;
use crate::http::download::unmodified_since;
use crate::http::{Path, answer};
use crate::registry::{PackageKey, ProjectAccess, Registry};

/// `DELETE …/packages/nuget/:package/:version`: 204. The version is gone; where the group has set `nuget_delete_unlists`
/// it is only unlisted, as the public gallery does it.
pub(super) async fn remove(
    access: ProjectAccess,
    Path(VersionPath(key)): Path<VersionPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    remove_version(&registry, &access, key, &request).await
}

/// `DELETE …/packages/nuget/v2/:package/:version`: 204; the same for clients of the v2 feed.
pub(super) async fn remove_by_v2(
    access: ProjectAccess,
    Path(V2VersionPath(key)): Path<V2VersionPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    remove_version(&registry, &access, key, &request).await
}

async fn remove_version(
    registry: &Registry,
    access: &ProjectAccess,
    key: PackageKey,
    request: &HttpRequest,
) -> Result<HttpResponse> {
    registry
        .remove_or_unlist(access, key, unmodified_since(request))
        .await?;
    Ok(answer::no_content())
}

/// `POST …/packages/nuget/:package/:version`: 200, and the version is listed. It undoes what takes a maintainer to do.
pub(super) async fn relist(
    access: ProjectAccess,
    Path(VersionPath(key)): Path<VersionPath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry.relist(&access, key).await?;
    answer::ok(&json!({ "message": "200 OK" }))
}
