//! Tags of packages: npm's dist-tags, NuGet's keywords.

use rusqlite::{Connection, Row};

use super::package_list::json_ids;
use super::{Timestamp, all};
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
