//! What the upkeep commands ask: which contents are wanted, whether the file is sound, what everything takes.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{PackageType, all, one, prepare, run};
use crate::error::Result;

/// A content, by its row.
#[derive(Clone, Debug)]
pub struct Content {
    pub sha256: String,
    pub size: u64,
}

/// The next contents, by digest, of which there is a file (`wanted`) or of which there is none any more.
pub fn contents(conn: &Connection, wanted: bool, after: &str, limit: i64) -> Result<Vec<Content>> {
    all(
        conn,
        "SELECT sha256, size
           FROM blobs
          WHERE sha256 > ?1
            AND EXISTS (SELECT 1 FROM package_files WHERE package_files.sha256 = blobs.sha256) = ?2
          ORDER BY sha256
          LIMIT ?3",
        (after, wanted, limit),
        |row| {
            Ok(Content {
                sha256: row.get(0)?,
                size: row.get(1)?,
            })
        },
    )
}

/// Forgets a content unless a file has it; answers whether it is forgotten.
pub fn forget_unwanted(conn: &Connection, sha256: &str) -> Result<bool> {
    let forgotten = run(
        conn,
        "DELETE FROM blobs
          WHERE sha256 = ?1 AND NOT EXISTS (SELECT 1 FROM package_files WHERE package_files.sha256 = blobs.sha256)",
        [sha256],
    )?;
    Ok(forgotten > 0)
}

/// Whether a content has a row, be it wanted or not.
pub fn is_known(conn: &Connection, sha256: &str) -> Result<bool> {
    let found = one(
        conn,
        "SELECT 1 FROM blobs WHERE sha256 = ?1",
        [sha256],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// What SQLite finds wrong with the file, and counters that are not what they count; empty if all is well.
pub fn problems(conn: &Connection) -> Result<Vec<String>> {
    let mut found: Vec<String> = all(conn, "PRAGMA integrity_check(20)", [], |row| row.get(0))?;
    found.retain(|line| line != "ok");
    let dangling: Vec<String> = all(
        conn,
        "SELECT DISTINCT \"table\" || ' points at a missing ' || parent FROM pragma_foreign_key_check LIMIT 20",
        [],
        |row| row.get(0),
    )?;
    found.extend(dangling);
    let miscounted: Vec<String> = all(
        conn,
        "SELECT 'the storage counters of ' || full_path || ' are wrong'
           FROM projects
          WHERE (SELECT json_group_array(json_array(package_type, bytes, files))
                   FROM (SELECT package_type, bytes, files FROM project_storage
                          WHERE project_id = projects.id AND (files <> 0 OR bytes <> 0) ORDER BY package_type))
             <> (SELECT json_group_array(json_array(package_type, bytes, files))
                   FROM (SELECT package_type, sum(size) AS bytes, count(*) AS files
                           FROM packages
                           JOIN package_files ON package_id = packages.id
                           JOIN blobs USING (sha256)
                          WHERE project_id = projects.id AND packages.status <> 4 AND package_files.status <> 4
                          GROUP BY package_type ORDER BY package_type))
          LIMIT 20",
        [],
        |row| row.get(0),
    )?;
    found.extend(miscounted);
    Ok(found)
}

/// A copy of the database as it is at one moment, beside whoever is writing. `target` must not exist.
pub fn snapshot(database: &Path, target: &Path) -> Result<()> {
    let conn = Connection::open(database)?;
    prepare(&conn)?;
    conn.execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
    Ok(())
}

/// A database that is only to be read, and not to be trusted.
pub fn open_copy(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    Ok(conn)
}

/// Which schema a database has.
pub fn version(conn: &Connection) -> Result<i64> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// What a project holds of one type.
#[derive(Clone, Debug)]
pub struct Held {
    pub project_id: i64,
    pub full_path: String,
    pub package_type: PackageType,
    pub bytes: i64,
    pub files: i64,
}

/// What everything takes, in bytes and numbers.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub held: Vec<Held>,
    /// Every file row with its full size, those of packages that are being destroyed included.
    pub bytes_of_files: i64,
    /// Contents, each once.
    pub blobs: i64,
    pub bytes_of_blobs: i64,
    /// Contents that no file has any more.
    pub unwanted: i64,
    pub bytes_unwanted: i64,
    pub database_bytes: i64,
}

pub fn totals(conn: &Connection) -> Result<Totals> {
    let held = all(
        conn,
        "SELECT project_id, full_path, package_type, bytes, files
           FROM project_storage JOIN projects ON projects.id = project_id
          WHERE files <> 0
          ORDER BY project_id, package_type",
        [],
        |row| {
            Ok(Held {
                project_id: row.get(0)?,
                full_path: row.get(1)?,
                package_type: row.get(2)?,
                bytes: row.get(3)?,
                files: row.get(4)?,
            })
        },
    )?;
    let totals = one(
        conn,
        "SELECT (SELECT coalesce(sum(size), 0) FROM package_files JOIN blobs USING (sha256)),
                (SELECT count(*) FROM blobs),
                (SELECT coalesce(sum(size), 0) FROM blobs),
                count(*), coalesce(sum(size), 0),
                (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)
           FROM blobs
          WHERE NOT EXISTS (SELECT 1 FROM package_files WHERE package_files.sha256 = blobs.sha256)",
        [],
        |row| {
            Ok(Totals {
                held: Vec::new(),
                bytes_of_files: row.get(0)?,
                blobs: row.get(1)?,
                bytes_of_blobs: row.get(2)?,
                unwanted: row.get(3)?,
                bytes_unwanted: row.get(4)?,
                database_bytes: row.get(5)?,
            })
        },
    )?;
    Ok(Totals {
        held,
        ..totals.unwrap_or_default()
    })
}
