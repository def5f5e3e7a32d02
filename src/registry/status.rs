//! Showing, hiding and deprecating a package (contract 6.6).

use super::{Package, PackageStatus, ProjectAccess, Registry};
use crate::error::{Error, Result};
use crate::storage::db::packages;

impl Registry {
    /// Gives a package one of the statuses that people choose. `message` says why it is deprecated.
    ///
    /// What is still being read, failed or is being destroyed has its status from the machine: 404.
    pub async fn set_package_status(
        &self,
        access: &ProjectAccess,
        package_id: i64,
        status: PackageStatus,
        message: Option<String>,
    ) -> Result<Package> {
        let access = access.clone();
        self.db
            .write(move |tx| {
                let project_id = access.renew(tx)?.project.id;
                let package = packages::find(tx, project_id, package_id)?
                    .filter(|package| package.status.is_settable() && status.is_settable())
                    .ok_or(Error::RecordNotFound)?;
                let message = message.filter(|_| status == PackageStatus::Deprecated);
                packages::set_status_message(tx, package.id, message.as_deref())?;
                packages::set_status(tx, package.id, status, tx.now)?;
                packages::find(tx, project_id, package_id)?.ok_or(Error::RecordNotFound)
            })
            .await
    }
}
