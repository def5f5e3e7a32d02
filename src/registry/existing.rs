//! What it means that a file, or a whole version, is there already.

use actix_web::http::StatusCode;

use super::settings::duplicates_allowed;
use super::{Package, PackageFile, PackageKey, PackageType, ProjectAccess};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, package_files, settings, tombstones};

/// Each protocol has its own rule for a second upload.
#[derive(Clone, Copy)]
pub enum OnExisting {
    /// The group's setting decides about a second file of the same name (contract 12.1). Where duplicates are allowed,
    /// equal bytes keep their row: GoReleaser retries its uploads.
    BySetting(Taken),
    /// The same, but equal bytes always succeed: Maven deploys what it has deployed before.
    BySettingUnlessEqual(Taken),
    /// A second file of the same name stands beside the first and is served (Maven snapshots).
    Add,
    /// It takes the first one's place (documents that clients rewrite).
    Replace,
    /// A version is one file, whatever it is called. Equal bytes succeed; others only where the group's setting allows
    /// duplicates, and then beside the first, which lock files go on naming (Composer).
    RefuseOtherContent(fn() -> Error),
    /// No second file of the same name, not even with equal bytes.
    RefuseFile(fn() -> Error),
    /// Equal bytes succeed and change nothing, others are refused (Go: every client has the old ones' sum).
    RefuseOther(fn() -> Error),
    /// No second upload of a version at all.
    RefuseVersion(fn() -> Error),
}

/// The refusal of a second file of this name, in the words of the protocol.
pub type Taken = fn(&str) -> Error;

/// GitLab's words for it.
pub fn duplicate_not_allowed(_: &str) -> Error {
    Error::bad_request("Duplicate package is not allowed")
}

/// What is to be done with a file.
pub(super) enum Place {
    /// The row is there already, with these bytes.
    Keep(PackageFile),
    Add,
    Replace(PackageFile),
}

impl OnExisting {
    /// What can be refused before the bytes are known.
    pub(super) fn advise(
        self,
        conn: &Connection,
        access: &ProjectAccess,
        key: &PackageKey,
        package: &Package,
        file_name: Option<&str>,
    ) -> Result<()> {
        let there = |conn| {
            let newest = file_name.map(|name| package_files::newest(conn, package.id, name));
            newest.transpose().map(|found| found.flatten().is_some())
        };
        match self {
            OnExisting::RefuseVersion(refusal) => Err(refusal()),
            OnExisting::RefuseFile(refusal) if there(conn)? => Err(refusal()),
            OnExisting::BySetting(taken)
                if there(conn)? && !duplicates_allowed(conn, access.project.namespace_id, key)? =>
            {
                Err(taken(file_name.unwrap_or_default()))
            }
            _ => Ok(()),
        }
    }

    /// What was there before this publish is refused here for good: a package that it has just made is no second version.
    pub(super) fn allow_second_version(self) -> Result<()> {
        match self {
            OnExisting::RefuseVersion(refusal) => Err(refusal()),
            _ => Ok(()),
        }
    }

    /// The decision about a file, inside the transaction, once the bytes are known.
    pub(super) fn place(
        self,
        conn: &Connection,
        access: &ProjectAccess,
        key: &PackageKey,
        package: &Package,
        file_name: &str,
        sha256: &str,
    ) -> Result<Place> {
        let there = match self {
            OnExisting::RefuseOtherContent(_) => package_files::newest_of_all(conn, package.id)?,
            _ => package_files::newest(conn, package.id, file_name)?,
        };
        let Some(same_name) = there else {
            return Ok(Place::Add);
        };
        let equal = same_name.sha256 == sha256;
        let by_setting = || duplicates_allowed(conn, access.project.namespace_id, key);
        match self {
            OnExisting::RefuseFile(refusal) | OnExisting::RefuseVersion(refusal) => Err(refusal()),
            OnExisting::RefuseOther(refusal) if !equal => Err(refusal()),
            OnExisting::BySetting(taken) if !by_setting()? => Err(taken(file_name)),
            OnExisting::BySettingUnlessEqual(taken) if !equal && !by_setting()? => {
                Err(taken(file_name))
            }
            OnExisting::RefuseOtherContent(refusal) if !equal && !by_setting()? => Err(refusal()),
            _ if equal => Ok(Place::Keep(same_name)),
            OnExisting::Replace => Ok(Place::Replace(same_name)),
            _ => Ok(Place::Add),
        }
    }
}

/// Whether a deleted version of this type may come back with other bytes, until the group's setting says otherwise.
pub(super) fn republishable_by_default(package_type: PackageType) -> bool {
    !matches!(package_type, PackageType::Npm | PackageType::Golang)
}

/// 403 (Go: 409) for a version that was deleted and comes back with other bytes: clients have the old ones in their lock files.
pub(super) fn allow_after_deletion(
    conn: &Connection,
    access: &ProjectAccess,
    key: &PackageKey,
    sha256: &str,
) -> Result<()> {
    let before = tombstones::contents(conn, access.project.id, key)?;
    if before.is_empty() || before.iter().any(|known| known == sha256) {
        return Ok(());
    }
    let setting = format!("{}_republish_allowed", key.package_type);
    let set = settings::nearest(conn, access.project.namespace_id, &setting)?
        .and_then(|value| value.as_bool());
    if set.unwrap_or(republishable_by_default(key.package_type)) {
        return Ok(());
    }
    let why = format!(
        "This version was deleted, and comes back with other contents. Publish a new version, or set {setting} for the group."
    );
    Err(match key.package_type {
        // As for a version that is still there: Go's contract knows one answer for both.
        PackageType::Golang => Error::message(StatusCode::CONFLICT, why),
        _ => Error::refused(why),
    })
}
