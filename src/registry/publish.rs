//! Adding a file to a package: the rules first, then the blob, then the rows, in one transaction.

use super::protection;
use super::resolve::FileOfPackage;
use super::settings::duplicates_allowed;
use super::{AccessLevel, Package, PackageKey, PackageStatus, ProjectAccess, Registry, StagedBlob};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, WriteTx, blobs, package_files, package_pipelines, packages};

/// A file on its way into a package, which is made if it is not there yet.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub key: PackageKey,
    pub file_name: String,
    /// What the package's status is to be; `None` leaves an existing package as it is.
    pub status: Option<PackageStatus>,
    pub duplicates: Duplicates,
}

/// What a second file of the same name in the same package means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// The group's setting for the type, with its exception pattern (contract 12.1).
    BySetting,
    /// The protocol overwrites: the newest row is served.
    Allowed,
    /// The protocol forbids it.
    Forbidden,
}

impl Registry {
    /// Whether this upload would be refused, asked before its body is read. Advice: [`Registry::publish`]
    /// asks again where nobody can come between.
    pub fn may_publish(&self, access: &ProjectAccess, new: &NewFile) -> Result<()> {
        self.db
            .look(|conn| rules(conn, access, new).map(|_existing| ()))
    }

    /// Publishes a staged file. `Ok` means that it survives a power cut.
    ///
    /// The same bytes under the same name again keep their row (GoReleaser retries its uploads).
    ///
    /// Fails with 403 where a protection rule or a role refuses, 400 for a duplicate.
    pub async fn publish(
        &self,
        access: &ProjectAccess,
        new: NewFile,
        staged: StagedBlob,
    ) -> Result<FileOfPackage> {
        let (blobs, access) = (self.blobs.clone(), access.clone());
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let package_id = match rules(tx, &access, &new)? {
                    Some(package) => update_status(tx, &package, new.status)?,
                    None => create(tx, &access, &new)?,
                };
                let file_id = match package_files::newest(tx, package_id, &new.file_name)? {
                    Some(same) if same.sha256 == staged.digests.sha256 => same.id,
                    _ => {
                        let sha256 = staged.digests.sha256.clone();
                        blobs::insert(tx, staged.size, &staged.digests)?;
                        blobs.commit(tx, staged)?;
                        package_files::insert(tx, package_id, &new.file_name, &sha256, tx.now)?
                    }
                };
                if let Some(pipeline_id) = access.pipeline_id {
                    package_pipelines::link_package(tx, package_id, pipeline_id)?;
                    package_pipelines::link_file(tx, file_id, pipeline_id)?;
                }
                packages::touch(tx, package_id, tx.now)?;
                published(tx, &access, package_id, file_id)
            })
            .await
    }
}

/// Every rule that can refuse an upload; answers the package if it is there already.
fn rules(conn: &Connection, access: &ProjectAccess, new: &NewFile) -> Result<Option<Package>> {
    protection::allow_push(conn, access, new.key.package_type, &new.key.name)?;
    let Some(package) = packages::find_by_key(conn, access.project.id, &new.key)? else {
        return Ok(None);
    };
    let changes_status = new.status.is_some_and(|status| status != package.status);
    // Hiding or showing what others have published is more than publishing (CVE-2026-7514).
    if changes_status && !access.is_at_least(AccessLevel::Maintainer) {
        return Err(Error::Forbidden);
    }
    let refuses_duplicates = match new.duplicates {
        Duplicates::Allowed => false,
        Duplicates::Forbidden => true,
        Duplicates::BySetting => !duplicates_allowed(conn, access.project.namespace_id, &new.key)?,
    };
    if refuses_duplicates && package_files::newest(conn, package.id, &new.file_name)?.is_some() {
        return Err(Error::bad_request("Duplicate package is not allowed"));
    }
    Ok(Some(package))
}

fn create(tx: &WriteTx<'_>, access: &ProjectAccess, new: &NewFile) -> Result<i64> {
    let package = packages::NewPackage {
        project_id: access.project.id,
        key: &new.key,
        status: new.status.unwrap_or(PackageStatus::Default),
        creator_id: access.actor.creator_id(),
    };
    packages::insert(tx, &package, tx.now)
}

fn update_status(
    tx: &WriteTx<'_>,
    package: &Package,
    status: Option<PackageStatus>,
) -> Result<i64> {
    if let Some(status) = status.filter(|status| *status != package.status) {
        packages::set_status(tx, package.id, status, tx.now)?;
    }
    Ok(package.id)
}

fn published(
    tx: &WriteTx<'_>,
    access: &ProjectAccess,
    package_id: i64,
    file_id: i64,
) -> Result<FileOfPackage> {
    let package =
        packages::find(tx, access.project.id, package_id)?.ok_or(Error::RecordNotFound)?;
    let file = package_files::find(tx, package_id, file_id)?.ok_or(Error::Missing)?;
    Ok(FileOfPackage { package, file })
}
