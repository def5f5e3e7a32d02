//! Revisions: what of a package is uploaded file by file and appears as a whole (Conan's recipes and binaries).
//!
//! A revision is there once its last file, its manifest, has come, and none that was begun is missing; until then nothing shows it or its files, and if it
//! stays that way for a day it is removed. A package is `processing` as long as its recipe has no complete revision.
//! A binary belongs to a revision of the recipe and is not there before that is.

mod publish;
mod remove;

use std::sync::Arc;

use super::{PackageFile, PackageKey, ProjectAccess, Registry, Timestamp};
use crate::error::{Error, Result};
use crate::storage::db::package_revisions::{self, Line};
use crate::storage::db::{Connection, package_files, packages};

pub use crate::storage::db::package_revisions::Binary;
pub use publish::RevisionFile;
pub use remove::RevisionsToRemove;

/// Which revision: of the recipe, or of a binary that was built from that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RevisionPath {
    pub recipe: String,
    pub binary: Option<BinaryRevision>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BinaryRevision {
    /// Conan's package id.
    pub reference: String,
    pub revision: String,
}

/// A binary of a revision of the recipe, whatever its own revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BinaryPath {
    pub recipe: String,
    pub reference: String,
}

/// A revision that clients see.
#[derive(Clone, Debug)]
pub struct CompleteRevision {
    pub revision: String,
    pub completed_at: Timestamp,
}

/// Revisions in one answer; older ones can still be asked for by name.
const MOST_LISTED: i64 = 10_000;

/// Bytes of metadata in one answer; a binary beyond that is named and says nothing of itself.
const MOST_METADATA: i64 = 16 << 20;

impl Registry {
    /// The newest revision of the recipe, or of a binary; 404 names what is missing.
    pub fn latest_revision(
        &self,
        access: &ProjectAccess,
        key: &PackageKey,
        binary: Option<&BinaryPath>,
    ) -> Result<CompleteRevision> {
        let wanted = LatestKey {
            project_id: access.project.id,
            key: key.clone(),
            binary: binary.cloned(),
        };
        let find = |conn: &Connection| Ok(revisions(conn, access, key, binary, 1)?.pop());
        let found = self.db.look(|db| db.remember(wanted, find))?;
        found.ok_or_else(unknown)
    }

    /// The revisions of the recipe, or of a binary, newest first: at least one, or 404.
    pub async fn revisions(
        &self,
        access: &ProjectAccess,
        key: PackageKey,
        binary: Option<BinaryPath>,
    ) -> Result<Vec<CompleteRevision>> {
        let access = access.clone();
        let work = move |conn: &Connection| {
            let found = revisions(conn, &access, &key, binary.as_ref(), MOST_LISTED)?;
            if found.is_empty() {
                return Err(unknown());
            }
            Ok(found)
        };
        self.db.read(work).await
    }

    /// The files of a revision by name: at least one, or 404.
    pub fn revision_files(
        &self,
        access: &ProjectAccess,
        key: &PackageKey,
        path: &RevisionPath,
    ) -> Result<Arc<[PackageFile]>> {
        let wanted = FilesKey {
            project_id: access.project.id,
            key: key.clone(),
            path: path.clone(),
        };
        let find = |conn: &Connection| {
            let revision_id = complete(conn, access, key, path)?;
            let files = package_files::of_revision(conn, revision_id)?;
            Ok((!files.is_empty()).then(|| files.into()))
        };
        let found = self.db.look(|db| db.remember(wanted, find))?;
        found.ok_or_else(unknown)
    }

    /// One file of a revision, in one look-up that is remembered; 404 names what is missing.
    pub fn revision_file(
        &self,
        access: &ProjectAccess,
        key: &PackageKey,
        path: &RevisionPath,
        file_name: &str,
    ) -> Result<Arc<PackageFile>> {
        let of = FilesKey {
            project_id: access.project.id,
            key: key.clone(),
            path: path.clone(),
        };
        let wanted = FileKey(of, file_name.to_owned());
        let find = |conn: &Connection| {
            let revision_id = complete(conn, access, key, path)?;
            Ok(package_files::in_revision(conn, revision_id, file_name)?.map(Arc::new))
        };
        let found = self.db.look(|db| db.remember(wanted, find))?;
        found.ok_or(Error::Missing)
    }

    /// The binaries of a revision of the recipe, by reference.
    pub async fn binaries(
        &self,
        access: &ProjectAccess,
        key: PackageKey,
        recipe_revision: String,
    ) -> Result<Vec<Binary>> {
        let access = access.clone();
        let work = move |conn: &Connection| {
            let path = RevisionPath::of_recipe(recipe_revision);
            let recipe_id = complete(conn, &access, &key, &path)?;
            package_revisions::binaries(conn, recipe_id, MOST_METADATA)
        };
        self.db.read(work).await
    }
}

impl RevisionPath {
    pub fn of_recipe(revision: String) -> RevisionPath {
        RevisionPath {
            recipe: revision,
            binary: None,
        }
    }
}

#[derive(PartialEq, Eq, Hash)]
struct LatestKey {
    project_id: i64,
    key: PackageKey,
    binary: Option<BinaryPath>,
}

#[derive(PartialEq, Eq, Hash)]
struct FilesKey {
    project_id: i64,
    key: PackageKey,
    path: RevisionPath,
}

#[derive(PartialEq, Eq, Hash)]
struct FileKey(FilesKey, String);

fn unknown() -> Error {
    Error::not_found("Revision")
}

/// The id of the package, if a client may install it.
fn installable(conn: &Connection, access: &ProjectAccess, key: &PackageKey) -> Result<i64> {
    packages::find_by_key(conn, access.project.id, key)?
        .filter(|package| package.status.is_installable())
        .map(|package| package.id)
        .ok_or_else(|| Error::not_found("Package"))
}

/// The id of a revision that clients see.
fn complete(
    conn: &Connection,
    access: &ProjectAccess,
    key: &PackageKey,
    path: &RevisionPath,
) -> Result<i64> {
    let package_id = installable(conn, access, key)?;
    let one = |line: Line<'_>, revision: &str| {
        package_revisions::find(conn, line, revision)?
            .filter(|found| found.completed_at.is_some())
            .map(|found| found.id)
            .ok_or_else(unknown)
    };
    let recipe_id = one(Line::of_recipe(package_id), &path.recipe)?;
    match &path.binary {
        None => Ok(recipe_id),
        Some(binary) => one(
            Line {
                package_id,
                parent_id: Some(recipe_id),
                reference: &binary.reference,
            },
            &binary.revision,
        ),
    }
}

fn revisions(
    conn: &Connection,
    access: &ProjectAccess,
    key: &PackageKey,
    binary: Option<&BinaryPath>,
    limit: i64,
) -> Result<Vec<CompleteRevision>> {
    let listed = match binary {
        None => {
            let package_id = installable(conn, access, key)?;
            package_revisions::list(conn, Line::of_recipe(package_id), limit)?
        }
        Some(binary) => {
            let recipe = RevisionPath::of_recipe(binary.recipe.clone());
            let recipe_id = complete(conn, access, key, &recipe)?;
            let line = Line {
                package_id: installable(conn, access, key)?,
                parent_id: Some(recipe_id),
                reference: &binary.reference,
            };
            package_revisions::list(conn, line, limit)?
        }
    };
    let complete = listed.into_iter().filter_map(|found| {
        Some(CompleteRevision {
            revision: found.revision,
            completed_at: found.completed_at?,
        })
    });
    Ok(complete.collect())
}
