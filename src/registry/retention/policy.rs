//! GitLab's cleanup policy: of the files of one name in a package the newest few stay.

use super::INTERVAL_SECS;
use crate::error::{Error, Result};
use crate::registry::audit::Event;
use crate::registry::protection;
use crate::registry::remove::record_file;
use crate::registry::{ProjectAccess, Registry, Timestamp};
use crate::storage::db::retention::{self, Duplicate, Removed};
use crate::storage::db::{WriteTx, package_files, packages, projects};

/// How many stay, in GitLab's words; `all` is no policy.
pub const KEEP_WORDS: &[&str] = &["all", "1", "10", "20", "30", "40", "50"];

/// Files of one step.
const AT_ONCE: i64 = 200;
/// Files that the answer of a run names; what else went is in the list of removals.
const MOST_NAMED: usize = 1_000;

#[derive(Clone, Debug)]
pub struct CleanupPolicy {
    /// `None`: all.
    pub keep: Option<i64>,
    pub next_run_at: Option<Timestamp>,
}

/// What a run of the policy took.
#[derive(Clone, Debug, Default)]
pub struct PolicyRun {
    pub files: Vec<Duplicate>,
    pub count: usize,
    pub bytes: i64,
}

impl Registry {
    pub fn cleanup_policy(&self, access: &ProjectAccess) -> Result<CleanupPolicy> {
        let found = self
            .db
            .look(|conn| retention::policy(conn, access.project.id))?;
        Ok(CleanupPolicy {
            keep: found.map(|(keep, _)| keep),
            next_run_at: found.map(|(_, next_run_at)| next_run_at),
        })
    }

    /// `word` is one of [`KEEP_WORDS`].
    pub async fn set_cleanup_policy(
        &self,
        access: &ProjectAccess,
        word: &str,
    ) -> Result<CleanupPolicy> {
        let invalid = || Error::invalid_field("keep_n_duplicated_package_files", "is invalid");
        if !KEEP_WORDS.contains(&word) {
            return Err(invalid());
        }
        let keep: Option<i64> = word.parse().ok();
        let access = access.clone();
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let next_run_at = tx.now.plus_secs(INTERVAL_SECS);
                retention::set_policy(tx, access.project.id, keep, next_run_at)?;
                let kept = keep.map_or("all".to_owned(), |keep| keep.to_string());
                Event::in_project("package_cleanup_policy_updated", &access.project)
                    .saying(format!(
                        "Changed the cleanup policy: of the files of one name, {kept} stay"
                    ))
                    .with("to", &kept)
                    .record(tx)?;
                Ok(CleanupPolicy {
                    keep,
                    next_run_at: keep.map(|_| next_run_at),
                })
            })
            .await
    }

    /// Runs the policy now; answers what went.
    pub async fn run_cleanup_policy(&self, access: &ProjectAccess) -> Result<PolicyRun> {
        match self.cleanup_policy(access)?.keep {
            Some(keep) => self.remove_duplicates(access.project.id, keep).await,
            None => Ok(PolicyRun::default()),
        }
    }

    pub(super) async fn run_due_policy(&self, project_id: i64, next: Timestamp) -> Result<()> {
        let keep = self
            .db
            .write(move |tx| {
                let Some((keep, _)) = retention::policy(tx, project_id)? else {
                    return Ok(None);
                };
                retention::set_policy(tx, project_id, Some(keep), next)?;
                Ok(Some(keep))
            })
            .await?;
        if let Some(keep) = keep {
            let run = self.remove_duplicates(project_id, keep).await?;
            if run.count > 0 {
                tracing::info!(
                    project = project_id,
                    files = run.count,
                    "a cleanup policy has removed files"
                );
            }
        }
        Ok(())
    }

    async fn remove_duplicates(&self, project_id: i64, keep: i64) -> Result<PolicyRun> {
        let mut run = PolicyRun::default();
        let mut after = 0;
        loop {
            let found = self
                .db
                .read(move |conn| retention::duplicates(conn, project_id, keep, after, AT_ONCE))
                .await?;
            let Some(last) = found.last() else {
                return Ok(run);
            };
            after = last.id;
            let went = self
                .db
                .write(move |tx| {
                    let mut went = Vec::new();
                    for file in found {
                        if remove(tx, project_id, &file, keep)? {
                            went.push(file);
                        }
                    }
                    Ok(went)
                })
                .await?;
            run.count += went.len();
            run.bytes += went.iter().map(|file| file.size).sum::<i64>();
            let room = MOST_NAMED.saturating_sub(run.files.len());
            run.files.extend(went.into_iter().take(room));
        }
    }
}

fn remove(tx: &WriteTx<'_>, project_id: i64, file: &Duplicate, keep: i64) -> Result<bool> {
    if protection::keeps_from_deletion(tx, project_id, file.package_type, &file.name)?
        || package_files::find(tx, file.package_id, file.id)?.is_none()
        || !retention::delete_duplicate(tx, file, keep)?
    {
        return Ok(false);
    }
    packages::touch(tx, file.package_id, tx.now)?;
    let project = projects::find(tx, project_id)?.ok_or(Error::RecordNotFound)?;
    let package = packages::find(tx, project_id, file.package_id)?.ok_or(Error::RecordNotFound)?;
    record_file(
        tx,
        &project,
        &package,
        &file.file_name,
        ": a newer one has its name",
    )?;
    let latest = match keep {
        1 => "the latest file".to_owned(),
        keep => format!("among the {keep} latest files"),
    };
    retention::insert_removed(
        tx,
        &Removed {
            id: 0,
            project_id,
            package_id: file.package_id,
            package_type: file.package_type,
            name: file.name.clone(),
            version: file.version.clone(),
            file_name: Some(file.file_name.clone()),
            bytes: file.size,
            rule_id: None,
            reason: format!("not {latest} of this name"),
            removed_at: tx.now,
        },
    )?;
    Ok(true)
}
