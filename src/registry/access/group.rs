//! Groups: who sees one, and who may change it (contract 3.5).

use super::{missing, refuse};
use crate::error::{Error, Result};
use crate::registry::{
    Ability, AccessLevel, Actor, DeployToken, Door, Namespace, Registry, Source, Timestamp,
};
use crate::storage::db::{Connection, members, namespaces, projects};

use super::names::find_namespace;
use super::verdict::shows_itself;

/// A group, once the caller is known to hold the ability that the route names.
#[derive(Clone, Debug)]
#[expect(
    clippy::manual_non_exhaustive,
    reason = "nothing outside this file may make one, this crate included"
)]
pub struct GroupAccess {
    pub group: Namespace,
    pub actor: Actor,
    pub level: Option<AccessLevel>,
    _made_here: (),
}

impl Registry {
    /// The group named by `id`, for a caller that holds `ability` there.
    pub fn group_access(
        &self,
        id: &str,
        actor: Actor,
        ability: Ability,
        door: Door,
    ) -> Result<GroupAccess> {
        self.access_to(id, Namespace::is_group, actor, ability, door)
    }

    /// The same for a name's scope: a top-level group, or a user's own namespace.
    pub fn root_access(
        &self,
        id: &str,
        actor: Actor,
        ability: Ability,
        door: Door,
    ) -> Result<GroupAccess> {
        let is_root = |namespace: &Namespace| namespace.parent_id.is_none();
        self.access_to(id, is_root, actor, ability, door)
    }

    fn access_to(
        &self,
        id: &str,
        may_be: impl Fn(&Namespace) -> bool,
        actor: Actor,
        ability: Ability,
        door: Door,
    ) -> Result<GroupAccess> {
        self.db.look(|conn| {
            let Some(group) = find_namespace(conn, id)?.filter(may_be) else {
                return Err(missing("Group", &actor, door));
            };
            let level = level_in_group(conn, &actor, &group)?;
            if !sees_group(conn, &group, &actor, level)? {
                return Err(missing("Group", &actor, door));
            }
            let needed = match ability {
                Ability::OwnGroup => Some(AccessLevel::Owner),
                Ability::AdminGroup => Some(AccessLevel::Maintainer),
                _ => None,
            };
            if level < needed {
                return Err(refuse(Error::Forbidden, &actor, door));
            }
            Ok(GroupAccess {
                group,
                actor,
                level,
                _made_here: (),
            })
        })
    }
}

impl GroupAccess {
    /// Whether the caller holds at least this role here.
    pub fn is_at_least(&self, level: AccessLevel) -> bool {
        self.level >= Some(level)
    }
}

fn level_in_group(
    conn: &Connection,
    actor: &Actor,
    group: &Namespace,
) -> Result<Option<AccessLevel>> {
    match actor.user() {
        None => Ok(None),
        Some(user) if user.admin => Ok(Some(AccessLevel::Admin)),
        Some(user) => {
            members::level_in_namespace(conn, user.id, group.id, &Timestamp::now().date())
        }
    }
}

fn sees_group(
    conn: &Connection,
    group: &Namespace,
    actor: &Actor,
    level: Option<AccessLevel>,
) -> Result<bool> {
    if level.is_some() || shows_itself(group.visibility, actor) {
        return Ok(true);
    }
    if let Actor::DeployToken(token) = actor {
        return deploy_token_sees_group(conn, token, group);
    }
    // A member of something below may know that the group above exists (section 3.5).
    match actor.user() {
        Some(user) => members::has_project_below(conn, user.id, group.id, &Timestamp::now().date()),
        None => Ok(false),
    }
}

/// A deploy token sees the group that it covers, what lies below that, and what lies above its own project.
fn deploy_token_sees_group(
    conn: &Connection,
    token: &DeployToken,
    group: &Namespace,
) -> Result<bool> {
    let is_at_or_above = |of: i64, wanted: i64| {
        Ok::<_, Error>(
            namespaces::with_ancestors(conn, of)?
                .iter()
                .any(|namespace| namespace.id == wanted),
        )
    };
    match token.source {
        Source::Group(covered) => is_at_or_above(group.id, covered),
        Source::Project(id) => match projects::find(conn, id)? {
            Some(project) => is_at_or_above(project.namespace_id, group.id),
            None => Ok(false),
        },
    }
}
