//! Pipelines that registered themselves, and the commit statuses that their CI reports.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, named_params, params_from_iter};

use super::{Timestamp, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct Pipeline {
    pub id: i64,
    pub iid: i64,
    pub project_id: i64,
    pub sha: String,
    pub ref_name: String,
    pub status: String,
    pub source: String,
    pub name: Option<String>,
    pub user_id: Option<i64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT pipelines.id, iid, pipelines.project_id, sha, ref, status, source, name, user_id, created_at, updated_at FROM pipelines ",
            $rest
        )
    };
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Pipeline> {
    Ok(Pipeline {
        id: row.get(0)?,
        iid: row.get(1)?,
        project_id: row.get(2)?,
        sha: row.get(3)?,
        ref_name: row.get(4)?,
        status: row.get(5)?,
        source: row.get(6)?,
        name: row.get(7)?,
        user_id: row.get(8)?,
        created_at: row.get(9)?,
        updated_at: row.get(10)?,
    })
}

pub fn find(conn: &Connection, project_id: i64, id: i64) -> Result<Option<Pipeline>> {
    one(
        conn,
        select!("WHERE id = ?1 AND project_id = ?2"),
        (id, project_id),
        from_row,
    )
}

/// The newest pipeline of a commit on a branch or tag.
pub fn find_by_commit(
    conn: &Connection,
    project_id: i64,
    sha: &str,
    ref_name: &str,
) -> Result<Option<Pipeline>> {
    one(
        conn,
        select!("WHERE project_id = ?1 AND sha = ?2 AND ref = ?3 ORDER BY id DESC LIMIT 1"),
        (project_id, sha, ref_name),
        from_row,
    )
}

/// The newest pipeline of a branch or tag.
pub fn latest(conn: &Connection, project_id: i64, ref_name: &str) -> Result<Option<Pipeline>> {
    one(
        conn,
        select!("WHERE project_id = ?1 AND ref = ?2 ORDER BY id DESC LIMIT 1"),
        (project_id, ref_name),
        from_row,
    )
}

/// Filters of `GET /projects/:id/pipelines`; absent means "any".
#[derive(Default)]
pub struct Filter {
    pub ref_name: Option<String>,
    pub sha: Option<String>,
    pub status: Option<String>,
    pub source: Option<String>,
    pub username: Option<String>,
    pub updated_after: Option<Timestamp>,
    pub updated_before: Option<Timestamp>,
}

#[derive(Clone, Copy)]
pub enum OrderBy {
    Id,
    Status,
    Ref,
    UpdatedAt,
}

pub fn list(
    conn: &Connection,
    project_id: i64,
    filter: &Filter,
    by: OrderBy,
    descending: bool,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Pipeline>, i64)> {
    let column = match by {
        OrderBy::Id => "id",
        OrderBy::Status => "status",
        OrderBy::Ref => "ref",
        OrderBy::UpdatedAt => "updated_at",
    };
    let direction = if descending { "DESC" } else { "ASC" };
    let mut conditions = String::from("project_id = ?");
    let mut values = vec![Value::from(project_id)];
    let text = |moment: &Timestamp| moment.to_string();
    for (condition, value) in [
        (" AND ref = ?", filter.ref_name.clone()),
        (" AND sha = ?", filter.sha.clone()),
        (" AND status = ?", filter.status.clone()),
        (" AND source = ?", filter.source.clone()),
        (
            " AND user_id = (SELECT users.id FROM users WHERE lower(username) = lower(?))",
            filter.username.clone(),
        ),
        (
            " AND updated_at > ?",
            filter.updated_after.as_ref().map(text),
        ),
        (
            " AND updated_at < ?",
            filter.updated_before.as_ref().map(text),
        ),
    ] {
        if let Some(value) = value {
            conditions.push_str(condition);
            values.push(Value::from(value));
        }
    }
    let count = format!("SELECT count(*) FROM pipelines WHERE {conditions}");
    let total = conn
        .prepare_cached(&count)?
        .query_row(params_from_iter(&values), |row| row.get(0))?;
    let sql = format!(
        "SELECT id, iid, project_id, sha, ref, status, source, name, user_id, created_at, updated_at
           FROM pipelines
          WHERE {conditions}
          ORDER BY {column} {direction}, id {direction}
          LIMIT ? OFFSET ?"
    );
    values.extend([Value::from(limit), Value::from(offset)]);
    let pipelines = all(conn, &sql, params_from_iter(values), from_row)?;
    Ok((pipelines, total))
}

pub struct NewPipeline<'a> {
    pub project_id: i64,
    pub sha: &'a str,
    pub ref_name: &'a str,
    pub status: &'a str,
    pub source: &'a str,
    pub name: Option<&'a str>,
    pub user_id: Option<i64>,
}

pub fn insert(conn: &Connection, new: &NewPipeline<'_>, now: Timestamp) -> Result<i64> {
    run(
        conn,
        "INSERT INTO pipelines (iid, project_id, sha, ref, status, source, name, user_id, created_at, updated_at)
         SELECT coalesce(max(iid), 0) + 1, :project_id, :sha, :ref, :status, :source, :name, :user_id, :now, :now
           FROM pipelines
          WHERE project_id = :project_id",
        named_params! {
            ":project_id": new.project_id, ":sha": new.sha, ":ref": new.ref_name, ":status": new.status,
            ":source": new.source, ":name": new.name, ":user_id": new.user_id, ":now": now,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

pub fn set_status(conn: &Connection, id: i64, status: &str, now: Timestamp) -> Result<()> {
    run(
        conn,
        "UPDATE pipelines SET status = ?2, updated_at = ?3 WHERE id = ?1",
        (id, status, now),
    )?;
    Ok(())
}

/// Takes its jobs, statuses and links with it; packages stay.
pub fn delete(conn: &Connection, id: i64) -> Result<()> {
    run(conn, "DELETE FROM pipelines WHERE id = ?1", [id])?;
    Ok(())
}

#[derive(Clone, Debug)]
pub struct CommitStatus {
    pub id: i64,
    pub name: String,
    pub state: String,
    pub target_url: Option<String>,
    pub description: Option<String>,
    pub coverage: Option<f64>,
    pub user_id: Option<i64>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

fn status_from_row(row: &Row<'_>) -> rusqlite::Result<CommitStatus> {
    Ok(CommitStatus {
        id: row.get(0)?,
        name: row.get(1)?,
        state: row.get(2)?,
        target_url: row.get(3)?,
        description: row.get(4)?,
        coverage: row.get(5)?,
        user_id: row.get(6)?,
        created_at: row.get(7)?,
        started_at: row.get(8)?,
        finished_at: row.get(9)?,
    })
}

/// The latest status of each name in a pipeline.
pub fn latest_statuses(conn: &Connection, pipeline_id: i64) -> Result<Vec<CommitStatus>> {
    all(
        conn,
        "SELECT id, name, state, target_url, description, coverage, user_id, created_at, started_at, finished_at
           FROM commit_statuses
          WHERE id IN (SELECT max(id) FROM commit_statuses WHERE pipeline_id = ?1 GROUP BY name)
          ORDER BY id",
        [pipeline_id],
        status_from_row,
    )
}

/// Adds a status, or replaces what the newest one of the same name says; answers its id.
pub fn put_status(conn: &Connection, pipeline_id: i64, status: &CommitStatus) -> Result<i64> {
    let updated = one(
        conn,
        "UPDATE commit_statuses
            SET state = :state, target_url = coalesce(:target_url, target_url), description = coalesce(:description, description),
                coverage = coalesce(:coverage, coverage), user_id = :user_id,
                started_at = coalesce(started_at, :started_at), finished_at = :finished_at
          WHERE id = (SELECT max(id) FROM commit_statuses WHERE pipeline_id = :pipeline_id AND name = :name)
          RETURNING id",
        named_params! {
            ":pipeline_id": pipeline_id, ":name": status.name, ":state": status.state, ":target_url": status.target_url,
            ":description": status.description, ":coverage": status.coverage, ":user_id": status.user_id,
            ":started_at": status.started_at, ":finished_at": status.finished_at,
        },
        |row| row.get(0),
    )?;
    if let Some(id) = updated {
        return Ok(id);
    }
    run(
        conn,
        "INSERT INTO commit_statuses (pipeline_id, name, state, target_url, description, coverage, user_id, created_at, started_at, finished_at)
         VALUES (:pipeline_id, :name, :state, :target_url, :description, :coverage, :user_id, :created_at, :started_at, :finished_at)",
        named_params! {
            ":pipeline_id": pipeline_id, ":name": status.name, ":state": status.state, ":target_url": status.target_url,
            ":description": status.description, ":coverage": status.coverage, ":user_id": status.user_id,
            ":created_at": status.created_at, ":started_at": status.started_at, ":finished_at": status.finished_at,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

pub fn find_status(conn: &Connection, id: i64) -> Result<Option<CommitStatus>> {
    one(
        conn,
        "SELECT id, name, state, target_url, description, coverage, user_id, created_at, started_at, finished_at
           FROM commit_statuses
          WHERE id = ?1",
        [id],
        status_from_row,
    )
}
