//! What a version of a module is: GitLab's keys, and below `root`, `submodules` and `examples` what was read of its archive, in
//! the form that the public registry has for it.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::path::ModulePath;
use super::place::{Place, latest as latest_of, sorted};
use crate::auth::Caller;
use crate::error::Result;
use crate::http::{Path, answer};
use crate::registry::{ListedPackage, Listing, Registry};

/// `GET N`: 200 and the latest version.
pub(super) async fn latest(
    Caller(actor): Caller,
    Path(path): Path<ModulePath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let place = Place::of(&registry, &actor, &path.namespace)?;
    let listing = place.versions(&registry, &path).await?;
    let listed = latest_of(&listing).ok_or_else(|| place.missing())?;
    answer::ok(&details(&registry, &path, &place, &listing, listed)?)
}

/// `GET N/:version`: 200 and that version.
pub(super) async fn of_version(
    Caller(actor): Caller,
    Path(path): Path<ModulePath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let place = Place::of(&registry, &actor, &path.namespace)?;
    let listing = place.versions(&registry, &path).await?;
    let listed = listing.find(&path.version).ok_or_else(|| place.missing())?;
    answer::ok(&details(&registry, &path, &place, &listing, listed)?)
}

fn details(
    registry: &Registry,
    path: &ModulePath,
    place: &Place,
    listing: &Listing,
    listed: &ListedPackage,
) -> Result<Value> {
    let package = &listed.package;
    let version = package.version.as_deref().unwrap_or_default();
    let key = path.module.key(version);
    let kept = registry.kept_metadata(&[package.project_id], &key, about)?;
    let source = format!("/{}", place.path_of(package.project_id));
    let or_empty = |value: &Value, empty: Value| {
        if value.is_null() {
            empty
        } else {
            value.clone()
        }
    };
    Ok(json!({
        "id": format!("{}/{}/{version}", path.namespace, path.module.package()),
        "namespace": path.namespace,
        "name": path.module.package(),
        "version": version,
        "provider": path.module.system,
        "providers": [path.module.system],
        "source": registry.config().url().absolute(&source),
        "published_at": package.created_at,
        "versions": sorted(listing),
        "root": or_empty(&kept["root"], json!({ "dependencies": [] })),
        "submodules": or_empty(&kept["submodules"], json!([])),
        "examples": or_empty(&kept["examples"], json!([])),
    }))
}

/// What was kept of the archive; nothing of a package that something else has made.
fn about(kept: Vec<String>) -> Value {
    let newest = kept.last().and_then(|kept| serde_json::from_str(kept).ok());
    newest.unwrap_or_default()
}
