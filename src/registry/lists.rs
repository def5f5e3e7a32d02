//! Lists of packages: of one project, and of a whole group as far as the caller may read it.

use std::collections::HashMap;
use std::sync::Arc;

use super::actor::Identity;
use super::items::{self, PackageItem};
use super::totals::Counted;
use super::{
    Door, GroupAccess, Package, PackageFilter, PackageOrder, Project, ProjectAccess, Registry,
    Sight, Timestamp,
};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, namespaces, package_list, projects};

/// Pages up to here walk an index for a few microseconds; a hop to another thread would cost more.
const NEAR: i64 = 1_000;

impl Registry {
    /// One page of a project's packages and the total; from [`super::COUNT_LIMIT`] on it says only whether more come.
    pub async fn list_packages(
        &self,
        access: &ProjectAccess,
        filter: PackageFilter,
        order: PackageOrder,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<PackageItem>, i64)> {
        let (registry, access) = (self.clone(), access.clone());
        let cheap = offset <= NEAR && filter == PackageFilter::default();
        let work = move |conn: &Connection| {
            let project = projects::find(conn, access.project.id)?
                .ok_or_else(|| Error::not_found("Project"))?;
            let found = package_list::page(
                conn,
                &[project.id],
                &filter,
                order,
                limit.saturating_add(1),
                offset,
            )?;
            let total = registry.total(conn, &[&project], filter)?;
            let (page, total) = cut(found, total, limit, offset);
            let shown = |_: &Package| (project.full_path.clone(), access.packages());
            Ok((items::decorate(conn, page, 1, shown)?, total))
        };
        if cheap {
            self.db.look(|conn| work(conn))
        } else {
            self.db.read(work).await
        }
    }

    /// One page of the packages in a group that the caller may read, and the total.
    pub async fn list_group_packages(
        &self,
        access: &GroupAccess,
        exclude_subgroups: bool,
        filter: PackageFilter,
        order: PackageOrder,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<PackageItem>, i64)> {
        let (registry, access) = (self.clone(), access.clone());
        let work = move |conn: &Connection| {
            let (sight, readable) =
                registry.readable(conn, &access, exclude_subgroups, Door::Core)?;
            let mut ids: Vec<i64> = readable.keys().copied().collect();
            ids.sort_unstable();
            let found =
                package_list::page(conn, &ids, &filter, order, limit.saturating_add(1), offset)?;
            let total = registry.total(conn, &readable.values().collect::<Vec<_>>(), filter)?;
            let (page, total) = cut(found, total, limit, offset);
            let shown = |package: &Package| {
                let project = &readable[&package.project_id];
                (project.full_path.clone(), sight.packages(project))
            };
            Ok((items::decorate(conn, page, 1, shown)?, total))
        };
        self.db.read(work).await
    }

    /// The projects in a group whose packages the caller may read, each by the decision that its own routes take.
    fn readable(
        &self,
        conn: &Connection,
        access: &GroupAccess,
        exclude_subgroups: bool,
        door: Door,
    ) -> Result<(Sight, HashMap<i64, Project>)> {
        let sight = self.sight(conn, &access.actor)?;
        let groups = match exclude_subgroups {
            true => vec![access.group.id],
            false => namespaces::with_descendants(conn, access.group.id)?,
        };
        let mut readable = HashMap::new();
        for group in groups {
            for project in projects::in_namespace(conn, group)? {
                if sight.reads_packages(conn, &project, door)? {
                    readable.insert(project.id, project);
                }
            }
        }
        Ok((sight, readable))
    }

    /// The ids of those projects, in order, for a format's routes; remembered until something changes.
    pub fn readable_projects(&self, access: &GroupAccess) -> Result<Arc<[i64]>> {
        let key = ReadableKey {
            group: access.group.id,
            caller: access.actor.identity(),
            day: Timestamp::now().day(),
        };
        let find = |conn: &Connection| {
            let (_, readable) = self.readable(conn, access, false, Door::Format)?;
            let mut ids: Vec<i64> = readable.into_keys().collect();
            ids.sort_unstable();
            Ok(Some(Arc::from(ids)))
        };
        let found = self.db.look(|db| db.remember(key, find))?;
        Ok(found.unwrap_or_else(|| Arc::from([])))
    }

    fn total(
        &self,
        conn: &Connection,
        projects: &[&Project],
        filter: PackageFilter,
    ) -> Result<i64> {
        let revision = projects
            .iter()
            .map(|project| project.packages_revision)
            .sum();
        let mut ids: Vec<i64> = projects.iter().map(|project| project.id).collect();
        ids.sort_unstable();
        let key = Counted {
            projects: ids.clone(),
            filter: filter.clone(),
        };
        self.totals
            .get_or_count(key, revision, || package_list::count(conn, &ids, &filter))
    }
}

/// Cuts a page off rows of which one more was asked for. Where the total is not counted to its end, that one tells
/// whether another page comes; without it the links of a long list would lead on for ever.
fn cut(mut found: Vec<Package>, total: i64, limit: i64, offset: i64) -> (Vec<Package>, i64) {
    let known = if found.is_empty() {
        0
    } else {
        offset + found.len() as i64
    };
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    if total < super::COUNT_LIMIT {
        (found, total)
    } else {
        (found, known.max(super::COUNT_LIMIT))
    }
}

/// A caller in a group on a day: memberships end with their day.
#[derive(PartialEq, Eq, Hash)]
struct ReadableKey {
    group: i64,
    caller: Identity,
    day: i64,
}
