//! Namespaces, groups and personal ones alike, as they are shown to their members (contract 11.3).

use super::search::Search;
use super::{AccessLevel, Actor, Namespace, Registry, Timestamp, User};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, members, namespaces};

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
