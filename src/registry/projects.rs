//! Projects (contract 11.2).

use super::audit::Event;
use super::members::Membership;
use super::paths;
use super::{
    AccessLevel, Actor, Feature, Member, Namespace, Project, ProjectAccess, Registry, Source,
    Visibility,
};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, WriteTx, members, namespaces, projects, users};

pub struct NewProject {
    pub namespace_id: i64,
    /// At least one of name and path; the other is made from it.
    pub name: Option<String>,
    pub path: Option<String>,
    pub visibility: Visibility,
    pub creator_id: Option<i64>,
    pub changes: ProjectChanges,
}

/// What `POST` and `PUT /projects` may set; absent stays as it is.
#[derive(Default)]
pub struct ProjectChanges {
    pub name: Option<String>,
    pub description: Option<String>,
    pub visibility: Option<Visibility>,
    pub package_registry_access_level: Option<Feature>,
    pub builds_access_level: Option<Feature>,
    pub public_jobs: Option<bool>,
    pub ci_job_token_scope_enabled: Option<bool>,
    pub inbound_job_token_scope: Option<bool>,
    pub default_branch: Option<String>,
    pub topics: Option<Vec<String>>,
}

/// External users have no room of their own, as in GitLab; they may create in groups where their role allows it.
const NO_PERSONAL_PROJECTS: &str =
    "Your project limit is 0 projects! Please contact your administrator to increase it";

impl Registry {
    /// 400 where GitLab's validation refuses; the caller's right to create in the namespace was checked before.
    pub async fn create_project(&self, new: NewProject) -> Result<Project> {
        self.db.write(move |tx| create(tx, new)).await
    }

    /// The same for commands.
    pub fn create_project_blocking(&self, new: NewProject) -> Result<Project> {
        self.db.write_blocking(move |tx| create(tx, new))
    }

    /// Whether this user may create projects there: by the group's own rule, developers by default.
    pub fn may_create_project_in(&self, actor: &Actor, namespace: &Namespace) -> Result<bool> {
        self.db.look(|conn| {
            let Some(user) = actor.user() else {
                return Ok(false);
            };
            if user.admin {
                return Ok(true);
            }
            let needed = match namespace.project_creation_level.as_str() {
                _ if !namespace.is_group() => AccessLevel::Owner,
                "noone" => return Ok(false),
                "owner" => AccessLevel::Owner,
                "maintainer" => AccessLevel::Maintainer,
                _ => AccessLevel::Developer,
            };
            Ok(members::level_in_namespace(
                conn,
                user.id,
                namespace.id,
                &super::Timestamp::now().date(),
            )? >= Some(needed))
        })
    }

    pub async fn update_project(
        &self,
        access: &ProjectAccess,
        changes: ProjectChanges,
    ) -> Result<Project> {
        let id = access.project.id;
        self.db
            .write(move |tx| update_recorded(tx, id, changes))
            .await
    }

    pub fn update_project_blocking(&self, id: i64, changes: ProjectChanges) -> Result<Project> {
        self.db
            .write_blocking(move |tx| update_recorded(tx, id, changes))
    }

    pub async fn delete_project(&self, access: &ProjectAccess) -> Result<()> {
        let id = access.project.id;
        self.db.write(move |tx| delete(tx, id)).await
    }

    pub fn delete_project_blocking(&self, id: i64) -> Result<()> {
        self.db.write_blocking(move |tx| delete(tx, id))
    }

    /// Whether the project of the first start is there and anybody can read it.
    pub fn default_project_is_public(&self) -> Result<bool> {
        let project = self
            .db
            .look(|conn| projects::find_by_path(conn, "local/packages"))?;
        Ok(project.is_some_and(|project| project.visibility == Visibility::Public))
    }

    pub fn list_projects_blocking(&self) -> Result<Vec<Project>> {
        self.db.read_blocking(projects::list)
    }

    /// By number or full path, for commands, which need no leave.
    pub fn project_for_operator(&self, text: &str) -> Result<ProjectAccess> {
        let project = self
            .db
            .look(|conn| super::access::find_project(conn, text))?;
        let project = project.ok_or_else(|| {
            Error::for_a_person(format!(
                "there is no project `{text}`\nhint: `packhouse project list` shows what there is"
            ))
        })?;
        Ok(ProjectAccess::of_operator(project))
    }
}

pub(super) fn create(tx: &WriteTx<'_>, new: NewProject) -> Result<Project> {
    let namespace = namespaces::find(tx, new.namespace_id)?
        .ok_or_else(|| Error::invalid_field("namespace", "is not valid"))?;
    if let Some(owner) = namespace.user_id
        && users::find(tx, owner)?.is_some_and(|owner| owner.external)
    {
        return Err(Error::LimitReached(NO_PERSONAL_PROJECTS));
    }
    let path = new
        .path
        .or_else(|| new.name.as_deref().map(paths::slug))
        .unwrap_or_default();
    let name = new.name.unwrap_or_else(|| path.clone());
    paths::check_name(&name)?;
    let full_path =
        paths::check(tx, Some(&namespace.full_path), &path).map_err(as_taken_project)?;
    allow_visibility(&namespace, new.visibility)?;
    let row = projects::NewProject {
        namespace_id: namespace.id,
        name: &name,
        path: &path,
        full_path: &full_path,
        visibility: new.visibility,
        creator_id: new.creator_id,
    };
    let id = projects::insert(tx, &row, tx.now)?;
    let project = update(tx, id, new.changes)?;
    Event::in_project("project_created", &project)
        .with("visibility", project.visibility)
        .saying(format!("Created the {} project", project.visibility))
        .record(tx)?;
    if let Some(user_id) = new.creator_id {
        own(tx, user_id, id)?;
    }
    Ok(project)
}

fn delete(tx: &WriteTx<'_>, id: i64) -> Result<()> {
    if let Some(project) = projects::find(tx, id)? {
        Event::in_project("project_destroyed", &project)
            .saying("Deleted the project with its packages")
            .record(tx)?;
    }
    projects::delete(tx, id)
}

fn update_recorded(tx: &WriteTx<'_>, id: i64, changes: ProjectChanges) -> Result<Project> {
    let before = projects::find(tx, id)?.ok_or_else(|| Error::not_found("Project"))?;
    let after = update(tx, id, changes)?;
    let (was, is) = (settings_of(&before), settings_of(&after));
    let changed: Vec<&str> = was
        .iter()
        .filter(|(name, value)| is.get(*name) != Some(value))
        .map(|(name, _)| name.as_str())
        .collect();
    if !changed.is_empty() {
        let of = |all: &serde_json::Map<String, serde_json::Value>| -> serde_json::Map<_, _> {
            let pick = |name: &&str| Some(((*name).to_owned(), all.get(*name)?.clone()));
            changed.iter().filter_map(pick).collect()
        };
        Event::in_project("project_settings_updated", &after)
            .with("from", of(&was))
            .with("to", of(&is))
            .saying(format!("Changed the project's {}", changed.join(", ")))
            .record(tx)?;
    }
    Ok(after)
}

/// What the audit log compares.
fn settings_of(project: &Project) -> serde_json::Map<String, serde_json::Value> {
    let all = serde_json::json!({
        "name": project.name,
        "description": project.description,
        "visibility": project.visibility,
        "package_registry_access_level": project.package_registry_access_level.as_str(),
        "builds_access_level": project.builds_access_level.as_str(),
        "public_jobs": project.public_jobs,
        "ci_job_token_scope_enabled": project.ci_job_token_scope_enabled,
        "inbound_job_token_scope": project.inbound_job_token_scope,
        "default_branch": project.default_branch,
        "topics": project.topics,
    });
    match all {
        serde_json::Value::Object(all) => all,
        _ => serde_json::Map::new(),
    }
}

/// A creator who is not an owner through the namespace becomes the project's maintainer, as in GitLab.
fn own(tx: &WriteTx<'_>, user_id: i64, project_id: i64) -> Result<()> {
    if members::level_in_project(tx, user_id, project_id, &tx.now.date())?
        >= Some(AccessLevel::Maintainer)
    {
        return Ok(());
    }
    let member = Member {
        user_id,
        access_level: AccessLevel::Maintainer,
        created_by: Some(user_id),
        created_at: tx.now,
        expires_at: None,
    };
    members::insert(tx, Source::Project(project_id), &member)?;
    Membership::new(user_id, member.access_level, &None).record(
        tx,
        "member_created",
        Source::Project(project_id),
        None,
    )
}

fn update(tx: &WriteTx<'_>, id: i64, changes: ProjectChanges) -> Result<Project> {
    let mut project = projects::find(tx, id)?.ok_or_else(|| Error::not_found("Project"))?;
    if let Some(visibility) = changes.visibility {
        let namespace =
            namespaces::find(tx, project.namespace_id)?.ok_or_else(|| Error::not_found("Group"))?;
        allow_visibility(&namespace, visibility)?;
        project.visibility = visibility;
    }
    if let Some(name) = changes.name {
        paths::check_name(&name)?;
        project.name = name;
    }
    project.description = changes.description.or(project.description);
    project.package_registry_access_level = changes
        .package_registry_access_level
        .unwrap_or(project.package_registry_access_level);
    project.builds_access_level = changes
        .builds_access_level
        .unwrap_or(project.builds_access_level);
    project.public_jobs = changes.public_jobs.unwrap_or(project.public_jobs);
    project.ci_job_token_scope_enabled = changes
        .ci_job_token_scope_enabled
        .unwrap_or(project.ci_job_token_scope_enabled);
    project.inbound_job_token_scope = changes
        .inbound_job_token_scope
        .unwrap_or(project.inbound_job_token_scope);
    project.default_branch = changes.default_branch.unwrap_or(project.default_branch);
    if let Some(topics) = changes.topics {
        project.topics = serde_json::to_string(&topics)?;
    }
    projects::update(tx, &project, tx.now)?;
    find_again(tx, id)
}

/// GitLab says it of the name, the path and the namespace's route at once; clients test for the text.
fn as_taken_project(error: Error) -> Error {
    let Error::Invalid { status, fields } = &error else {
        return error;
    };
    let taken = "has already been taken";
    if fields["path"][0] != taken {
        return error;
    }
    let fields =
        serde_json::json!({ "project_namespace.name": [taken], "name": [taken], "path": [taken] });
    Error::Invalid {
        status: *status,
        fields,
    }
}

fn allow_visibility(namespace: &Namespace, visibility: Visibility) -> Result<()> {
    if namespace.is_group() && visibility > namespace.visibility {
        let text = format!(
            "{visibility} is not allowed in a {} group.",
            namespace.visibility
        );
        return Err(Error::invalid_field("visibility_level", &text));
    }
    Ok(())
}

fn find_again(conn: &Connection, id: i64) -> Result<Project> {
    projects::find(conn, id)?.ok_or_else(|| Error::internal("a project is gone that was just made"))
}
