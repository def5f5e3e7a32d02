//! Retention rules, the cleanup policy of a project, and what both have removed.

use rusqlite::{Connection, Row, named_params};

use super::members::Source;
use super::package_list::json_ids;
use super::{PackageType, Timestamp, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct RetentionRule {
    pub id: i64,
    pub source: Source,
    pub package_type: Option<PackageType>,
    /// `*` stands for any run of characters.
    pub name_pattern: Option<String>,
    pub version_pattern: Option<String>,
    pub keep_latest: Option<i64>,
    pub older_than_days: Option<i64>,
    pub not_downloaded_for_days: Option<i64>,
    pub enabled: bool,
    pub next_run_at: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, namespace_id, package_type, name_pattern, version_pattern, keep_latest, older_than_days,
                    not_downloaded_for_days, enabled, next_run_at
               FROM retention_rules ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<RetentionRule> {
    let source = match row.get(1)? {
        Some(project_id) => Source::Project(project_id),
        None => Source::Group(row.get(2)?),
    };
    Ok(RetentionRule {
        id: row.get(0)?,
        source,
        package_type: row.get(3)?,
        name_pattern: row.get(4)?,
        version_pattern: row.get(5)?,
        keep_latest: row.get(6)?,
        older_than_days: row.get(7)?,
        not_downloaded_for_days: row.get(8)?,
        enabled: row.get(9)?,
        next_run_at: row.get(10)?,
    })
}

pub fn find(conn: &Connection, id: i64) -> Result<Option<RetentionRule>> {
    one(conn, select!("WHERE id = ?1"), [id], from_row)
}

/// The rules of one place, by id.
pub fn list(conn: &Connection, source: Source) -> Result<Vec<RetentionRule>> {
    all(
        conn,
        select!("WHERE project_id = ?1 OR namespace_id = ?2 ORDER BY id"),
        (source.project_id(), source.namespace_id()),
        from_row,
    )
}

/// The ids of the rules that concern a place: its own, then those of the groups above it, the nearest first.
pub fn concerning(conn: &Connection, source: Source) -> Result<Vec<i64>> {
    all(
        conn,
        "SELECT id, -1 AS distance FROM retention_rules WHERE project_id = ?1
          UNION ALL
         SELECT retention_rules.id, distance
           FROM namespace_ancestors
           JOIN retention_rules ON retention_rules.namespace_id = ancestor_id
          WHERE namespace_ancestors.namespace_id
                = coalesce(?2, (SELECT projects.namespace_id FROM projects WHERE projects.id = ?1))
          ORDER BY distance, id",
        (source.project_id(), source.namespace_id()),
        |row| row.get(0),
    )
}

/// The rule's own id is not read.
pub fn insert(conn: &Connection, rule: &RetentionRule) -> Result<i64> {
    run(
        conn,
        "INSERT INTO retention_rules (project_id, namespace_id, package_type, name_pattern, version_pattern, keep_latest,
                                      older_than_days, not_downloaded_for_days, enabled, next_run_at)
         VALUES (:project_id, :namespace_id, :package_type, :name_pattern, :version_pattern, :keep_latest,
                 :older_than_days, :not_downloaded_for_days, :enabled, :next_run_at)",
        named_params! {
            ":project_id": rule.source.project_id(), ":namespace_id": rule.source.namespace_id(),
            ":package_type": rule.package_type, ":name_pattern": rule.name_pattern, ":version_pattern": rule.version_pattern,
            ":keep_latest": rule.keep_latest, ":older_than_days": rule.older_than_days,
            ":not_downloaded_for_days": rule.not_downloaded_for_days, ":enabled": rule.enabled, ":next_run_at": rule.next_run_at,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

pub fn update(conn: &Connection, rule: &RetentionRule) -> Result<()> {
    run(
        conn,
        "UPDATE retention_rules
            SET package_type = :package_type, name_pattern = :name_pattern, version_pattern = :version_pattern,
                keep_latest = :keep_latest, older_than_days = :older_than_days,
                not_downloaded_for_days = :not_downloaded_for_days, enabled = :enabled, next_run_at = :next_run_at
          WHERE id = :id",
        named_params! {
            ":id": rule.id, ":package_type": rule.package_type, ":name_pattern": rule.name_pattern,
            ":version_pattern": rule.version_pattern, ":keep_latest": rule.keep_latest,
            ":older_than_days": rule.older_than_days, ":not_downloaded_for_days": rule.not_downloaded_for_days,
            ":enabled": rule.enabled, ":next_run_at": rule.next_run_at,
        },
    )?;
    Ok(())
}

pub fn delete(conn: &Connection, id: i64) -> Result<()> {
    run(conn, "DELETE FROM retention_rules WHERE id = ?1", [id])?;
    Ok(())
}

/// The next rule whose time has come.
pub fn next_due(conn: &Connection, now: Timestamp) -> Result<Option<i64>> {
    one(
        conn,
        "SELECT id FROM retention_rules WHERE enabled AND next_run_at <= ?1 ORDER BY next_run_at LIMIT 1",
        [now],
        |row| row.get(0),
    )
}

pub fn schedule(conn: &Connection, id: i64, next_run_at: Timestamp) -> Result<()> {
    run(
        conn,
        "UPDATE retention_rules SET next_run_at = ?2 WHERE id = ?1",
        (id, next_run_at),
    )?;
    Ok(())
}

/// The projects of a place: itself, or all that lie below the group.
pub fn projects_of(conn: &Connection, source: Source) -> Result<Vec<i64>> {
    match source {
        Source::Project(id) => Ok(vec![id]),
        Source::Group(id) => all(
            conn,
            "SELECT projects.id
               FROM namespace_ancestors JOIN projects USING (namespace_id)
              WHERE ancestor_id = ?1
              ORDER BY projects.id",
            [id],
            |row| row.get(0),
        ),
    }
}

/// A version that a rule may look at.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: i64,
    pub name_id: i64,
    pub package_type: PackageType,
    pub name: String,
    pub version: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_downloaded_at: Option<Timestamp>,
}

/// Every listed version of a project, name by name, the newest first; `each` says when it has seen enough.
pub fn each_candidate(
    conn: &Connection,
    project_id: i64,
    package_type: Option<PackageType>,
    mut each: impl FnMut(Candidate) -> Result<bool>,
) -> Result<()> {
    let mut stmt = conn.prepare_cached(
        "SELECT id, name_id, package_type, name, version, created_at, updated_at, last_downloaded_at
           FROM packages
          WHERE project_id = ?1
            AND (?2 IS NULL OR package_type = ?2)
            AND status IN (0, 3, 5)
            AND version IS NOT NULL
          ORDER BY name_id, id DESC",
    )?;
    let mut rows = stmt.query((project_id, package_type))?;
    while let Some(row) = rows.next()? {
        let candidate = Candidate {
            id: row.get(0)?,
            name_id: row.get(1)?,
            package_type: row.get(2)?,
            name: row.get(3)?,
            version: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
            last_downloaded_at: row.get(7)?,
        };
        if !each(candidate)? {
            return Ok(());
        }
    }
    Ok(())
}

/// What a package holds, and when its newest file came.
pub fn contents(conn: &Connection, package_id: i64) -> Result<(i64, Option<Timestamp>)> {
    let found = one(
        conn,
        "SELECT coalesce(sum(size), 0), max(created_at)
           FROM package_files JOIN blobs USING (sha256)
          WHERE package_id = ?1 AND status <> 4",
        [package_id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.unwrap_or((0, None)))
}

/// Of how many files of one name a project keeps the newest; `None`: of all.
pub fn policy(conn: &Connection, project_id: i64) -> Result<Option<(i64, Timestamp)>> {
    one(
        conn,
        "SELECT keep_n_duplicated_package_files, next_run_at FROM cleanup_policies WHERE project_id = ?1",
        [project_id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub fn set_policy(
    conn: &Connection,
    project_id: i64,
    keep: Option<i64>,
    next_run_at: Timestamp,
) -> Result<()> {
    match keep {
        Some(keep) => run(
            conn,
            "INSERT INTO cleanup_policies (project_id, keep_n_duplicated_package_files, next_run_at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET keep_n_duplicated_package_files = excluded.keep_n_duplicated_package_files,
                                       next_run_at = excluded.next_run_at",
            (project_id, keep, next_run_at),
        )?,
        None => run(
            conn,
            "DELETE FROM cleanup_policies WHERE project_id = ?1",
            [project_id],
        )?,
    };
    Ok(())
}

/// The next project whose policy's time has come.
pub fn next_policy_due(conn: &Connection, now: Timestamp) -> Result<Option<i64>> {
    one(
        conn,
        "SELECT project_id FROM cleanup_policies WHERE next_run_at <= ?1 ORDER BY next_run_at LIMIT 1",
        [now],
        |row| row.get(0),
    )
}

/// A file of which enough newer ones of the same name stand in its package.
#[derive(Clone, Debug)]
pub struct Duplicate {
    pub id: i64,
    pub package_id: i64,
    pub package_type: PackageType,
    pub name: String,
    pub version: Option<String>,
    pub file_name: String,
    pub size: i64,
}

/// What the policy finds too many in the installable packages of a project, the oldest first.
pub fn duplicates(
    conn: &Connection,
    project_id: i64,
    keep: i64,
    after: i64,
    most: i64,
) -> Result<Vec<Duplicate>> {
    all(
        conn,
        "SELECT file_id, package_id, package_type, name, version, file_name, size
           FROM (SELECT package_files.id AS file_id, package_id, package_type, name, version, file_name, sha256,
                        row_number() OVER (PARTITION BY package_id, file_name ORDER BY package_files.id DESC) AS place
                   FROM packages JOIN package_files ON package_id = packages.id
                  WHERE project_id = :project_id AND packages.status IN (0, 1, 5) AND package_files.status = 0)
           JOIN blobs USING (sha256)
          WHERE place > :keep AND file_id > :after
          ORDER BY file_id
          LIMIT :most",
        named_params! { ":project_id": project_id, ":keep": keep, ":after": after, ":most": most },
        |row| {
            Ok(Duplicate {
                id: row.get(0)?,
                package_id: row.get(1)?,
                package_type: row.get(2)?,
                name: row.get(3)?,
                version: row.get(4)?,
                file_name: row.get(5)?,
                size: row.get(6)?,
            })
        },
    )
}

/// Removes a file if there are still as many newer ones of its name; false if there are not.
pub fn delete_duplicate(conn: &Connection, file: &Duplicate, keep: i64) -> Result<bool> {
    let deleted = run(
        conn,
        "DELETE FROM package_files
          WHERE id = :id
            AND (SELECT count(*) FROM package_files
                  WHERE package_id = :package_id AND file_name = :file_name AND status = 0 AND id > :id) >= :keep",
        named_params! { ":id": file.id, ":package_id": file.package_id, ":file_name": file.file_name, ":keep": keep },
    )?;
    Ok(deleted > 0)
}

/// Something that a cleanup took away.
#[derive(Clone, Debug)]
pub struct Removed {
    pub id: i64,
    pub project_id: i64,
    pub package_id: i64,
    pub package_type: PackageType,
    pub name: String,
    pub version: Option<String>,
    /// Of a file that went alone.
    pub file_name: Option<String>,
    pub bytes: i64,
    /// `None`: the cleanup policy.
    pub rule_id: Option<i64>,
    pub reason: String,
    pub removed_at: Timestamp,
}

/// Its own id is not read.
pub fn insert_removed(conn: &Connection, removed: &Removed) -> Result<()> {
    run(
        conn,
        "INSERT INTO removals (project_id, package_id, package_type, name, version, file_name, bytes, rule_id, reason, removed_at)
         VALUES (:project_id, :package_id, :package_type, :name, :version, :file_name, :bytes, :rule_id, :reason, :removed_at)",
        named_params! {
            ":project_id": removed.project_id, ":package_id": removed.package_id, ":package_type": removed.package_type,
            ":name": removed.name, ":version": removed.version, ":file_name": removed.file_name, ":bytes": removed.bytes,
            ":rule_id": removed.rule_id, ":reason": removed.reason, ":removed_at": removed.removed_at,
        },
    )?;
    Ok(())
}

/// A page of what cleanups removed from these projects, the newest first, and how much there is in all.
pub fn removed(
    conn: &Connection,
    project_ids: &[i64],
    limit: i64,
    offset: i64,
) -> Result<(Vec<Removed>, i64)> {
    let ids = json_ids(project_ids);
    let page = all(
        conn,
        "SELECT id, project_id, package_id, package_type, name, version, file_name, bytes, rule_id, reason, removed_at
           FROM removals
          WHERE project_id IN (SELECT value FROM json_each(?1))
          ORDER BY id DESC
          LIMIT ?2 OFFSET ?3",
        (&ids, limit, offset),
        |row| {
            Ok(Removed {
                id: row.get(0)?,
                project_id: row.get(1)?,
                package_id: row.get(2)?,
                package_type: row.get(3)?,
                name: row.get(4)?,
                version: row.get(5)?,
                file_name: row.get(6)?,
                bytes: row.get(7)?,
                rule_id: row.get(8)?,
                reason: row.get(9)?,
                removed_at: row.get(10)?,
            })
        },
    )?;
    let total = one(
        conn,
        "SELECT count(*) FROM (SELECT 1 FROM removals WHERE project_id IN (SELECT value FROM json_each(?1)) LIMIT 10001)",
        [&ids],
        |row| row.get(0),
    )?;
    Ok((page, total.unwrap_or(0)))
}

/// Forgets what was removed before this moment.
pub fn forget_removed(conn: &Connection, before: Timestamp) -> Result<()> {
    run(conn, "DELETE FROM removals WHERE removed_at < ?1", [before])?;
    Ok(())
}
