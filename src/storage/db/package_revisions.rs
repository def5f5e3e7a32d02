//! Revisions: files of a package that come one by one and appear together, once the last of them is there.

use rusqlite::{Connection, Row, named_params};

use super::package_list::json_texts;
use super::{Timestamp, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct Revision {
    pub id: i64,
    pub revision: String,
    /// `None`: files are still to come, and nobody sees it.
    pub completed_at: Option<Timestamp>,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Revision> {
    Ok(Revision {
        id: row.get(0)?,
        revision: row.get(1)?,
        completed_at: row.get(2)?,
    })
}

/// Whose revisions: those of a package's recipe, or of one binary of a recipe's revision.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub package_id: i64,
    pub parent_id: Option<i64>,
    pub reference: &'a str,
}

impl Line<'_> {
    pub fn of_recipe(package_id: i64) -> Line<'static> {
        Line {
            package_id,
            parent_id: None,
            reference: "",
        }
    }
}

/// A revision by its name, complete or not.
pub fn find(conn: &Connection, line: Line<'_>, revision: &str) -> Result<Option<Revision>> {
    one(
        conn,
        "SELECT id, revision, completed_at
           FROM package_revisions
          WHERE package_id = ?1 AND coalesce(parent_id, 0) = ?2 AND reference = ?3 AND revision = ?4",
        (
            line.package_id,
            line.parent_id.unwrap_or(0),
            line.reference,
            revision,
        ),
        from_row,
    )
}

/// The complete ones, at most so many, newest first.
pub fn list(conn: &Connection, line: Line<'_>, limit: i64) -> Result<Vec<Revision>> {
    all(
        conn,
        "SELECT id, revision, completed_at
           FROM package_revisions
          WHERE package_id = ?1 AND coalesce(parent_id, 0) = ?2 AND reference = ?3 AND completed_at IS NOT NULL
          ORDER BY completed_at DESC, id DESC
          LIMIT ?4",
        (
            line.package_id,
            line.parent_id.unwrap_or(0),
            line.reference,
            limit,
        ),
        from_row,
    )
}

/// What the newest complete one says of itself.
pub fn latest_metadata(conn: &Connection, line: Line<'_>) -> Result<Option<String>> {
    let found = one(
        conn,
        "SELECT metadata
           FROM package_revisions
          WHERE package_id = ?1 AND coalesce(parent_id, 0) = ?2 AND reference = ?3 AND completed_at IS NOT NULL
          ORDER BY completed_at DESC, id DESC
          LIMIT 1",
        (line.package_id, line.parent_id.unwrap_or(0), line.reference),
        |row| row.get(0),
    )?;
    Ok(found.flatten())
}

/// A new revision that waits for its files; answers its id.
pub fn insert(conn: &Connection, line: Line<'_>, revision: &str, now: Timestamp) -> Result<i64> {
    run(
        conn,
        "INSERT INTO package_revisions (package_id, parent_id, reference, revision, updated_at)
         VALUES (:package_id, :parent_id, :reference, :revision, :now)",
        named_params! {
            ":package_id": line.package_id, ":parent_id": line.parent_id, ":reference": line.reference,
            ":revision": revision, ":now": now,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

/// A file has come; with it perhaps what the recipe or the binary says of itself.
pub fn touch(conn: &Connection, id: i64, metadata: Option<&str>, now: Timestamp) -> Result<()> {
    run(
        conn,
        "UPDATE package_revisions SET updated_at = ?2, metadata = coalesce(?3, metadata) WHERE id = ?1",
        (id, now, metadata),
    )?;
    Ok(())
}

/// Names that one revision may have failed to bring; more are no upload but an attack.
const MOST_FAILED: i64 = 100;

/// A file was begun and did not arrive. A revision that is complete already still has the one from before.
pub fn note_failed(conn: &Connection, id: i64, file_name: &str) -> Result<()> {
    run(
        conn,
        "UPDATE package_revisions SET failed = json_insert(failed, '$[#]', ?2)
          WHERE id = ?1
            AND completed_at IS NULL
            AND json_array_length(failed) < ?3
            AND NOT EXISTS (SELECT 1 FROM json_each(failed) WHERE value = ?2)",
        (id, file_name, MOST_FAILED),
    )?;
    Ok(())
}

/// One of these names has arrived after all.
pub fn forget_failed(conn: &Connection, id: i64, file_names: &[String]) -> Result<()> {
    run(
        conn,
        "UPDATE package_revisions
            SET failed = (SELECT json_group_array(value) FROM json_each(failed)
                           WHERE value NOT IN (SELECT value FROM json_each(?2)))
          WHERE id = ?1 AND failed <> '[]'",
        (id, json_texts(file_names)),
    )?;
    Ok(())
}

/// Whether its last file is there, and none that was begun is missing.
pub fn is_ready(conn: &Connection, id: i64, last_file: &str) -> Result<bool> {
    let ready = one(
        conn,
        "SELECT failed = '[]' AND EXISTS (SELECT 1 FROM package_files WHERE revision_id = ?1 AND file_name = ?2)
           FROM package_revisions
          WHERE id = ?1",
        (id, last_file),
        |row| row.get(0),
    )?;
    Ok(ready.unwrap_or(false))
}

/// When the last of a package's revisions was completed.
pub fn last_completed(conn: &Connection, package_id: i64) -> Result<Option<Timestamp>> {
    let found = one(
        conn,
        "SELECT max(completed_at) FROM package_revisions WHERE package_id = ?1",
        [package_id],
        |row| row.get(0),
    )?;
    Ok(found.flatten())
}

/// From now on it is there, and its files with it; the files of a binary not before those of its recipe.
pub fn complete(conn: &Connection, id: i64, at: Timestamp) -> Result<()> {
    run(
        conn,
        "UPDATE package_revisions SET completed_at = ?2 WHERE id = ?1",
        (id, at),
    )?;
    run(
        conn,
        "UPDATE package_files SET status = 0
          WHERE revision_id IN (
                SELECT child.id
                  FROM package_revisions AS child
                  LEFT JOIN package_revisions AS parent ON parent.id = child.parent_id
                 WHERE (child.id = ?1 OR child.parent_id = ?1)
                   AND child.completed_at IS NOT NULL
                   AND (parent.id IS NULL OR parent.completed_at IS NOT NULL))",
        [id],
    )?;
    Ok(())
}

/// A binary of a recipe's revision, by its newest complete revision.
#[derive(Clone, Debug)]
pub struct Binary {
    pub reference: String,
    /// What it says of itself; `None` where it says nothing, or all of them together would say too much.
    pub metadata: Option<String>,
}

/// The binaries of a recipe's revision, by reference, with `most` bytes of metadata in all.
pub fn binaries(conn: &Connection, parent_id: i64, most: i64) -> Result<Vec<Binary>> {
    all(
        conn,
        "SELECT reference, CASE WHEN sum(length(metadata)) OVER (ORDER BY reference) <= ?2 THEN metadata END
           FROM (SELECT reference, metadata, max(completed_at)
                   FROM package_revisions
                  WHERE parent_id = ?1 AND completed_at IS NOT NULL
                  GROUP BY reference)
          ORDER BY reference",
        (parent_id, most),
        |row| {
            Ok(Binary {
                reference: row.get(0)?,
                metadata: row.get(1)?,
            })
        },
    )
}

/// Removes one revision, with what was built from it.
pub fn delete(conn: &Connection, id: i64) -> Result<()> {
    run(conn, "DELETE FROM package_revisions WHERE id = ?1", [id])?;
    Ok(())
}

/// Removes the binaries of a recipe's revision: one of them, or all; answers how many revisions they had.
pub fn delete_binaries(
    conn: &Connection,
    parent_id: i64,
    reference: Option<&str>,
) -> Result<usize> {
    run(
        conn,
        "DELETE FROM package_revisions WHERE parent_id = ?1 AND (?2 IS NULL OR reference = ?2)",
        (parent_id, reference),
    )
}

/// What a package still has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    Complete,
    /// Only what waits for files.
    Incomplete,
    Nothing,
}

/// Whether a package's recipe still has a revision.
pub fn left(conn: &Connection, package_id: i64) -> Result<Left> {
    let found: Option<bool> = one(
        conn,
        "SELECT max(completed_at IS NOT NULL)
           FROM package_revisions
          WHERE package_id = ?1 AND parent_id IS NULL",
        [package_id],
        |row| row.get::<_, Option<bool>>(0),
    )?
    .flatten();
    Ok(match found {
        Some(true) => Left::Complete,
        Some(false) => Left::Incomplete,
        None => Left::Nothing,
    })
}

/// Revisions, by id and package, that were not completed and have seen no upload since `deadline`. A recipe's revision
/// waits as long as one of its binaries does.
pub fn abandoned(conn: &Connection, deadline: Timestamp, limit: i64) -> Result<Vec<(i64, i64)>> {
    all(
        conn,
        "SELECT id, package_id
           FROM package_revisions AS revision
          WHERE completed_at IS NULL
            AND updated_at <= ?1
            AND EXISTS (SELECT 1 FROM packages WHERE id = package_id AND status <> 4)
            AND NOT EXISTS (SELECT 1 FROM package_revisions WHERE parent_id = revision.id AND updated_at > ?1)
          ORDER BY updated_at
          LIMIT ?2",
        (deadline, limit),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
