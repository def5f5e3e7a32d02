//! Where modules are found: service discovery, and the projects below a namespace that a caller may read.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::MODULES;
use super::path::{ModuleName, ModulePath, parse_version};
use crate::error::{Error, Result};
use crate::http::answer;
use crate::registry::{
    Actor, ListedPackage, Listing, PackageType, ReadableProject, Registry, Shows,
};

/// `GET /.well-known/terraform.json`: 200 and where the module registry is, whoever asks.
pub(super) async fn discovery(registry: web::Data<Registry>) -> Result<HttpResponse> {
    let modules = registry.config().url().path_of(&format!("{MODULES}/"));
    answer::ok(&json!({ "modules.v1": modules }))
}

/// `GET N/:version/…`: any other path, of a source with more parts than a module has: 404 with the rule that a source follows.
pub(super) async fn nowhere() -> Result<HttpResponse> {
    Err(Error::Missing)
}

/// The projects below a namespace that the caller may read.
pub(super) struct Place {
    pub(super) projects: Arc<[ReadableProject]>,
    is_anonymous: bool,
}

impl Place {
    pub(super) fn of(registry: &Registry, actor: &Actor, namespace: &str) -> Result<Place> {
        Ok(Place {
            projects: registry.readable_below(actor, namespace)?,
            is_anonymous: actor.is_anonymous(),
        })
    }

    pub(super) fn ids(&self) -> Vec<i64> {
        self.projects.iter().map(|project| project.id).collect()
    }

    /// Not here, or not for this caller: both sound alike, and who shows no credential is asked for one.
    pub(super) fn missing(&self) -> Error {
        match self.is_anonymous {
            true => Error::Challenge,
            false => Error::Missing,
        }
    }

    /// The full path of a project of this place.
    pub(super) fn path_of(&self, project_id: i64) -> &str {
        let found = self
            .projects
            .iter()
            .find(|project| project.id == project_id);
        found.map_or("", |project| project.full_path.as_str())
    }

    /// The listed versions of a module; fails if there are none.
    pub(super) async fn versions(&self, registry: &Registry, path: &ModulePath) -> Result<Listing> {
        let versions = versions(registry, self.ids(), &path.module).await?;
        match versions.is_empty() {
            true => Err(self.missing()),
            false => Ok(versions),
        }
    }
}

/// The listed versions of a module in these projects.
pub(super) async fn versions(
    registry: &Registry,
    projects: Vec<i64>,
    module: &ModuleName,
) -> Result<Listing> {
    let kind = PackageType::TerraformModule;
    registry
        .listing(projects.into(), kind, &module.package(), Shows::Listed)
        .await
}

/// The latest version: the highest by SemVer, a stable one before any prerelease.
pub(super) fn latest(listing: &Listing) -> Option<&ListedPackage> {
    let rank = |listed: &&ListedPackage| {
        let version = listed.package.version.as_deref().and_then(parse_version);
        let stable = version
            .as_ref()
            .is_some_and(|version| version.pre.is_empty());
        (stable, version)
    };
    listing.packages.iter().max_by_key(rank)
}

/// Newest first.
pub(super) fn sorted(listing: &Listing) -> Vec<&str> {
    let mut versions: Vec<_> = listing
        .packages
        .iter()
        .filter_map(|listed| listed.package.version.as_deref())
        .collect();
    versions.sort_by_cached_key(|version| std::cmp::Reverse(parse_version(version)));
    versions
}
