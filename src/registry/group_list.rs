//! Groups and namespaces as they are shown: alone, and in lists (contract 11.3).

use std::cmp::Ordering;
use std::collections::HashSet;

use super::search::Search;
use super::{
    AccessLevel, Actor, GroupAccess, Namespace, Registry, Sight, Timestamp, User, Visibility,
};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, members, namespaces, projects};

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

#[derive(Clone, Debug, Default)]
pub struct NamespaceFilter {
    pub search: Search,
    pub owned_only: bool,
    pub top_level_only: bool,
}

/// A group or personal namespace, and how many members it has for whoever administers them.
#[derive(Clone, Debug)]
pub struct NamespaceItem {
    pub namespace: Namespace,
    pub members: Option<i64>,
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

    /// One page of the namespaces of this user, by id: its own, and the groups that it is a member of.
    /// Administrators see all of them.
    pub async fn list_namespaces(
        &self,
        actor: Actor,
        filter: NamespaceFilter,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<NamespaceItem>, i64)> {
        let registry = self.clone();
        let work = move |conn: &Connection| {
            let sight = registry.sight(conn, &actor)?;
            let shows = |namespace: &&Namespace| {
                let membership = sight.membership_in_namespace(namespace.id);
                let texts = [namespace.name.as_str(), &namespace.path];
                (actor.is_admin() || membership.is_some())
                    && (!filter.owned_only || membership >= Some(AccessLevel::Owner))
                    && (!filter.top_level_only || namespace.parent_id.is_none())
                    && filter.search.finds(texts)
            };
            let mut found: Vec<&Namespace> = sight.namespaces().filter(shows).collect();
            found.sort_by_key(|namespace| namespace.id);
            let total = found.len() as i64;
            let items = super::page_of(found, limit, offset).map(|namespace| {
                let level = match actor.is_admin() {
                    true => Some(AccessLevel::Admin),
                    false => sight.membership_in_namespace(namespace.id),
                };
                with_members(conn, namespace.clone(), level)
            });
            Ok((items.collect::<Result<_>>()?, total))
        };
        self.db.read(work).await
    }

    /// By number or full path, for its members: 404 for everybody else.
    pub fn namespace_for(&self, id: &str, user: &User) -> Result<NamespaceItem> {
        self.db.look(|conn| {
            let missing = || Error::not_found("Namespace");
            let namespace = super::access::find_namespace(conn, id)?.ok_or_else(missing)?;
            let today = Timestamp::now().date();
            let level = match user.admin {
                true => Some(AccessLevel::Admin),
                false => members::level_in_namespace(conn, user.id, namespace.id, &today)?,
            };
            match level {
                Some(_) => with_members(conn, namespace, level),
                None => Err(missing()),
            }
        })
    }

    /// Whether a user or group has this path below `parent` (none: at the top level), and if so a path that is free.
    pub fn namespace_exists(
        &self,
        path: &str,
        parent: Option<&Namespace>,
    ) -> Result<(bool, Vec<String>)> {
        let in_place = |path: &str| match parent {
            Some(parent) => format!("{}/{path}", parent.full_path),
            None => path.to_owned(),
        };
        self.db.look(|conn| {
            if namespaces::find_by_path(conn, &in_place(path))?.is_none() {
                return Ok((false, Vec::new()));
            }
            for number in 1.. {
                let other = format!("{path}{number}");
                if !namespaces::path_is_taken(conn, &in_place(&other))? {
                    return Ok((true, vec![other]));
                }
            }
            Ok((true, Vec::new()))
        })
    }
}

fn with_members(
    conn: &Connection,
    namespace: Namespace,
    level: Option<AccessLevel>,
) -> Result<NamespaceItem> {
    let administers = namespace.is_group() && level >= Some(AccessLevel::Owner);
    let members = match administers {
        true => Some(members::count_with_descendants(
            conn,
            namespace.id,
            &Timestamp::now().date(),
        )?),
        false => None,
    };
    Ok(NamespaceItem { namespace, members })
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
