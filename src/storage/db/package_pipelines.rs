//! Which pipelines built which packages and files.

use rusqlite::{Connection, Row};

use super::package_list::json_ids;
use super::pipelines::{self, Pipeline};
use super::{all, run};
use crate::error::Result;

/// A pipeline of a package with the id of the link between them, which is the list's cursor.
#[derive(Clone, Debug)]
pub struct Linked {
    pub link_id: i64,
    pub pipeline: Pipeline,
}

macro_rules! select {
    ($from:literal) => {
        concat!(
            "SELECT pipelines.id, iid, pipelines.project_id, sha, ref, pipelines.status, source, pipelines.name,
                    pipelines.user_id, pipelines.created_at, pipelines.updated_at, link.id
               FROM ",
            $from
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Linked> {
    Ok(Linked {
        pipeline: pipelines::from_row(row)?,
        link_id: row.get(11)?,
    })
}

/// The newest `most` pipelines of each of many packages, newest first, with the package's id.
pub fn newest_of(
    conn: &Connection,
    package_ids: &[i64],
    most: i64,
) -> Result<Vec<(i64, Pipeline)>> {
    let sql = "SELECT pipelines.id, iid, pipelines.project_id, sha, ref, pipelines.status, source, pipelines.name,
                pipelines.user_id, pipelines.created_at, pipelines.updated_at, package_id
           FROM (SELECT id, package_id, pipeline_id, row_number() OVER (PARTITION BY package_id ORDER BY id DESC) AS place
                   FROM package_pipelines
                  WHERE package_id IN (SELECT value FROM json_each(?1))) AS link
           JOIN pipelines ON pipelines.id = pipeline_id
          WHERE place <= ?2
          ORDER BY package_id, link.id DESC";
    all(conn, sql, (json_ids(package_ids), most), |row| {
        Ok((row.get(11)?, pipelines::from_row(row)?))
    })
}

/// Up to `limit` links older than the link `before`, newest first.
pub fn older(conn: &Connection, package_id: i64, before: i64, limit: i64) -> Result<Vec<Linked>> {
    all(
        conn,
        select!(
            "package_pipelines AS link JOIN pipelines ON pipelines.id = pipeline_id
             WHERE package_id = ?1 AND link.id < ?2 ORDER BY link.id DESC LIMIT ?3"
        ),
        (package_id, before, limit),
        from_row,
    )
}

/// Up to `limit` links newer than the link `after`, newest first: the page before.
pub fn newer(conn: &Connection, package_id: i64, after: i64, limit: i64) -> Result<Vec<Linked>> {
    let mut links = all(
        conn,
        select!(
            "package_pipelines AS link JOIN pipelines ON pipelines.id = pipeline_id
             WHERE package_id = ?1 AND link.id > ?2 ORDER BY link.id LIMIT ?3"
        ),
        (package_id, after, limit),
        from_row,
    )?;
    links.reverse();
    Ok(links)
}

/// The pipelines that a file came from, newest first.
pub fn of_file(conn: &Connection, package_file_id: i64) -> Result<Vec<Pipeline>> {
    let linked = all(
        conn,
        select!(
            "package_file_pipelines AS link JOIN pipelines ON pipelines.id = pipeline_id WHERE package_file_id = ?1 ORDER BY link.id DESC"
        ),
        [package_file_id],
        from_row,
    )?;
    Ok(linked.into_iter().map(|linked| linked.pipeline).collect())
}

/// Links a package to a pipeline, once.
pub fn link_package(conn: &Connection, package_id: i64, pipeline_id: i64) -> Result<()> {
    run(
        conn,
        "INSERT INTO package_pipelines (package_id, pipeline_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (package_id, pipeline_id),
    )?;
    Ok(())
}

/// Links a file to a pipeline, once.
pub fn link_file(conn: &Connection, package_file_id: i64, pipeline_id: i64) -> Result<()> {
    run(
        conn,
        "INSERT INTO package_file_pipelines (package_file_id, pipeline_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (package_file_id, pipeline_id),
    )?;
    Ok(())
}
