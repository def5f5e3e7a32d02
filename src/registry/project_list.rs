//! Projects as they are shown: alone, and in lists with their filters and orders (contract 11.2).

use std::cmp::Ordering;

use super::search::Search;
use super::{
    AccessLevel, Actor, Namespace, Project, ProjectAccess, Registry, Sight, Source, Timestamp,
    User, Visibility,
};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, members, namespaces, projects, users};

/// A project with what its answers tell beside it.
#[derive(Clone, Debug)]
pub struct ProjectItem {
    pub project: Project,
    pub namespace: Namespace,
    /// `Acme / Tools`
    pub namespace_name: String,
    /// Of a project in a personal namespace.
    pub owner: Option<User>,
    /// The caller's memberships: of the project itself, and through the groups above it.
    pub project_level: Option<AccessLevel>,
    pub group_level: Option<AccessLevel>,
}

/// Among which projects a list looks.
#[derive(Clone, Copy, Debug)]
pub enum ProjectScope {
    Everywhere,
    Group { id: i64, include_subgroups: bool },
    PersonalOf { user_id: i64 },
}

/// What a list is narrowed to; the default lets everything through.
#[derive(Clone, Debug, Default)]
pub struct ProjectFilter {
    pub search: Search,
    /// Whether the search looks at the path of the namespace, too.
    pub search_namespaces: bool,
    pub visibility: Option<Visibility>,
    /// There are no archived projects: true finds nothing.
    pub archived: bool,
    /// Of a caller who is somebody: memberships, ownerships, stars (there are none), and a least level.
    pub membership: bool,
    pub owned: bool,
    pub starred: bool,
    pub min_access_level: i64,
    pub topics: Vec<String>,
    pub id_after: Option<i64>,
    pub id_before: Option<i64>,
    pub updated_after: Option<Timestamp>,
    pub updated_before: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectOrderBy {
    Id,
    Name,
    Path,
    UpdatedAt,
    Similarity,
}

#[derive(Clone, Copy, Debug)]
pub struct ProjectOrder {
    pub by: ProjectOrderBy,
    pub descending: bool,
}

impl Registry {
    /// One page of the projects that the caller may see, and their total.
    pub async fn list_projects(
        &self,
        actor: Actor,
        scope: ProjectScope,
        filter: ProjectFilter,
        order: ProjectOrder,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<ProjectItem>, i64)> {
        let registry = self.clone();
        let work = move |conn: &Connection| {
            let sight = registry.sight(conn, &actor)?;
            let mut found = within(conn, scope)?;
            let as_user = actor.user().is_some();
            found.retain(|project| {
                sight.sees_project(project)
                    && filter.keeps(project)
                    && (!as_user || filter.keeps_for(project, &sight))
            });
            found.sort_by(|a, b| order.compare(a, b, &filter.search));
            let total = found.len() as i64;
            let page = super::page_of(found, limit, offset);
            let items = page.map(|project| item_in(conn, project, &sight));
            Ok((items.collect::<Result<_>>()?, total))
        };
        self.db.read(work).await
    }

    /// One project with what its answers tell beside it.
    pub fn project_item(&self, project: Project, actor: &Actor) -> Result<ProjectItem> {
        self.db.look(|conn| {
            let path = namespaces::with_ancestors(conn, project.namespace_id)?;
            let names: Vec<&str> = path.iter().rev().map(|above| above.name.as_str()).collect();
            let namespace_name = names.join(" / ");
            let namespace = path.into_iter().next().ok_or_else(homeless)?;
            let today = Timestamp::now().date();
            let (mut own, mut above) = (None, None);
            if let Some(user) = actor.user() {
                let source = Source::Project(project.id);
                own = members::find(conn, source, user.id, &today)?.map(|own| own.access_level);
                above = members::level_in_namespace(conn, user.id, namespace.id, &today)?;
            }
            let owner = owner_of(conn, &namespace)?;
            Ok(item(project, namespace, namespace_name, owner, own, above))
        })
    }

    /// What a caller with leave is shown of the project.
    pub fn project_of(&self, access: &ProjectAccess) -> Result<ProjectItem> {
        self.project_item(Project::clone(&access.project), &access.actor)
    }
}

fn within(conn: &Connection, scope: ProjectScope) -> Result<Vec<Project>> {
    let namespaces = match scope {
        ProjectScope::Everywhere => return projects::list(conn),
        ProjectScope::Group {
            id,
            include_subgroups: true,
        } => namespaces::with_descendants(conn, id)?,
        ProjectScope::Group { id, .. } => vec![id],
        ProjectScope::PersonalOf { user_id } => {
            let personal = namespaces::of_user(conn, user_id)?;
            personal.into_iter().map(|own| own.id).collect()
        }
    };
    let mut found = Vec::new();
    for id in namespaces {
        found.extend(projects::in_namespace(conn, id)?);
    }
    Ok(found)
}

fn item_in(conn: &Connection, project: Project, sight: &Sight) -> Result<ProjectItem> {
    let namespace = sight
        .namespace(project.namespace_id)
        .cloned()
        .ok_or_else(homeless)?;
    let owner = owner_of(conn, &namespace)?;
    let name = sight.full_name(namespace.id);
    let own = sight.own_membership_in_project(&project);
    let above = sight.membership_in_namespace(namespace.id);
    Ok(item(project, namespace, name, owner, own, above))
}

fn item(
    project: Project,
    namespace: Namespace,
    namespace_name: String,
    owner: Option<User>,
    own: Option<AccessLevel>,
    above: Option<AccessLevel>,
) -> ProjectItem {
    // GitLab makes the owner of a personal namespace a member of each project in it.
    let (project_level, group_level) = match namespace.is_group() {
        true => (own, above),
        false => (own.max(above), None),
    };
    ProjectItem {
        project,
        namespace,
        namespace_name,
        owner,
        project_level,
        group_level,
    }
}

fn owner_of(conn: &Connection, namespace: &Namespace) -> Result<Option<User>> {
    match namespace.user_id {
        Some(id) => users::find(conn, id),
        None => Ok(None),
    }
}

fn homeless() -> Error {
    Error::internal("a project without a namespace")
}

impl ProjectFilter {
    fn keeps(&self, project: &Project) -> bool {
        let description = project.description.as_deref().unwrap_or_default();
        let mut texts = vec![project.name.as_str(), &project.path, description];
        if self.search_namespaces {
            texts.push(&project.full_path);
        }
        let after = |limit: Option<Timestamp>| limit.is_none_or(|at| project.updated_at > at);
        let before = |limit: Option<Timestamp>| limit.is_none_or(|at| project.updated_at < at);
        !self.archived
            && self.search.finds(texts)
            && self
                .visibility
                .is_none_or(|only| only == project.visibility)
            && self.id_after.is_none_or(|id| project.id > id)
            && self.id_before.is_none_or(|id| project.id < id)
            && after(self.updated_after)
            && before(self.updated_before)
            && (self.topics.is_empty() || self.keeps_topics(project))
    }

    fn keeps_topics(&self, project: &Project) -> bool {
        let topics = project.topics();
        let has = |wanted: &String| topics.iter().any(|own| own.eq_ignore_ascii_case(wanted));
        self.topics.iter().all(has)
    }

    fn keeps_for(&self, project: &Project, sight: &Sight) -> bool {
        let level = sight.membership_in_project(project);
        !self.starred
            && (!self.membership || level.is_some())
            && (!self.owned || level >= Some(AccessLevel::Owner))
            && level.map_or(0, |level| level as i64) >= self.min_access_level
    }
}

impl ProjectOrder {
    /// Equals follow by id, in the same direction.
    fn compare(self, a: &Project, b: &Project, search: &Search) -> Ordering {
        let by = match self.by {
            ProjectOrderBy::Id => Ordering::Equal,
            ProjectOrderBy::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
            ProjectOrderBy::Path => a.path.to_lowercase().cmp(&b.path.to_lowercase()),
            ProjectOrderBy::UpdatedAt => a.updated_at.cmp(&b.updated_at),
            ProjectOrderBy::Similarity => search.nearness(&a.name).cmp(&search.nearness(&b.name)),
        };
        let ordering = by.then(a.id.cmp(&b.id));
        if self.descending {
            ordering.reverse()
        } else {
            ordering
        }
    }
}
