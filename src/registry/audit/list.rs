//! Reading the audit log, and forgetting what is too old.

use super::super::{
    AuditEvent, AuditFilter, COUNT_LIMIT, GroupAccess, ProjectAccess, Registry, Timestamp,
};
use crate::error::{Error, Result};
use crate::storage::db::audit_events;

/// What an event may be of, in GitLab's words.
pub const AUDITED_ENTITIES: &[&str] = &["User", "Group", "Project", "Gitlab::Audit::InstanceScope"];

/// Rows of one background step; more would keep publishers waiting.
const FORGET_AT_ONCE: i64 = 500;

/// Whose events are asked for, by somebody who may know them.
pub enum AuditScope {
    Instance {
        entity_type: Option<&'static str>,
        entity_id: Option<i64>,
    },
    Group(i64),
    Project(i64),
}

impl AuditScope {
    pub fn of_group(access: &GroupAccess) -> AuditScope {
        AuditScope::Group(access.group.id)
    }

    pub fn of_project(access: &ProjectAccess) -> AuditScope {
        AuditScope::Project(access.project.id)
    }

    fn filter(self) -> AuditFilter {
        let (entity_type, entity_id) = match self {
            AuditScope::Instance {
                entity_type,
                entity_id,
            } => (entity_type, entity_id),
            AuditScope::Group(id) => (Some("Group"), Some(id)),
            AuditScope::Project(id) => (Some("Project"), Some(id)),
        };
        AuditFilter {
            entity_type,
            entity_id,
            ..AuditFilter::default()
        }
    }
}

impl Registry {
    /// Newest first, and how many there are, counted as far as lists count.
    pub async fn audit_events(
        &self,
        scope: AuditScope,
        (created_after, created_before): (Option<Timestamp>, Option<Timestamp>),
        page: (i64, i64),
    ) -> Result<(Vec<AuditEvent>, i64)> {
        let filter = AuditFilter {
            created_after,
            created_before,
            ..scope.filter()
        };
        self.db
            .read(move |conn| audit_events::list(conn, &filter, COUNT_LIMIT + 1, page))
            .await
    }

    pub fn audit_event(&self, scope: AuditScope, id: i64) -> Result<AuditEvent> {
        let filter = scope.filter();
        self.db
            .look(|conn| audit_events::find(conn, &filter, id))?
            .ok_or(Error::RecordNotFound)
    }

    /// One step of the background task: removes events that are older than the configuration keeps; true if more may wait.
    pub async fn forget_audit_events(&self) -> Result<bool> {
        let days = self.config.audit_days;
        if days == 0 {
            return Ok(false); // kept for good
        }
        let deadline = Timestamp::now().plus_secs(-i64::from(days) * 86_400);
        if !self
            .db
            .look(|conn| audit_events::any_before(conn, deadline))?
        {
            return Ok(false);
        }
        let forgotten = self
            .db
            .write(move |tx| audit_events::delete_before(tx, deadline, FORGET_AT_ONCE))
            .await?;
        Ok(forgotten as i64 == FORGET_AT_ONCE)
    }
}
