//! Jobs: each carries a token that links uploads to its pipeline (contract 11.8, and 13.2 C).

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::pipelines::{PipelineId, brief};
use super::views::shapes::{BRIEF_PIPELINE, USER};
use super::views::{UserView, merge};
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::describe::{Answer::*, Field, Operation, Shape::*};
use crate::http::{FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{Actor, Job, Pipeline, ProjectAccess, Registry};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    POST "/projects/{id}/pipelines/{pipeline_id}/jobs" Project(CreatePackage) => create, described CREATE;
    POST "/projects/{id}/jobs/{job_id}/cancel" Project(CreatePackage) => cancel, described CANCEL;
};

/// What a job may ask about itself.
pub(super) const OWN_ROUTES: &[Route] = routes! {
    GET "/job" Job => show, described SHOW;
};

const KEYS: &[Field] = &[
    ("id", Integer),
    ("name", Text),
    ("status", Text),
    ("pipeline", BRIEF_PIPELINE),
];
const CREATE: Operation = Operation::new(
    "Start a job, and get its token",
    Json(
        201,
        &Named(
            "NewJob",
            &Object(&[KEYS, &[("token", Text), ("expires_at", Moment)]]),
        ),
    ),
)
.takes(&[&[("name?", Text), ("expires_in?", Integer)]]);
const CANCEL: Operation = Operation::new(
    "Cancel a job",
    Json(
        201,
        &Named(
            "CanceledJob",
            &Object(&[
                KEYS,
                &[
                    ("stage", Text),
                    ("ref", Text),
                    ("created_at", Moment),
                    ("expires_at", Moment),
                ],
            ]),
        ),
    ),
);
const SHOW: Operation = Operation::new(
    "The job whose token asks",
    Json(
        200,
        &Named(
            "Job",
            &Object(&[
                KEYS,
                &[
                    ("stage", Text),
                    ("ref", Text),
                    ("tag", Flag),
                    ("created_at", Moment),
                    ("started_at", Moment),
                    ("user", USER),
                    ("commit", Object(&[&[("id", Text), ("short_id", Text)]])),
                    (
                        "project",
                        Object(&[&[("ci_job_token_scope_enabled", Flag)]]),
                    ),
                    ("web_url", Text),
                ],
            ]),
        ),
    ),
);

/// GitLab's name for the stage of a job that names none.
const STAGE: &str = "test";

/// An hour if nothing is said, a day at most.
const EXPIRES_IN_SECS: i64 = 3600;
const MOST_EXPIRES_IN_SECS: i64 = 86_400;

/// `/jobs/:job_id`
struct JobId(i64);

impl FromPath for JobId {
    fn from_path(params: &PathParams) -> Result<JobId> {
        params.id("job_id").map(JobId)
    }
}

/// `POST /projects/:id/pipelines/:pipeline_id/jobs`: 201, a running job with its token, which is shown this once.
async fn create(
    access: ProjectAccess,
    Path(PipelineId(pipeline_id)): Path<PipelineId>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let name = check.text("name").unwrap_or_else(|| "publish".to_owned());
    let expires_in = check.integer("expires_in").unwrap_or(EXPIRES_IN_SECS);
    if !(1..=MOST_EXPIRES_IN_SECS).contains(&expires_in) {
        check.refuse("expires_in does not have a valid value");
    }
    check.done()?;
    let (job, pipeline, secret) = registry
        .create_job(&access, pipeline_id, name, expires_in)
        .await?;
    let job = json!({
        "id": job.id,
        "name": job.name,
        "status": job.status,
        "token": secret.reveal(),
        "expires_at": job.expires_at,
    });
    answer::created(&merge(&job, of_pipeline(&registry, &access, pipeline)))
}

/// `POST /projects/:id/jobs/:job_id/cancel`: 201, the job; its token is dead from now on.
async fn cancel(
    access: ProjectAccess,
    Path(JobId(id)): Path<JobId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let job = registry.cancel_job(&access, id).await?;
    let (pipeline, _project) = registry.pipeline_of_job(&job)?;
    let view = json!({
        "id": job.id,
        "name": job.name,
        "status": job.status,
        "stage": STAGE,
        "ref": pipeline.ref_name,
        "created_at": job.created_at,
        "expires_at": job.expires_at,
    });
    answer::created(&merge(&view, of_pipeline(&registry, &access, pipeline)))
}

/// `GET /job`: 200, the job whose token asks.
async fn show(Caller(actor): Caller, registry: web::Data<Registry>) -> Result<HttpResponse> {
    let Actor::Job(caller) = actor else {
        return Err(Error::Unauthorized);
    };
    let Job {
        id,
        name,
        status,
        created_at,
        ..
    } = &caller.job;
    let (pipeline, project) = registry.pipeline_of_job(&caller.job)?;
    let url = registry.config().url();
    answer::ok(&json!({
        "id": id,
        "name": name,
        "status": status,
        "stage": STAGE,
        "ref": pipeline.ref_name,
        "tag": false,
        "created_at": created_at,
        "started_at": created_at,
        "user": UserView::new(caller.user.clone(), &url),
        "commit": { "id": pipeline.sha, "short_id": pipeline.sha.get(..8) },
        "pipeline": brief(pipeline, &project.full_path, &url),
        "project": { "ci_job_token_scope_enabled": project.ci_job_token_scope_enabled },
        "web_url": url.absolute(&format!("/{}/-/jobs/{id}", project.full_path)),
    }))
}

fn of_pipeline(registry: &Registry, access: &ProjectAccess, pipeline: Pipeline) -> Value {
    let url = registry.config().url();
    json!({ "pipeline": brief(pipeline, &access.project.full_path, &url) })
}
