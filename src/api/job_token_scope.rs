//! Whose jobs may use their token in a project (contract 11.8).

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::Result;
use crate::http::describe::{
    Answer::*,
    Operation,
    Shape::{self, *},
};
use crate::http::{BaseUrl, FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{Ability, Door, Namespace, Project, ProjectAccess, Registry, Source};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/job_token_scope" Project(AdminProject) => show, described SHOW;
    PATCH "/projects/{id}/job_token_scope" Project(AdminProject) => update, described UPDATE;
    GET "/projects/{id}/job_token_scope/allowlist" Project(AdminProject) => list_projects, described LIST_PROJECTS;
    POST "/projects/{id}/job_token_scope/allowlist" Project(AdminProject) => add_project, described ADD_PROJECT;
    DELETE "/projects/{id}/job_token_scope/allowlist/{target_project_id}" Project(AdminProject) => remove_project, described REMOVE_PROJECT;
    GET "/projects/{id}/job_token_scope/groups_allowlist" Project(AdminProject) => list_groups, described LIST_GROUPS;
    POST "/projects/{id}/job_token_scope/groups_allowlist" Project(AdminProject) => add_group, described ADD_GROUP;
    DELETE "/projects/{id}/job_token_scope/groups_allowlist/{target_group_id}" Project(AdminProject) => remove_group, described REMOVE_GROUP;
};

const SHOW: Operation = Operation::new(
    "Whether job tokens of other projects are limited",
    Json(
        200,
        &Object(&[&[("inbound_enabled", Flag), ("outbound_enabled", Flag)]]),
    ),
);
const UPDATE: Operation =
    Operation::new("Limit job tokens of other projects", Empty(204)).takes(&[&[("enabled", Flag)]]);
const PROJECT: Shape = Named(
    "AllowlistedProject",
    &Object(&[&[
        ("id", Integer),
        ("description", Maybe(&Text)),
        ("name", Text),
        ("path", Text),
        ("path_with_namespace", Text),
        ("created_at", Moment),
        ("default_branch", Text),
        ("web_url", Text),
    ]]),
);
const GROUP: Shape = Named(
    "AllowlistedGroup",
    &Object(&[&[("id", Integer), ("web_url", Text), ("name", Text)]]),
);
const LIST_PROJECTS: Operation = Operation::new(
    "Projects whose job tokens may be used here",
    Pages(&PROJECT),
);
const LIST_GROUPS: Operation =
    Operation::new("Groups whose job tokens may be used here", Pages(&GROUP));
const ADD_PROJECT: Operation = Operation::new(
    "Let the jobs of a project use their tokens here",
    Json(
        201,
        &Object(&[&[
            ("source_project_id", Integer),
            ("target_project_id", Integer),
        ]]),
    ),
)
.takes(&[&[("target_project_id", Integer)]]);
const ADD_GROUP: Operation = Operation::new(
    "Let the jobs of a group use their tokens here",
    Json(
        201,
        &Object(&[&[("source_project_id", Integer), ("target_group_id", Integer)]]),
    ),
)
.takes(&[&[("target_group_id", Integer)]]);
const REMOVE_PROJECT: Operation = Operation::new("Take a project off the allowlist", Empty(204));
const REMOVE_GROUP: Operation = Operation::new("Take a group off the allowlist", Empty(204));

/// `…/allowlist/:target_project_id`
struct TargetProject(i64);

impl FromPath for TargetProject {
    fn from_path(params: &PathParams) -> Result<TargetProject> {
        params.id("target_project_id").map(TargetProject)
    }
}

/// `…/groups_allowlist/:target_group_id`
struct TargetGroup(i64);

impl FromPath for TargetGroup {
    fn from_path(params: &PathParams) -> Result<TargetGroup> {
        params.id("target_group_id").map(TargetGroup)
    }
}

/// `GET /projects/:id/job_token_scope`: 200.
async fn show(access: ProjectAccess) -> Result<HttpResponse> {
    answer::ok(&json!({
        "inbound_enabled": access.project.inbound_job_token_scope,
        "outbound_enabled": access.project.ci_job_token_scope_enabled,
    }))
}

/// `PATCH /projects/:id/job_token_scope`: 204; `enabled` says whether the allowlist counts.
async fn update(
    access: ProjectAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let enabled = check.flag("enabled");
    if !params.is_given("enabled") {
        check.refuse("enabled is missing");
    } else if enabled.is_none() {
        check.refuse("enabled is empty");
    }
    check.done()?;
    registry
        .limit_job_tokens(&access, enabled.unwrap_or(true))
        .await?;
    Ok(answer::no_content())
}

/// `GET …/job_token_scope/allowlist`: 200, a page of projects.
async fn list_projects(
    access: ProjectAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let projects = registry.allowlisted_projects(&access)?;
    page(projects, project_view, &params, &request, &registry)
}

/// `POST …/job_token_scope/allowlist`: 201; the jobs of `target_project_id` may use their token here.
async fn add_project(
    access: ProjectAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let target = required_id(&params, "target_project_id")?;
    // Whoever may not see it is told what everybody is told of a project that does not exist.
    registry.project_access(
        &target.to_string(),
        access.actor.clone(),
        Ability::ReadProject,
        Door::SignedIn,
    )?;
    registry
        .allow_jobs_of(&access, Source::Project(target))
        .await?;
    answer::created(&json!({ "source_project_id": access.project.id, "target_project_id": target }))
}

/// `DELETE …/job_token_scope/allowlist/:target_project_id`: 204.
async fn remove_project(
    access: ProjectAccess,
    Path(TargetProject(target)): Path<TargetProject>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry
        .disallow_jobs_of(&access, Source::Project(target))
        .await?;
    Ok(answer::no_content())
}

/// `GET …/job_token_scope/groups_allowlist`: 200, a page of groups.
async fn list_groups(
    access: ProjectAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let groups = registry.allowlisted_groups(&access)?;
    page(groups, group_view, &params, &request, &registry)
}

/// `POST …/job_token_scope/groups_allowlist`: 201; so may the jobs of every project below `target_group_id`.
async fn add_group(
    access: ProjectAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let target = required_id(&params, "target_group_id")?;
    registry.group_access(
        &target.to_string(),
        access.actor.clone(),
        Ability::ReadGroup,
        Door::SignedIn,
    )?;
    registry
        .allow_jobs_of(&access, Source::Group(target))
        .await?;
    answer::created(&json!({ "source_project_id": access.project.id, "target_group_id": target }))
}

/// `DELETE …/job_token_scope/groups_allowlist/:target_group_id`: 204.
async fn remove_group(
    access: ProjectAccess,
    Path(TargetGroup(target)): Path<TargetGroup>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry
        .disallow_jobs_of(&access, Source::Group(target))
        .await?;
    Ok(answer::no_content())
}

fn required_id(params: &Params, name: &str) -> Result<i64> {
    let mut check = params.check();
    let id = check.required_integer(name);
    check.done()?;
    Ok(id)
}

fn page<T, V: Serialize>(
    all: Vec<T>,
    view: fn(T, &BaseUrl) -> V,
    params: &Params,
    request: &HttpRequest,
    registry: &Registry,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let page = check.page();
    let declared = check.done()?;
    let url = registry.config().url();
    let (shown, total) = page.cut(all);
    let views: Vec<V> = shown.into_iter().map(|item| view(item, &url)).collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, request, &url, declared, total);
    Ok(response)
}

fn project_view(project: Project, url: &BaseUrl) -> Value {
    json!({
        "id": project.id,
        "description": project.description,
        "name": project.name,
        "path": project.path,
        "path_with_namespace": project.full_path,
        "created_at": project.created_at,
        "default_branch": project.default_branch,
        "web_url": url.absolute(&format!("/{}", project.full_path)),
    })
}

fn group_view(group: Namespace, url: &BaseUrl) -> Value {
    json!({
        "id": group.id,
        "web_url": url.absolute(&format!("/groups/{}", group.full_path)),
        "name": group.name,
    })
}
