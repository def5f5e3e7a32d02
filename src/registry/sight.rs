//! What one caller sees among many projects and groups, decided from one reading of their memberships.

use std::collections::HashMap;

use super::access::{package_access, reads_packages, shows_itself};
use super::{
    AccessLevel, Actor, Feature, Namespace, PackageAccess, Project, Registry, Source, Timestamp,
};
use crate::error::Result;
use crate::storage::db::{Connection, members, namespaces};

/// The caller's view of the whole instance. The rules are those of `access`; only the levels come from here.
pub struct Sight {
    actor: Actor,
    levels: HashMap<(bool, i64), AccessLevel>, // (is a project, id)
    namespaces: HashMap<i64, Namespace>,
    guests_can_pull: bool,
}

impl Registry {
    pub(super) fn sight(&self, conn: &Connection, actor: &Actor) -> Result<Sight> {
        let memberships = match actor.user() {
            Some(user) if !user.admin => members::of_user(conn, user.id, &Timestamp::now().date())?,
            _ => Vec::new(),
        };
        let levels = memberships
            .into_iter()
            .map(|(source, level)| (key(source), level))
            .collect();
        let namespaces = namespaces::list(conn)?
            .into_iter()
            .map(|namespace| (namespace.id, namespace))
            .collect();
        Ok(Sight {
            actor: actor.clone(),
            levels,
            namespaces,
            guests_can_pull: self.config.guests_can_pull,
        })
    }
}

fn key(source: Source) -> (bool, i64) {
    match source {
        Source::Project(id) => (true, id),
        Source::Group(id) => (false, id),
    }
}

impl Sight {
    pub fn level_in_project(&self, project: &Project) -> Option<AccessLevel> {
        let direct = self.levels.get(&(true, project.id)).copied();
        direct.max(self.level_in_namespace(project.namespace_id))
    }

    /// Directly, through a group above, or as the owner of a personal namespace.
    pub fn level_in_namespace(&self, id: i64) -> Option<AccessLevel> {
        let user = self.actor.user()?;
        if user.admin {
            return Some(AccessLevel::Admin);
        }
        let mut highest = None;
        let mut next = self.namespaces.get(&id);
        while let Some(namespace) = next {
            let owns = (namespace.user_id == Some(user.id)).then_some(AccessLevel::Owner);
            highest = highest
                .max(owns)
                .max(self.levels.get(&(false, namespace.id)).copied());
            next = namespace
                .parent_id
                .and_then(|parent| self.namespaces.get(&parent));
        }
        highest
    }

    pub fn sees_project(&self, project: &Project) -> bool {
        shows_itself(project.visibility, &self.actor) || self.level_in_project(project).is_some()
    }

    /// A group shows itself to members of anything below it, too.
    pub fn sees_namespace(&self, namespace: &Namespace, projects_seen_as_member: &[i64]) -> bool {
        shows_itself(namespace.visibility, &self.actor)
            || self.level_in_namespace(namespace.id).is_some()
            || self
                .namespaces_of_members(projects_seen_as_member)
                .any(|id| id == namespace.id)
    }

    fn namespaces_of_members<'a>(&'a self, below: &'a [i64]) -> impl Iterator<Item = i64> + 'a {
        let by_group = self
            .levels
            .keys()
            .filter(|(is_project, _)| !is_project)
            .map(|(_, id)| *id);
        by_group.chain(below.iter().copied()).flat_map(|id| {
            std::iter::successors(self.namespaces.get(&id), |namespace| {
                self.namespaces.get(&namespace.parent_id?)
            })
            .map(|namespace| namespace.id)
        })
    }

    /// Whether the packages of a project stand in a group's list for this caller: never by "everyone can pull" alone.
    pub fn reads_packages(&self, project: &Project) -> bool {
        let level = self.level_in_project(project);
        let visible = level.is_some() || shows_itself(project.visibility, &self.actor);
        visible
            && project.package_registry_access_level != Feature::Disabled
            && reads_packages(project, &self.actor, level, self.guests_can_pull)
    }

    pub fn packages(&self, project: &Project) -> PackageAccess {
        package_access(project, self.level_in_project(project), &self.actor)
    }

    pub fn namespace(&self, id: i64) -> Option<&Namespace> {
        self.namespaces.get(&id)
    }

    pub fn namespaces(&self) -> impl Iterator<Item = &Namespace> {
        self.namespaces.values()
    }
}
