//! Finding one package or file: by id, or by the keys of a format.

use std::sync::Arc;

use actix_web::http::StatusCode;
use bytes::Bytes;
use serde_json::Value;

use super::items::{self, PackageItem, with_users};
use super::{
    FileOrderBy, Package, PackageFile, PackageKey, PackageType, Pipeline, ProjectAccess, Registry,
    User,
};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, package_files, package_pipelines, packages};

#[derive(Clone, Debug)]
pub struct PackageDetail {
    pub item: PackageItem,
    pub versions: Vec<PackageItem>,
}

/// Pipelines that are shown with another version.
const VERSION_PIPELINES: i64 = 20;

#[derive(Clone, Debug)]
pub struct FileOfPackage {
    pub package: Package,
    pub file: PackageFile,
}

impl Registry {
    /// A package with its other versions. 404 in GitLab's three wordings, by status (contract 6.5).
    pub async fn package_detail(&self, access: &ProjectAccess, id: i64) -> Result<PackageDetail> {
        let access = access.clone();
        let work = move |conn: &Connection| {
            let package = displayable(conn, &access, id)?;
            if !package.status.has_details() {
                return Err(Error::message(StatusCode::NOT_FOUND, "Package not found"));
            }
            detail(conn, &access, package)
        };
        self.db.read(work).await
    }

    /// The same for a package that the caller has just changed, whatever its status is now.
    pub async fn changed_package_detail(
        &self,
        access: &ProjectAccess,
        package: Package,
    ) -> Result<PackageDetail> {
        let access = access.clone();
        self.db
            .read(move |conn| detail(conn, &access, package))
            .await
    }

    /// The visible files of a package: a page, the total, and each file's pipelines as far as the caller may read them.
    pub async fn list_package_files(
        &self,
        access: &ProjectAccess,
        package_id: i64,
        by: FileOrderBy,
        descending: bool,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<(PackageFile, Vec<(Pipeline, Option<User>)>)>, i64)> {
        let of = access.clone();
        let work = move |conn: &Connection| {
            let package = displayable(conn, &of, package_id)?;
            let (files, total) =
                package_files::list(conn, package.id, by, descending, limit, offset)?;
            let reads_pipelines = of.packages().read_pipelines;
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
        let (files, total): (Vec<(PackageFile, _)>, _) = self.db.read(work).await?;
        let mut shown = Vec::with_capacity(files.len());
        for (file, pipelines) in files {
            shown.push((self.as_shown(access, file).await?, pipelines));
        }
        Ok((shown, total))
    }

    /// A file of a displayable package, by both ids.
    pub fn package_file(
        &self,
        access: &ProjectAccess,
        package_id: i64,
        file_id: i64,
    ) -> Result<PackageFile> {
        self.db.look(|conn| {
            let package = displayable(conn, access, package_id)?;
            package_files::find(conn, package.id, file_id)?.ok_or(Error::Missing)
        })
    }

    /// What a client downloads: the newest file of this name in the newest installable package of this key, in one
    /// look-up. `projects` is [`ProjectAccess::projects`], or what the caller may read of a group.
    pub fn find_file(
        &self,
        projects: &[i64],
        key: &PackageKey,
        file_name: &str,
    ) -> Result<Option<Arc<PackageFile>>> {
        let wanted = FileKey {
            projects: projects.to_vec(),
            key: key.clone(),
            file_name: file_name.to_owned(),
        };
        let find = |conn: &Connection| {
            Ok(package_files::installable(conn, projects, key, file_name)?.map(Arc::new))
        };
        self.db.look(|db| db.remember(wanted, find))
    }

    /// The same for clients that name a file by its SHA-256.
    pub fn find_file_by_content(
        &self,
        projects: &[i64],
        package_type: PackageType,
        sha256: &str,
        file_name: &str,
    ) -> Result<Option<Arc<PackageFile>>> {
        let wanted = ContentKey {
            projects: projects.to_vec(),
            package_type,
            sha256: sha256.to_owned(),
            file_name: file_name.to_owned(),
        };
        let find = |conn: &Connection| {
            let found = package_files::installable_by_content(
                conn,
                projects,
                package_type,
                sha256,
                file_name,
            )?;
            Ok(found.map(Arc::new))
        };
        self.db.look(|db| db.remember(wanted, find))
    }

    /// The same for clients that name a file by a reference, which is kept as `reference` with the file.
    pub fn find_file_by_reference(
        &self,
        projects: &[i64],
        package_type: PackageType,
        name_key: &str,
        reference: &str,
    ) -> Result<Option<Arc<PackageFile>>> {
        let wanted = ReferenceKey {
            projects: projects.to_vec(),
            package_type,
            name_key: name_key.to_owned(),
            reference: reference.to_owned(),
        };
        let find = |conn: &Connection| {
            let found = package_files::installable_by_reference(
                conn,
                projects,
                package_type,
                name_key,
                reference,
            )?;
            Ok(found.map(Arc::new))
        };
        self.db.look(|db| db.remember(wanted, find))
    }

    /// What the format keeps of a file.
    pub fn file_metadata(&self, file: &PackageFile) -> Result<Option<Value>> {
        let metadata = self.db.look(|db| package_files::metadata(db, file.id))?;
        Ok(metadata
            .map(|metadata| serde_json::from_str(&metadata))
            .transpose()?)
    }

    /// The bytes behind a file row.
    pub fn open_blob(&self, file: &PackageFile) -> Result<std::fs::File> {
        Ok(self.blobs.open(&file.sha256)?)
    }

    /// All bytes of a file of at most [`SMALL_BLOB`](super::SMALL_BLOB).
    pub fn read_small_blob(&self, file: &PackageFile) -> Result<Bytes> {
        Ok(self.blobs.read_small(&file.sha256, file.size)?)
    }
}

#[derive(PartialEq, Eq, Hash)]
struct ContentKey {
    projects: Vec<i64>,
    package_type: PackageType,
    sha256: String,
    file_name: String,
}

#[derive(PartialEq, Eq, Hash)]
struct ReferenceKey {
    projects: Vec<i64>,
    package_type: PackageType,
    name_key: String,
    reference: String,
}

/// What a client asks for when it downloads.
#[derive(PartialEq, Eq, Hash)]
struct FileKey {
    projects: Vec<i64>,
    key: PackageKey,
    file_name: String,
}

fn detail(conn: &Connection, access: &ProjectAccess, package: Package) -> Result<PackageDetail> {
    let shown = |_: &Package| (access.project.full_path.clone(), access.packages());
    let versions = packages::other_versions(conn, &package)?;
    let versions = items::decorate(conn, versions, VERSION_PIPELINES, shown)?;
    let item = items::decorate(conn, vec![package], 1, shown)?.pop();
    Ok(PackageDetail {
        item: item.ok_or(Error::RecordNotFound)?,
        versions,
    })
}

/// A package in a status that lists show by default; everything else is not there.
pub(super) fn displayable(conn: &Connection, access: &ProjectAccess, id: i64) -> Result<Package> {
    packages::find(conn, access.project.id, id)?
        .filter(|package| package.status.is_displayable())
        .ok_or(Error::RecordNotFound)
}
