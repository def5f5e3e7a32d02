//! What is published under a name, over one project or over what a caller may read of many: what index documents are
//! made of. Of equal versions in several projects the package with the newest id stands for all.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use super::{Document, DocumentKey, FileWithMetadata, Package, PackageType, Registry, Tag};
use crate::error::Result;
use crate::storage::db::packages::IndexedPackage;
use crate::storage::db::{Connection, package_files, packages, tags};

pub use crate::storage::db::packages::ListedName;

/// The packages of a name.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Another one after every change.
    pub revision: String,
    /// By id: the newest comes last. Each version once.
    pub packages: Vec<ListedPackage>,
}

#[derive(Clone, Debug)]
pub struct ListedPackage {
    pub package: Package,
    /// JSON, typed by the format; where [`Shows`] asks for it.
    pub metadata: Option<String>,
    /// The visible ones, by id.
    pub files: Vec<FileWithMetadata>,
    /// Where [`Shows`] asks for them.
    pub tags: Vec<Tag>,
}

/// What a document tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shows {
    /// What lists show: not the hidden ones.
    Listed,
    /// The same with metadata and tags.
    ListedWhole,
    /// Everything that can be installed, hidden or not, with metadata and tags.
    InstallableWhole,
}

impl Shows {
    fn hidden(self) -> bool {
        self == Shows::InstallableWhole
    }

    fn whole(self) -> bool {
        self != Shows::Listed
    }
}

impl Listing {
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    /// The package of a version, letter by letter.
    pub fn find(&self, version: &str) -> Option<&ListedPackage> {
        let mut newest_first = self.packages.iter().rev();
        newest_first.find(|listed| listed.package.version.as_deref() == Some(version))
    }

    /// Each tag and the version it points to, by name; of several projects the newest package has the word.
    pub fn tags(&self) -> BTreeMap<&str, &str> {
        let mut tags = BTreeMap::new();
        for listed in &self.packages {
            let version = listed.package.version.as_deref().unwrap_or_default();
            for tag in &listed.tags {
                tags.insert(tag.name.as_str(), version);
            }
        }
        tags
    }
}

impl ListedPackage {
    /// By id, without tags.
    pub(super) fn with_files(
        conn: &Connection,
        found: impl IntoIterator<Item = packages::IndexedPackage>,
    ) -> Result<Vec<ListedPackage>> {
        let mut packages: Vec<ListedPackage> = found
            .into_iter()
            .map(|found| ListedPackage {
                package: found.package,
                metadata: found.metadata,
                files: Vec::new(),
                tags: Vec::new(),
            })
            .collect();
        packages.sort_unstable_by_key(|listed| listed.package.id);
        let ids: Vec<i64> = packages.iter().map(|listed| listed.package.id).collect();
        for file in package_files::of_packages(conn, &ids)? {
            if let Ok(index) = ids.binary_search(&file.file.package_id) {
                packages[index].files.push(file);
            }
        }
        Ok(packages)
    }

    /// The newest file.
    pub fn file(&self) -> Option<&FileWithMetadata> {
        self.files.last()
    }
}

impl Registry {
    /// The packages of a name in these projects.
    pub async fn listing(
        &self,
        projects: Arc<[i64]>,
        package_type: PackageType,
        name_key: &str,
        shows: Shows,
    ) -> Result<Listing> {
        let name_key = name_key.to_owned();
        let find = move |conn: &Connection| {
            Listing::find_in(conn, &projects, package_type, &name_key, shows)
        };
        self.db.read(find).await
    }

    /// The ready document that `render` makes of the packages of one name. It answers `None` if there is nothing to show.
    pub async fn listing_document<F>(
        &self,
        projects: &[i64],
        key: DocumentKey,
        shows: Shows,
        render: F,
    ) -> Result<Option<Arc<Document>>>
    where
        F: FnOnce(Listing) -> Result<Option<Vec<u8>>> + Send + 'static,
    {
        let (ids, name) = (projects.to_vec(), key.clone());
        self.document(projects, key, move |conn, _| {
            let listing = Listing::find_in(conn, &ids, name.package_type, &name.name_key, shows)?;
            match listing.is_empty() {
                true => Ok(None),
                false => render(listing),
            }
        })
        .await
    }

    /// The ready document of all listed packages of the key's type that have this qualifier, by id. `render` is called for
    /// none as well.
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
            let found = packages::listed_of_type(conn, projects, package_type, &qualifier)?;
            let name = |package: &Package| package.name.clone();
            render(ListedPackage::newest_of(conn, found, name, Shows::Listed)?)
        })
        .await
    }

    /// All names of a type in these projects, by their keys.
    pub async fn listed_names(
        &self,
        projects: Arc<[i64]>,
        package_type: PackageType,
    ) -> Result<Vec<ListedName>> {
        self.db
            .read(move |conn| packages::listed_names(conn, &projects, package_type))
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

impl Listing {
    pub(super) fn find_in(
        conn: &Connection,
        projects: &[i64],
        package_type: PackageType,
        name_key: &str,
        shows: Shows,
    ) -> Result<Listing> {
        let names = packages::revisions(conn, projects, package_type, name_key)?;
        let changes: i64 = names.iter().map(|name| name.revision).sum();
        let name_ids: Vec<i64> = names.iter().map(|name| name.name_id).collect();
        let found = packages::listed_of_names(conn, &name_ids, shows.hidden(), shows.whole())?;
        let first = name_ids.first().copied().unwrap_or(0);
        Ok(Listing {
            revision: format!("{changes}-{first:016x}"),
            packages: ListedPackage::newest_of(conn, found, |_| (), shows)?,
        })
    }
}

impl ListedPackage {
    /// Of what was found, by id, the newest of each version of each name, with its files and what else is to be shown.
    fn newest_of<N: Eq + Hash>(
        conn: &Connection,
        found: Vec<IndexedPackage>,
        name: impl Fn(&Package) -> N,
        shows: Shows,
    ) -> Result<Vec<ListedPackage>> {
        let mut newest = HashMap::new();
        for found in found {
            let version = (found.version_key.clone(), found.package.qualifier.clone());
            newest.insert((name(&found.package), version), found);
        }
        let mut packages = ListedPackage::with_files(conn, newest.into_values())?;
        let ids: Vec<i64> = packages.iter().map(|listed| listed.package.id).collect();
        if shows.whole() {
            for tag in tags::of_packages(conn, &ids)? {
                if let Ok(index) = ids.binary_search(&tag.package_id) {
                    packages[index].tags.push(tag);
                }
            }
        }
        Ok(packages)
    }
}
