//! One file of a revision, on its way in.

use super::{Line, RevisionPath};
use crate::error::{Error, Result};
use crate::registry::publish::{create, record};
use crate::registry::quotas::{self, Growth};
use crate::registry::{
    NewPackage, OnExisting, Package, PackageFile, PackageKey, PackageStatus, ProjectAccess,
    Registry, StagedBlob, Timestamp,
};
use crate::storage::db::{
    WriteTx, blobs, package_files, package_pipelines, package_revisions, packages,
};

/// A staged file that belongs to a revision.
pub struct RevisionFile {
    pub name: String,
    pub staged: StagedBlob,
    /// Names of which a revision has only one at a time: the new file takes the place of them all.
    pub instead_of: Vec<String>,
    /// What the recipe or the binary says of itself, if this file does.
    pub metadata: Option<String>,
    /// The name of the manifest: with it the revision is there.
    pub last_file: &'static str,
}

/// An upload on its way. Clients go on to the manifest when a file before it has failed; so what was begun and did not
/// arrive, for whatever reason, is noted when this is dropped, and the revision waits for it.
pub struct Upload {
    registry: Registry,
    /// `None` once there is nothing more to note.
    begun: Option<(ProjectAccess, PackageKey, RevisionPath, String)>,
}

impl Upload {
    pub fn has_arrived(mut self) {
        self.begun = None;
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let Some((access, key, path, file_name)) = self.begun.take() else {
            return;
        };
        let registry = self.registry.clone();
        self.registry.db.write_soon(move |tx| {
            match registry.note_failed(tx, &access, key, &path, &file_name) {
                Err(error) if !error.status().is_server_error() => Ok(()), // who may not publish leaves no trace
                noted => noted,
            }
        });
    }
}

/// The rows that an upload goes to.
struct Open {
    recipe: package_revisions::Revision,
    binary: Option<package_revisions::Revision>,
}

impl Registry {
    /// Whether an upload to this package would be refused, asked before its body is read.
    pub fn may_publish_revision(&self, access: &ProjectAccess, key: &PackageKey) -> Result<()> {
        let new = NewPackage::new(key.clone(), OnExisting::Replace);
        self.may_publish(access, &new, None)
    }

    /// Begins the upload of a file; whoever drops it before it has arrived has failed.
    pub fn begin_upload(
        &self,
        access: &ProjectAccess,
        key: &PackageKey,
        path: &RevisionPath,
        file_name: String,
    ) -> Upload {
        Upload {
            registry: self.clone(),
            begun: Some((access.clone(), key.clone(), path.clone(), file_name)),
        }
    }

    /// Publishes one file of a revision; equal bytes keep their row, others take its place. `Ok` means that the file
    /// survives a power cut, and that the revision is there if the file completes it.
    pub async fn publish_to_revision(
        &self,
        access: &ProjectAccess,
        key: PackageKey,
        path: RevisionPath,
        file: RevisionFile,
    ) -> Result<PackageFile> {
        let (registry, access) = (self.clone(), access.clone());
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let package = registry.find_or_create(tx, &access, key)?;
                let open = open(tx, &package, &path)?;
                let sha256 = file.staged.digests.sha256.clone();
                let mut growth = Growth::default();
                let id = match make_way(tx, open.target(), &file, &sha256, &mut growth)? {
                    Some(equal) => equal,
                    None => {
                        record(tx, &access, &package, vec![file.name.clone()])?;
                        growth.add(file.staged.size);
                        blobs::insert(tx, file.staged.size, &file.staged.digests)?;
                        registry.blobs.commit(tx, file.staged)?;
                        let (place, visible) = ((package.id, open.target()), open.is_complete());
                        package_files::insert_into_revision(
                            tx, place, &file.name, &sha256, visible, tx.now,
                        )?
                    }
                };
                quotas::allow(tx, &access.project, package.package_type, growth)?;
                if let Some(pipeline_id) = access.pipeline_id {
                    package_pipelines::link_package(tx, package.id, pipeline_id)?;
                    package_pipelines::link_file(tx, id, pipeline_id)?;
                }
                package_revisions::touch(tx, open.target(), file.metadata.as_deref(), tx.now)?;
                let arrived: Vec<String> = std::iter::once(file.name.clone())
                    .chain(file.instead_of)
                    .collect();
                package_revisions::forget_failed(tx, open.target(), &arrived)?;
                if package_revisions::is_ready(tx, open.target(), file.last_file)? {
                    complete(tx, &package, &open)?;
                }
                packages::touch(tx, package.id, tx.now)?;
                package_files::in_revision(tx, open.target(), &file.name)?.ok_or(Error::Missing)
            })
            .await
    }

    fn note_failed(
        &self,
        tx: &WriteTx<'_>,
        access: &ProjectAccess,
        key: PackageKey,
        path: &RevisionPath,
        file_name: &str,
    ) -> Result<()> {
        let access = access.renew(tx)?;
        let package = self.find_or_create(tx, &access, key)?;
        let target = open(tx, &package, path)?.target();
        package_revisions::touch(tx, target, None, tx.now)?;
        package_revisions::note_failed(tx, target, file_name)
    }

    /// The package, which is new if nothing of it is there.
    fn find_or_create(
        &self,
        tx: &WriteTx<'_>,
        access: &ProjectAccess,
        key: PackageKey,
    ) -> Result<Package> {
        let new = NewPackage::new(key, OnExisting::Replace);
        match self.rules(tx, access, &new)? {
            Some(package) => Ok(package),
            None => {
                let status = Some(PackageStatus::Processing);
                create(tx, access, &NewPackage { status, ..new })
            }
        }
    }
}

impl Open {
    /// The id of the revision that the file belongs to.
    fn target(&self) -> i64 {
        self.binary.as_ref().unwrap_or(&self.recipe).id
    }

    /// Whether what is added is seen at once.
    fn is_complete(&self) -> bool {
        let complete = |revision: &package_revisions::Revision| revision.completed_at.is_some();
        complete(&self.recipe) && self.binary.as_ref().is_none_or(complete)
    }
}

/// Finds the rows, or makes them: clients send the recipe first, but nothing says that they must.
fn open(tx: &WriteTx<'_>, package: &Package, path: &RevisionPath) -> Result<Open> {
    let find_or_insert = |line: Line<'_>, revision: &str| -> Result<_> {
        if let Some(found) = package_revisions::find(tx, line, revision)? {
            return Ok(found);
        }
        package_revisions::insert(tx, line, revision, tx.now)?;
        package_revisions::find(tx, line, revision)?.ok_or(Error::Missing)
    };
    let recipe = find_or_insert(Line::of_recipe(package.id), &path.recipe)?;
    let of_binary = |binary: &super::BinaryRevision| {
        let line = Line {
            package_id: package.id,
            parent_id: Some(recipe.id),
            reference: &binary.reference,
        };
        find_or_insert(line, &binary.revision)
    };
    let binary = path.binary.as_ref().map(of_binary).transpose()?;
    Ok(Open { recipe, binary })
}

/// Removes what the file takes the place of; answers the row of the same name if it has these bytes already.
fn make_way(
    tx: &WriteTx<'_>,
    revision_id: i64,
    file: &RevisionFile,
    sha256: &str,
    growth: &mut Growth,
) -> Result<Option<i64>> {
    let mut equal = None;
    let names = std::iter::once(&file.name).chain(&file.instead_of);
    for name in names {
        match package_files::in_revision(tx, revision_id, name)? {
            Some(same) if same.file_name == file.name && same.sha256 == sha256 => {
                equal = Some(same.id);
            }
            Some(other) => {
                package_files::delete(tx, other.id)?;
                growth.remove(other.size);
            }
            None => {}
        }
    }
    Ok(equal)
}

/// Everything has come. A revision that was complete already keeps its time, so that what is uploaded again does not
/// become the latest.
fn complete(tx: &WriteTx<'_>, package: &Package, open: &Open) -> Result<()> {
    let target = open.binary.as_ref().unwrap_or(&open.recipe);
    if target.completed_at.is_none() {
        // Later than any other, even if the clock was set back.
        let last = package_revisions::last_completed(tx, package.id)?;
        let after = |last: Timestamp| Timestamp::from_millis(last.as_millis().saturating_add(1));
        let at = last.map_or(tx.now, |last| tx.now.max(after(last)));
        package_revisions::complete(tx, target.id, at)?;
    }
    let is_recipe = open.binary.is_none();
    if is_recipe && package.status == PackageStatus::Processing {
        packages::set_status(tx, package.id, PackageStatus::Default, tx.now)?;
    }
    Ok(())
}
