//! What one caller sees among many projects and groups, decided from one reading of their memberships.

use std::collections::{HashMap, HashSet};

use super::access::{may_read_packages, package_access, shows_itself};
use super::{
    AccessLevel, Actor, Door, Namespace, PackageAccess, Project, Registry, Source, Timestamp,
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
            Some(user) => members::of_user(conn, user.id, &Timestamp::now().date())?,
            None => Vec::new(),
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
        match self.actor.is_admin() {
            true => Some(AccessLevel::Admin),
            false => self.membership_in_project(project),
        }
    }

    /// What memberships alone give: administrators are nobody's members by that.
    pub fn membership_in_project(&self, project: &Project) -> Option<AccessLevel> {
        self.own_membership_in_project(project)
            .max(self.membership_in_namespace(project.namespace_id))
    }

    /// A membership of the project itself, without the groups above it.
    pub fn own_membership_in_project(&self, project: &Project) -> Option<AccessLevel> {
        self.levels.get(&(true, project.id)).copied()
    }

    /// Directly, through a group above, or as the owner of a personal namespace.
    pub fn membership_in_namespace(&self, id: i64) -> Option<AccessLevel> {
        let user = self.actor.user()?;
        self.upwards(id)
            .filter_map(|namespace| {
                let owns = (namespace.user_id == Some(user.id)).then_some(AccessLevel::Owner);
                owns.max(self.levels.get(&(false, namespace.id)).copied())
            })
            .max()
    }

    pub fn sees_project(&self, project: &Project) -> bool {
        shows_itself(project.visibility, &self.actor) || self.level_in_project(project).is_some()
    }

    /// The namespaces that the caller may know of. A group shows itself to members of anything below it, too.
    pub fn seen_namespaces(&self, projects: &[Project]) -> HashSet<i64> {
        let mut seen = self.joined_namespaces(projects);
        let shown = self.namespaces.values().filter(|namespace| {
            self.actor.is_admin() || shows_itself(namespace.visibility, &self.actor)
        });
        seen.extend(shown.map(|namespace| namespace.id));
        seen
    }

    /// The namespaces that the caller is a member of, what lies below those, and what lies above any membership.
    pub fn joined_namespaces(&self, projects: &[Project]) -> HashSet<i64> {
        let of_projects = projects
            .iter()
            .filter(|project| self.membership_in_project(project).is_some())
            .map(|project| project.namespace_id);
        let of_groups = self.namespaces.keys().copied();
        of_groups
            .filter(|id| self.membership_in_namespace(*id).is_some())
            .chain(of_projects)
            .flat_map(|id| self.upwards(id).map(|namespace| namespace.id))
            .collect()
    }

    /// A namespace and everything above it.
    fn upwards(&self, id: i64) -> impl Iterator<Item = &Namespace> {
        std::iter::successors(self.namespaces.get(&id), |namespace| {
            self.namespaces.get(&namespace.parent_id?)
        })
    }

    /// The names from the top level down to this namespace, as GitLab shows them: `Acme / Tools`.
    pub fn full_name(&self, id: i64) -> String {
        let mut names: Vec<&str> = self
            .upwards(id)
            .map(|namespace| namespace.name.as_str())
            .collect();
        names.reverse();
        names.join(" / ")
    }

    /// Whether the packages of a project stand in a group's list for this caller, by the decision that its own routes take.
    pub(super) fn reads_packages(
        &self,
        conn: &Connection,
        project: &Project,
        door: Door,
    ) -> Result<bool> {
        let level = self.level_in_project(project);
        may_read_packages(
            conn,
            project,
            &self.actor,
            level,
            door,
            self.guests_can_pull,
        )
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
