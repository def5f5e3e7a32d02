//! Deleting a version as the clients of a protocol mean it: gone, or out of sight and still there for who names it.

use super::protection;
use super::remove::precondition;
use super::status::record_change;
use super::{PackageKey, PackageStatus, ProjectAccess, Registry, Timestamp};
use crate::error::{Error, Result};
use crate::storage::db::{packages, settings};

impl Registry {
    /// Deletes the package of this key, hidden or not; where the nearest group that sets `<type>_delete_unlists` says so,
    /// hides it instead.
    ///
    /// 404 if there is none, 412 if it has changed after `unmodified_since`.
    pub async fn remove_or_unlist(
        &self,
        access: &ProjectAccess,
        key: PackageKey,
        unmodified_since: Option<Timestamp>,
    ) -> Result<()> {
        let (registry, access) = (self.clone(), access.clone());
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let package = packages::find_by_key(tx, access.project.id, &key)?
                    .ok_or_else(|| Error::not_found("Package"))?;
                protection::allow_delete(tx, &access, package.package_type, &package.name)?;
                precondition(package.updated_at, unmodified_since)?;
                let setting = format!("{}_delete_unlists", package.package_type);
                let unlists = settings::nearest(tx, access.project.namespace_id, &setting)?;
                if unlists.and_then(|value| value.as_bool()) == Some(true) {
                    record_change(tx, &access.project, &package, PackageStatus::Hidden)?;
                    return packages::set_status(tx, package.id, PackageStatus::Hidden, tx.now);
                }
                registry.doom(tx, &access.project, &package)
            })
            .await
    }

    /// Shows a hidden package again, as deprecated if it was; another one stays as it is. 404 if there is none.
    pub async fn relist(&self, access: &ProjectAccess, key: PackageKey) -> Result<()> {
        let access = access.clone();
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let package = packages::find_by_key(tx, access.project.id, &key)?
                    .ok_or_else(|| Error::not_found("Package"))?;
                protection::allow_push(tx, &access, package.package_type, &package.name)?;
                let status = match package.status_message {
                    Some(_) => PackageStatus::Deprecated,
                    None => PackageStatus::Default,
                };
                match package.status {
                    PackageStatus::Hidden => {
                        record_change(tx, &access.project, &package, status)?;
                        packages::set_status(tx, package.id, status, tx.now)
                    }
                    _ => Ok(()),
                }
            })
            .await
    }
}
