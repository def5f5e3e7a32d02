//! Rows for searches: every version of many names.

use rusqlite::{Connection, Row, named_params};

use super::package_list::json_ids;
use super::{PackageStatus, PackageType, Timestamp, all};
use crate::error::Result;

/// One installable version.
#[derive(Clone, Debug)]
pub struct CatalogRow {
    pub package_id: i64,
    pub name_key: String,
    pub name: String,
    pub version: String,
    pub version_key: String,
    pub status: PackageStatus,
    pub downloads: i64,
    pub created_at: Timestamp,
    /// Where it was asked for.
    pub metadata: Option<String>,
}

/// Which names.
#[derive(Clone, Debug)]
pub enum Names {
    /// The one with this key.
    Of(String),
    /// Those that hold this text, which is in lower case; the empty one: all.
    Containing(String),
}

pub struct Wanted<'a> {
    pub project_ids: &'a [i64],
    pub package_type: PackageType,
    pub names: &'a Names,
    pub file_ending: &'a str,
    pub with_metadata: bool,
}

macro_rules! select {
    ($names:literal) => {
        concat!(
            "SELECT packages.id, name_key, name, version, coalesce(version_key, ''), packages.status, downloads,
                    created_at, iif(:with_metadata, metadata, NULL)
               FROM package_names
              CROSS JOIN packages ON packages.name_id = package_names.id
              WHERE package_names.project_id IN (SELECT value FROM json_each(:project_ids))
                AND package_names.package_type = :package_type
                AND ",
            $names,
            " AND packages.status <> 4
                AND packages.status IN (0, 1, 5)
                AND version IS NOT NULL
                AND EXISTS (SELECT 1 FROM package_files
                             WHERE package_id = packages.id
                               AND package_files.status = 0
                               AND substr(file_name, -length(:file_ending)) = :file_ending)
              ORDER BY name_key, packages.id"
        )
    };
}

/// By name, and then by id.
pub fn rows(conn: &Connection, wanted: Wanted<'_>) -> Result<Vec<CatalogRow>> {
    let (sql, name) = match wanted.names {
        Names::Of(name_key) => (select!("name_key = :name"), name_key),
        Names::Containing(part) => (select!("instr(folded, :name) > 0"), part),
    };
    let values = named_params! {
        ":project_ids": json_ids(wanted.project_ids), ":package_type": wanted.package_type, ":name": name,
        ":file_ending": wanted.file_ending, ":with_metadata": wanted.with_metadata,
    };
    all(conn, sql, values, from_row)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<CatalogRow> {
    Ok(CatalogRow {
        package_id: row.get(0)?,
        name_key: row.get(1)?,
        name: row.get(2)?,
        version: row.get(3)?,
        version_key: row.get(4)?,
        status: row.get(5)?,
        downloads: row.get(6)?,
        created_at: row.get(7)?,
        metadata: row.get(8)?,
    })
}
