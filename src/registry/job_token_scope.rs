//! Whose jobs may use their token in a project (contract, sections 2.4 and 11.8).

use super::audit::Event;
use super::{Namespace, Project, ProjectAccess, Registry, Source};
use crate::error::{Error, Result};
use crate::storage::db::{WriteTx, job_token_allowlist, namespaces, projects};

impl Registry {
    /// Whether jobs of other projects need to stand in the allowlist.
    pub async fn limit_job_tokens(&self, access: &ProjectAccess, limited: bool) -> Result<()> {
        let id = access.project.id;
        self.db
            .write(move |tx| {
                let mut project =
                    projects::find(tx, id)?.ok_or_else(|| Error::not_found("Project"))?;
                project.inbound_job_token_scope = limited;
                let event = match limited {
                    true => "secure_ci_job_token_inbound_enabled",
                    false => "secure_ci_job_token_inbound_disabled",
                };
                Event::in_project(event, &project)
                    .saying(match limited {
                        true => "Job tokens of other projects need the allowlist now",
                        false => {
                            "Job tokens of other projects are let in without the allowlist now"
                        }
                    })
                    .record(tx)?;
                projects::update(tx, &project, tx.now)
            })
            .await
    }

    pub fn allowlisted_projects(&self, access: &ProjectAccess) -> Result<Vec<Project>> {
        self.db.look(|conn| {
            let ids = job_token_allowlist::list(conn, access.project.id)?;
            ids.into_iter()
                .filter_map(Source::project_id)
                .filter_map(|id| projects::find(conn, id).transpose())
                .collect()
        })
    }

    pub fn allowlisted_groups(&self, access: &ProjectAccess) -> Result<Vec<Namespace>> {
        self.db.look(|conn| {
            let ids = job_token_allowlist::list(conn, access.project.id)?;
            ids.into_iter()
                .filter_map(Source::namespace_id)
                .filter_map(|id| namespaces::find(conn, id).transpose())
                .collect()
        })
    }

    /// The caller has shown that it may see `source`. 400 if it stands in the list already.
    pub async fn allow_jobs_of(&self, access: &ProjectAccess, source: Source) -> Result<()> {
        let id = access.project.id;
        self.db
            .write(
                move |tx| match job_token_allowlist::insert(tx, id, source)? {
                    true => record(tx, id, source, "added"),
                    false => Err(Error::bad_request(match source {
                        Source::Project(_) => "This project is already in the job token allowlist.",
                        Source::Group(_) => "This group is already in the job token allowlist.",
                    })),
                },
            )
            .await
    }

    pub async fn disallow_jobs_of(&self, access: &ProjectAccess, source: Source) -> Result<()> {
        let id = access.project.id;
        self.db
            .write(
                move |tx| match job_token_allowlist::delete(tx, id, source)? {
                    true => record(tx, id, source, "removed"),
                    false => Err(Error::RecordNotFound),
                },
            )
            .await
    }
}

/// A change of the allowlist of project `id`.
fn record(tx: &WriteTx<'_>, id: i64, source: Source, what: &'static str) -> Result<()> {
    let (event, kind, source_id, path) = match source {
        Source::Project(id) => {
            let path = projects::find(tx, id)?.map(|project| project.full_path);
            let event = match what {
                "added" => "secure_ci_job_token_project_added",
                _ => "secure_ci_job_token_project_removed",
            };
            (event, "Project", id, path)
        }
        Source::Group(id) => {
            let path = namespaces::find(tx, id)?.map(|group| group.full_path);
            let event = match what {
                "added" => "secure_ci_job_token_group_added",
                _ => "secure_ci_job_token_group_removed",
            };
            (event, "Group", id, path)
        }
    };
    let path = path.unwrap_or_default();
    Event::in_source(tx, event, Source::Project(id))?
        .about(kind, source_id, &path)
        .saying(format!("Allowlist of job tokens: {what} {path}"))
        .record(tx)
}
