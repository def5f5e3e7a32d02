//! Package protection rules: which names only some may push or delete.

use rusqlite::{Connection, Row, named_params};

use super::{AccessLevel, PackageType, Timestamp, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct ProtectionRule {
    pub id: i64,
    pub project_id: i64,
    pub package_type: PackageType,
    /// `*` stands for any run of characters.
    pub package_name_pattern: String,
    pub minimum_access_level_for_push: Option<AccessLevel>,
    pub minimum_access_level_for_delete: Option<AccessLevel>,
    pub updated_at: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, package_type, package_name_pattern, minimum_access_level_for_push, minimum_access_level_for_delete, updated_at
               FROM protection_rules ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ProtectionRule> {
    Ok(ProtectionRule {
        id: row.get(0)?,
        project_id: row.get(1)?,
        package_type: row.get(2)?,
        package_name_pattern: row.get(3)?,
        minimum_access_level_for_push: row.get(4)?,
        minimum_access_level_for_delete: row.get(5)?,
        updated_at: row.get(6)?,
    })
}

pub fn find(conn: &Connection, project_id: i64, id: i64) -> Result<Option<ProtectionRule>> {
    one(
        conn,
        select!("WHERE id = ?1 AND project_id = ?2"),
        (id, project_id),
        from_row,
    )
}

pub fn list(conn: &Connection, project_id: i64) -> Result<Vec<ProtectionRule>> {
    all(
        conn,
        select!("WHERE project_id = ?1 ORDER BY id"),
        [project_id],
        from_row,
    )
}

pub fn of_type(
    conn: &Connection,
    project_id: i64,
    package_type: PackageType,
) -> Result<Vec<ProtectionRule>> {
    all(
        conn,
        select!("WHERE project_id = ?1 AND package_type = ?2"),
        (project_id, package_type),
        from_row,
    )
}

/// `None` if the project has a rule for this type and pattern already. The rule's own id is not read.
pub fn insert(conn: &Connection, rule: &ProtectionRule) -> Result<Option<i64>> {
    let inserted = run(
        conn,
        "INSERT INTO protection_rules (project_id, package_type, package_name_pattern, minimum_access_level_for_push, minimum_access_level_for_delete, updated_at)
         VALUES (:project_id, :package_type, :pattern, :push, :delete, :updated_at)
         ON CONFLICT DO NOTHING",
        named_params! {
            ":project_id": rule.project_id, ":package_type": rule.package_type, ":pattern": rule.package_name_pattern,
            ":push": rule.minimum_access_level_for_push, ":delete": rule.minimum_access_level_for_delete,
            ":updated_at": rule.updated_at,
        },
    )?;
    Ok((inserted > 0).then(|| conn.last_insert_rowid()))
}

/// False if another rule has this type and pattern already.
pub fn update(conn: &Connection, rule: &ProtectionRule) -> Result<bool> {
    let updated = run(
        conn,
        "UPDATE OR IGNORE protection_rules
            SET package_type = :package_type, package_name_pattern = :pattern,
                minimum_access_level_for_push = :push, minimum_access_level_for_delete = :delete,
                updated_at = :updated_at
          WHERE id = :id",
        named_params! {
            ":id": rule.id, ":package_type": rule.package_type, ":pattern": rule.package_name_pattern,
            ":push": rule.minimum_access_level_for_push, ":delete": rule.minimum_access_level_for_delete,
            ":updated_at": rule.updated_at,
        },
    )?;
    Ok(updated > 0)
}

pub fn delete(conn: &Connection, id: i64) -> Result<()> {
    run(conn, "DELETE FROM protection_rules WHERE id = ?1", [id])?;
    Ok(())
}
