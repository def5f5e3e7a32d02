//! What index documents are made of: the names of a type, and the packages of a name with their files.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Document, DocumentKey, FileWithMetadata, Package, Registry};
use crate::error::Result;
use crate::storage::db::{Connection, package_files, packages};

pub use crate::storage::db::packages::ListedName;

/// A package that an index shows, with its files by id.
#[derive(Clone, Debug)]
pub struct ListedPackage {
    pub package: Package,
    pub files: Vec<FileWithMetadata>,
}

impl Registry {
    /// The ready document of one name, rendered from its listed packages by id: hidden ones are not among them.
    pub async fn listing_document<F>(
        &self,
        projects: &[i64],
        key: DocumentKey,
        render: F,
    ) -> Result<Option<Arc<Document>>>
    where
        F: FnOnce(Vec<ListedPackage>) -> Result<Option<Vec<u8>>> + Send + 'static,
    {
        self.document(projects, key, |conn, name_ids| {
            let packages = packages::listed_of_names(conn, name_ids)?;
            render(with_files(conn, packages)?)
        })
        .await
    }

    /// The ready document of all listed packages of the key's type that have this qualifier, by id.
    pub async fn packages_document<F>(
        &self,
        projects: &[i64],
        key: DocumentKey,
        qualifier: String,
        render: F,
    ) -> Result<Option<Arc<Document>>>
    where
        F: FnOnce(Vec<ListedPackage>) -> Result<Option<Vec<u8>>> + Send + 'static,
    {
        let package_type = key.package_type;
        self.document_of_all(projects, key, move |conn, projects| {
            let packages = packages::listed_of_type(conn, projects, package_type, &qualifier)?;
            render(with_files(conn, packages)?)
        })
        .await
    }

    /// The ready document of all names of the key's type, by their keys.
    pub async fn names_document<F>(
        &self,
        projects: &[i64],
        key: DocumentKey,
        render: F,
    ) -> Result<Option<Arc<Document>>>
    where
        F: FnOnce(Vec<ListedName>) -> Result<Option<Vec<u8>>> + Send + 'static,
    {
        let package_type = key.package_type;
        self.document_of_all(projects, key, move |conn, projects| {
            render(packages::listed_names(conn, projects, package_type)?)
        })
        .await
    }
}

fn with_files(conn: &Connection, packages: Vec<Package>) -> Result<Vec<ListedPackage>> {
    let ids: Vec<i64> = packages.iter().map(|package| package.id).collect();
    let mut files: HashMap<i64, Vec<FileWithMetadata>> = HashMap::new();
    for file in package_files::of_packages(conn, &ids)? {
        files.entry(file.file.package_id).or_default().push(file);
    }
    let listed = packages.into_iter().map(|package| ListedPackage {
        files: files.remove(&package.id).unwrap_or_default(),
        package,
    });
    Ok(listed.collect())
}
