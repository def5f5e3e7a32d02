//! Files of packages, each with the digests of the content it points at.

use rusqlite::{Connection, Row, named_params};

use super::package_downloads;
use super::package_list::json_ids;
use super::packages::PackageKey;
use super::{PackageType, Timestamp, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct PackageFile {
    pub id: i64,
    pub package_id: i64,
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    pub md5: String,
    pub sha1: String,
    pub sha256: String,
    pub created_at: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT package_files.id, package_id, file_name, size, md5, sha1, package_files.sha256, package_files.created_at
               FROM package_files
               JOIN blobs ON blobs.sha256 = package_files.sha256 ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<PackageFile> {
    Ok(PackageFile {
        id: row.get(0)?,
        package_id: row.get(1)?,
        file_name: row.get(2)?,
        size: row.get(3)?,
        md5: row.get(4)?,
        sha1: row.get(5)?,
        sha256: row.get(6)?,
        created_at: row.get(7)?,
    })
}

/// A visible file of one package, by id.
pub fn find(conn: &Connection, package_id: i64, id: i64) -> Result<Option<PackageFile>> {
    one(
        conn,
        select!("WHERE package_files.id = ?1 AND package_id = ?2 AND status = 0"),
        (id, package_id),
        from_row,
    )
}

/// The newest visible file of this name: where duplicates are allowed, several rows may carry it.
pub fn newest(conn: &Connection, package_id: i64, file_name: &str) -> Result<Option<PackageFile>> {
    one(
        conn,
        select!(
            "WHERE package_id = ?1 AND file_name = ?2 AND status = 0 ORDER BY package_files.id DESC LIMIT 1"
        ),
        (package_id, file_name),
        from_row,
    )
}

/// The newest visible file of a package, whatever its name.
pub fn newest_of_all(conn: &Connection, package_id: i64) -> Result<Option<PackageFile>> {
    one(
        conn,
        select!("WHERE package_id = ?1 AND status = 0 ORDER BY package_files.id DESC LIMIT 1"),
        [package_id],
        from_row,
    )
}

/// What a client downloads: the newest file of this name in the newest package of this key in these projects, in one
/// look-up. Packages that a client may not install (error, processing, being destroyed) do not count.
pub fn installable(
    conn: &Connection,
    project_ids: &[i64],
    key: &PackageKey,
    file_name: &str,
) -> Result<Option<PackageFile>> {
    // CROSS JOIN: from the name down. Without statistics SQLite might as well start from the files.
    const SQL: &str = "SELECT package_files.id, package_id, file_name, size, md5, sha1, package_files.sha256, package_files.created_at
           FROM package_names
          CROSS JOIN packages ON packages.name_id = package_names.id
          CROSS JOIN package_files ON package_files.package_id = packages.id
          CROSS JOIN blobs ON blobs.sha256 = package_files.sha256
          WHERE package_names.project_id IN (SELECT value FROM json_each(:project_ids))
            AND package_names.package_type = :package_type
            AND name_key = :name_key
            AND coalesce(version_key, '') = :version_key
            AND qualifier = :qualifier
            AND packages.status <> 4
            AND packages.status IN (0, 1, 5)
            AND file_name = :file_name
            AND package_files.status = 0
          ORDER BY package_id DESC, package_files.id DESC
          LIMIT 1";
    one(
        conn,
        SQL,
        named_params! {
            ":project_ids": json_ids(project_ids), ":package_type": key.package_type, ":name_key": key.name_key,
            ":version_key": key.version_key.as_deref().unwrap_or(""), ":qualifier": key.qualifier, ":file_name": file_name,
        },
        from_row,
    )
}

/// A file with what its format keeps of it, and the SHA-512 where it was asked for.
#[derive(Clone, Debug)]
pub struct FileWithMetadata {
    pub file: PackageFile,
    pub sha512: Option<String>,
    pub metadata: Option<String>,
}

/// The visible files of many packages, by package and then by id.
pub fn of_packages(conn: &Connection, package_ids: &[i64]) -> Result<Vec<FileWithMetadata>> {
    all(
        conn,
        "SELECT package_files.id, package_id, file_name, size, md5, sha1, package_files.sha256, package_files.created_at, sha512, metadata
           FROM package_files
           JOIN blobs ON blobs.sha256 = package_files.sha256
          WHERE package_id IN (SELECT value FROM json_each(?1)) AND status = 0
          ORDER BY package_id, package_files.id",
        [json_ids(package_ids)],
        |row| Ok(FileWithMetadata { file: from_row(row)?, sha512: row.get(8)?, metadata: row.get(9)? }),
    )
}

/// What a client downloads by its content: a visible file with these bytes and this name, in an installable package of
/// this type in these projects; the newest of them.
pub fn installable_by_content(
    conn: &Connection,
    project_ids: &[i64],
    package_type: PackageType,
    sha256: &str,
    file_name: &str,
) -> Result<Option<PackageFile>> {
    one(
        conn,
        "SELECT package_files.id, package_id, file_name, size, md5, sha1, package_files.sha256, package_files.created_at
           FROM package_files
          CROSS JOIN packages ON packages.id = package_files.package_id
          CROSS JOIN blobs ON blobs.sha256 = package_files.sha256
          WHERE package_files.sha256 = :sha256
            AND file_name = :file_name
            AND package_files.status = 0
            AND packages.status IN (0, 1, 5)
            AND package_type = :package_type
            AND project_id IN (SELECT value FROM json_each(:project_ids))
          ORDER BY package_id DESC, package_files.id DESC
          LIMIT 1",
        named_params! {
            ":project_ids": json_ids(project_ids), ":package_type": package_type, ":sha256": sha256,
            ":file_name": file_name,
        },
        from_row,
    )
}

/// What a client downloads by the reference that its format keeps with a file: of this name, in an installable package
/// of these projects; the newest of them.
pub fn installable_by_reference(
    conn: &Connection,
    project_ids: &[i64],
    package_type: PackageType,
    name_key: &str,
    reference: &str,
) -> Result<Option<PackageFile>> {
    one(
        conn,
        "SELECT package_files.id, package_id, file_name, size, md5, sha1, package_files.sha256, package_files.created_at
           FROM package_files
          CROSS JOIN packages ON packages.id = package_files.package_id
          CROSS JOIN package_names ON package_names.id = packages.name_id
          CROSS JOIN blobs ON blobs.sha256 = package_files.sha256
          WHERE package_files.metadata ->> '$.reference' = :reference
            AND package_files.status = 0
            AND packages.status IN (0, 1, 5)
            AND packages.package_type = :package_type
            AND packages.project_id IN (SELECT value FROM json_each(:project_ids))
            AND name_key = :name_key
          ORDER BY package_id DESC, package_files.id DESC
          LIMIT 1",
        named_params! {
            ":project_ids": json_ids(project_ids), ":package_type": package_type, ":name_key": name_key,
            ":reference": reference,
        },
        from_row,
    )
}

/// What the format keeps of a file, as JSON; `None` if nothing was kept.
pub fn metadata(conn: &Connection, id: i64) -> Result<Option<String>> {
    let found = one(
        conn,
        "SELECT metadata FROM package_files WHERE id = ?1",
        [id],
        |row| row.get(0),
    )?;
    Ok(found.flatten())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderBy {
    Id,
    CreatedAt,
    FileName,
}

/// A page of the visible files of one package, and how many there are in all.
pub fn list(
    conn: &Connection,
    package_id: i64,
    by: OrderBy,
    descending: bool,
    limit: i64,
    offset: i64,
) -> Result<(Vec<PackageFile>, i64)> {
    let sql = match (by, descending) {
        (OrderBy::Id, false) => select!(
            "WHERE package_id = ?1 AND status = 0 ORDER BY package_files.id LIMIT ?2 OFFSET ?3"
        ),
        (OrderBy::Id, true) => select!(
            "WHERE package_id = ?1 AND status = 0 ORDER BY package_files.id DESC LIMIT ?2 OFFSET ?3"
        ),
        (OrderBy::CreatedAt, false) => {
            select!(
                "WHERE package_id = ?1 AND status = 0 ORDER BY package_files.created_at, package_files.id LIMIT ?2 OFFSET ?3"
            )
        }
        (OrderBy::CreatedAt, true) => {
            select!(
                "WHERE package_id = ?1 AND status = 0 ORDER BY package_files.created_at DESC, package_files.id DESC LIMIT ?2 OFFSET ?3"
            )
        }
        (OrderBy::FileName, false) => {
            select!(
                "WHERE package_id = ?1 AND status = 0 ORDER BY file_name, package_files.id LIMIT ?2 OFFSET ?3"
            )
        }
        (OrderBy::FileName, true) => {
            select!(
                "WHERE package_id = ?1 AND status = 0 ORDER BY file_name DESC, package_files.id DESC LIMIT ?2 OFFSET ?3"
            )
        }
    };
    let files = all(conn, sql, (package_id, limit, offset), from_row)?;
    let total = one(
        conn,
        "SELECT count(*) FROM package_files WHERE package_id = ?1 AND status = 0",
        [package_id],
        |row| row.get(0),
    )?;
    Ok((files, total.unwrap_or(0)))
}

/// A file row; `metadata` is JSON, typed by the format.
pub fn insert(
    conn: &Connection,
    package_id: i64,
    file_name: &str,
    sha256: &str,
    metadata: Option<&str>,
    now: Timestamp,
) -> Result<i64> {
    run(
        conn,
        "INSERT INTO package_files (package_id, file_name, sha256, metadata, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        (package_id, file_name, sha256, metadata, now),
    )?;
    Ok(conn.last_insert_rowid())
}

/// A file of a revision; nobody sees it unless `visible`.
pub fn insert_into_revision(
    conn: &Connection,
    (package_id, revision_id): (i64, i64),
    file_name: &str,
    sha256: &str,
    visible: bool,
    now: Timestamp,
) -> Result<i64> {
    run(
        conn,
        "INSERT INTO package_files (package_id, revision_id, file_name, sha256, status, created_at)
         VALUES (:package_id, :revision_id, :file_name, :sha256, :status, :now)",
        named_params! {
            ":package_id": package_id, ":revision_id": revision_id, ":file_name": file_name, ":sha256": sha256,
            ":status": if visible { 0 } else { 2 }, ":now": now,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

/// The files of a revision by name, whether it is complete or not.
pub fn of_revision(conn: &Connection, revision_id: i64) -> Result<Vec<PackageFile>> {
    all(
        conn,
        select!("WHERE revision_id = ?1 ORDER BY file_name"),
        [revision_id],
        from_row,
    )
}

/// One file of a revision, whether it is complete or not.
pub fn in_revision(
    conn: &Connection,
    revision_id: i64,
    file_name: &str,
) -> Result<Option<PackageFile>> {
    one(
        conn,
        select!("WHERE revision_id = ?1 AND file_name = ?2"),
        (revision_id, file_name),
        from_row,
    )
}

/// The visible files of this name, oldest first.
pub fn of_name(conn: &Connection, package_id: i64, file_name: &str) -> Result<Vec<PackageFile>> {
    all(
        conn,
        select!(
            "WHERE package_id = ?1 AND file_name = ?2 AND status = 0 ORDER BY package_files.id"
        ),
        (package_id, file_name),
        from_row,
    )
}

/// Who sent a file, where that was noted with it.
pub fn uploader(conn: &Connection, id: i64) -> Result<Option<String>> {
    Ok(one(
        conn,
        "SELECT metadata ->> '$.uploader' FROM package_files WHERE id = ?1",
        [id],
        |row| row.get(0),
    )?
    .flatten())
}

/// The downloads that are written down.
pub fn downloads(conn: &Connection, id: i64) -> Result<i64> {
    let found = one(
        conn,
        "SELECT downloads FROM package_files WHERE id = ?1",
        [id],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Some of the files that have this content, for a person: `acme/tools tool 1.0 tool.bin`.
pub fn paths_of_content(conn: &Connection, sha256: &str, most: i64) -> Result<Vec<String>> {
    all(
        conn,
        "SELECT full_path || ' ' || packages.name || ' ' || coalesce(version || ' ', '') || file_name
           FROM package_files
          CROSS JOIN packages ON packages.id = package_id
          CROSS JOIN projects ON projects.id = project_id
          WHERE sha256 = ?1
          LIMIT ?2",
        (sha256, most),
        |row| row.get(0),
    )
}

pub fn delete(conn: &Connection, id: i64) -> Result<()> {
    run(conn, "DELETE FROM package_files WHERE id = ?1", [id])?;
    Ok(())
}

/// Removes every row of this name; answers how many there were.
pub fn delete_by_name(conn: &Connection, package_id: i64, file_name: &str) -> Result<usize> {
    run(
        conn,
        "DELETE FROM package_files WHERE package_id = ?1 AND file_name = ?2",
        (package_id, file_name),
    )
}

/// Adds downloads that were counted in memory. `updated_at` is not moved: nothing was changed.
pub fn add_downloads(conn: &Connection, id: i64, downloads: u64, last: Timestamp) -> Result<()> {
    run(
        conn,
        "UPDATE package_files SET downloads = downloads + ?2 WHERE id = ?1",
        (id, downloads as i64),
    )?;
    run(
        conn,
        "UPDATE packages
            SET downloads = downloads + ?2,
                last_downloaded_at = max(coalesce(last_downloaded_at, ''), ?3)
          WHERE id = (SELECT package_id FROM package_files WHERE id = ?1)",
        (id, downloads as i64, last),
    )?;
    package_downloads::add(conn, id, downloads, last)
}
