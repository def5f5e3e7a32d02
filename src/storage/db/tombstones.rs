//! What was deleted and must not come back with other bytes.

use rusqlite::{Connection, named_params};

use super::packages::PackageKey;
use super::{Timestamp, all, run};
use crate::error::Result;

/// Notes the contents of a package that is about to be deleted.
pub fn insert_for_package(conn: &Connection, package_id: i64, now: Timestamp) -> Result<()> {
    run(
        conn,
        "INSERT INTO tombstones (project_id, package_type, name_key, version_key, sha256, deleted_at)
         SELECT package_names.project_id, package_names.package_type, name_key, coalesce(version_key, ''), sha256, ?2
           FROM packages
           JOIN package_names ON package_names.id = name_id
           JOIN package_files ON package_files.package_id = packages.id
          WHERE packages.id = ?1
         ON CONFLICT DO NOTHING",
        (package_id, now),
    )?;
    Ok(())
}

/// The contents that this name and version had before it was deleted; empty if it never was.
pub fn contents(conn: &Connection, project_id: i64, key: &PackageKey) -> Result<Vec<String>> {
    all(
        conn,
        "SELECT sha256
           FROM tombstones
          WHERE project_id = :project_id AND package_type = :package_type AND name_key = :name_key AND version_key = :version_key",
        named_params! {
            ":project_id": project_id, ":package_type": key.package_type, ":name_key": key.name_key,
            ":version_key": key.version_key.as_deref().unwrap_or(""),
        },
        |row| row.get(0),
    )
}
