//! What is done to the versions of a name: tags, deprecation, removal.

use super::audit::Event;
use super::listing::{ListedPackage, Listing, Shows};
use super::protection;
use super::status::record_change;
use super::{Package, PackageKey, PackageStatus, PackageType, ProjectAccess, Registry};
use crate::error::{Error, Result};
use crate::storage::db::{WriteTx, packages, tags};

/// Which versions of a name are to be removed.
pub enum Removal {
    All,
    One(String),
    /// Every version but these.
    AllBut(Vec<String>),
}

impl Registry {
    /// Moves a tag to a version. 404 if the project has no such version.
    pub async fn move_tag(
        &self,
        access: &ProjectAccess,
        key: PackageKey,
        tag: String,
    ) -> Result<()> {
        let access = access.clone();
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                protection::allow_push(tx, &access, key.package_type, &key.name)?;
                let package = packages::find_by_key(tx, access.project.id, &key)?
                    .ok_or_else(|| Error::not_found("Package"))?;
                tags::move_to(tx, package.id, &tag, tx.now)?;
                record_tag(
                    tx,
                    &access,
                    "package_registry_package_tag_moved",
                    &package,
                    &tag,
                )?;
                packages::touch(tx, package.id, tx.now)
            })
            .await
    }

    /// Takes a tag off whichever version of the name carries it. 404 if none does.
    pub async fn remove_tag(
        &self,
        access: &ProjectAccess,
        package_type: PackageType,
        name_key: String,
        tag: String,
    ) -> Result<()> {
        let access = access.clone();
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let versions = installable(tx, &access, package_type, &name_key)?;
                let any = versions
                    .packages
                    .last()
                    .ok_or_else(|| Error::not_found("Package"))?;
                protection::allow_push(tx, &access, package_type, &any.package.name)?;
                if !tags::remove(tx, any.package.id, &tag)? {
                    return Err(Error::not_found("Package Tag"));
                }
                let event = "package_registry_package_tag_removed";
                record_tag(tx, &access, event, &any.package, &tag)?;
                packages::touch(tx, any.package.id, tx.now)
            })
            .await
    }

    /// Says of versions why they are deprecated, or with `None` that they are not any more. Answers how many of them there are;
    /// those that already stand as wanted are left alone.
    pub async fn deprecate(
        &self,
        access: &ProjectAccess,
        package_type: PackageType,
        name_key: String,
        messages: Vec<(String, Option<String>)>,
    ) -> Result<usize> {
        let access = access.clone();
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let versions = installable(tx, &access, package_type, &name_key)?;
                let mut known = 0;
                for (version, message) in messages {
                    let Some(item) = versions.find(&version) else {
                        continue;
                    };
                    known += 1;
                    protection::allow_push(tx, &access, package_type, &item.package.name)?;
                    let status = match (&message, item.package.status) {
                        (_, PackageStatus::Hidden) => PackageStatus::Hidden,
                        (Some(_), _) => PackageStatus::Deprecated,
                        (None, _) => PackageStatus::Default,
                    };
                    if item.package.status_message != message || item.package.status != status {
                        packages::set_status_message(tx, item.package.id, message.as_deref())?;
                        packages::set_status(tx, item.package.id, status, tx.now)?;
                        record_change(tx, &access.project, &item.package, status)?;
                    }
                }
                Ok(known)
            })
            .await
    }

    /// Removes versions of a name as [`Registry::remove_package`] removes one; answers how many there were.
    ///
    /// `revision`: what the caller believes to be the present one; 409 if it is another.
    pub async fn remove_versions(
        &self,
        access: &ProjectAccess,
        package_type: PackageType,
        name_key: String,
        removal: Removal,
        revision: Option<String>,
    ) -> Result<usize> {
        let (registry, access) = (self.clone(), access.clone());
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let versions = installable(tx, &access, package_type, &name_key)?;
                if revision.is_some_and(|seen| seen != versions.revision) {
                    return Err(Error::message(
                        actix_web::http::StatusCode::CONFLICT,
                        "conflict",
                    ));
                }
                let mut removed = 0;
                for ListedPackage { package, .. } in &versions.packages {
                    if removal.concerns(package.version.as_deref().unwrap_or_default()) {
                        protection::allow_delete(tx, &access, package_type, &package.name)?;
                        registry.doom(tx, &access.project, package)?;
                        removed += 1;
                    }
                }
                Ok(removed)
            })
            .await
    }
}

fn record_tag(
    tx: &WriteTx<'_>,
    access: &ProjectAccess,
    event: &'static str,
    package: &Package,
    tag: &str,
) -> Result<()> {
    let done = match event.ends_with("moved") {
        true => "Moved the tag to",
        false => "Removed the tag from",
    };
    let version = package.version.as_deref().unwrap_or_default();
    Event::in_project(event, &access.project)
        .about_package(package)
        .with("tag", tag)
        .saying(format!("{done} {} {version}: {tag}", package.name))
        .record(tx)
}

impl Removal {
    fn concerns(&self, version: &str) -> bool {
        match self {
            Removal::All => true,
            Removal::One(only) => only == version,
            Removal::AllBut(kept) => !kept.iter().any(|kept| kept == version),
        }
    }
}

fn installable(
    tx: &WriteTx<'_>,
    access: &ProjectAccess,
    package_type: PackageType,
    name_key: &str,
) -> Result<Listing> {
    let projects = access.projects();
    Listing::find_in(
        tx,
        &projects,
        package_type,
        name_key,
        Shows::InstallableWhole,
    )
}
