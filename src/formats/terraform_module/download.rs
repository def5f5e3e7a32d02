//! Where an archive is, and the archive.
//!
//! Terraform fetches an archive without its token, from the address that it was given. So the address holds a token of its
//! own: good for this version, for half an hour, and no longer than the credential behind it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};

use super::path::{ModuleName, ModulePath};
use super::place::{Place, latest as latest_of};
use crate::auth::Caller;
use crate::error::Result;
use crate::http::{Path, download};
use crate::registry::{PackageFile, Registry};

/// GitLab's five minutes are not enough behind slow lines; it is checked when a download begins.
const TOKEN_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// The header that both clients read, in the answer to a module's download.
pub(super) const X_TERRAFORM_GET: &str = "x-terraform-get";

/// The forms that an archive is kept in.
const KINDS: [&str; 2] = ["tgz", "zip"];

/// `GET N/download`: 302 to the latest version's own.
pub(super) async fn latest(
    Caller(actor): Caller,
    Path(path): Path<ModulePath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let place = Place::of(&registry, &actor, &path.namespace)?;
    let listing = place.versions(&registry, &path).await?;
    let listed = latest_of(&listing).ok_or_else(|| place.missing())?;
    let version = listed.package.version.as_deref().unwrap_or_default();
    let url = registry.config().url();
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, url.path_of(&path.below(version, "download"))))
        .finish())
}

/// `GET N/:version/download`: 204, and in `X-Terraform-Get` where the archive is. `archive=` tells the client how to unpack
/// it: without that it takes the address for a folder.
pub(super) async fn address(
    Caller(actor): Caller,
    Path(path): Path<ModulePath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let place = Place::of(&registry, &actor, &path.namespace)?;
    let (_, kind) = find(&registry, &place.ids(), &path.module, &path.version)?
        .ok_or_else(|| place.missing())?;
    let purpose = path.purpose(&path.version);
    let token = registry
        .create_session_token(&actor, &purpose, TOKEN_LIFETIME)
        .await?;
    let token = token.as_ref().map_or("", |token| token.reveal());
    let file = registry
        .config()
        .url()
        .path_of(&path.below(&path.version, "file"));
    Ok(HttpResponse::NoContent()
        .insert_header((
            X_TERRAFORM_GET,
            format!("{file}?token={token}&archive={kind}"),
        ))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}

/// `GET N/:version/file?token=…`: 200 and the archive, for whom the token stands.
pub(super) async fn file(
    Caller(actor): Caller,
    Path(path): Path<ModulePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let place = Place::of(&registry, &actor, &path.namespace)?;
    let (file, _) = find(&registry, &place.ids(), &path.module, &path.version)?
        .ok_or_else(|| place.missing())?;
    download::send(&registry, &request, &file, &file.file_name)
}

/// The archive of a version, and its form.
pub(super) fn find(
    registry: &Registry,
    projects: &[i64],
    module: &ModuleName,
    version: &str,
) -> Result<Option<(Arc<PackageFile>, &'static str)>> {
    let key = module.key(version);
    for kind in KINDS {
        let file_name = module.file_name(version, kind);
        if let Some(file) = registry.find_file(projects, &key, &file_name)? {
            return Ok(Some((file, kind)));
        }
    }
    Ok(None)
}
