//! Showing, hiding and deprecating a package (contract 6.6).

use super::audit::Event;
use super::{Package, PackageStatus, Project, ProjectAccess, Registry};
use crate::error::{Error, Result};
use crate::storage::db::{WriteTx, packages};

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
                let project = access.renew(tx)?.project;
                let project_id = project.id;
                let package = packages::find(tx, project_id, package_id)?
                    .filter(|package| package.status.is_settable() && status.is_settable())
                    .ok_or(Error::RecordNotFound)?;
                let message = message.filter(|_| status == PackageStatus::Deprecated);
                packages::set_status_message(tx, package.id, message.as_deref())?;
                packages::set_status(tx, package.id, status, tx.now)?;
                if status != package.status {
                    record_change(tx, &project, &package, status)?;
                }
                packages::find(tx, project_id, package_id)?.ok_or(Error::RecordNotFound)
            })
            .await
    }
}

/// `package` as it was before.
pub(super) fn record_change(
    tx: &WriteTx<'_>,
    project: &Project,
    package: &Package,
    status: PackageStatus,
) -> Result<()> {
    let (kind, name, from) = (package.package_type, &package.name, package.status);
    let version = package.version.as_deref().unwrap_or("without a version");
    Event::in_project("package_registry_package_status_changed", project)
        .about_package(package)
        .with("change", "status")
        .with("from", from)
        .with("to", status)
        .saying(format!(
            "Changed the {kind} package {name} {version} from {from} to {status}"
        ))
        .record(tx)
}
