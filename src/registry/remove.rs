//! Deleting packages and files. A deleted package is out of sight at once and gone a minute later.

use super::audit::Event;
use super::existing::republishable_by_default;
use super::protection;
use super::resolve::displayable;
use super::{Package, PackageKey, PackageStatus, Project, ProjectAccess, Registry, Timestamp};
use crate::error::{Error, Result};
use crate::storage::db::{WriteTx, package_files, packages, tombstones};

/// Deleted packages stay `pending_destruction` this long, so that `?status=` can show them.
const GRACE_SECS: i64 = 60;
/// Rows of one background step; more would keep publishers waiting.
const DESTROY_AT_ONCE: i64 = 200;

impl Registry {
    /// Marks a package for destruction: out of every list, its name and version free again.
    ///
    /// `unmodified_since` refuses with 412 if the package has changed after it.
    pub async fn remove_package(
        &self,
        access: &ProjectAccess,
        package_id: i64,
        unmodified_since: Option<Timestamp>,
    ) -> Result<()> {
        let (registry, access) = (self.clone(), access.clone());
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let package = displayable(tx, &access, package_id)?;
                protection::allow_delete(tx, &access, package.package_type, &package.name)?;
                precondition(package.updated_at, unmodified_since)?;
                registry.doom(tx, &access.project, &package)
            })
            .await
    }

    /// What every deletion of a package does: out of sight now, gone in a minute. The rules were asked before.
    pub(super) fn doom(
        &self,
        tx: &WriteTx<'_>,
        project: &Project,
        package: &Package,
    ) -> Result<()> {
        note_contents(tx, package)?;
        packages::set_status(tx, package.id, PackageStatus::PendingDestruction, tx.now)?;
        let (kind, name) = (package.package_type, &package.name);
        let version = package.version.as_deref().unwrap_or("without a version");
        Event::in_project("package_registry_package_deleted", project)
            .about_package(package)
            .saying(format!("Deleted the {kind} package {name} {version}"))
            .record(tx)?;
        self.sweep_derived(tx, package)
    }

    /// Removes one file; its package stays, even with none left.
    pub async fn remove_file(
        &self,
        access: &ProjectAccess,
        package_id: i64,
        file_id: i64,
        unmodified_since: Option<Timestamp>,
    ) -> Result<()> {
        let access = access.clone();
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let package = displayable(tx, &access, package_id)?;
                protection::allow_delete(tx, &access, package.package_type, &package.name)?;
                let file = package_files::find(tx, package.id, file_id)?.ok_or(Error::Missing)?;
                precondition(file.created_at, unmodified_since)?;
                note_contents(tx, &package)?;
                package_files::delete(tx, file.id)?;
                record_file(tx, &access.project, &package, &file.file_name, "")?;
                packages::touch(tx, package.id, tx.now)
            })
            .await
    }

    /// Removes every row of a file name from the package of this key.
    pub async fn remove_file_by_name(
        &self,
        access: &ProjectAccess,
        key: PackageKey,
        file_name: String,
    ) -> Result<()> {
        let access = access.clone();
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let package =
                    packages::find_by_key(tx, access.project.id, &key)?.ok_or(Error::Missing)?;
                protection::allow_delete(tx, &access, package.package_type, &package.name)?;
                note_contents(tx, &package)?;
                if package_files::delete_by_name(tx, package.id, &file_name)? == 0 {
                    return Err(Error::Missing);
                }
                record_file(tx, &access.project, &package, &file_name, "")?;
                packages::touch(tx, package.id, tx.now)
            })
            .await
    }

    /// One step of the background task: removes the rows of packages whose grace is over; true if more may wait.
    pub async fn destroy_pending(&self) -> Result<bool> {
        let deadline = Timestamp::now().plus_secs(-GRACE_SECS);
        let due = self
            .db
            .look(|conn| packages::oldest_pending(conn))?
            .is_some_and(|deleted_at| deleted_at <= deadline);
        if !due {
            return Ok(false);
        }
        let destroyed = self
            .db
            .write(move |tx| packages::destroy_pending(tx, deadline, DESTROY_AT_ONCE))
            .await?;
        Ok(destroyed as i64 == DESTROY_AT_ONCE)
    }
}

/// `why` follows the sentence.
pub(super) fn record_file(
    tx: &WriteTx<'_>,
    project: &Project,
    package: &Package,
    file_name: &str,
    why: &str,
) -> Result<()> {
    let (kind, name) = (package.package_type, &package.name);
    let version = package.version.as_deref().unwrap_or("without a version");
    Event::in_project("package_registry_package_file_deleted", project)
        .about_package(package)
        .with("files", [file_name])
        .saying(format!(
            "Deleted {file_name} of the {kind} package {name} {version}{why}"
        ))
        .record(tx)
}

/// Before something of a package is deleted: where other bytes may not take its place, what it held is written down.
fn note_contents(tx: &WriteTx<'_>, package: &Package) -> Result<()> {
    match republishable_by_default(package.package_type) {
        true => Ok(()),
        false => tombstones::insert_for_package(tx, package.id, tx.now),
    }
}

/// `If-Unmodified-Since` has seconds; what changed within the named second has not changed after it.
pub(super) fn precondition(
    changed_at: Timestamp,
    unmodified_since: Option<Timestamp>,
) -> Result<()> {
    match unmodified_since {
        Some(moment) if changed_at.as_millis() / 1000 > moment.as_millis() / 1000 => {
            Err(Error::PreconditionFailed)
        }
        _ => Ok(()),
    }
}
