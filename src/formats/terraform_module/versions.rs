//! The versions of a module, as ready bytes.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::path::ModulePath;
use super::place::{Place, latest, sorted};
use crate::auth::Caller;
use crate::error::Result;
use crate::http::{Path, document};
use crate::registry::{DocumentKey, Listing, PackageType, Registry, Shows};

/// `GET N/versions`: 200 and one module with its versions, newest first. The clients read nothing but
/// `modules[0].versions[].version`.
pub(super) async fn versions(
    Caller(actor): Caller,
    Path(path): Path<ModulePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let place = Place::of(&registry, &actor, &path.namespace)?;
    let ids = place.ids();
    let key = DocumentKey {
        package_type: PackageType::TerraformModule,
        kind: "versions",
        name_key: path.module.package(),
        prefix: String::new(),
    };
    let (url, system) = (registry.config().url(), path.module.system.clone());
    let projects = place.projects.clone();
    let render = move |listing: Listing| {
        let version = |version: &str| {
            let providers = json!([{ "name": system, "version": "" }]);
            json!({
                "version": version,
                "submodules": [],
                "root": { "dependencies": [], "providers": providers },
            })
        };
        let versions: Vec<_> = sorted(&listing).into_iter().map(version).collect();
        let source = latest(&listing).map_or(0, |listed| listed.package.project_id);
        let source = projects.iter().find(|project| project.id == source);
        let source = source.map(|project| url.absolute(&format!("/{}", project.full_path)));
        let modules = json!({ "modules": [{ "versions": versions, "source": source }] });
        Ok(Some(serde_json::to_vec(&modules)?))
    };
    let versions = registry
        .listing_document(&ids, key, Shows::Listed, render)
        .await?;
    let versions = versions.ok_or_else(|| place.missing())?;
    Ok(document::send(&request, &versions, "application/json"))
}
