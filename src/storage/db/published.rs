//! What index documents are made of where a row for each version is enough.

use rusqlite::{Connection, named_params};

use super::package_list::{json_ids, json_texts};
use super::packages::PackageKey;
use super::{PackageType, Timestamp, all, one};
use crate::error::Result;

/// A version that a client may install.
#[derive(Clone, Debug)]
pub struct PublishedVersion {
    pub version: String,
    pub updated_at: Timestamp,
    /// Ids grow with time.
    pub newest_file_id: i64,
}

/// A file of a version that a client may install.
#[derive(Clone, Debug)]
pub struct PublishedFile {
    pub package_id: i64,
    pub file_name: String,
    pub created_at: Timestamp,
}

/// The installable versions of these names that have a file with one of these endings, by package id.
pub fn versions(
    conn: &Connection,
    name_ids: &[i64],
    endings: &[String],
) -> Result<Vec<PublishedVersion>> {
    all(
        conn,
        "SELECT version, updated_at, newest_file_id
           FROM (SELECT id, version, updated_at,
                        (SELECT max(package_files.id)
                           FROM package_files
                          WHERE package_id = packages.id
                            AND package_files.status = 0
                            AND EXISTS (SELECT 1 FROM json_each(:endings) AS ending
                                         WHERE substr(file_name, -length(ending.value)) = ending.value)
                        ) AS newest_file_id
                   FROM packages
                  WHERE name_id IN (SELECT value FROM json_each(:name_ids))
                    AND status IN (0, 1, 5)
                    AND version IS NOT NULL)
          WHERE newest_file_id IS NOT NULL
          ORDER BY id",
        named_params! { ":name_ids": json_ids(name_ids), ":endings": json_texts(endings) },
        |row| {
            Ok(PublishedVersion {
                version: row.get(0)?,
                updated_at: row.get(1)?,
                newest_file_id: row.get(2)?,
            })
        },
    )
}

/// The visible files of this version in every project that has it, those of the newest package first.
pub fn files(
    conn: &Connection,
    project_ids: &[i64],
    key: &PackageKey,
) -> Result<Vec<PublishedFile>> {
    all(
        conn,
        "SELECT packages.id, file_name, package_files.created_at
           FROM package_names
          CROSS JOIN packages ON packages.name_id = package_names.id
          CROSS JOIN package_files ON package_files.package_id = packages.id
          WHERE package_names.project_id IN (SELECT value FROM json_each(:project_ids))
            AND package_names.package_type = :package_type
            AND name_key = :name_key
            AND coalesce(version_key, '') = :version_key
            AND qualifier = :qualifier
            AND packages.status <> 4
            AND packages.status IN (0, 1, 5)
            AND package_files.status = 0
          ORDER BY packages.id DESC, package_files.id",
        named_params! {
            ":project_ids": json_ids(project_ids), ":package_type": key.package_type, ":name_key": key.name_key,
            ":version_key": key.version_key.as_deref().unwrap_or(""), ":qualifier": key.qualifier,
        },
        |row| {
            Ok(PublishedFile {
                package_id: row.get(0)?,
                file_name: row.get(1)?,
                created_at: row.get(2)?,
            })
        },
    )
}

/// What the format keeps of the packages of this key, those of the newest package last.
pub fn metadata(conn: &Connection, project_ids: &[i64], key: &PackageKey) -> Result<Vec<String>> {
    all(
        conn,
        "SELECT metadata
           FROM package_names
          CROSS JOIN packages ON packages.name_id = package_names.id
          WHERE package_names.project_id IN (SELECT value FROM json_each(:project_ids))
            AND package_names.package_type = :package_type
            AND name_key = :name_key
            AND coalesce(version_key, '') = :version_key
            AND qualifier = :qualifier
            AND packages.status <> 4
            AND packages.status IN (0, 1, 5)
            AND metadata IS NOT NULL
          ORDER BY packages.id",
        named_params! {
            ":project_ids": json_ids(project_ids), ":package_type": key.package_type, ":name_key": key.name_key,
            ":version_key": key.version_key.as_deref().unwrap_or(""), ":qualifier": key.qualifier,
        },
        |row| row.get(0),
    )
}

/// Whether one of these projects has an installable version of this name.
pub fn any_version(
    conn: &Connection,
    project_ids: &[i64],
    package_type: PackageType,
    name_key: &str,
) -> Result<bool> {
    let found: Option<i64> = one(
        conn,
        "SELECT packages.id
           FROM package_names
          CROSS JOIN packages ON packages.name_id = package_names.id
          WHERE package_names.project_id IN (SELECT value FROM json_each(?1))
            AND package_names.package_type = ?2
            AND name_key = ?3
            AND packages.status IN (0, 1, 5)
            AND version IS NOT NULL
          LIMIT 1",
        (json_ids(project_ids), package_type, name_key),
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Whether a name has a version that is not being destroyed.
pub fn any_left(conn: &Connection, name_id: i64) -> Result<bool> {
    let found: Option<i64> = one(
        conn,
        "SELECT id FROM packages WHERE name_id = ?1 AND status <> 4 AND version IS NOT NULL LIMIT 1",
        [name_id],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// The id of a name's package without a version, and what the format keeps of it.
pub fn versionless(conn: &Connection, name_id: i64) -> Result<Option<(i64, Option<String>)>> {
    one(
        conn,
        "SELECT id, metadata FROM packages WHERE name_id = ?1 AND status <> 4 AND version IS NULL",
        [name_id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
