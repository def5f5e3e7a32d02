//! The audit log as a file of JSON lines, for log shippers.
//!
//! The file follows the table: what was committed since the last time is appended every second, a command's changes
//! among it, and nothing waits for the file. How far it has come is kept in the database *after* the lines are on the
//! disk, so a crash repeats lines and loses none; `id` tells repeated ones apart. The file may be moved away at any
//! time: the next line begins a new one.

use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde_json::{Value, json};

use super::super::{AuditEvent, Registry};
use crate::error::{Error, Result};
use crate::storage::db::{audit_events, settings};

/// The application setting, which no route shows, that holds the id of the last line.
const POSITION: &str = "audit_log_position";

/// Bytes of one step, so that an old log needs no memory of its size.
const STEP: usize = 1 << 20;

impl AuditEvent {
    /// GitLab's object.
    pub fn to_json(&self) -> Value {
        let details: Value = serde_json::from_str(&self.details).unwrap_or_default();
        json!({
            "id": self.id,
            "author_id": self.author_id,
            "entity_id": self.entity_id,
            "entity_type": self.entity_type,
            "event_name": self.event_name,
            "details": details,
            "created_at": self.created_at,
        })
    }
}

impl Registry {
    /// One step of the background task: appends events that the file lacks; true if more may wait.
    pub async fn write_audit_log(&self) -> Result<bool> {
        let Some(path) = self.config.audit_log.clone() else {
            return Ok(false);
        };
        let position = self.db.look(|conn| {
            let all = settings::application(conn)?;
            let position = all.into_iter().find(|(name, _)| name == POSITION);
            let position = position.and_then(|(_, value)| value.as_i64()).unwrap_or(0);
            let newest = audit_events::newest(conn)?;
            Ok((newest > position).then_some(position))
        })?;
        let Some(position) = position else {
            return Ok(false);
        };
        let written = self.db.read(move |conn| {
            let (mut lines, mut last) = (Vec::new(), position);
            audit_events::each_after(conn, position, |event| {
                lines.extend_from_slice(event.to_json().to_string().as_bytes());
                lines.push(b'\n');
                last = event.id;
                Ok(match lines.len() < STEP {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                })
            })?;
            append(&path, &lines)?;
            Ok((last, lines.len() >= STEP))
        });
        let (last, more) = written.await?;
        self.db
            .write(move |tx| settings::set_application(tx, POSITION, &json!(last)))
            .await?;
        Ok(more)
    }
}

fn append(path: &Path, lines: &[u8]) -> Result<()> {
    let written = || -> std::io::Result<()> {
        let mut file = File::options()
            .create(true)
            .append(true)
            .mode(0o600) // it names private projects
            .open(path)?;
        file.write_all(lines)?;
        file.sync_data()
    };
    written().map_err(|error| {
        Error::internal(format!(
            "cannot write the audit log `{}`: {error}",
            path.display()
        ))
    })
}
