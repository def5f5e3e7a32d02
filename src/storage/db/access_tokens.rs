//! Personal, project and group access tokens, known by the SHA-256 of their value alone.

use rusqlite::{Connection, Row, named_params};

use super::members::Source;
use super::{Timestamp, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct AccessToken {
    pub id: i64,
    pub user_id: i64,
    /// Set for project and group access tokens, whose user is a bot.
    pub source: Option<Source>,
    pub name: String,
    pub description: Option<String>,
    pub scopes: Vec<String>,
    pub revoked: bool,
    pub created_at: Timestamp,
    /// A date; the token is dead when it begins.
    pub expires_at: Option<String>,
    pub last_used_at: Option<Timestamp>,
}

impl AccessToken {
    /// From 00:00 UTC of its day on.
    pub fn is_expired(&self, now: &Timestamp) -> bool {
        self.expires_at
            .as_deref()
            .is_some_and(|date| date <= now.date().as_str())
    }

    pub fn is_active(&self, now: &Timestamp) -> bool {
        !self.revoked && !self.is_expired(now)
    }
}

pub struct NewAccessToken<'a> {
    pub user_id: i64,
    pub source: Option<Source>,
    pub sha256: &'a str,
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub scopes: &'a [String],
    pub expires_at: Option<&'a str>,
    pub rotated_from: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, namespace_id, project_id, name, description, scopes, revoked, created_at, expires_at, last_used_at
               FROM access_tokens ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<AccessToken> {
    let group = row.get::<_, Option<i64>>(2)?.map(Source::Group);
    let project = row.get::<_, Option<i64>>(3)?.map(Source::Project);
    Ok(AccessToken {
        id: row.get(0)?,
        user_id: row.get(1)?,
        source: group.or(project),
        name: row.get(4)?,
        description: row.get(5)?,
        scopes: scopes_from_json(row.get_ref(6)?.as_str()?),
        revoked: row.get(7)?,
        created_at: row.get(8)?,
        expires_at: row.get(9)?,
        last_used_at: row.get(10)?,
    })
}

/// Scopes are a JSON array in a column; one that is broken grants nothing.
pub(super) fn scopes_from_json(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

pub fn find(conn: &Connection, id: i64) -> Result<Option<AccessToken>> {
    one(conn, select!("WHERE id = ?1"), [id], from_row)
}

pub fn find_by_sha256(conn: &Connection, sha256: &str) -> Result<Option<AccessToken>> {
    one(conn, select!("WHERE sha256 = ?1"), [sha256], from_row)
}

/// Every token by id: of one user, or of everybody. The API filters and pages them.
pub fn list(conn: &Connection, user_id: Option<i64>) -> Result<Vec<AccessToken>> {
    all(
        conn,
        select!("WHERE ?1 IS NULL OR user_id = ?1 ORDER BY id"),
        [user_id],
        from_row,
    )
}

/// The tokens of one project or group, by id.
pub fn of_source(conn: &Connection, source: Source) -> Result<Vec<AccessToken>> {
    all(
        conn,
        select!("WHERE namespace_id = ?1 OR project_id = ?2 ORDER BY id"),
        (source.namespace_id(), source.project_id()),
        from_row,
    )
}

pub fn insert(conn: &Connection, new: &NewAccessToken<'_>, now: Timestamp) -> Result<i64> {
    run(
        conn,
        "INSERT INTO access_tokens (user_id, namespace_id, project_id, sha256, name, description, scopes, rotated_from, created_at, expires_at)
         VALUES (:user_id, :namespace_id, :project_id, :sha256, :name, :description, :scopes, :rotated_from, :now, :expires_at)",
        named_params! {
            ":user_id": new.user_id,
            ":namespace_id": new.source.and_then(Source::namespace_id),
            ":project_id": new.source.and_then(Source::project_id),
            ":sha256": new.sha256, ":name": new.name, ":description": new.description,
            ":scopes": serde_json::to_string(new.scopes)?, ":rotated_from": new.rotated_from,
            ":now": now, ":expires_at": new.expires_at,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

pub fn revoke(conn: &Connection, id: i64) -> Result<()> {
    run(
        conn,
        "UPDATE access_tokens SET revoked = 1 WHERE id = ?1",
        [id],
    )?;
    Ok(())
}

/// The newest token of the family that was rotated out of this one, or itself.
pub fn newest_of_family(conn: &Connection, id: i64) -> Result<i64> {
    let newest = one(
        conn,
        "WITH RECURSIVE family (id) AS (
             VALUES (?1)
             UNION
             SELECT access_tokens.id FROM access_tokens JOIN family ON access_tokens.rotated_from = family.id
         )
         SELECT max(id) FROM family",
        [id],
        |row| row.get(0),
    )?;
    Ok(newest.unwrap_or(id))
}

pub fn touch(conn: &Connection, id: i64, used_at: Timestamp) -> Result<()> {
    run(
        conn,
        "UPDATE access_tokens SET last_used_at = ?2 WHERE id = ?1",
        (id, used_at),
    )?;
    Ok(())
}
