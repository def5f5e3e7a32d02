//! Finding packages by words, over many projects: names, descriptions and keywords.

use std::sync::Arc;

use super::access::find_namespace;
use super::{Actor, Door, PackageType, Registry, Timestamp};
use crate::error::Result;
use crate::storage::db::{Connection, packages, projects};

/// A name that was found, by its newest package.
pub use crate::storage::db::packages::Found;

impl Registry {
    /// Every project whose packages this caller may read through a format's routes; remembered until something changes.
    pub fn readable_everywhere(&self, actor: &Actor) -> Result<Arc<[i64]>> {
        let key = EverywhereKey(actor.identity(), Timestamp::now().day());
        let find = |conn: &Connection| {
            let sight = self.sight(conn, actor)?;
            let mut ids = Vec::new();
            for project in projects::list(conn)? {
                if sight.reads_packages(conn, &project, Door::Format)? {
                    ids.push(project.id);
                }
            }
            ids.sort_unstable();
            Ok(Some(Arc::from(ids)))
        };
        let found = self.db.look(|db| db.remember(key, find))?;
        Ok(found.unwrap_or_else(|| Arc::from([])))
    }

    /// The same projects with their paths.
    pub fn readable_projects_everywhere(&self, actor: &Actor) -> Result<Arc<[ReadableProject]>> {
        self.readable_below(actor, "")
    }

    /// The projects below a top-level namespace (a group or a user, by path or id) whose packages this caller may read
    /// through a format's routes; none as well if there is no such namespace. The empty one is above all.
    pub fn readable_below(&self, actor: &Actor, namespace: &str) -> Result<Arc<[ReadableProject]>> {
        let key = BelowKey(
            actor.identity(),
            namespace.to_owned(),
            Timestamp::now().day(),
        );
        let find = |conn: &Connection| {
            let root = match namespace {
                "" => String::new(),
                name => match find_namespace(conn, name)? {
                    Some(found) if found.parent_id.is_none() => format!("{}/", found.full_path),
                    _ => return Ok(Some(Arc::from([]))),
                },
            };
            let sight = self.sight(conn, actor)?;
            let mut readable = Vec::new();
            for project in projects::list(conn)? {
                if project.full_path.starts_with(&root)
                    && sight.reads_packages(conn, &project, Door::Format)?
                {
                    readable.push(ReadableProject {
                        id: project.id,
                        full_path: project.full_path,
                    });
                }
            }
            Ok(Some(Arc::from(readable)))
        };
        let found = self.db.look(|db| db.remember(key, find))?;
        Ok(found.unwrap_or_else(|| Arc::from([])))
    }

    /// Names in these projects that have every word in their name, description or keywords, and how many there are in all.
    pub async fn find_packages(
        &self,
        projects: Arc<[i64]>,
        package_type: PackageType,
        words: Vec<String>,
        limit: usize,
        offset: usize,
    ) -> Result<(Vec<Found>, usize)> {
        let work = move |conn: &Connection| {
            let has_all = |found: &Found| {
                let text = format!(
                    "{} {} {}",
                    found.package.name, found.description, found.keywords
                )
                .to_lowercase();
                words.iter().all(|word| text.contains(word))
            };
            let newest = packages::newest_of_each_name(conn, &projects, package_type)?;
            let all: Vec<Found> = newest.into_iter().filter(has_all).collect();
            let total = all.len();
            Ok((all.into_iter().skip(offset).take(limit).collect(), total))
        };
        self.db.read(work).await
    }

    /// Every package of a type in these projects that an index shows and `wanted` wants, newest first.
    pub async fn find_all_named<F>(
        &self,
        projects: Arc<[i64]>,
        package_type: PackageType,
        wanted: F,
    ) -> Result<Vec<packages::Named>>
    where
        F: FnMut(&packages::Named) -> bool + Send + 'static,
    {
        let work =
            move |conn: &Connection| packages::all_named(conn, &projects, package_type, wanted);
        self.db.read(work).await
    }
}

/// A project that a caller may read.
#[derive(Clone, Debug)]
pub struct ReadableProject {
    pub id: i64,
    pub full_path: String,
}

#[derive(PartialEq, Eq, Hash)]
struct BelowKey(super::actor::Identity, String, i64);

#[derive(PartialEq, Eq, Hash)]
struct EverywhereKey(super::actor::Identity, i64);
