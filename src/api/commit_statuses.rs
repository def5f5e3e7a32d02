//! Commit statuses: how CI elsewhere has always reported to GitLab, and how its pipelines come to exist here
//! (contract 13.2, A).

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::pipelines::commit_id;
use super::views::UserView;
use super::views::shapes::USER;
use crate::error::{Error, Result};
use crate::http::describe::{
    Answer::*,
    Operation,
    Shape::{self, *},
};
use crate::http::{FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{CommitStatus, NewCommitStatus, Pipeline, ProjectAccess, Registry, User};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    POST "/projects/{id}/statuses/{sha}" Project(CreatePackage) => put, described PUT;
};

const STATUS: Shape = Named(
    "CommitStatus",
    &Object(&[&[
        ("id", Integer),
        ("sha", Text),
        ("ref", Text),
        ("status", Words(STATES)),
        ("name", Text),
        ("target_url", Maybe(&Text)),
        ("description", Maybe(&Text)),
        ("created_at", Moment),
        ("started_at", Maybe(&Moment)),
        ("finished_at", Maybe(&Moment)),
        ("allow_failure", Flag),
        ("coverage", Maybe(&Number)),
        ("pipeline_id", Integer),
        ("author", Maybe(&USER)),
    ]]),
);
const PUT: Operation =
    Operation::new("Report the status of a commit", Json(201, &STATUS)).takes(&[&[
        ("state", Words(STATES)),
        ("ref?", Text),
        ("name?", Text),
        ("context?", Text),
        ("target_url?", Text),
        ("description?", Text),
        ("coverage?", Number),
        ("pipeline_id?", Integer),
    ]]);

const STATES: &[&str] = &[
    "pending", "running", "success", "failed", "canceled", "skipped",
];

/// `/statuses/:sha`; there is no repository, so every commit id names a commit. `None`: no commit id.
struct Commit(Option<String>);

impl FromPath for Commit {
    fn from_path(params: &PathParams) -> Result<Commit> {
        Ok(Commit(commit_id(params.get("sha"))))
    }
}

/// `POST /projects/:id/statuses/:sha`: 201, the status; the first of a commit makes its pipeline.
async fn put(
    access: ProjectAccess,
    Path(Commit(sha)): Path<Commit>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let state = check.required_choice("state", STATES).unwrap_or_default();
    let ref_name = check.text("ref");
    let name = check.text("name").or(check.text("context"));
    let target_url = check.text("target_url");
    let description = check.text("description");
    let coverage = check.text("coverage").map(|text| percentage(&text));
    if let Some(None) = coverage {
        check.refuse("coverage is invalid");
    }
    let pipeline_id = check.integer("pipeline_id");
    check.done()?;
    let new = NewCommitStatus {
        sha: sha.ok_or_else(|| Error::not_found("Commit"))?,
        ref_name,
        name: name.unwrap_or_else(|| "default".to_owned()),
        state: state.to_owned(),
        target_url,
        description,
        coverage: coverage.flatten(),
        pipeline_id,
    };
    let (status, pipeline, author) = registry.put_commit_status(&access, new).await?;
    answer::created(&view(&registry, status, pipeline, author))
}

fn percentage(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn view(
    registry: &Registry,
    status: CommitStatus,
    pipeline: Pipeline,
    author: Option<User>,
) -> Value {
    let url = registry.config().url();
    json!({
        "id": status.id,
        "sha": pipeline.sha,
        "ref": pipeline.ref_name,
        "status": status.state,
        "name": status.name,
        "target_url": status.target_url,
        "description": status.description,
        "created_at": status.created_at,
        "started_at": status.started_at,
        "finished_at": status.finished_at,
        "allow_failure": false,
        "coverage": status.coverage,
        "pipeline_id": pipeline.id,
        "author": author.map(|user| UserView::new(user, &url)),
    })
}
