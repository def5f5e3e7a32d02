//! Whose jobs may use their token in a project (contract, sections 2.4 and 11.8).

use super::{Namespace, Project, ProjectAccess, Registry, Source};
use crate::error::{Error, Result};
use crate::storage::db::{job_token_allowlist, namespaces, projects};

impl Registry {
    /// Whether jobs of other projects need to stand in the allowlist.
    pub async fn limit_job_tokens(&self, access: &ProjectAccess, limited: bool) -> Result<()> {
        let id = access.project.id;
        self.db
            .write(move |tx| {
                let mut project =
                    projects::find(tx, id)?.ok_or_else(|| Error::not_found("Project"))?;
                project.inbound_job_token_scope = limited;
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
                    true => Ok(()),
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
                    true => Ok(()),
                    false => Err(Error::RecordNotFound),
                },
            )
            .await
    }
}
