//! Finding packages and files: through a project, through a whole group, by id or by the keys of a format.

use std::collections::HashMap;

use super::totals::Counted;
use super::{
    FileOrderBy, GroupAccess, Package, PackageAccess, PackageFile, PackageFilter, PackageKey,
    PackageOrder, Pipeline, Project, ProjectAccess, Registry, Tag, User,
};
use crate::error::{Error, Result};
use crate::storage::db::{
    Connection, namespaces, package_files, package_list, package_pipelines, packages, projects,
    tags, users,
};

/// A package as lists show it: with what hangs on it, and what the caller may do with it.
#[derive(Clone, Debug)]
pub struct PackageItem {
    pub package: Package,
    pub project_path: String,
    pub access: PackageAccess,
    pub tags: Vec<Tag>,
    /// The newest pipeline; `None` also where the caller may not read pipelines.
    pub pipeline: Option<(Pipeline, Option<User>)>,
}

/// An item of a group's list.
pub type GroupPackage = PackageItem;

#[derive(Clone, Debug)]
pub struct PackageDetail {
    pub item: PackageItem,
    pub versions: Vec<VersionItem>,
}

/// Another version of the same package.
#[derive(Clone, Debug)]
pub struct VersionItem {
    pub package: Package,
    pub tags: Vec<Tag>,
    /// Newest first, at most twenty; empty where the caller may not read them.
    pub pipelines: Vec<(Pipeline, Option<User>)>,
}

#[derive(Clone, Debug)]
pub struct FileOfPackage {
    pub package: Package,
    pub file: PackageFile,
}

/// Pipelines that are shown with another version.
const VERSION_PIPELINES: i64 = 20;

impl Registry {
    /// One page of a project's packages and the total; from [`super::COUNT_LIMIT`] on it says only whether more come.
    pub async fn list_packages(
        &self,
        access: &ProjectAccess,
        filter: PackageFilter,
        order: PackageOrder,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<PackageItem>, i64)> {
        let (registry, access) = (self.clone(), access.clone());
        let work = move |conn: &Connection| {
            let project = projects::find(conn, access.project.id)?
                .ok_or_else(|| Error::not_found("Project"))?;
            let found = package_list::page(conn, &[project.id], &filter, order, limit + 1, offset)?;
            let total = registry.total(conn, &[&project], filter)?;
            let (page, total) = cut(found, total, limit, offset);
            let items = page
                .into_iter()
                .map(|package| item(conn, package, &project, access.packages()))
                .collect::<Result<_>>()?;
            Ok((items, total))
        };
        self.db.read(work).await
    }

    /// One page of the packages in a group that the caller may read, and the total.
    pub async fn list_group_packages(
        &self,
        access: &GroupAccess,
        exclude_subgroups: bool,
        filter: PackageFilter,
        order: PackageOrder,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<GroupPackage>, i64)> {
        let (registry, access) = (self.clone(), access.clone());
        let work = move |conn: &Connection| {
            let sight = registry.sight(conn, &access.actor)?;
            let groups = if exclude_subgroups {
                vec![access.group.id]
            } else {
                namespaces::with_descendants(conn, access.group.id)?
            };
            let mut readable = HashMap::new();
            for group in groups {
                let projects = projects::in_namespace(conn, group)?;
                readable.extend(
                    projects
                        .into_iter()
                        .filter(|project| sight.reads_packages(project))
                        .map(|project| (project.id, project)),
                );
            }
            let mut ids: Vec<i64> = readable.keys().copied().collect();
            ids.sort_unstable();
            let found = package_list::page(conn, &ids, &filter, order, limit + 1, offset)?;
            let total = registry.total(conn, &readable.values().collect::<Vec<_>>(), filter)?;
            let (page, total) = cut(found, total, limit, offset);
            let items = page.into_iter().map(|package| {
                let project = &readable[&package.project_id];
                item(conn, package, project, sight.packages(project))
            });
            Ok((items.collect::<Result<_>>()?, total))
        };
        self.db.read(work).await
    }

    fn total(
        &self,
        conn: &Connection,
        projects: &[&Project],
        filter: PackageFilter,
    ) -> Result<i64> {
        let revision = projects
            .iter()
            .map(|project| project.packages_revision)
            .sum();
        let mut ids: Vec<i64> = projects.iter().map(|project| project.id).collect();
        ids.sort_unstable();
        let key = Counted {
            projects: ids.clone(),
            filter: filter.clone(),
        };
        self.totals
            .get_or_count(key, revision, || package_list::count(conn, &ids, &filter))
    }

    /// A package with its other versions. 404 in GitLab's three wordings, by status (contract 6.5).
    pub fn package_detail(&self, access: &ProjectAccess, id: i64) -> Result<PackageDetail> {
        self.db.look(|conn| {
            let package = self.displayable(conn, access, id)?;
            if !package.status.has_details() {
                return Err(Error::message(
                    actix_web::http::StatusCode::NOT_FOUND,
                    "Package not found",
                ));
            }
            let reads_pipelines = access.packages().read_pipelines;
            let versions = packages::other_versions(conn, &package)?;
            let versions = versions
                .into_iter()
                .map(|version| version_item(conn, version, reads_pipelines))
                .collect::<Result<_>>()?;
            Ok(PackageDetail {
                item: item(conn, package, &access.project, access.packages())?,
                versions,
            })
        })
    }

    /// A package in a status that lists show by default; everything else is not there.
    fn displayable(&self, conn: &Connection, access: &ProjectAccess, id: i64) -> Result<Package> {
        packages::find(conn, access.project.id, id)?
            .filter(|package| package.status.is_displayable())
            .ok_or(Error::RecordNotFound)
    }

    /// The visible files of a package: a page, the total, and each file's pipelines as far as the caller may read them.
    #[expect(clippy::type_complexity, reason = "a page and its total")]
    pub async fn list_package_files(
        &self,
        access: &ProjectAccess,
        package_id: i64,
        by: FileOrderBy,
        descending: bool,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<(PackageFile, Vec<(Pipeline, Option<User>)>)>, i64)> {
        let (registry, access) = (self.clone(), access.clone());
        let work = move |conn: &Connection| {
            let package = registry.displayable(conn, &access, package_id)?;
            let (files, total) =
                package_files::list(conn, package.id, by, descending, limit, offset)?;
            let reads_pipelines = access.packages().read_pipelines;
            let with_pipelines = |file: PackageFile| {
                let pipelines = if reads_pipelines {
                    package_pipelines::of_file(conn, file.id)?
                } else {
                    Vec::new()
                };
                Ok((file, with_users(conn, pipelines)?))
            };
            Ok((
                files
                    .into_iter()
                    .map(with_pipelines)
                    .collect::<Result<_>>()?,
                total,
            ))
        };
        self.db.read(work).await
    }

    /// A file of a displayable package, by both ids.
    pub fn package_file(
        &self,
        access: &ProjectAccess,
        package_id: i64,
        file_id: i64,
    ) -> Result<PackageFile> {
        self.db.look(|conn| {
            let package = self.displayable(conn, access, package_id)?;
            package_files::find(conn, package.id, file_id)?.ok_or(Error::Missing)
        })
    }

    /// What a client downloads: the newest file of this name in an installable package. One look-up.
    pub fn file(
        &self,
        access: &ProjectAccess,
        key: &PackageKey,
        file_name: &str,
    ) -> Result<PackageFile> {
        self.db
            .look(|conn| package_files::installable(conn, access.project.id, key, file_name))?
            .ok_or(Error::Missing)
    }

    /// The bytes behind a file row.
    pub fn open_blob(&self, file: &PackageFile) -> Result<std::fs::File> {
        Ok(self.blobs.open(&file.sha256)?)
    }
}

/// Cuts a page off rows of which one more was asked for. Where the total is not counted to its end, that one tells
/// whether another page comes; without it the links of a long list would lead on for ever.
fn cut(mut found: Vec<Package>, total: i64, limit: i64, offset: i64) -> (Vec<Package>, i64) {
    let known = if found.is_empty() {
        0
    } else {
        offset + found.len() as i64
    };
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    if total < super::COUNT_LIMIT {
        (found, total)
    } else {
        (found, known.max(super::COUNT_LIMIT))
    }
}

fn item(
    conn: &Connection,
    package: Package,
    project: &Project,
    access: PackageAccess,
) -> Result<PackageItem> {
    let pipeline = if access.read_pipelines {
        package_pipelines::latest(conn, package.id)?
    } else {
        None
    };
    let pipeline = with_users(conn, pipeline.into_iter().collect())?.pop();
    Ok(PackageItem {
        tags: tags::of_package(conn, package.id)?,
        project_path: project.full_path.clone(),
        access,
        pipeline,
        package,
    })
}

fn version_item(conn: &Connection, package: Package, reads_pipelines: bool) -> Result<VersionItem> {
    let links = if reads_pipelines {
        package_pipelines::older(conn, package.id, i64::MAX, VERSION_PIPELINES)?
    } else {
        Vec::new()
    };
    let pipelines = with_users(
        conn,
        links.into_iter().map(|linked| linked.pipeline).collect(),
    )?;
    Ok(VersionItem {
        tags: tags::of_package(conn, package.id)?,
        pipelines,
        package,
    })
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
