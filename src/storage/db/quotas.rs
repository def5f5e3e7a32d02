//! What projects and groups hold, which triggers count, and how much they may hold.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, named_params};
use serde_json::Value;

use super::members::Source;
use super::{PackageType, all, one, run};
use crate::error::Result;

/// What is held, in bytes and files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    pub bytes: i64,
    pub files: i64,
    pub bytes_per_type: BTreeMap<PackageType, i64>,
}

/// How much may be held; `None`, or a type that is not named: no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    pub max_bytes: Option<i64>,
    pub max_files: Option<i64>,
    pub max_bytes_per_type: BTreeMap<PackageType, i64>,
}

/// A quota that an upload must keep, and whose it is.
#[derive(Clone, Debug)]
pub struct Bound {
    pub source: Source,
    pub full_path: String,
    pub quota: Quota,
}

pub fn holding(conn: &Connection, source: Source) -> Result<Holding> {
    let (sql, id) = match source {
        Source::Project(id) => (
            "SELECT package_type, bytes, files FROM project_storage WHERE project_id = ?1",
            id,
        ),
        Source::Group(id) => (
            "SELECT package_type, bytes, files FROM namespace_storage WHERE namespace_id = ?1",
            id,
        ),
    };
    let rows: Vec<(PackageType, i64, i64)> = all(conn, sql, [id], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    let mut held = Holding::default();
    for (package_type, bytes, files) in rows {
        held.bytes += bytes;
        held.files += files;
        if files > 0 {
            held.bytes_per_type.insert(package_type, bytes);
        }
    }
    Ok(held)
}

pub fn find(conn: &Connection, source: Source) -> Result<Quota> {
    let (project_id, namespace_id) = (source.project_id(), source.namespace_id());
    let found = one(
        conn,
        "SELECT max_bytes, max_files, max_bytes_per_type FROM quotas WHERE project_id = ?1 OR namespace_id = ?2",
        (project_id, namespace_id),
        |row| read(row, 0),
    )?;
    Ok(found.unwrap_or_default())
}

pub fn set(conn: &Connection, source: Source, quota: &Quota) -> Result<()> {
    let (project_id, namespace_id) = (source.project_id(), source.namespace_id());
    run(
        conn,
        "DELETE FROM quotas WHERE project_id = ?1 OR namespace_id = ?2",
        (project_id, namespace_id),
    )?;
    if *quota == Quota::default() {
        return Ok(());
    }
    let per_type: serde_json::Map<String, Value> = quota
        .max_bytes_per_type
        .iter()
        .map(|(package_type, bytes)| (package_type.as_str().to_owned(), Value::from(*bytes)))
        .collect();
    run(
        conn,
        "INSERT INTO quotas (project_id, namespace_id, max_bytes, max_files, max_bytes_per_type)
         VALUES (:project_id, :namespace_id, :max_bytes, :max_files, :max_bytes_per_type)",
        named_params! {
            ":project_id": project_id, ":namespace_id": namespace_id, ":max_bytes": quota.max_bytes,
            ":max_files": quota.max_files, ":max_bytes_per_type": Value::Object(per_type).to_string(),
        },
    )?;
    Ok(())
}

/// The quotas that bind a project: its own, then those of the groups above it, the nearest first. Asked by every publish.
pub fn binding(conn: &Connection, project_id: i64, namespace_id: i64) -> Result<Vec<Bound>> {
    all(
        conn,
        "SELECT project_id, NULL, full_path, max_bytes, max_files, max_bytes_per_type, -1 AS distance
           FROM quotas
           JOIN projects ON projects.id = project_id
          WHERE project_id = ?1
          UNION ALL
         SELECT NULL, ancestor_id, full_path, max_bytes, max_files, max_bytes_per_type, distance
           FROM namespace_ancestors
          CROSS JOIN quotas ON quotas.namespace_id = ancestor_id
          CROSS JOIN namespaces ON namespaces.id = ancestor_id
          WHERE namespace_ancestors.namespace_id = ?2
          ORDER BY distance",
        (project_id, namespace_id),
        |row| {
            let source = match row.get(0)? {
                Some(project_id) => Source::Project(project_id),
                None => Source::Group(row.get(1)?),
            };
            Ok(Bound { source, full_path: row.get(2)?, quota: read(row, 3)? })
        },
    )
}

fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Quota> {
    let per_type: String = row.get(first + 2)?;
    let per_type: BTreeMap<String, i64> =
        serde_json::from_str(&per_type).map_err(|error| conversion(first + 2, error))?;
    let known = |(word, bytes): (String, i64)| Some((PackageType::parse(&word)?, bytes));
    Ok(Quota {
        max_bytes: row.get(first)?,
        max_files: row.get(first + 1)?,
        max_bytes_per_type: per_type.into_iter().filter_map(known).collect(),
    })
}

fn conversion(column: usize, error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
}
