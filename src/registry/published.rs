//! What is published under a name, for formats whose index documents list versions and files.

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;

use super::{
    Document, DocumentKey, Package, PackageFile, PackageKey, PackageStatus, PackageType,
    ProjectAccess, Registry,
};
use crate::error::{Error, Result};
use crate::storage::db::published::{self, PublishedFile, PublishedVersion};
use crate::storage::db::{Connection, WriteTx, packages};

/// A document that stands among the files of a package: clients send it, and read what is made from the database.
/// Its row keeps what was sent; lists and downloads show what is made.
pub struct DerivedFile {
    pub package_type: PackageType,
    pub file_name: &'static str,
    pub document: fn(Registry, Package) -> Deriving,
    /// Whether a row without a version, of which this is kept, has nothing to tell once the last version is gone.
    pub ends_with_versions: fn(Option<&str>) -> bool,
}

/// The document of a package, if there is anything to tell.
pub type Deriving = LocalBoxFuture<'static, Result<Option<Arc<Document>>>>;

impl Registry {
    /// The same registry, which knows these files to be derived.
    pub fn with_derived(self, derived: &'static [DerivedFile]) -> Registry {
        Registry { derived, ..self }
    }

    /// What a file row stands for, if its format derives it.
    pub async fn derived_document(
        &self,
        access: &ProjectAccess,
        file: &PackageFile,
    ) -> Result<Option<Arc<Document>>> {
        let Some(derived) = self
            .derived
            .iter()
            .find(|derived| derived.file_name == file.file_name)
        else {
            return Ok(None);
        };
        let package = self
            .db
            .look(|conn| packages::find(conn, access.project.id, file.package_id))?;
        match package {
            Some(package) if package.package_type == derived.package_type => {
                (derived.document)(self.clone(), package).await
            }
            _ => Ok(None),
        }
    }

    /// The row as it is to be shown: with the size and the digests of what a download sends.
    pub(super) async fn as_shown(
        &self,
        access: &ProjectAccess,
        file: PackageFile,
    ) -> Result<PackageFile> {
        Ok(match self.derived_document(access, &file).await? {
            Some(document) => document.describe(file),
            None => file,
        })
    }

    /// After a version was removed: with the last one goes the row that only described them.
    pub(super) fn sweep_derived(&self, tx: &WriteTx<'_>, removed: &Package) -> Result<()> {
        let of_type = |derived: &&DerivedFile| derived.package_type == removed.package_type;
        let Some(derived) = self.derived.iter().find(of_type) else {
            return Ok(());
        };
        if published::any_left(tx, removed.name_id)? {
            return Ok(());
        }
        match published::versionless(tx, removed.name_id)? {
            Some((id, kept)) if (derived.ends_with_versions)(kept.as_deref()) => {
                packages::set_status(tx, id, PackageStatus::PendingDestruction, tx.now)
            }
            _ => Ok(()),
        }
    }

    /// A ready document of the versions of a name that have a file with one of these endings.
    pub async fn published_document<F>(
        &self,
        projects: &[i64],
        key: DocumentKey,
        endings: &'static [&'static str],
        render: F,
    ) -> Result<Option<Arc<Document>>>
    where
        F: FnOnce(Vec<PublishedVersion>) -> Option<Vec<u8>> + Send + 'static,
    {
        let work = move |conn: &Connection, name_ids: &[i64]| {
            let endings: Vec<String> = endings.iter().map(|ending| (*ending).to_owned()).collect();
            Ok(render(published::versions(conn, name_ids, &endings)?))
        };
        self.document(projects, key, work).await
    }

    /// A ready document of the files of one version: of the newest package for which `render` finds something to say.
    pub async fn files_document<F>(
        &self,
        projects: &[i64],
        key: DocumentKey,
        package: PackageKey,
        render: F,
    ) -> Result<Option<Arc<Document>>>
    where
        F: Fn(&PackageKey, &[PublishedFile]) -> Option<Vec<u8>> + Send + 'static,
    {
        let of = projects.to_vec();
        let work = move |conn: &Connection, _: &[i64]| {
            let files = published::files(conn, &of, &package)?;
            let mut by_package = files.chunk_by(|a, b| a.package_id == b.package_id);
            Ok(by_package.find_map(|files| render(&package, files)))
        };
        self.document(projects, key, work).await
    }

    /// The names of the files of one version, those of the newest package first.
    pub async fn file_names(&self, projects: &[i64], key: &PackageKey) -> Result<Vec<String>> {
        let (projects, key) = (projects.to_vec(), key.clone());
        let work = move |conn: &Connection| published::files(conn, &projects, &key);
        let files = self.db.read(work).await?;
        Ok(files.into_iter().map(|file| file.file_name).collect())
    }

    /// What the format keeps of the packages of this key, those of the newest package last, as `read` understands it. That is
    /// remembered until something is published.
    pub fn kept_metadata<T: Send + Sync + 'static>(
        &self,
        projects: &[i64],
        key: &PackageKey,
        read: fn(Vec<String>) -> T,
    ) -> Result<Arc<T>> {
        let wanted = KeptKey(projects.to_vec(), key.clone());
        let find = |conn: &Connection| {
            Ok(Some(Arc::new(read(published::metadata(
                conn, projects, key,
            )?))))
        };
        let kept = self.db.look(|db| db.remember(wanted, find))?;
        kept.ok_or_else(|| Error::internal("what was just read is gone"))
    }

    /// Whether one of these projects has an installable version of this name.
    pub fn has_versions(
        &self,
        projects: &[i64],
        package_type: PackageType,
        name_key: &str,
    ) -> Result<bool> {
        let wanted = AnyVersionKey(projects.to_vec(), package_type, name_key.to_owned());
        let find = |conn: &Connection| {
            let any = published::any_version(conn, projects, package_type, name_key)?;
            Ok(any.then_some(()))
        };
        let found = self.db.look(|db| db.remember(wanted, find))?;
        Ok(found.is_some())
    }

    /// Whether the project has a package of this key.
    pub fn has_package(&self, access: &ProjectAccess, key: &PackageKey) -> Result<bool> {
        Ok(self.find_package(access, key)?.is_some())
    }

    /// The package of this key that is not being destroyed.
    pub fn find_package(
        &self,
        access: &ProjectAccess,
        key: &PackageKey,
    ) -> Result<Option<Package>> {
        self.db
            .look(|conn| packages::find_by_key(conn, access.project.id, key))
    }
}

#[derive(PartialEq, Eq, Hash)]
struct KeptKey(Vec<i64>, PackageKey);

#[derive(PartialEq, Eq, Hash)]
struct AnyVersionKey(Vec<i64>, PackageType, String);
