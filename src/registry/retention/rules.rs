//! Retention rules as they are kept.

use super::{CleanupAccess, INTERVAL_SECS};
use crate::error::{Error, Result};
use crate::registry::audit::Event;
use crate::registry::{PackageType, Registry, RetentionRule, Source};
use crate::storage::db::{WriteTx, retention};

pub struct NewRetentionRule {
    pub package_type: Option<PackageType>,
    pub name_pattern: Option<String>,
    pub version_pattern: Option<String>,
    pub keep_latest: Option<i64>,
    pub older_than_days: Option<i64>,
    pub not_downloaded_for_days: Option<i64>,
    pub enabled: bool,
}

/// What a PATCH changes: absent stays, `Some(None)` takes a condition away.
#[derive(Default)]
pub struct RetentionRuleChanges {
    pub package_type: Option<Option<PackageType>>,
    pub name_pattern: Option<Option<String>>,
    pub version_pattern: Option<Option<String>>,
    pub keep_latest: Option<Option<i64>>,
    pub older_than_days: Option<Option<i64>>,
    pub not_downloaded_for_days: Option<Option<i64>>,
    pub enabled: Option<bool>,
}

impl Registry {
    pub fn retention_rules(&self, access: &CleanupAccess) -> Result<Vec<RetentionRule>> {
        self.db.look(|conn| retention::list(conn, access.source()))
    }

    pub async fn create_retention_rule(
        &self,
        access: &CleanupAccess,
        new: NewRetentionRule,
    ) -> Result<RetentionRule> {
        let source = access.source();
        self.db
            .write(move |tx| {
                let mut rule = RetentionRule {
                    id: 0,
                    source,
                    package_type: new.package_type,
                    name_pattern: new.name_pattern,
                    version_pattern: new.version_pattern,
                    keep_latest: new.keep_latest,
                    older_than_days: new.older_than_days,
                    not_downloaded_for_days: new.not_downloaded_for_days,
                    enabled: new.enabled,
                    // Time enough to see in a preview what was meant and what was written.
                    next_run_at: tx.now.plus_secs(INTERVAL_SECS),
                };
                validate(&rule)?;
                rule.id = retention::insert(tx, &rule)?;
                record(tx, "package_retention_rule_created", "Created", &rule)?;
                Ok(rule)
            })
            .await
    }

    pub async fn update_retention_rule(
        &self,
        access: &CleanupAccess,
        id: i64,
        changes: RetentionRuleChanges,
    ) -> Result<RetentionRule> {
        let source = access.source();
        self.db
            .write(move |tx| {
                let mut rule = of(tx, source, id)?;
                fn change<T>(field: &mut T, to: Option<T>) {
                    if let Some(value) = to {
                        *field = value;
                    }
                }
                change(&mut rule.package_type, changes.package_type);
                change(&mut rule.name_pattern, changes.name_pattern);
                change(&mut rule.version_pattern, changes.version_pattern);
                change(&mut rule.keep_latest, changes.keep_latest);
                change(&mut rule.older_than_days, changes.older_than_days);
                change(
                    &mut rule.not_downloaded_for_days,
                    changes.not_downloaded_for_days,
                );
                change(&mut rule.enabled, changes.enabled);
                rule.next_run_at = tx.now.plus_secs(INTERVAL_SECS);
                validate(&rule)?;
                retention::update(tx, &rule)?;
                record(tx, "package_retention_rule_updated", "Changed", &rule)?;
                Ok(rule)
            })
            .await
    }

    pub async fn delete_retention_rule(&self, access: &CleanupAccess, id: i64) -> Result<()> {
        let source = access.source();
        self.db
            .write(move |tx| {
                let rule = of(tx, source, id)?;
                record(tx, "package_retention_rule_deleted", "Deleted", &rule)?;
                retention::delete(tx, rule.id)
            })
            .await
    }
}

/// A rule of this place; another's is not there.
fn of(tx: &WriteTx<'_>, source: Source, id: i64) -> Result<RetentionRule> {
    retention::find(tx, id)?
        .filter(|rule| rule.source == source)
        .ok_or(Error::RecordNotFound)
}

fn record(tx: &WriteTx<'_>, event: &'static str, done: &str, rule: &RetentionRule) -> Result<()> {
    let pattern = rule.name_pattern.as_deref().unwrap_or("*");
    Event::in_source(tx, event, rule.source)?
        .about("Packages::RetentionRule", rule.id, pattern)
        .with("package_type", rule.package_type)
        .with("version_pattern", &rule.version_pattern)
        .with("keep_latest", rule.keep_latest)
        .with("older_than_days", rule.older_than_days)
        .with("not_downloaded_for_days", rule.not_downloaded_for_days)
        .with("enabled", rule.enabled)
        .saying(format!("{done} the retention rule for {pattern}"))
        .record(tx)
}

fn validate(rule: &RetentionRule) -> Result<()> {
    let limits = [
        rule.keep_latest,
        rule.older_than_days,
        rule.not_downloaded_for_days,
    ];
    match limits.iter().any(Option::is_some) {
        true => Ok(()),
        false => Err(Error::invalid_param(
            "keep_latest, older_than_days, not_downloaded_for_days are missing, at least one parameter must be provided",
        )),
    }
}
