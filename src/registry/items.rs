//! Packages with what hangs on them: tags, pipelines, and what the caller may do.

use std::collections::HashMap;

use super::{Package, PackageAccess, Pipeline, Tag, User};
use crate::error::Result;
use crate::storage::db::{Connection, package_pipelines, tags, users};

/// A package as lists show it, and as another version of a package is shown.
#[derive(Clone, Debug)]
pub struct PackageItem {
    pub package: Package,
    pub project_path: String,
    pub access: PackageAccess,
    pub tags: Vec<Tag>,
    /// Newest first; empty also where the caller may not read pipelines.
    pub pipelines: Vec<(Pipeline, Option<User>)>,
}

/// Adds to each package what hangs on it, in two queries for all of them. `shown` knows the project's path and what the
/// caller may do there.
pub(super) fn decorate(
    conn: &Connection,
    packages: Vec<Package>,
    most_pipelines: i64,
    shown: impl Fn(&Package) -> (String, PackageAccess),
) -> Result<Vec<PackageItem>> {
    let ids: Vec<i64> = packages.iter().map(|package| package.id).collect();
    let mut tags: HashMap<i64, Vec<Tag>> = HashMap::new();
    for tag in tags::of_packages(conn, &ids)? {
        tags.entry(tag.package_id).or_default().push(tag);
    }
    let mut pipelines: HashMap<i64, Vec<Pipeline>> = HashMap::new();
    for (package_id, pipeline) in package_pipelines::newest_of(conn, &ids, most_pipelines)? {
        pipelines.entry(package_id).or_default().push(pipeline);
    }
    let item = |package: Package| {
        let (project_path, access) = shown(&package);
        let pipelines = pipelines
            .remove(&package.id)
            .filter(|_| access.read_pipelines)
            .unwrap_or_default();
        let tags = tags.remove(&package.id).unwrap_or_default();
        Ok(PackageItem {
            project_path,
            access,
            tags,
            pipelines: with_users(conn, pipelines)?,
            package,
        })
    };
    packages.into_iter().map(item).collect()
}

pub(super) fn with_users(
    conn: &Connection,
    pipelines: Vec<Pipeline>,
) -> Result<Vec<(Pipeline, Option<User>)>> {
    let with_user = |pipeline: Pipeline| {
        let user = pipeline
            .user_id
            .map(|id| users::find(conn, id))
            .transpose()?
            .flatten();
        Ok((pipeline, user))
    };
    pipelines.into_iter().map(with_user).collect()
}
