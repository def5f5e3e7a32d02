//! Downloads of packages by day.

use rusqlite::Connection;

use super::{Timestamp, all, run};
use crate::error::Result;

/// Adds downloads of a file, all on one day, to what its package has on that day.
pub fn add(conn: &Connection, file_id: i64, downloads: u64, day: Timestamp) -> Result<()> {
    run(
        conn,
        "INSERT INTO package_downloads (package_id, day, downloads)
         SELECT package_id, ?2, ?3 FROM package_files WHERE id = ?1
             ON CONFLICT (package_id, day) DO UPDATE SET downloads = downloads + excluded.downloads",
        (file_id, day.date(), downloads as i64),
    )?;
    Ok(())
}

/// The days from `first` on that have any, oldest first.
pub fn since(conn: &Connection, package_id: i64, first: &str) -> Result<Vec<(String, i64)>> {
    all(
        conn,
        "SELECT day, downloads FROM package_downloads WHERE package_id = ?1 AND day >= ?2 ORDER BY day",
        (package_id, first),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// All downloads of a package, those of forgotten days included.
pub fn total(conn: &Connection, package_id: i64) -> Result<i64> {
    let found = super::one(
        conn,
        "SELECT downloads FROM packages WHERE id = ?1",
        [package_id],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Forgets days before `first`, a few rows at a time; answers how many went.
pub fn forget(conn: &Connection, first: &str, limit: i64) -> Result<usize> {
    run(
        conn,
        "DELETE FROM package_downloads
          WHERE (package_id, day) IN (SELECT package_id, day FROM package_downloads WHERE day < ?1 LIMIT ?2)",
        (first, limit),
    )
}
