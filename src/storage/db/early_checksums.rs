//! Checksums that came before the file that they are of.

use rusqlite::{Connection, named_params};

use super::packages::PackageKey;
use super::{Timestamp, all, one, run};
use crate::error::Result;

/// Which file a checksum waits for.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub project_id: i64,
    pub key: &'a PackageKey,
    pub file_name: &'a str,
}

/// Of two for the same file and algorithm, the later one counts.
pub fn insert(
    conn: &Connection,
    place: Place<'_>,
    algorithm: &str,
    digest: &str,
    now: Timestamp,
) -> Result<()> {
    run(
        conn,
        "INSERT INTO early_checksums (project_id, package_type, name_key, version_key, file_name, algorithm, digest, created_at)
         VALUES (:project_id, :package_type, :name_key, :version_key, :file_name, :algorithm, :digest, :now)
         ON CONFLICT DO UPDATE SET digest = excluded.digest, created_at = excluded.created_at",
        named_params! {
            ":project_id": place.project_id, ":package_type": place.key.package_type, ":name_key": place.key.name_key,
            ":version_key": place.key.version_key.as_deref().unwrap_or(""), ":file_name": place.file_name,
            ":algorithm": algorithm, ":digest": digest, ":now": now,
        },
    )?;
    Ok(())
}

/// Whether a checksum of this algorithm waits for this file.
pub fn waits(conn: &Connection, place: Place<'_>, algorithm: &str) -> Result<bool> {
    let found: Option<i64> = one(
        conn,
        "SELECT 1
           FROM early_checksums
          WHERE project_id = :project_id AND package_type = :package_type AND name_key = :name_key
            AND version_key = :version_key AND file_name = :file_name AND algorithm = :algorithm",
        named_params! {
            ":project_id": place.project_id, ":package_type": place.key.package_type, ":name_key": place.key.name_key,
            ":version_key": place.key.version_key.as_deref().unwrap_or(""), ":file_name": place.file_name,
            ":algorithm": algorithm,
        },
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// What waits for this file, algorithm and digest; from now on it waits no more.
pub fn take(conn: &Connection, place: Place<'_>) -> Result<Vec<(String, String)>> {
    all(
        conn,
        "DELETE FROM early_checksums
          WHERE project_id = :project_id AND package_type = :package_type AND name_key = :name_key
            AND version_key = :version_key AND file_name = :file_name
         RETURNING algorithm, digest",
        named_params! {
            ":project_id": place.project_id, ":package_type": place.key.package_type, ":name_key": place.key.name_key,
            ":version_key": place.key.version_key.as_deref().unwrap_or(""), ":file_name": place.file_name,
        },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Files that never came.
pub fn forget_before(conn: &Connection, deadline: Timestamp) -> Result<()> {
    run(
        conn,
        "DELETE FROM early_checksums WHERE created_at < ?1",
        [deadline],
    )?;
    Ok(())
}
