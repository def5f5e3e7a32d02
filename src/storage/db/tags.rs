//! Tags of packages: npm's dist-tags, NuGet's keywords.

use rusqlite::{Connection, Row};

use super::package_list::json_ids;
use super::{Timestamp, all, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct Tag {
    pub id: i64,
    pub package_id: i64,
    pub name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Tag> {
    Ok(Tag {
        id: row.get(0)?,
        package_id: row.get(1)?,
        name: row.get(2)?,
        created_at: row.get(3)?,
        updated_at: row.get(4)?,
    })
}

/// The tags of many packages, by package and then by id.
pub fn of_packages(conn: &Connection, package_ids: &[i64]) -> Result<Vec<Tag>> {
    all(
        conn,
        "SELECT id, package_id, name, created_at, updated_at
           FROM package_tags
          WHERE package_id IN (SELECT value FROM json_each(?1))
          ORDER BY package_id, id",
        [json_ids(package_ids)],
        from_row,
    )
}

/// Moves a tag to a package: of all packages of its name, that one alone carries it then (npm dist-tags).
pub fn move_to(conn: &Connection, package_id: i64, name: &str, now: Timestamp) -> Result<()> {
    remove(conn, package_id, name)?;
    run(
        conn,
        "INSERT INTO package_tags (package_id, name, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)",
        (package_id, name, now),
    )?;
    Ok(())
}

/// What a package says of itself (NuGet keywords): these are its tags now, and no others.
pub fn replace(conn: &Connection, package_id: i64, names: &[String], now: Timestamp) -> Result<()> {
    run(
        conn,
        "DELETE FROM package_tags WHERE package_id = ?1",
        [package_id],
    )?;
    for name in names {
        run(
            conn,
            "INSERT INTO package_tags (package_id, name, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)",
            (package_id, name, now),
        )?;
    }
    Ok(())
}

/// Takes a tag away from whichever package of the same name carries it; false if none did. Removed packages are left out in
/// the words of the index by names: without them SQLite would scan every package.
pub fn remove(conn: &Connection, package_id: i64, name: &str) -> Result<bool> {
    let removed = run(
        conn,
        "DELETE FROM package_tags
          WHERE name = ?2
            AND package_id IN (SELECT id FROM packages WHERE name_id = (SELECT name_id FROM packages WHERE id = ?1) AND status <> 4)",
        (package_id, name),
    )?;
    Ok(removed > 0)
}
