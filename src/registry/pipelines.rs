//! Pipelines: CI runs somewhere that registered themselves (contract, section 13).

use super::audit::Event;
use super::items::with_users;
use super::remove::precondition;
use super::tokens::{Secret, SecretKind};
use super::{
    Actor, CommitStatus, Job, Pipeline, PipelineFilter, PipelineOrderBy, Project, ProjectAccess,
    Registry, Source, Timestamp, User,
};
use crate::error::{Error, Result};
use crate::storage::db::{
    Connection, WriteTx, jobs, package_pipelines, packages, pipelines, projects, users,
};

/// GitLab's words for the state of a pipeline.
pub const PIPELINE_STATUSES: &[&str] = &[
    "created",
    "waiting_for_resource",
    "preparing",
    "pending",
    "running",
    "success",
    "failed",
    "canceling",
    "canceled",
    "skipped",
    "manual",
    "scheduled",
];

/// GitLab's words for what started a pipeline.
pub const PIPELINE_SOURCES: &[&str] = &[
    "push",
    "web",
    "trigger",
    "schedule",
    "api",
    "external",
    "pipeline",
    "chat",
    "webide",
    "merge_request_event",
    "external_pull_request_event",
    "parent_pipeline",
    "ondemand_dast_scan",
    "ondemand_dast_validation",
    "security_orchestration_policy",
    "container_registry_push",
];

/// States in which nothing runs any more: the jobs' tokens are dead.
pub const FINAL_STATUSES: &[&str] = &["success", "failed", "canceled", "skipped"];

pub struct NewPipeline {
    pub sha: String,
    pub ref_name: String,
    pub status: String,
    pub source: String,
    pub name: Option<String>,
}

/// What CI reports of a commit (GitLab's `POST /projects/:id/statuses/:sha`).
pub struct NewCommitStatus {
    pub sha: String,
    pub ref_name: Option<String>,
    pub name: String,
    pub state: String,
    pub target_url: Option<String>,
    pub description: Option<String>,
    pub coverage: Option<f64>,
    /// Attach to this pipeline instead of the commit's own.
    pub pipeline_id: Option<i64>,
}

/// A page of a package's pipelines, newest first, and the link id that the next page starts after.
pub struct PipelinePage {
    pub pipelines: Vec<(Pipeline, Option<User>)>,
    pub next: Option<i64>,
}

impl Registry {
    /// The pipelines of a package. `before`: links older than this one; `after`: the page just newer than it.
    pub fn package_pipelines(
        &self,
        access: &ProjectAccess,
        package_id: i64,
        before: Option<i64>,
        after: Option<i64>,
        limit: i64,
    ) -> Result<PipelinePage> {
        self.db.look(|conn| {
            let package = packages::find(conn, access.project.id, package_id)?
                .filter(|package| package.status.is_displayable());
            let package = package.ok_or(Error::RecordNotFound)?;
            if !package.status.has_details() {
                return Err(Error::not_found("Package not found")); // GitLab's double wording
            }
            let mut links = match after {
                Some(after) => package_pipelines::newer(conn, package.id, after, limit)?,
                None => {
                    let before = before.unwrap_or(i64::MAX);
                    package_pipelines::older(conn, package.id, before, limit)?
                }
            };
            let last = links.last().map(|linked| linked.link_id);
            let next = match last {
                Some(last) if !package_pipelines::older(conn, package.id, last, 1)?.is_empty() => {
                    Some(last)
                }
                _ => None,
            };
            links.sort_by_key(|linked| std::cmp::Reverse(linked.pipeline.id));
            let pipelines = with_users(
                conn,
                links.into_iter().map(|linked| linked.pipeline).collect(),
            )?;
            Ok(PipelinePage { pipelines, next })
        })
    }

    pub async fn list_pipelines(
        &self,
        access: &ProjectAccess,
        filter: PipelineFilter,
        by: PipelineOrderBy,
        descending: bool,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Pipeline>, i64)> {
        let project_id = access.project.id;
        self.db
            .read(move |conn| {
                pipelines::list(conn, project_id, &filter, by, descending, limit, offset)
            })
            .await
    }

    pub fn pipeline(&self, access: &ProjectAccess, id: i64) -> Result<(Pipeline, Option<User>)> {
        self.db.look(|conn| {
            let pipeline =
                pipelines::find(conn, access.project.id, id)?.ok_or(Error::RecordNotFound)?;
            with_user(conn, pipeline)
        })
    }

    pub fn latest_pipeline(
        &self,
        access: &ProjectAccess,
        ref_name: &str,
    ) -> Result<(Pipeline, Option<User>)> {
        self.db.look(|conn| {
            let pipeline =
                pipelines::latest(conn, access.project.id, ref_name)?.ok_or(Error::Missing)?;
            with_user(conn, pipeline)
        })
    }

    pub async fn create_pipeline(
        &self,
        access: &ProjectAccess,
        new: NewPipeline,
    ) -> Result<(Pipeline, Option<User>)> {
        let access = access.clone();
        self.db
            .write(move |tx| {
                let pipeline = insert(tx, &access, &new)?;
                with_user(tx, pipeline)
            })
            .await
    }

    /// Takes its jobs and links along; packages stay. 412 if it has changed after `unmodified_since`.
    pub async fn delete_pipeline(
        &self,
        access: &ProjectAccess,
        id: i64,
        unmodified_since: Option<Timestamp>,
    ) -> Result<()> {
        let project_id = access.project.id;
        self.db
            .write(move |tx| {
                let pipeline = pipelines::find(tx, project_id, id)?.ok_or(Error::RecordNotFound)?;
                precondition(pipeline.updated_at, unmodified_since)?;
                pipelines::delete(tx, pipeline.id)
            })
            .await
    }

    /// Notes a commit status. The first one of a commit makes its pipeline (`source` external); each moves the
    /// pipeline's own status, which follows from the latest status of each name.
    pub async fn put_commit_status(
        &self,
        access: &ProjectAccess,
        new: NewCommitStatus,
    ) -> Result<(CommitStatus, Pipeline, Option<User>)> {
        let access = access.clone();
        self.db
            .write(move |tx| {
                let pipeline = pipeline_of(tx, &access, &new)?;
                let running = new.state != "pending";
                let over = FINAL_STATUSES.contains(&new.state.as_str());
                let status = CommitStatus {
                    id: 0,
                    name: new.name,
                    state: new.state,
                    target_url: new.target_url,
                    description: new.description,
                    coverage: new.coverage,
                    user_id: access.actor.user().map(|user| user.id),
                    created_at: tx.now,
                    started_at: running.then_some(tx.now),
                    finished_at: over.then_some(tx.now),
                };
                let id = pipelines::put_status(tx, pipeline.id, &status)?;
                let status = pipelines::find_status(tx, id)?.ok_or(Error::RecordNotFound)?;
                let derived = derive_status(&pipelines::latest_statuses(tx, pipeline.id)?);
                set_status(tx, pipeline.id, derived)?;
                let author = status
                    .user_id
                    .map(|id| users::find(tx, id))
                    .transpose()?
                    .flatten();
                let pipeline = pipelines::find(tx, access.project.id, pipeline.id)?
                    .ok_or(Error::RecordNotFound)?;
                Ok((status, pipeline, author))
            })
            .await
    }

    /// A job of a pipeline, with the token that it carries: shown once, dead when the job or its pipeline ends.
    pub async fn create_job(
        &self,
        access: &ProjectAccess,
        pipeline_id: i64,
        name: String,
        expires_in_secs: i64,
    ) -> Result<(Job, Pipeline, Secret)> {
        let user_id = access
            .actor
            .user()
            .map(|user| user.id)
            .ok_or(Error::Unauthorized)?;
        let secret = Secret::random(SecretKind::JobToken)?;
        let (sha256, project_id) = (secret.sha256(), access.project.id);
        let (job, pipeline) = self
            .db
            .write(move |tx| {
                let pipeline =
                    pipelines::find(tx, project_id, pipeline_id)?.ok_or(Error::RecordNotFound)?;
                if FINAL_STATUSES.contains(&pipeline.status.as_str()) {
                    return Err(Error::bad_request(format!(
                        "the pipeline is over: its status is {}",
                        pipeline.status
                    )));
                }
                let expires_at = tx.now.plus_secs(expires_in_secs);
                let new = jobs::NewJob {
                    pipeline_id,
                    user_id,
                    name: &name,
                    sha256: &sha256,
                    expires_at,
                };
                let id = jobs::insert(tx, &new, tx.now)?;
                let job = jobs::find(tx, project_id, id)?.ok_or(Error::RecordNotFound)?;
                Event::in_source(tx, "ci_job_token_issued", Source::Project(project_id))?
                    .about("Ci::Build", job.id, &job.name)
                    .with("expires_at", job.expires_at)
                    .saying(format!("Made the token of job {} (`{}`)", job.id, job.name))
                    .record(tx)?;
                Ok((job, pipeline))
            })
            .await?;
        Ok((job, pipeline, secret))
    }

    /// Ends a job early; its token is dead from now on.
    pub async fn cancel_job(&self, access: &ProjectAccess, id: i64) -> Result<Job> {
        let project_id = access.project.id;
        self.db
            .write(move |tx| {
                let job = jobs::find(tx, project_id, id)?.ok_or(Error::RecordNotFound)?;
                if job.status == "running" {
                    jobs::set_status(tx, job.id, "canceled")?;
                    Event::in_source(tx, "ci_job_token_revoked", Source::Project(project_id))?
                        .about("Ci::Build", job.id, &job.name)
                        .saying(format!(
                            "Cancelled job {} (`{}`) and its token",
                            job.id, job.name
                        ))
                        .record(tx)?;
                }
                jobs::find(tx, project_id, id)?.ok_or(Error::RecordNotFound)
            })
            .await
    }

    /// The pipeline and the project of the job that is calling, for `GET /job`.
    pub fn pipeline_of_job(&self, job: &Job) -> Result<(Pipeline, Project)> {
        self.db.look(|conn| {
            let pipeline = pipelines::find(conn, job.project_id, job.pipeline_id)?;
            let project = projects::find(conn, job.project_id)?;
            pipeline.zip(project).ok_or(Error::RecordNotFound)
        })
    }

    /// The mean of the coverages that the pipeline's latest statuses report, if any does.
    pub fn coverage_of(&self, pipeline: &Pipeline) -> Result<Option<f64>> {
        self.db.look(|conn| {
            let statuses = pipelines::latest_statuses(conn, pipeline.id)?;
            let reported: Vec<f64> = statuses
                .iter()
                .filter_map(|status| status.coverage)
                .collect();
            Ok(
                (!reported.is_empty())
                    .then(|| reported.iter().sum::<f64>() / reported.len() as f64),
            )
        })
    }
}

fn with_user(conn: &Connection, pipeline: Pipeline) -> Result<(Pipeline, Option<User>)> {
    let user = pipeline
        .user_id
        .map(|id| users::find(conn, id))
        .transpose()?
        .flatten();
    Ok((pipeline, user))
}

fn insert(tx: &WriteTx<'_>, access: &ProjectAccess, new: &NewPipeline) -> Result<Pipeline> {
    let row = pipelines::NewPipeline {
        project_id: access.project.id,
        sha: &new.sha,
        ref_name: &new.ref_name,
        status: &new.status,
        source: &new.source,
        name: new.name.as_deref(),
        user_id: access.actor.user().map(|user| user.id),
    };
    let id = pipelines::insert(tx, &row, tx.now)?;
    pipelines::find(tx, access.project.id, id)?
        .ok_or_else(|| Error::internal("a pipeline is gone that was just made"))
}

/// The pipeline that a commit status belongs to, made by the first one.
fn pipeline_of(
    tx: &WriteTx<'_>,
    access: &ProjectAccess,
    new: &NewCommitStatus,
) -> Result<Pipeline> {
    if let Some(id) = new.pipeline_id {
        return pipelines::find(tx, access.project.id, id)?
            .filter(|pipeline| pipeline.sha == new.sha)
            .ok_or_else(|| Error::not_found("Pipeline"));
    }
    // A job that reports belongs to its own pipeline, as long as it speaks of the same commit.
    if let Actor::Job(actor) = &access.actor
        && let Some(own) = pipelines::find(tx, access.project.id, actor.job.pipeline_id)?
            .filter(|own| own.sha == new.sha)
    {
        return Ok(own);
    }
    let ref_name = new
        .ref_name
        .clone()
        .unwrap_or_else(|| access.project.default_branch.clone());
    if let Some(pipeline) = pipelines::find_by_commit(tx, access.project.id, &new.sha, &ref_name)? {
        return Ok(pipeline);
    }
    let first = NewPipeline {
        sha: new.sha.clone(),
        ref_name,
        status: "pending".to_owned(),
        source: "external".to_owned(),
        name: None,
    };
    insert(tx, access, &first)
}

fn set_status(tx: &WriteTx<'_>, pipeline_id: i64, status: &str) -> Result<()> {
    pipelines::set_status(tx, pipeline_id, status, tx.now)?;
    if FINAL_STATUSES.contains(&status) {
        jobs::finish_all(tx, pipeline_id, status)?;
    }
    Ok(())
}

/// The rule of contract 13.2: what still moves wins, then what failed, then what was given up.
fn derive_status(statuses: &[CommitStatus]) -> &'static str {
    let any = |state: &str| statuses.iter().any(|status| status.state == state);
    match () {
        () if any("running") => "running",
        () if any("pending") => "pending",
        () if any("failed") => "failed",
        () if any("canceled") => "canceled",
        () if !statuses.is_empty() && statuses.iter().all(|status| status.state == "skipped") => {
            "skipped"
        }
        () => "success",
    }
}
