//! Taking what the rules found: on demand, and twice a day in the background.

use super::find::{self, Doomed, Findings};
use super::{CleanupAccess, INTERVAL_SECS, REMEMBERED_SECS};
use crate::error::{Error, Result};
use crate::registry::protection;
use crate::registry::{Registry, Source, Timestamp};
use crate::storage::db::retention::{self, Removed};
use crate::storage::db::{WriteTx, packages, projects};

/// Packages of one commit; more would keep publishers waiting.
const AT_ONCE: usize = 100;

impl Registry {
    /// What the rules of this place, and of the groups above it, would take now.
    pub async fn preview_retention(&self, access: &CleanupAccess) -> Result<Findings> {
        let place = access.source();
        self.flush_counters().await?; // a download of this very second counts
        let now = Timestamp::now();
        self.db
            .read(move |conn| {
                let rules = retention::concerning(conn, place)?;
                find::find(conn, &rules, place, now)
            })
            .await
    }

    /// Takes it, and answers what went: deleted as by hand.
    pub async fn run_retention(&self, access: &CleanupAccess) -> Result<Findings> {
        let mut findings = self.preview_retention(access).await?;
        let found = std::mem::take(&mut findings.packages);
        findings.packages = self.take(found, Some(access)).await?;
        Ok(findings)
    }

    /// What cleanups have removed here, the newest first.
    pub async fn list_removed(
        &self,
        access: &CleanupAccess,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Removed>, i64)> {
        let place = access.source();
        self.db
            .read(move |conn| {
                let projects = retention::projects_of(conn, place)?;
                retention::removed(conn, &projects, limit, offset)
            })
            .await
    }

    /// One step of the background task: the next rule or policy whose time has come; false if there is none.
    /// Its next time is set first, so that one that fails does not stop the others.
    pub async fn clean_up_next(&self) -> Result<bool> {
        let now = Timestamp::now();
        let due = self.db.look(|conn| {
            Ok((
                retention::next_due(conn, now)?,
                retention::next_policy_due(conn, now)?,
            ))
        })?;
        let next = now.plus_secs(INTERVAL_SECS);
        match due {
            (Some(rule_id), _) => {
                self.db
                    .write(move |tx| {
                        retention::forget_removed(tx, tx.now.plus_secs(-REMEMBERED_SECS))?;
                        retention::schedule(tx, rule_id, next)
                    })
                    .await?;
                self.run_rule(rule_id).await?;
                Ok(true)
            }
            (None, Some(project_id)) => {
                self.run_due_policy(project_id, next).await?;
                Ok(true)
            }
            (None, None) => Ok(false),
        }
    }

    async fn run_rule(&self, rule_id: i64) -> Result<()> {
        self.flush_counters().await?;
        loop {
            let found = self
                .db
                .read(move |conn| {
                    let Some(place) = place_of(conn, rule_id)? else {
                        return Ok(Findings::default());
                    };
                    find::find(conn, &[rule_id], place, Timestamp::now())
                })
                .await?;
            let taken = self.take(found.packages, None).await?;
            if let (Some(first), false) = (taken.first(), taken.is_empty()) {
                tracing::info!(
                    rule = rule_id,
                    packages = taken.len(),
                    project = first.project_id,
                    "a retention rule has removed packages"
                );
            }
            if !found.truncated || taken.is_empty() {
                return Ok(());
            }
        }
    }

    /// Deletes what was found, unless it has changed since; answers what went.
    async fn take(
        &self,
        found: Vec<Doomed>,
        access: Option<&CleanupAccess>,
    ) -> Result<Vec<Doomed>> {
        let project = match access {
            Some(CleanupAccess::Project(access)) => Some(access.clone()),
            _ => None,
        };
        let mut taken = Vec::new();
        for some in found.chunks(AT_ONCE) {
            let (registry, project, some) = (self.clone(), project.clone(), some.to_vec());
            let went = self
                .db
                .write(move |tx| {
                    if let Some(access) = &project {
                        access.renew(tx)?;
                    }
                    let mut went = Vec::new();
                    for doomed in some {
                        if registry.take_one(tx, &doomed)? {
                            went.push(doomed);
                        }
                    }
                    Ok(went)
                })
                .await?;
            taken.extend(went);
        }
        Ok(taken)
    }

    fn take_one(&self, tx: &WriteTx<'_>, doomed: &Doomed) -> Result<bool> {
        let package = packages::find(tx, doomed.project_id, doomed.package_id)?;
        let unchanged = package.filter(|package| {
            package.status.is_displayable()
                && package.updated_at == doomed.updated_at
                && package.last_downloaded_at == doomed.last_downloaded_at
        });
        let Some(package) = unchanged else {
            return Ok(false);
        };
        let (project_id, package_type) = (package.project_id, package.package_type);
        if protection::keeps_from_deletion(tx, project_id, package_type, &package.name)? {
            return Ok(false);
        }
        let project = projects::find(tx, project_id)?.ok_or(Error::RecordNotFound)?;
        self.doom(tx, &project, &package)?;
        retention::insert_removed(
            tx,
            &Removed {
                id: 0,
                project_id,
                package_id: package.id,
                package_type,
                name: package.name,
                version: package.version,
                file_name: None,
                bytes: doomed.bytes,
                rule_id: Some(doomed.rule_id),
                reason: doomed.reason.clone(),
                removed_at: tx.now,
            },
        )?;
        Ok(true)
    }
}

/// Where a rule stands, as long as it stands.
fn place_of(conn: &crate::storage::db::Connection, rule_id: i64) -> Result<Option<Source>, Error> {
    Ok(retention::find(conn, rule_id)?.map(|rule| rule.source))
}
