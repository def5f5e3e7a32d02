//! All versions of one name, over one project or over what a caller may read of many: what index documents and tags
//! are made of. Where several projects have the same version, the package with the newest id stands for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::documents::{Document, DocumentKey};
use super::protection;
use super::{
    Package, PackageFile, PackageKey, PackageStatus, PackageType, ProjectAccess, Registry, Tag,
};
use crate::error::{Error, Result};
use crate::storage::db::{
    Connection, namespaces, package_files, packages, projects, tags,
};

/// The installable versions of a name.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    /// Another one after every change.
    pub revision: String,
    /// By package id: the newest comes last.
    pub list: Vec<VersionItem>,
}

/// One version, with what its format keeps of it.
#[derive(Clone, Debug)]
pub struct VersionItem {
    pub package: Package,
    /// JSON, typed by the format.
    pub metadata: Option<String>,
    /// The newest file.
    pub file: Option<PackageFile>,
    /// In hex, where the format has asked for it.
    pub sha512: Option<String>,
    pub tags: Vec<Tag>,
}

/// Which versions of a name are to be removed.
pub enum Removal {
    All,
    One(String),
    /// Every version but these.
    AllBut(Vec<String>),
}

impl Versions {
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn find(&self, version: &str) -> Option<&VersionItem> {
        self.list
            .iter()
            .find(|item| item.package.version.as_deref() == Some(version))
    }

    /// Each tag and the version it points to, by name; of several projects the newest package has the word.
    pub fn tags(&self) -> BTreeMap<&str, &str> {
        let mut tags = BTreeMap::new();
        for item in &self.list {
            let version = item.package.version.as_deref().unwrap_or_default();
            for tag in &item.tags {
                tags.insert(tag.name.as_str(), version);
            }
        }
        tags
    }
}

impl Registry {
    /// The document about a name that `render` makes of its versions; `None` if there are none to show.
    pub async fn versions_document<F>(
        &self,
        projects: &[i64],
        key: DocumentKey,
        render: F,
    ) -> Result<Option<Arc<Document>>>
    where
        F: FnOnce(&Versions) -> Result<Vec<u8>> + Send + 'static,
    {
        let (ids, name) = (projects.to_vec(), key.clone());
        self.document(projects, key, move |conn, _| {
            let versions = versions_of(conn, &ids, name.package_type, &name.name_key)?;
            match versions.is_empty() {
                true => Ok(None),
                false => render(&versions).map(Some),
            }
        })
        .await
    }

    /// The versions of a name in these projects.
    pub async fn versions(
        &self,
        projects: Arc<[i64]>,
        package_type: PackageType,
        name_key: &str,
    ) -> Result<Versions> {
        let name_key = name_key.to_owned();
        self.db
            .read(move |conn| versions_of(conn, &projects, package_type, &name_key))
            .await
    }

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
                let versions = versions_of(tx, &access.projects(), package_type, &name_key)?;
                let any = versions
                    .list
                    .last()
                    .ok_or_else(|| Error::not_found("Package"))?;
                protection::allow_push(tx, &access, package_type, &any.package.name)?;
                if !tags::remove(tx, any.package.id, &tag)? {
                    return Err(Error::not_found("Package Tag"));
                }
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
                let versions = versions_of(tx, &access.projects(), package_type, &name_key)?;
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
                let versions = versions_of(tx, &access.projects(), package_type, &name_key)?;
                if revision.is_some_and(|seen| seen != versions.revision) {
                    return Err(Error::message(
                        actix_web::http::StatusCode::CONFLICT,
                        "conflict",
                    ));
                }
                let mut removed = 0;
                for VersionItem { package, .. } in &versions.list {
                    if removal.concerns(package.version.as_deref().unwrap_or_default()) {
                        protection::allow_delete(tx, &access, package_type, &package.name)?;
                        registry.doom(tx, package)?;
                        removed += 1;
                    }
                }
                Ok(removed)
            })
            .await
    }
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

fn versions_of(
    conn: &Connection,
    projects: &[i64],
    package_type: PackageType,
    name_key: &str,
) -> Result<Versions> {
    let names = packages::revisions(conn, projects, package_type, name_key)?;
    let name_ids: Vec<i64> = names.iter().map(|name| name.name_id).collect();
    let changes: i64 = names.iter().map(|name| name.revision).sum();
    let mut newest = BTreeMap::new();
    for found in packages::installable_of_names(conn, &name_ids)? {
        newest.insert(found.package.version.clone(), found);
    }
    let mut list: Vec<VersionItem> = newest
        .into_values()
        .map(|found| VersionItem {
            package: found.package,
            metadata: found.metadata,
            file: None,
            sha512: None,
            tags: Vec::new(),
        })
        .collect();
    list.sort_by_key(|item| item.package.id);
    let ids: Vec<i64> = list.iter().map(|item| item.package.id).collect();
    for file in package_files::of_packages(conn, &ids)? {
        if let Ok(index) = ids.binary_search(&file.file.package_id) {
            let item = &mut list[index];
            item.sha512 = file.sha512;
            item.file = Some(file.file);
        }
    }
    for tag in tags::of_packages(conn, &ids)? {
        if let Ok(index) = ids.binary_search(&tag.package_id) {
            list[index].tags.push(tag);
        }
    }
    let first = name_ids.first().copied().unwrap_or(0);
    Ok(Versions {
        revision: format!("{changes}-{first:016x}"),
        list,
    })
}

impl Registry {
    /// GitLab's naming convention: a name `@root/…` that begins with the project's top-level namespace may have each version
    /// once among all projects below it, or reading the group would be a matter of luck. `refusal` gets the other
    /// project's path where the caller may see it. Advice before the publish.
    pub fn allow_within_root(
        &self,
        access: &ProjectAccess,
        key: &PackageKey,
        refusal: fn(Option<&str>) -> Error,
    ) -> Result<()> {
        self.db.look(|conn| {
            let above = namespaces::with_ancestors(conn, access.project.namespace_id)?;
            let Some(root) = above.iter().find(|namespace| namespace.parent_id.is_none()) else {
                return Ok(());
            };
            let scope = key
                .name
                .strip_prefix('@')
                .and_then(|name| name.split_once('/'));
            if scope.is_none_or(|(scope, _)| scope != root.full_path) {
                return Ok(());
            }
            for project_id in packages::projects_with(conn, key)? {
                if project_id == access.project.id {
                    continue;
                }
                let Some(other) = projects::find(conn, project_id)? else {
                    continue;
                };
                let below = format!("{}/", root.full_path);
                if other.full_path.starts_with(&below) {
                    let sight = self.sight(conn, &access.actor)?;
                    let path = sight
                        .sees_project(&other)
                        .then_some(other.full_path.as_str());
                    return Err(refusal(path));
                }
            }
            Ok(())
        })
    }
}
