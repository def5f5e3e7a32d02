//! Which other projects' jobs may use their token in a project: projects, and groups with all that lies below them.

use rusqlite::Connection;

use super::members::Source;
use super::{all, one, run};
use crate::error::Result;

/// Whether `source_project_id` stands in the allowlist of `project_id`, by itself or through a group above it.
pub fn allows(conn: &Connection, project_id: i64, source_project_id: i64) -> Result<bool> {
    let allowed = one(
        conn,
        "WITH RECURSIVE above (id) AS (
             SELECT namespace_id FROM projects WHERE id = ?2
             UNION ALL
             SELECT namespaces.parent_id FROM namespaces JOIN above ON namespaces.id = above.id WHERE parent_id IS NOT NULL
         )
         SELECT 1
           FROM job_token_allowlist
          WHERE project_id = ?1
            AND (source_project_id = ?2 OR source_namespace_id IN (SELECT id FROM above))",
        (project_id, source_project_id),
        |_| Ok(()),
    )?;
    Ok(allowed.is_some())
}

/// What stands in the list, in the order in which it came there.
pub fn list(conn: &Connection, project_id: i64) -> Result<Vec<Source>> {
    all(
        conn,
        "SELECT source_project_id, source_namespace_id FROM job_token_allowlist WHERE project_id = ?1 ORDER BY id",
        [project_id],
        |row| match row.get(0)? {
            Some(project) => Ok(Source::Project(project)),
            None => row.get(1).map(Source::Group),
        },
    )
}

/// False if it stands there already.
pub fn insert(conn: &Connection, project_id: i64, source: Source) -> Result<bool> {
    let inserted = run(
        conn,
        "INSERT INTO job_token_allowlist (project_id, source_project_id, source_namespace_id)
         SELECT ?1, ?2, ?3
          WHERE NOT EXISTS (
              SELECT 1 FROM job_token_allowlist
               WHERE project_id = ?1 AND (source_project_id = ?2 OR source_namespace_id = ?3)
          )",
        (project_id, source.project_id(), source.namespace_id()),
    )?;
    Ok(inserted > 0)
}

/// False if it does not stand there.
pub fn delete(conn: &Connection, project_id: i64, source: Source) -> Result<bool> {
    let deleted = run(
        conn,
        "DELETE FROM job_token_allowlist WHERE project_id = ?1 AND (source_project_id = ?2 OR source_namespace_id = ?3)",
        (project_id, source.project_id(), source.namespace_id()),
    )?;
    Ok(deleted > 0)
}
