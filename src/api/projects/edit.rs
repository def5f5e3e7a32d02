//! Creating, changing and deleting projects.

use actix_web::{HttpResponse, web};

use super::list::UserName;
use crate::api::views;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::describe::{Field, Shape::*};
use crate::http::{Check, Params, Path, answer};
use crate::registry::{
    AccessLevel, Actor, Feature, Namespace, NewProject, Project, ProjectAccess, ProjectChanges,
    Registry, Visibility,
};

/// `POST /projects`: 201, the project; in the caller's own namespace unless `namespace_id` says where.
pub(super) async fn create(
    Caller(actor): Caller,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let wish = Wish::parse(&mut check);
    let namespace_id = check.integer("namespace_id");
    check.done()?;
    let user = actor.user().ok_or(Error::Unauthorized)?;
    let namespace = match namespace_id {
        Some(id) => registry.namespace(id)?,
        None => registry.personal_namespace(user.id)?,
    };
    // What the caller may not use is no place, whether it exists or not.
    let invalid = || Error::invalid_field("namespace", "is not valid");
    let namespace = namespace.ok_or_else(invalid)?;
    if !registry.may_create_project_in(&actor, &namespace)? {
        return Err(invalid());
    }
    let creator_id = user.id;
    let project = wish.create(&registry, &namespace, creator_id).await?;
    answer::created(&view(&registry, project, &actor)?)
}

/// `POST /projects/user/:user_id`: 201, a project in the personal namespace of somebody else.
pub(super) async fn create_for_user(
    Caller(actor): Caller,
    Path(UserName(name)): Path<UserName>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let user = registry.user_by_id_or_name(&name)?;
    let mut check = params.check();
    let wish = Wish::parse(&mut check);
    check.done()?;
    let namespace = registry
        .personal_namespace(user.id)?
        .ok_or_else(|| Error::invalid_field("namespace", "is not valid"))?;
    let project = wish.create(&registry, &namespace, user.id).await?;
    answer::created(&view(&registry, project, &actor)?)
}

/// `PUT /projects/:id`: 200, the project; its visibility is changed by owners alone.
pub(super) async fn update(
    access: ProjectAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let path = check.text("path");
    let changes = changes(&mut check);
    check.at_least_one_of(CHANGEABLE);
    check.done()?;
    if path.is_some_and(|path| path != access.project.path) {
        let text = "cannot be changed: this registry does not rename projects";
        return Err(Error::invalid_field("path", text));
    }
    let shown_otherwise = changes
        .visibility
        .is_some_and(|visibility| visibility != access.project.visibility);
    if shown_otherwise && !access.is_at_least(AccessLevel::Owner) {
        return Err(Error::Forbidden);
    }
    let project = registry.update_project(&access, changes).await?;
    answer::ok(&view(&registry, project, &access.actor)?)
}

/// `DELETE /projects/:id`: 202 `{"message":"202 Accepted"}`; its packages go with it.
pub(super) async fn remove(
    access: ProjectAccess,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry.delete_project(&access).await?;
    Ok(answer::accepted())
}

fn view(registry: &Registry, project: Project, actor: &Actor) -> Result<serde_json::Value> {
    let item = registry.project_item(project, actor)?;
    Ok(views::full_project(&item, &registry.config().url()))
}

/// A project that somebody wants.
struct Wish {
    path: Option<String>,
    changes: ProjectChanges,
}

impl Wish {
    fn parse(check: &mut Check<'_>) -> Wish {
        check.at_least_one_of(&["name", "path"]);
        Wish {
            path: check.text("path"),
            changes: changes(check),
        }
    }

    async fn create(
        mut self,
        registry: &Registry,
        namespace: &Namespace,
        creator_id: i64,
    ) -> Result<Project> {
        let visibility = match self.changes.visibility.take() {
            Some(visibility) => visibility,
            None => registry.default_project_visibility()?,
        };
        let new = NewProject {
            namespace_id: namespace.id,
            name: self.changes.name.take(),
            path: self.path,
            visibility,
            creator_id: Some(creator_id),
            changes: self.changes,
        };
        registry.create_project(new).await
    }
}

/// What `PUT` knows, in the order in which its absence is told.
const CHANGEABLE: &[&str] = &[
    "name",
    "path",
    "description",
    "visibility",
    "packages_enabled",
    "package_registry_access_level",
    "default_branch",
    "topics",
    "tag_list",
    "ci_job_token_scope_enabled",
    "public_jobs",
    "builds_access_level",
];

fn changes(check: &mut Check<'_>) -> ProjectChanges {
    let switch = |on| {
        if on {
            Feature::Enabled
        } else {
            Feature::Disabled
        }
    };
    let enabled = check.flag("packages_enabled").map(switch);
    ProjectChanges {
        name: check.text("name"),
        description: check.text_or_empty("description"),
        visibility: check
            .choice("visibility", Visibility::WORDS)
            .and_then(Visibility::parse),
        package_registry_access_level: check
            .choice("package_registry_access_level", REGISTRY_LEVELS)
            .and_then(Feature::parse)
            .or(enabled), // the older, coarser word
        builds_access_level: check
            .choice("builds_access_level", &["disabled", "private", "enabled"])
            .and_then(Feature::parse),
        public_jobs: check.flag("public_jobs"),
        ci_job_token_scope_enabled: check.flag("ci_job_token_scope_enabled"),
        inbound_job_token_scope: None, // has a route of its own
        default_branch: check.text("default_branch"),
        topics: check.list("topics").or(check.list("tag_list")),
    }
}

const REGISTRY_LEVELS: &[&str] = &["disabled", "private", "enabled", "public"];

/// What `POST` and `PUT` take.
pub(super) const KEYS: &[Field] = &[
    ("name?", Text),
    ("path?", Text),
    ("description?", Text),
    ("visibility?", Words(Visibility::WORDS)),
    ("packages_enabled?", Flag),
    ("package_registry_access_level?", Words(REGISTRY_LEVELS)),
    ("default_branch?", Text),
    ("topics?", List(&Text)),
    ("tag_list?", List(&Text)),
    ("ci_job_token_scope_enabled?", Flag),
    ("public_jobs?", Flag),
    (
        "builds_access_level?",
        Words(&["disabled", "private", "enabled"]),
    ),
];
