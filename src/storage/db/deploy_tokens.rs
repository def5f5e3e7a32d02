//! Deploy tokens of projects and groups.

use rusqlite::{Connection, Row, named_params};

use super::access_tokens::scopes_from_json;
use super::members::Source;
use super::{Timestamp, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct DeployToken {
    pub id: i64,
    pub source: Source,
    pub name: String,
    pub username: String,
    pub scopes: Vec<String>,
    pub revoked: bool,
    pub expires_at: Option<Timestamp>,
}

impl DeployToken {
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|moment| moment <= now)
    }
}

pub struct NewDeployToken<'a> {
    pub source: Source,
    pub sha256: &'a str,
    pub name: &'a str,
    /// `None`: GitLab's `gitlab+deploy-token-<id>`.
    pub username: Option<&'a str>,
    pub scopes: &'a [String],
    pub created_by: Option<i64>,
    pub expires_at: Option<Timestamp>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, namespace_id, project_id, name, username, scopes, revoked, expires_at FROM deploy_tokens ", $rest)
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<DeployToken> {
    let source = match row.get::<_, Option<i64>>(1)? {
        Some(group) => Source::Group(group),
        None => Source::Project(row.get(2)?),
    };
    Ok(DeployToken {
        id: row.get(0)?,
        source,
        name: row.get(3)?,
        username: row.get(4)?,
        scopes: scopes_from_json(row.get_ref(5)?.as_str()?),
        revoked: row.get(6)?,
        expires_at: row.get(7)?,
    })
}

pub fn find_by_sha256(conn: &Connection, sha256: &str) -> Result<Option<DeployToken>> {
    one(conn, select!("WHERE sha256 = ?1"), [sha256], from_row)
}

pub fn find_by_id(conn: &Connection, id: i64) -> Result<Option<DeployToken>> {
    one(conn, select!("WHERE id = ?1"), [id], from_row)
}

pub fn find(conn: &Connection, source: Source, id: i64) -> Result<Option<DeployToken>> {
    one(
        conn,
        select!("WHERE id = ?1 AND (namespace_id = ?2 OR project_id = ?3)"),
        (id, source.namespace_id(), source.project_id()),
        from_row,
    )
}

/// Those of one project or group, or every one there is, by id.
pub fn list(conn: &Connection, source: Option<Source>) -> Result<Vec<DeployToken>> {
    match source {
        Some(source) => all(
            conn,
            select!("WHERE namespace_id = ?1 OR project_id = ?2 ORDER BY id"),
            (source.namespace_id(), source.project_id()),
            from_row,
        ),
        None => all(conn, select!("ORDER BY id"), [], from_row),
    }
}

pub fn insert(conn: &Connection, new: &NewDeployToken<'_>, now: Timestamp) -> Result<i64> {
    run(
        conn,
        "INSERT INTO deploy_tokens (namespace_id, project_id, sha256, name, username, scopes, created_by, created_at, expires_at)
         VALUES (:namespace_id, :project_id, :sha256, :name, coalesce(:username, ''), :scopes, :created_by, :now, :expires_at)",
        named_params! {
            ":namespace_id": new.source.namespace_id(), ":project_id": new.source.project_id(),
            ":sha256": new.sha256, ":name": new.name, ":username": new.username,
            ":scopes": serde_json::to_string(new.scopes)?, ":created_by": new.created_by,
            ":now": now, ":expires_at": new.expires_at,
        },
    )?;
    let id = conn.last_insert_rowid();
    run(
        conn,
        "UPDATE deploy_tokens SET username = 'gitlab+deploy-token-' || id WHERE id = ?1 AND username = ''",
        [id],
    )?;
    Ok(id)
}

/// Final: the value answers 401 from now on.
pub fn delete(conn: &Connection, id: i64) -> Result<()> {
    run(conn, "DELETE FROM deploy_tokens WHERE id = ?1", [id])?;
    Ok(())
}
