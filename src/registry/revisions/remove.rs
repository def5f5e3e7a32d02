//! Removing revisions: by a client, and those that nobody has completed.

use super::{Line, RevisionPath, complete, installable, unknown};
use crate::error::{Error, Result};
use crate::registry::audit::Event;
use crate::registry::remove::record_file;
use crate::registry::{
    Package, PackageKey, PackageStatus, Project, ProjectAccess, Registry, Timestamp, protection,
};
use crate::storage::db::package_revisions::{self, Left};
use crate::storage::db::{WriteTx, package_files, packages};

/// What does not become complete is removed so long after its last upload.
const PATIENCE_SECS: i64 = 24 * 60 * 60;
/// Revisions of one background step; more would keep publishers waiting.
const ABANDONED_AT_ONCE: i64 = 200;

/// What a client wants gone.
pub enum RevisionsToRemove {
    /// The package, with all its revisions.
    All,
    One(RevisionPath),
    /// Of a revision of the recipe: every binary.
    Binaries(String),
    /// Of a revision of the recipe: these binaries, as far as they are there.
    BinariesOf(String, Vec<String>),
}

impl Registry {
    /// Removes revisions with their files; with its last one the package goes, too. 404 if nothing of it is there.
    pub async fn remove_revisions(
        &self,
        access: &ProjectAccess,
        key: PackageKey,
        what: RevisionsToRemove,
    ) -> Result<()> {
        let (registry, access) = (self.clone(), access.clone());
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let package_id = installable(tx, &access, &key)?;
                protection::allow_delete(tx, &access, key.package_type, &key.name)?;
                let package =
                    packages::find(tx, access.project.id, package_id)?.ok_or(Error::Missing)?;
                let removed = match &what {
                    RevisionsToRemove::All => {
                        return registry.doom(tx, &access.project, &package);
                    }
                    RevisionsToRemove::One(path) => {
                        let id = complete(tx, &access, &key, path)?;
                        package_revisions::delete(tx, id)?;
                        match &path.binary {
                            Some(binary) => format!("the binary {}", binary.reference),
                            None => format!("the revision {}", path.recipe),
                        }
                    }
                    RevisionsToRemove::Binaries(recipe) => {
                        remove_binaries(tx, package_id, recipe, None)?;
                        format!("the binaries of the revision {recipe}")
                    }
                    RevisionsToRemove::BinariesOf(recipe, references) => {
                        remove_binaries(tx, package_id, recipe, Some(references))?;
                        format!(
                            "the binaries {} of the revision {recipe}",
                            references.join(", ")
                        )
                    }
                };
                record_part(tx, &access.project, &package, &removed)?;
                settle(tx, package_id)
            })
            .await
    }

    /// Removes files of a revision by name, as far as they are there (what a client no longer uploads).
    pub async fn remove_revision_files(
        &self,
        access: &ProjectAccess,
        key: PackageKey,
        path: RevisionPath,
        names: Vec<String>,
    ) -> Result<()> {
        let access = access.clone();
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let id = complete(tx, &access, &key, &path)?;
                protection::allow_delete(tx, &access, key.package_type, &key.name)?;
                let package_id = installable(tx, &access, &key)?;
                let package =
                    packages::find(tx, access.project.id, package_id)?.ok_or(Error::Missing)?;
                for name in &names {
                    if let Some(file) = package_files::in_revision(tx, id, name)? {
                        package_files::delete(tx, file.id)?;
                        record_file(tx, &access.project, &package, name, "")?;
                    }
                }
                packages::touch(tx, package_id, tx.now)
            })
            .await
    }

    /// One step of the background task: removes what was begun and not completed within a day; true if more may wait.
    pub async fn remove_abandoned_revisions(&self) -> Result<bool> {
        let deadline = Timestamp::now().plus_secs(-PATIENCE_SECS);
        let any = self
            .db
            .look(|conn| package_revisions::abandoned(conn, deadline, 1))?;
        if any.is_empty() {
            return Ok(false);
        }
        let removed = self
            .db
            .write(move |tx| {
                let abandoned = package_revisions::abandoned(tx, deadline, ABANDONED_AT_ONCE)?;
                for (id, package_id) in &abandoned {
                    package_revisions::delete(tx, *id)?;
                    settle(tx, *package_id)?;
                }
                Ok(abandoned.len())
            })
            .await?;
        Ok(removed as i64 == ABANDONED_AT_ONCE)
    }
}

/// What went while the package stays.
fn record_part(tx: &WriteTx<'_>, project: &Project, package: &Package, part: &str) -> Result<()> {
    let (name, version) = (
        &package.name,
        package.version.as_deref().unwrap_or_default(),
    );
    Event::in_project("package_registry_package_file_deleted", project)
        .about_package(package)
        .saying(format!(
            "Deleted {part} of the conan package {name} {version}"
        ))
        .record(tx)
}

fn remove_binaries(
    tx: &WriteTx<'_>,
    package_id: i64,
    recipe_revision: &str,
    references: Option<&[String]>,
) -> Result<()> {
    let recipe = package_revisions::find(tx, Line::of_recipe(package_id), recipe_revision)?
        .filter(|recipe| recipe.completed_at.is_some())
        .ok_or_else(unknown)?;
    let mut removed = 0;
    match references {
        None => removed = package_revisions::delete_binaries(tx, recipe.id, None)?,
        Some(references) => {
            for reference in references {
                removed += package_revisions::delete_binaries(tx, recipe.id, Some(reference))?;
            }
        }
    }
    match removed {
        0 => Err(Error::not_found("Package")),
        _ => Ok(()),
    }
}

/// After something was removed: a package without a complete recipe is not there for clients, one without any is gone.
fn settle(tx: &WriteTx<'_>, package_id: i64) -> Result<()> {
    let hidden = packages::status(tx, package_id)? == Some(PackageStatus::Hidden);
    match package_revisions::left(tx, package_id)? {
        Left::Nothing => {
            packages::set_status(tx, package_id, PackageStatus::PendingDestruction, tx.now)
        }
        // A hidden one stays hidden, or the next upload would show it.
        Left::Incomplete if !hidden => {
            packages::set_status(tx, package_id, PackageStatus::Processing, tx.now)
        }
        _ => packages::touch(tx, package_id, tx.now),
    }
}
