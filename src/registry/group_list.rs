//! Groups as they are shown: alone, and in lists (contract 11.3).

use std::cmp::Ordering;
use std::collections::HashSet;

use super::search::Search;
use super::{AccessLevel, Actor, GroupAccess, Namespace, Registry, Sight, Visibility};
use crate::error::Result;
use crate::storage::db::{Connection, namespaces, projects};

/// A group with its name from the top level down: `Acme / Tools`.
#[derive(Clone, Debug)]
pub struct GroupItem {
    pub group: Namespace,
    pub full_name: String,
}

/// Among which groups a list looks.
#[derive(Clone, Copy, Debug)]
pub enum GroupScope {
    Everywhere,
    ChildrenOf(i64),
    DescendantsOf(i64),
}

#[derive(Clone, Debug, Default)]
pub struct GroupFilter {
    pub search: Search,
    pub visibility: Option<Visibility>,
    pub top_level_only: bool,
    pub skip: Vec<i64>,
    /// Of a caller who is somebody: only groups around a membership, only what it owns, and a least level.
    pub joined_only: bool,
    pub owned: bool,
    pub min_access_level: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupOrderBy {
    Name,
    Path,
    Id,
}

#[derive(Clone, Copy, Debug)]
pub struct GroupOrder {
    pub by: GroupOrderBy,
    pub descending: bool,
}

impl Registry {
    /// One page of the groups that the caller may see, and their total.
    pub async fn list_groups(
        &self,
        actor: Actor,
        scope: GroupScope,
        filter: GroupFilter,
        order: GroupOrder,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<GroupItem>, i64)> {
        let registry = self.clone();
        let work = move |conn: &Connection| {
            let sight = registry.sight(conn, &actor)?;
            let projects = projects::list(conn)?;
            let as_user = actor.user().is_some();
            let shown = match as_user && filter.joined_only {
                true => sight.joined_namespaces(&projects),
                false => sight.seen_namespaces(&projects),
            };
            let within = within(conn, scope, &sight)?;
            let mut found: Vec<&Namespace> = sight
                .namespaces()
                .filter(|group| {
                    group.is_group()
                        && within.contains(&group.id)
                        && shown.contains(&group.id)
                        && filter.keeps(group)
                        && (!as_user || filter.keeps_for(group, &sight))
                })
                .collect();
            found.sort_by(|a, b| order.compare(a, b));
            let total = found.len() as i64;
            let item = |group: &Namespace| GroupItem {
                group: group.clone(),
                full_name: sight.full_name(group.id),
            };
            Ok((
                super::page_of(found, limit, offset).map(item).collect(),
                total,
            ))
        };
        self.db.read(work).await
    }

    /// What a caller with leave is shown of the group.
    pub fn group_of(&self, access: &GroupAccess) -> Result<GroupItem> {
        self.group_item(access.group.clone())
    }

    pub fn group_item(&self, group: Namespace) -> Result<GroupItem> {
        let path = self
            .db
            .look(|conn| namespaces::with_ancestors(conn, group.id))?;
        let names: Vec<&str> = path.iter().rev().map(|above| above.name.as_str()).collect();
        Ok(GroupItem {
            full_name: names.join(" / "),
            group,
        })
    }
}

fn within(conn: &Connection, scope: GroupScope, sight: &Sight) -> Result<HashSet<i64>> {
    Ok(match scope {
        GroupScope::Everywhere => sight.namespaces().map(|group| group.id).collect(),
        GroupScope::ChildrenOf(id) => sight
            .namespaces()
            .filter(|group| group.parent_id == Some(id))
            .map(|group| group.id)
            .collect(),
        GroupScope::DescendantsOf(id) => namespaces::with_descendants(conn, id)?
            .into_iter()
            .filter(|below| *below != id)
            .collect(),
    })
}

impl GroupFilter {
    fn keeps(&self, group: &Namespace) -> bool {
        self.search.finds([group.name.as_str(), &group.path])
            && self.visibility.is_none_or(|only| only == group.visibility)
            && (!self.top_level_only || group.parent_id.is_none())
            && !self.skip.contains(&group.id)
    }

    fn keeps_for(&self, group: &Namespace, sight: &Sight) -> bool {
        let level = sight.membership_in_namespace(group.id);
        (!self.owned || level >= Some(AccessLevel::Owner))
            && level.map_or(0, |level| level as i64) >= self.min_access_level
    }
}

impl GroupOrder {
    /// Equals follow by id upwards, whatever the direction.
    fn compare(self, a: &Namespace, b: &Namespace) -> Ordering {
        let by = match self.by {
            GroupOrderBy::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
            GroupOrderBy::Path => a.path.to_lowercase().cmp(&b.path.to_lowercase()),
            GroupOrderBy::Id => a.id.cmp(&b.id),
        };
        let by = if self.descending { by.reverse() } else { by };
        by.then(a.id.cmp(&b.id))
    }
}
