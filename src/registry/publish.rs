//! Publishing: the rules first, then the blobs, then the rows, in one transaction.

use serde_json::{Value, json};

use super::audit::Event;
use super::checksums;
use super::existing::{Place, allow_after_deletion};
use super::naming::{TakenBy, allow_in_namespace};
use super::protection;
use super::quotas::{self, Growth};
use super::resolve::FileOfPackage;
use super::status::record_change;
use super::{
    AccessLevel, OnExisting, Package, PackageKey, PackageStatus, ProjectAccess, Registry,
    StagedBlob,
};
use crate::error::{Error, Result};
use crate::storage::db::{
    Connection, WriteTx, blobs, package_files, package_pipelines, packages, tags,
};

/// A package that gets files: made if it is not there yet.
#[derive(Clone)]
pub struct NewPackage {
    pub key: PackageKey,
    /// What the package's status is to be; `None` leaves an existing package as it is.
    pub status: Option<PackageStatus>,
    /// What the format keeps of the package; `None` leaves what is kept.
    pub metadata: Option<Value>,
    /// What is kept, made of what was kept before and of `metadata`.
    pub merge_metadata: fn(Option<&str>, Value) -> Value,
    /// Tags that move to this package (npm dist-tags).
    pub tags: Vec<String>,
    /// Tags that this package alone carries, instead of those that it had (NuGet keywords).
    pub keywords: Option<Vec<String>>,
    pub on_existing: OnExisting,
    /// The version may be in one project of the top-level namespace only, where the name begins with that (npm).
    pub once_within_root: Option<TakenBy>,
    /// The checksums of its files come as requests of their own (Maven), perhaps before the files, and a wrong one
    /// takes back what its sender has sent.
    pub checksums_apart: bool,
    /// The name may be in one project of the top-level namespace only, unless the group's setting allows duplicates;
    /// how a second one is refused.
    pub once_in_namespace: Option<fn() -> Error>,
}

/// A staged file on its way into a package.
pub struct NewFile {
    pub name: String,
    /// What the format keeps of the file.
    pub metadata: Option<Value>,
    pub staged: StagedBlob,
}

impl NewPackage {
    pub fn new(key: PackageKey, on_existing: OnExisting) -> NewPackage {
        NewPackage {
            key,
            status: None,
            metadata: None,
            merge_metadata: |_, new| new,
            tags: Vec::new(),
            keywords: None,
            on_existing,
            once_within_root: None,
            checksums_apart: false,
            once_in_namespace: None,
        }
    }
}

impl NewFile {
    pub fn new(name: impl Into<String>, staged: StagedBlob) -> NewFile {
        NewFile {
            name: name.into(),
            metadata: None,
            staged,
        }
    }
}

impl Registry {
    /// Whether this upload would be refused, asked before its body is read. Advice: [`Registry::publish`]
    /// asks again where nobody can come between.
    pub fn may_publish(
        &self,
        access: &ProjectAccess,
        new: &NewPackage,
        file_name: Option<&str>,
    ) -> Result<()> {
        self.db.look(|conn| {
            let package = self.rules(conn, access, new)?;
            if let Some(package) = &package {
                new.on_existing
                    .advise(conn, access, &new.key, package, file_name)?;
            }
            let advice = quotas::advise(conn, access, new.key.package_type);
            if let (Err(Error::Refused(_)), Some(package), Some(name)) =
                (&advice, &package, file_name)
                && package_files::newest(conn, package.id, name)?.is_some()
            {
                return Ok(()); // the same bytes again take no more room, and they may be the same
            }
            advice
        })
    }

    /// [`Registry::publish`] for a package that gets one file.
    pub async fn publish_file(
        &self,
        access: &ProjectAccess,
        new: NewPackage,
        file: NewFile,
    ) -> Result<FileOfPackage> {
        let published = self.publish(access, new, vec![file]).await?;
        published
            .into_iter()
            .next()
            .ok_or_else(|| Error::internal("a published file did not come back"))
    }

    /// Publishes staged files into one package, all of them or none. `Ok` means that they survive a power cut.
    /// Answers the files in the order in which they came.
    ///
    /// Fails with 403 where a protection rule, a role, a tombstone or a quota refuses, and as `on_existing` says for what is there.
    pub async fn publish(
        &self,
        access: &ProjectAccess,
        new: NewPackage,
        mut files: Vec<NewFile>,
    ) -> Result<Vec<FileOfPackage>> {
        if new.checksums_apart {
            for file in &mut files {
                let project_id = access.project.id;
                self.prepare_for_early(project_id, &new.key, &file.name, &mut file.staged)
                    .await?;
            }
        }
        let (registry, access) = (self.clone(), access.clone());
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let package = match registry.rules(tx, &access, &new)? {
                    Some(package) => {
                        new.on_existing.allow_second_version()?;
                        update_status(tx, &access, package, new.status)?
                    }
                    None => create(tx, &access, &new)?,
                };
                let (mut published, mut added) = (Vec::new(), Vec::new());
                let mut growth = Growth::default();
                for file in files {
                    let (file_id, is_new) = put(
                        tx,
                        &registry.blobs,
                        &access,
                        &new,
                        &package,
                        file,
                        &mut growth,
                    )?;
                    if let Some(pipeline_id) = access.pipeline_id {
                        package_pipelines::link_package(tx, package.id, pipeline_id)?;
                        package_pipelines::link_file(tx, file_id, pipeline_id)?;
                    }
                    let file =
                        package_files::find(tx, package.id, file_id)?.ok_or(Error::Missing)?;
                    if is_new {
                        added.push(file.file_name.clone());
                    }
                    published.push(FileOfPackage {
                        package: package.clone(),
                        file,
                    });
                }
                quotas::allow(tx, &access.project, new.key.package_type, growth)?;
                if let Some(metadata) = &new.metadata {
                    let before = packages::metadata(tx, package.id)?;
                    let metadata = (new.merge_metadata)(before.as_deref(), metadata.clone());
                    packages::set_metadata(tx, package.id, &metadata.to_string())?;
                }
                for tag in &new.tags {
                    tags::move_to(tx, package.id, tag, tx.now)?;
                }
                if let Some(keywords) = &new.keywords {
                    tags::replace(tx, package.id, keywords, tx.now)?;
                }
                packages::touch(tx, package.id, tx.now)?;
                record(tx, &access, &package, added)?;
                Ok(published)
            })
            .await
    }

    /// The rules that need no file; answers the package if it is there already.
    pub(super) fn rules(
        &self,
        conn: &Connection,
        access: &ProjectAccess,
        new: &NewPackage,
    ) -> Result<Option<Package>> {
        protection::allow_push(conn, access, new.key.package_type, &new.key.name)?;
        if let Some(refusal) = new.once_within_root {
            self.allow_within_root(conn, access, &new.key, refusal)?;
        }
        if let Some(refusal) = new.once_in_namespace {
            allow_in_namespace(conn, access, &new.key, refusal)?;
        }
        let Some(package) = packages::find_by_key(conn, access.project.id, &new.key)? else {
            return Ok(None);
        };
        let changes_status = new.status.is_some_and(|status| status != package.status);
        // Hiding or showing what others have published is more than publishing (CVE-2026-7514).
        if changes_status && !access.is_at_least(AccessLevel::Maintainer) {
            return Err(Error::Forbidden);
        }
        Ok(Some(package))
    }
}

/// One event for a publish, however many files it brought; what brought nothing new has changed nothing.
pub(super) fn record(
    tx: &WriteTx<'_>,
    access: &ProjectAccess,
    package: &Package,
    files: Vec<String>,
) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let (kind, name) = (package.package_type, &package.name);
    let version = package.version.as_deref().unwrap_or("without a version");
    Event::in_project("package_registry_package_published", &access.project)
        .about_package(package)
        .saying(format!(
            "Published {} of the {kind} package {name} {version}",
            files.join(", ")
        ))
        .with("files", files)
        .record(tx)
}

pub(super) fn create(
    tx: &WriteTx<'_>,
    access: &ProjectAccess,
    new: &NewPackage,
) -> Result<Package> {
    let package = packages::NewPackage {
        project_id: access.project.id,
        key: &new.key,
        status: new.status.unwrap_or(PackageStatus::Default),
        creator_id: access.actor.creator_id(),
    };
    let id = packages::insert(tx, &package, tx.now)?;
    packages::find(tx, access.project.id, id)?.ok_or(Error::RecordNotFound)
}

fn update_status(
    tx: &WriteTx<'_>,
    access: &ProjectAccess,
    package: Package,
    status: Option<PackageStatus>,
) -> Result<Package> {
    match status.filter(|status| *status != package.status) {
        Some(status) => {
            record_change(tx, &access.project, &package, status)?;
            packages::set_status(tx, package.id, status, tx.now)?;
            Ok(Package { status, ..package })
        }
        None => Ok(package),
    }
}

/// One file: its blob, then its row; answers the row's id and whether it is new, and adds to `growth` what the project
/// holds more.
fn put(
    tx: &WriteTx<'_>,
    blobs_on_disk: &crate::storage::blobs::Blobs,
    access: &ProjectAccess,
    new: &NewPackage,
    package: &Package,
    file: NewFile,
    growth: &mut Growth,
) -> Result<(i64, bool)> {
    let sha256 = file.staged.digests.sha256.clone();
    allow_after_deletion(tx, access, &new.key, &sha256)?;
    if new.checksums_apart {
        checksums::take_early(tx, access.project.id, &new.key, &file.name, &file.staged)?;
    }
    match new
        .on_existing
        .place(tx, access, &new.key, package, &file.name, &sha256)?
    {
        Place::Keep(same) => return Ok((same.id, false)),
        Place::Replace(old) => {
            package_files::delete(tx, old.id)?;
            growth.remove(old.size);
        }
        Place::Add => {}
    }
    growth.add(file.staged.size);
    blobs::insert(tx, file.staged.size, &file.staged.digests)?;
    blobs_on_disk.commit(tx, file.staged)?;
    let mut metadata = file.metadata;
    if let (true, Some(uploader)) = (new.checksums_apart, access.actor.stamp()) {
        metadata.get_or_insert_with(|| json!({}))["uploader"] = json!(uploader);
    }
    let metadata = metadata.map(|metadata| metadata.to_string());
    let id = package_files::insert(
        tx,
        package.id,
        &file.name,
        &sha256,
        metadata.as_deref(),
        tx.now,
    )?;
    Ok((id, true))
}
