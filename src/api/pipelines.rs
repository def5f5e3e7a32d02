//! Pipelines of a project: CI runs somewhere that registered themselves (contract, section 13).

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::views::shapes::{BRIEF_PIPELINE_KEYS, WHOLE_PIPELINE};
use super::views::{PipelineView, merge};
use crate::error::Result;
use crate::http::describe::{
    Answer::*,
    Operation,
    Shape::{self, *},
};
use crate::http::download::unmodified_since;
use crate::http::{BaseUrl, FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{
    FINAL_STATUSES, NewPipeline, PIPELINE_SOURCES, PIPELINE_STATUSES, Pipeline, PipelineFilter,
    PipelineOrderBy, ProjectAccess, Registry, User,
};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/pipelines" Project(ReadPipeline) => list, described LIST;
    GET "/projects/{id}/pipelines/latest" Project(ReadPipeline) => latest, described LATEST;
    GET "/projects/{id}/pipelines/{pipeline_id}" Project(ReadPipeline) => detail, described DETAIL;
    DELETE "/projects/{id}/pipelines/{pipeline_id}" Project(OwnProject) => remove, described REMOVE;
    POST "/projects/{id}/pipeline" Project(CreatePackage) => create, described CREATE;
};

const LISTED: Shape = Named(
    "ListedPipeline",
    &Object(&[BRIEF_PIPELINE_KEYS, &[("name", Maybe(&Text))]]),
);
const LIST: Operation = Operation::new("Pipelines of a project", Pages(&LISTED)).takes(&[&[
    ("ref?", Text),
    ("sha?", Text),
    ("status?", Words(PIPELINE_STATUSES)),
    ("source?", Words(PIPELINE_SOURCES)),
    ("username?", Text),
    ("updated_after?", Moment),
    ("updated_before?", Moment),
    ("order_by?", Words(&["id", "status", "ref", "updated_at"])),
    ("sort?", Words(&["asc", "desc"])),
]]);
const LATEST: Operation =
    Operation::new("The newest pipeline of a ref", Json(200, &WHOLE_PIPELINE))
        .takes(&[&[("ref?", Text)]]);
const DETAIL: Operation = Operation::new("A pipeline", Json(200, &WHOLE_PIPELINE));
const CREATE: Operation =
    Operation::new("Register a pipeline", Json(201, &WHOLE_PIPELINE)).takes(&[&[
        ("ref", Text),
        ("sha?", Text),
        ("status?", Words(PIPELINE_STATUSES)),
        ("source?", Words(PIPELINE_SOURCES)),
        ("name?", Text),
    ]]);
const REMOVE: Operation = Operation::new("Delete a pipeline", Empty(204)).refuses(&[412]);

/// What stands for a commit that nobody named.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// `…/pipelines/:pipeline_id`
pub(super) struct PipelineId(pub(super) i64);

impl FromPath for PipelineId {
    fn from_path(params: &PathParams) -> Result<PipelineId> {
        params.id("pipeline_id").map(PipelineId)
    }
}

/// `GET /projects/:id/pipelines`: 200, a page of pipelines, newest first.
async fn list(
    access: ProjectAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let filter = PipelineFilter {
        ref_name: check.text("ref"),
        sha: check.text("sha"),
        status: check.choice("status", PIPELINE_STATUSES).map(str::to_owned),
        source: check.choice("source", PIPELINE_SOURCES).map(str::to_owned),
        username: check.text("username"),
        updated_after: check.moment("updated_after"),
        updated_before: check.moment("updated_before"),
    };
    let by = match check.choice_or("order_by", &["id", "status", "ref", "updated_at"], "id") {
        "status" => PipelineOrderBy::Status,
        "ref" => PipelineOrderBy::Ref,
        "updated_at" => PipelineOrderBy::UpdatedAt,
        _ => PipelineOrderBy::Id,
    };
    let descending = check.choice_or("sort", &["asc", "desc"], "desc") == "desc";
    let page = check.page();
    let declared = check.done()?;
    let (pipelines, total) = registry
        .list_pipelines(&access, filter, by, descending, page.limit(), page.offset())
        .await?;
    let url = registry.config().url();
    let views: Vec<Value> = pipelines
        .into_iter()
        .map(|pipeline| {
            let name = json!({ "name": pipeline.name });
            merge(&brief(pipeline, &access.project.full_path, &url), name)
        })
        .collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET /projects/:id/pipelines/latest`: 200, the newest of `ref`, or of the default branch.
async fn latest(
    access: ProjectAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let ref_name = check.text("ref");
    check.done()?;
    let ref_name = ref_name.as_ref().unwrap_or(&access.project.default_branch);
    let (pipeline, user) = registry.latest_pipeline(&access, ref_name)?;
    answer::ok(&full(&registry, &access, pipeline, user)?)
}

/// `GET /projects/:id/pipelines/:pipeline_id`: 200.
async fn detail(
    access: ProjectAccess,
    Path(PipelineId(id)): Path<PipelineId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let (pipeline, user) = registry.pipeline(&access, id)?;
    answer::ok(&full(&registry, &access, pipeline, user)?)
}

/// `POST /projects/:id/pipeline`: 201, a pipeline that runs from now on. GitLab's `variables` are not read.
async fn create(
    access: ProjectAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let ref_name = check.required("ref");
    let sha = check.text("sha").unwrap_or_else(|| NO_COMMIT.to_owned());
    let sha = commit_id(&sha).unwrap_or_else(|| {
        check.refuse("sha is invalid");
        sha
    });
    let status = check.choice_or("status", PIPELINE_STATUSES, "running");
    let source = check.choice_or("source", PIPELINE_SOURCES, "api");
    let name = check.text("name");
    check.done()?;
    let new = NewPipeline {
        sha,
        ref_name,
        status: status.to_owned(),
        source: source.to_owned(),
        name,
    };
    let (pipeline, user) = registry.create_pipeline(&access, new).await?;
    answer::created(&full(&registry, &access, pipeline, user)?)
}

/// `DELETE /projects/:id/pipelines/:pipeline_id`: 204; packages stay, their links go.
async fn remove(
    access: ProjectAccess,
    Path(PipelineId(id)): Path<PipelineId>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry
        .delete_pipeline(&access, id, unmodified_since(&request))
        .await?;
    Ok(answer::no_content())
}

/// Forty hex digits, in lower case.
pub(super) fn commit_id(text: &str) -> Option<String> {
    let is_one = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| text.to_ascii_lowercase())
}

/// A pipeline without its user, as lists and jobs show it.
pub(super) fn brief(pipeline: Pipeline, project_path: &str, url: &BaseUrl) -> Value {
    let mut view = merge(
        &PipelineView::new(pipeline, None, project_path, url),
        json!({}),
    );
    if let Value::Object(keys) = &mut view {
        keys.shift_remove("user");
    }
    view
}

fn full(
    registry: &Registry,
    access: &ProjectAccess,
    pipeline: Pipeline,
    user: Option<User>,
) -> Result<Value> {
    let url = registry.config().url();
    let path = &access.project.full_path;
    let coverage = registry.coverage_of(&pipeline)?;
    let started = !["created", "waiting_for_resource", "preparing", "pending"]
        .contains(&pipeline.status.as_str());
    let over = FINAL_STATUSES.contains(&pipeline.status.as_str());
    let secs = (pipeline.updated_at.as_millis() - pipeline.created_at.as_millis()) / 1000;
    let more = json!({
        "before_sha": NO_COMMIT,
        "tag": false, // refs are plain names here: there is no repository that could tell
        "yaml_errors": null,
        "started_at": started.then_some(pipeline.created_at),
        "finished_at": over.then_some(pipeline.updated_at),
        "committed_at": null,
        "duration": over.then_some(secs),
        "queued_duration": null,
        "coverage": coverage.map(|mean| format!("{mean:.2}")),
        "name": pipeline.name,
        "detailed_status": detailed_status(&pipeline, &url.path_of(&format!("/{path}/-/pipelines/{}", pipeline.id))),
    });
    Ok(merge(&PipelineView::new(pipeline, user, path, &url), more))
}

/// The words and the icon that GitLab's pages show for a status.
fn detailed_status(pipeline: &Pipeline, details_path: &str) -> Value {
    let status = pipeline.status.as_str();
    let (icon, text, label) = match status {
        "success" => ("success", "Passed", "passed"),
        "waiting_for_resource" => ("pending", "Waiting", "waiting for resource"),
        "manual" => ("manual", "Manual", "manual action"),
        "canceling" => ("canceled", "Canceling", "canceling"),
        "created" => ("created", "Created", "created"),
        "preparing" => ("preparing", "Preparing", "preparing"),
        "pending" => ("pending", "Pending", "pending"),
        "running" => ("running", "Running", "running"),
        "failed" => ("failed", "Failed", "failed"),
        "canceled" => ("canceled", "Canceled", "canceled"),
        "skipped" => ("skipped", "Skipped", "skipped"),
        "scheduled" => ("scheduled", "Scheduled", "scheduled"),
        other => ("created", other, other),
    };
    json!({
        "icon": format!("status_{icon}"),
        "text": text,
        "label": label,
        "group": status.replace('_', "-"),
        "tooltip": label,
        "has_details": true,
        "details_path": details_path,
    })
}
