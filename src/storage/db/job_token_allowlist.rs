//! Which other projects' jobs may use their token in a project.

use rusqlite::Connection;

use super::{one, run};
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

pub fn insert(conn: &Connection, project_id: i64, source_project_id: i64) -> Result<()> {
    run(
        conn,
        "INSERT INTO job_token_allowlist (project_id, source_project_id)
         SELECT ?1, ?2
          WHERE NOT EXISTS (SELECT 1 FROM job_token_allowlist WHERE project_id = ?1 AND source_project_id = ?2)",
        (project_id, source_project_id),
    )?;
    Ok(())
}
