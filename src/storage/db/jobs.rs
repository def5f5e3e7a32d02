//! Jobs: each carries a token that links uploads to its pipeline.

use rusqlite::{Connection, Row, named_params};

use super::{Timestamp, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct Job {
    pub id: i64,
    pub pipeline_id: i64,
    /// Of the pipeline.
    pub project_id: i64,
    pub user_id: i64,
    pub name: String,
    pub status: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT jobs.id, pipeline_id, pipelines.project_id, jobs.user_id, jobs.name, jobs.status, jobs.created_at, expires_at
               FROM jobs
               JOIN pipelines ON pipelines.id = pipeline_id ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        id: row.get(0)?,
        pipeline_id: row.get(1)?,
        project_id: row.get(2)?,
        user_id: row.get(3)?,
        name: row.get(4)?,
        status: row.get(5)?,
        created_at: row.get(6)?,
        expires_at: row.get(7)?,
    })
}

pub fn find(conn: &Connection, project_id: i64, id: i64) -> Result<Option<Job>> {
    one(
        conn,
        select!("WHERE jobs.id = ?1 AND pipelines.project_id = ?2"),
        (id, project_id),
        from_row,
    )
}

pub fn find_by_id(conn: &Connection, id: i64) -> Result<Option<Job>> {
    one(conn, select!("WHERE jobs.id = ?1"), [id], from_row)
}

/// The job whose token this is, as long as the token lives: while the job runs and its time is not over.
pub fn find_running(conn: &Connection, sha256: &str, now: Timestamp) -> Result<Option<Job>> {
    one(
        conn,
        select!("WHERE sha256 = ?1 AND jobs.status = 'running' AND expires_at > ?2"),
        (sha256, now),
        from_row,
    )
}

pub struct NewJob<'a> {
    pub pipeline_id: i64,
    pub user_id: i64,
    pub name: &'a str,
    pub sha256: &'a str,
    pub expires_at: Timestamp,
}

pub fn insert(conn: &Connection, new: &NewJob<'_>, now: Timestamp) -> Result<i64> {
    run(
        conn,
        "INSERT INTO jobs (pipeline_id, user_id, name, status, sha256, created_at, expires_at)
         VALUES (:pipeline_id, :user_id, :name, 'running', :sha256, :now, :expires_at)",
        named_params! {
            ":pipeline_id": new.pipeline_id, ":user_id": new.user_id, ":name": new.name,
            ":sha256": new.sha256, ":now": now, ":expires_at": new.expires_at,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

pub fn set_status(conn: &Connection, id: i64, status: &str) -> Result<()> {
    run(
        conn,
        "UPDATE jobs SET status = ?2 WHERE id = ?1",
        (id, status),
    )?;
    Ok(())
}

/// Ends what still runs in a pipeline: with it the tokens of its jobs die.
pub fn finish_all(conn: &Connection, pipeline_id: i64, status: &str) -> Result<()> {
    run(
        conn,
        "UPDATE jobs SET status = ?2 WHERE pipeline_id = ?1 AND status = 'running'",
        (pipeline_id, status),
    )?;
    Ok(())
}
