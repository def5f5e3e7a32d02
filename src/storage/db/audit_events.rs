//! The audit log: who changed what, when, from where. Rows are only ever added, and removed by age.

use std::ops::ControlFlow;

use rusqlite::{Connection, Row, named_params};

use super::{Timestamp, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct AuditEvent {
    pub id: i64,
    pub author_id: i64,
    pub entity_id: i64,
    pub entity_type: String,
    pub event_name: String,
    /// A JSON object.
    pub details: String,
    pub created_at: Timestamp,
}

/// Which events a list shows; what is `None` shows any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub entity_type: Option<&'static str>,
    pub entity_id: Option<i64>,
    pub created_after: Option<Timestamp>,
    pub created_before: Option<Timestamp>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, author_id, entity_id, entity_type, event_name, details, created_at FROM audit_events ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<AuditEvent> {
    Ok(AuditEvent {
        id: row.get(0)?,
        author_id: row.get(1)?,
        entity_id: row.get(2)?,
        entity_type: row.get(3)?,
        event_name: row.get(4)?,
        details: row.get(5)?,
        created_at: row.get(6)?,
    })
}

/// The event's own id is not read.
pub fn insert(conn: &Connection, event: &AuditEvent) -> Result<()> {
    run(
        conn,
        "INSERT INTO audit_events (entity_type, entity_id, author_id, event_name, details, created_at)
         VALUES (:entity_type, :entity_id, :author_id, :event_name, :details, :created_at)",
        named_params! {
            ":entity_type": event.entity_type, ":entity_id": event.entity_id, ":author_id": event.author_id,
            ":event_name": event.event_name, ":details": event.details, ":created_at": event.created_at,
        },
    )?;
    Ok(())
}

/// One event, if it lies within the filter's entity.
pub fn find(conn: &Connection, filter: &Filter, id: i64) -> Result<Option<AuditEvent>> {
    one(
        conn,
        select!(
            "WHERE id = ?1 AND (?2 IS NULL OR entity_type = ?2) AND (?3 IS NULL OR entity_id = ?3)"
        ),
        (id, filter.entity_type, filter.entity_id),
        from_row,
    )
}

/// Newest first, and how many there are; counted no further than `count_limit`.
pub fn list(
    conn: &Connection,
    filter: &Filter,
    count_limit: i64,
    (limit, offset): (i64, i64),
) -> Result<(Vec<AuditEvent>, i64)> {
    // A bound that is always there lets the index on the time, or on the entity and the time, be walked from its end.
    let after = filter.created_after.unwrap_or(Timestamp::from_millis(0));
    let before = filter
        .created_before
        .unwrap_or(Timestamp::from_millis(i64::MAX));
    match (filter.entity_type, filter.entity_id) {
        (Some(entity_type), Some(entity_id)) => {
            let total = one(
                conn,
                "SELECT count(*) FROM (
                     SELECT 1
                       FROM audit_events
                      WHERE entity_type = ?1 AND entity_id = ?2 AND created_at >= ?3 AND created_at <= ?4
                      LIMIT ?5
                 )",
                (entity_type, entity_id, after, before, count_limit),
                |row| row.get(0),
            )?;
            let events = all(
                conn,
                select!(
                    "WHERE entity_type = ?1 AND entity_id = ?2 AND created_at >= ?3 AND created_at <= ?4
                     ORDER BY created_at DESC, id DESC
                     LIMIT ?5 OFFSET ?6"
                ),
                (entity_type, entity_id, after, before, limit, offset),
                from_row,
            )?;
            Ok((events, total.unwrap_or(0)))
        }
        (entity_type, _) => {
            let total = one(
                conn,
                "SELECT count(*) FROM (
                     SELECT 1
                       FROM audit_events
                      WHERE (?1 IS NULL OR entity_type = ?1) AND created_at >= ?2 AND created_at <= ?3
                      LIMIT ?4
                 )",
                (entity_type, after, before, count_limit),
                |row| row.get(0),
            )?;
            let events = all(
                conn,
                select!(
                    "WHERE (?1 IS NULL OR entity_type = ?1) AND created_at >= ?2 AND created_at <= ?3
                     ORDER BY created_at DESC, id DESC
                     LIMIT ?4 OFFSET ?5"
                ),
                (entity_type, after, before, limit, offset),
                from_row,
            )?;
            Ok((events, total.unwrap_or(0)))
        }
    }
}

/// Those that came after one of them, oldest first, until `f` has had enough.
pub fn each_after(
    conn: &Connection,
    id: i64,
    mut f: impl FnMut(AuditEvent) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut stmt = conn.prepare_cached(select!("WHERE id > ?1 ORDER BY id"))?;
    let mut rows = stmt.query([id])?;
    while let Some(row) = rows.next()? {
        if f(from_row(row)?)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// The id of the newest one, 0 if there is none.
pub fn newest(conn: &Connection) -> Result<i64> {
    let newest = one(
        conn,
        "SELECT id FROM audit_events ORDER BY id DESC LIMIT 1",
        [],
        |row| row.get(0),
    )?;
    Ok(newest.unwrap_or(0))
}

/// Whether there are any from before this moment.
pub fn any_before(conn: &Connection, moment: Timestamp) -> Result<bool> {
    let found = one(
        conn,
        "SELECT 1 FROM audit_events WHERE created_at < ?1 LIMIT 1",
        [moment],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Removes some of those from before this moment; answers how many.
pub fn delete_before(conn: &Connection, moment: Timestamp, most: i64) -> Result<usize> {
    run(
        conn,
        "DELETE FROM audit_events
          WHERE id IN (SELECT id FROM audit_events WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)",
        (moment, most),
    )
}
