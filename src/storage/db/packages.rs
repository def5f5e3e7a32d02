//! Packages: one row for each version of a name, found by the keys that identify it.

use rusqlite::{Connection, Row, named_params};

use super::package_list::json_ids;
use super::{PackageStatus, PackageType, Timestamp, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct Package {
    pub id: i64,
    pub project_id: i64,
    pub name_id: i64,
    pub package_type: PackageType,
    pub name: String,
    pub version: Option<String>,
    /// Conan: `user/channel`, or nothing. Helm: the channel.
    pub qualifier: String,
    pub status: PackageStatus,
    pub status_message: Option<String>,
    pub creator_id: Option<i64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_downloaded_at: Option<Timestamp>,
}

/// What makes a package the same package: GitLab's name and version as they were sent, and the
/// normalised forms that the protocol compares.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PackageKey {
    pub package_type: PackageType,
    pub name: String,
    pub name_key: String,
    pub version: Option<String>,
    pub version_key: Option<String>,
    pub qualifier: String,
}

impl PackageKey {
    /// For formats that compare names and versions letter by letter.
    pub fn exact(package_type: PackageType, name: &str, version: &str) -> PackageKey {
        PackageKey {
            package_type,
            name: name.to_owned(),
            name_key: name.to_owned(),
            version: Some(version.to_owned()),
            version_key: Some(version.to_owned()),
            qualifier: String::new(),
        }
    }

    /// For what belongs to a name and to no version of it.
    pub fn versionless(package_type: PackageType, name: &str) -> PackageKey {
        PackageKey {
            version: None,
            version_key: None,
            ..PackageKey::exact(package_type, name, "")
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT packages.id, packages.project_id, name_id, packages.package_type, name, version, qualifier, status,
                    status_message, creator_id, created_at, updated_at, last_downloaded_at
               FROM packages ",
            $rest
        )
    };
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Package> {
    Ok(Package {
        id: row.get(0)?,
        project_id: row.get(1)?,
        name_id: row.get(2)?,
        package_type: row.get(3)?,
        name: row.get(4)?,
        version: row.get(5)?,
        qualifier: row.get(6)?,
        status: row.get(7)?,
        status_message: row.get(8)?,
        creator_id: row.get(9)?,
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
        last_downloaded_at: row.get(12)?,
    })
}

/// One package of one project, whatever its status.
pub fn find(conn: &Connection, project_id: i64, id: i64) -> Result<Option<Package>> {
    one(
        conn,
        select!("WHERE id = ?1 AND packages.project_id = ?2"),
        (id, project_id),
        from_row,
    )
}

/// The package of this key, unless it is being destroyed.
pub fn find_by_key(
    conn: &Connection,
    project_id: i64,
    key: &PackageKey,
) -> Result<Option<Package>> {
    one(
        conn,
        select!(
            "JOIN package_names ON package_names.id = name_id
             WHERE package_names.project_id = :project_id
               AND package_names.package_type = :package_type
               AND name_key = :name_key
               AND coalesce(version_key, '') = :version_key
               AND qualifier = :qualifier
               AND status <> 4"
        ),
        named_params! {
            ":project_id": project_id, ":package_type": key.package_type, ":name_key": key.name_key,
            ":version_key": key.version_key.as_deref().unwrap_or(""), ":qualifier": key.qualifier,
        },
        from_row,
    )
}

/// The other versions of this package that a reader may see, by version as text.
pub fn other_versions(conn: &Connection, package: &Package) -> Result<Vec<Package>> {
    all(
        conn,
        select!(
            "WHERE name_id = ?1
               AND id <> ?2
               AND status IN (0, 3, 5)
               AND version IS NOT NULL
               AND version IS NOT ?3
             ORDER BY version, id"
        ),
        (package.name_id, package.id, &package.version),
        from_row,
    )
}

/// What a new package starts as.
pub struct NewPackage<'a> {
    pub project_id: i64,
    pub key: &'a PackageKey,
    pub status: PackageStatus,
    /// `None` for what deploy tokens and jobs publish.
    pub creator_id: Option<i64>,
}

/// Answers the id of the new package. The caller has looked for an existing one in the same transaction.
pub fn insert(conn: &Connection, new: &NewPackage<'_>, now: Timestamp) -> Result<i64> {
    let key = new.key;
    let name_id = find_or_create_name(conn, new.project_id, key)?;
    run(
        conn,
        "INSERT INTO packages (project_id, name_id, package_type, name, version, version_key, qualifier, status, creator_id, created_at, updated_at)
         VALUES (:project_id, :name_id, :package_type, :name, :version, :version_key, :qualifier, :status, :creator_id, :now, :now)",
        named_params! {
            ":project_id": new.project_id, ":name_id": name_id, ":package_type": key.package_type, ":name": key.name,
            ":version": key.version, ":version_key": key.version_key, ":qualifier": key.qualifier,
            ":status": new.status, ":creator_id": new.creator_id, ":now": now,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

fn find_or_create_name(conn: &Connection, project_id: i64, key: &PackageKey) -> Result<i64> {
    let found = one(
        conn,
        "SELECT id FROM package_names WHERE project_id = ?1 AND package_type = ?2 AND name_key = ?3",
        (project_id, key.package_type, &key.name_key),
        |row| row.get(0),
    )?;
    if let Some(id) = found {
        return Ok(id);
    }
    // Who searches may know a name in its normal form only: `acme-demo` for `Acme_Demo` (PEP 503).
    let mut folded = key.name.to_lowercase();
    if folded != key.name_key.to_lowercase() {
        folded = format!("{folded} {}", key.name_key.to_lowercase());
    }
    run(
        conn,
        "INSERT INTO package_names (project_id, package_type, name_key, folded) VALUES (?1, ?2, ?3, ?4)",
        (project_id, key.package_type, &key.name_key, folded),
    )?;
    Ok(conn.last_insert_rowid())
}

/// What the format keeps of a package, as JSON; `None` if nothing was kept.
pub fn metadata(conn: &Connection, id: i64) -> Result<Option<String>> {
    Ok(one(
        conn,
        "SELECT metadata FROM packages WHERE id = ?1",
        [id],
        |row| row.get(0),
    )?
    .flatten())
}

pub fn set_metadata(conn: &Connection, id: i64, metadata: &str) -> Result<()> {
    run(
        conn,
        "UPDATE packages SET metadata = ?2 WHERE id = ?1",
        (id, metadata),
    )?;
    Ok(())
}

/// A name as one project knows it, with the revision that every change below it moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameRevision {
    pub name_id: i64,
    pub project_id: i64,
    pub revision: i64,
}

/// The name in each of these projects that knows it, by project.
pub fn revisions(
    conn: &Connection,
    project_ids: &[i64],
    package_type: PackageType,
    name_key: &str,
) -> Result<Vec<NameRevision>> {
    all(
        conn,
        "SELECT id, project_id, revision
           FROM package_names
          WHERE project_id IN (SELECT value FROM json_each(?1)) AND package_type = ?2 AND name_key = ?3
          ORDER BY project_id",
        (json_ids(project_ids), package_type, name_key),
        |row| Ok(NameRevision { name_id: row.get(0)?, project_id: row.get(1)?, revision: row.get(2)? }),
    )
}

/// The revision of each of these projects, as if all its packages had one name.
pub fn revisions_of_projects(conn: &Connection, project_ids: &[i64]) -> Result<Vec<NameRevision>> {
    all(
        conn,
        "SELECT -id, id, packages_revision FROM projects WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id",
        [json_ids(project_ids)],
        |row| {
            Ok(NameRevision {
                name_id: row.get(0)?,
                project_id: row.get(1)?,
                revision: row.get(2)?,
            })
        },
    )
}

/// A name that has something to show.
#[derive(Clone, Debug)]
pub struct ListedName {
    pub name_key: String,
    /// As its newest package was published.
    pub name: String,
}

/// The names of a type in these projects of which an index shows something, by key.
pub fn listed_names(
    conn: &Connection,
    project_ids: &[i64],
    package_type: PackageType,
) -> Result<Vec<ListedName>> {
    all(
        conn,
        "SELECT name_key, name, max(packages.id)
           FROM package_names
           JOIN packages ON packages.name_id = package_names.id AND status IN (0, 5)
          WHERE package_names.project_id IN (SELECT value FROM json_each(?1)) AND package_names.package_type = ?2
          GROUP BY name_key
          ORDER BY name_key",
        (json_ids(project_ids), package_type),
        |row| Ok(ListedName { name_key: row.get(0)?, name: row.get(1)? }),
    )
}

/// A package as an index reads it.
#[derive(Clone, Debug)]
pub struct IndexedPackage {
    pub package: Package,
    pub version_key: Option<String>,
    pub metadata: Option<String>,
}

/// The packages of these names that an index shows, by id; `hidden`: those too that lists do not show, but that can be
/// installed. Their metadata is long and stays where it is unless it is asked for.
pub fn listed_of_names(
    conn: &Connection,
    name_ids: &[i64],
    hidden: bool,
    with_metadata: bool,
) -> Result<Vec<IndexedPackage>> {
    all(
        conn,
        "SELECT packages.id, packages.project_id, name_id, packages.package_type, name, version, qualifier, status,
                status_message, creator_id, created_at, updated_at, last_downloaded_at, version_key, iif(?3, metadata, NULL)
           FROM packages
          WHERE name_id IN (SELECT value FROM json_each(?1)) AND status <> 4 AND (status IN (0, 5) OR ?2 AND status = 1)
          ORDER BY packages.id",
        (json_ids(name_ids), hidden, with_metadata),
        indexed,
    )
}

fn indexed(row: &Row<'_>) -> rusqlite::Result<IndexedPackage> {
    Ok(IndexedPackage {
        package: from_row(row)?,
        version_key: row.get(13)?,
        metadata: row.get(14)?,
    })
}

/// Those of these packages that can be installed, hidden or not, by id, with their metadata.
pub fn installable_by_id(conn: &Connection, ids: &[i64]) -> Result<Vec<IndexedPackage>> {
    all(
        conn,
        "SELECT packages.id, packages.project_id, name_id, packages.package_type, name, version, qualifier, status,
                status_message, creator_id, created_at, updated_at, last_downloaded_at, version_key, metadata
           FROM packages
          WHERE id IN (SELECT value FROM json_each(?1)) AND status IN (0, 1, 5)
          ORDER BY id",
        [json_ids(ids)],
        indexed,
    )
}

/// The name of the oldest package with this key.
pub fn first_spelling(
    conn: &Connection,
    project_id: i64,
    package_type: PackageType,
    name_key: &str,
) -> Result<Option<String>> {
    one(
        conn,
        "SELECT name
           FROM package_names
           JOIN packages ON packages.name_id = package_names.id AND status <> 4
          WHERE package_names.project_id = ?1 AND package_names.package_type = ?2 AND name_key = ?3
          ORDER BY packages.id
          LIMIT 1",
        (project_id, package_type, name_key),
        |row| row.get(0),
    )
}

/// The packages of a type with this qualifier that an index shows, by id, without their metadata.
pub fn listed_of_type(
    conn: &Connection,
    project_ids: &[i64],
    package_type: PackageType,
    qualifier: &str,
) -> Result<Vec<IndexedPackage>> {
    // Statuses in two parts, because the index is of the three.
    all(
        conn,
        "SELECT packages.id, packages.project_id, name_id, packages.package_type, name, version, qualifier, status,
                status_message, creator_id, created_at, updated_at, last_downloaded_at, version_key
           FROM packages
          WHERE packages.project_id IN (SELECT value FROM json_each(?1)) AND packages.package_type = ?2
            AND qualifier = ?3 AND status IN (0, 3, 5) AND status <> 3
          ORDER BY packages.id",
        (json_ids(project_ids), package_type, qualifier),
        |row| {
            Ok(IndexedPackage {
                package: from_row(row)?,
                version_key: row.get(13)?,
                metadata: None,
            })
        },
    )
}

/// Whether any project below this namespace knows this name, be it that of a hidden or a deleted package.
pub fn name_is_known_below(
    conn: &Connection,
    namespace_id: i64,
    package_type: PackageType,
    name_key: &str,
) -> Result<bool> {
    let found = one(
        conn,
        "SELECT 1
           FROM namespace_ancestors
          CROSS JOIN projects ON projects.namespace_id = namespace_ancestors.namespace_id
          CROSS JOIN package_names ON package_names.project_id = projects.id
          WHERE ancestor_id = ?1 AND package_type = ?2 AND name_key = ?3
          LIMIT 1",
        (namespace_id, package_type, name_key),
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// The same for any name that is this folder, a slash and one segment more: `@scope/name`, `com/acme/artifact`.
pub fn folder_is_known_below(
    conn: &Connection,
    namespace_id: i64,
    package_type: PackageType,
    folder: &str,
) -> Result<bool> {
    let found = one(
        conn,
        "SELECT 1
           FROM namespace_ancestors
          CROSS JOIN projects ON projects.namespace_id = namespace_ancestors.namespace_id
          CROSS JOIN package_names ON package_names.project_id = projects.id
          WHERE ancestor_id = :namespace_id AND package_type = :package_type
            AND name_key > :folder || '/' AND name_key < :folder || '0'
            AND instr(substr(name_key, length(:folder) + 2), '/') = 0
          LIMIT 1",
        named_params! { ":namespace_id": namespace_id, ":package_type": package_type, ":folder": folder },
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// The projects that have a package of this name and version.
pub fn projects_with(conn: &Connection, key: &PackageKey) -> Result<Vec<i64>> {
    all(
        conn,
        "SELECT packages.project_id
           FROM packages
           JOIN package_names ON package_names.id = name_id
          WHERE package_names.package_type = ?1 AND name_key = ?2 AND coalesce(version_key, '') = ?3 AND status <> 4
            AND package_names.project_id IN (SELECT id FROM projects)",
        (
            key.package_type,
            &key.name_key,
            key.version_key.as_deref().unwrap_or(""),
        ),
        |row| row.get(0),
    )
}

/// Whether another project of these namespaces has a package of this name.
pub fn is_elsewhere(
    conn: &Connection,
    namespace_ids: &[i64],
    project_id: i64,
    key: &PackageKey,
) -> Result<bool> {
    let found = one(
        conn,
        "SELECT 1
           FROM projects
          CROSS JOIN package_names ON package_names.project_id = projects.id AND package_names.package_type = ?3 AND name_key = ?4
          CROSS JOIN packages ON name_id = package_names.id AND status <> 4
          WHERE projects.namespace_id IN (SELECT value FROM json_each(?1)) AND projects.id <> ?2
          LIMIT 1",
        (json_ids(namespace_ids), project_id, key.package_type, &key.name_key),
        |row| row.get::<_, i64>(0),
    )?;
    Ok(found.is_some())
}

/// A name with what its newest installable package says of itself.
#[derive(Clone, Debug)]
pub struct Found {
    pub package: Package,
    pub description: String,
    /// A JSON array, or nothing.
    pub keywords: String,
    /// What sort of package its manifest says it is: `library`, `project`.
    pub kind: String,
}

/// Every name of a type in these projects, by its newest installable package; by name.
pub fn newest_of_each_name(
    conn: &Connection,
    project_ids: &[i64],
    package_type: PackageType,
) -> Result<Vec<Found>> {
    all(
        conn,
        "SELECT max(packages.id), packages.project_id, name_id, packages.package_type, name, version, qualifier, status,
                status_message, creator_id, created_at, updated_at, last_downloaded_at,
                coalesce(json_extract(metadata, '$.manifest.description'), ''),
                coalesce(json_extract(metadata, '$.manifest.keywords'), ''),
                coalesce(json_extract(metadata, '$.manifest.type'), '')
           FROM packages
          WHERE packages.project_id IN (SELECT value FROM json_each(?1))
            AND packages.package_type = ?2 AND status <> 4 AND status IN (0, 5)
          GROUP BY name
          ORDER BY name",
        (json_ids(project_ids), package_type),
        |row| {
            let text = |index: usize| {
                Ok::<_, rusqlite::Error>(match row.get_ref(index)? {
                    rusqlite::types::ValueRef::Text(text) => {
                        String::from_utf8_lossy(text).into_owned()
                    }
                    _ => String::new(),
                })
            };
            Ok(Found { package: from_row(row)?, description: text(13)?, keywords: text(14)?, kind: text(15)? })
        },
    )
}

/// The name and version of a package, as published, with the path of its project.
#[derive(Clone, Debug)]
pub struct Named {
    pub name: String,
    pub version: String,
    pub qualifier: String,
    pub project_path: String,
}

/// The packages of a type that an index of these projects shows, newest first.
pub fn all_named(
    conn: &Connection,
    project_ids: &[i64],
    package_type: PackageType,
    mut wanted: impl FnMut(&Named) -> bool,
) -> Result<Vec<Named>> {
    let mut stmt = conn.prepare_cached(
        "SELECT packages.name, version, qualifier, full_path
           FROM packages
           JOIN projects ON projects.id = packages.project_id
          WHERE packages.project_id IN (SELECT value FROM json_each(?1))
            AND package_type = ?2 AND status IN (0, 3, 5) AND status <> 3 AND version IS NOT NULL
          ORDER BY packages.id DESC",
    )?;
    let mut rows = stmt.query((json_ids(project_ids), package_type))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let named = Named {
            name: row.get(0)?,
            version: row.get(1)?,
            qualifier: row.get(2)?,
            project_path: row.get(3)?,
        };
        if wanted(&named) {
            found.push(named);
        }
    }
    Ok(found)
}

/// Every change to a package ends here: its time, the revision of its name (ready documents) and of
/// its project (counted lists).
pub fn touch(conn: &Connection, id: i64, now: Timestamp) -> Result<()> {
    run(
        conn,
        "UPDATE packages SET updated_at = ?2 WHERE id = ?1",
        (id, now),
    )?;
    run(
        conn,
        "UPDATE package_names SET revision = revision + 1 WHERE id = (SELECT name_id FROM packages WHERE id = ?1)",
        [id],
    )?;
    run(
        conn,
        "UPDATE projects SET packages_revision = packages_revision + 1 WHERE id = (SELECT project_id FROM packages WHERE id = ?1)",
        [id],
    )?;
    Ok(())
}

pub fn set_status(conn: &Connection, id: i64, status: PackageStatus, now: Timestamp) -> Result<()> {
    run(
        conn,
        "UPDATE packages SET status = ?2 WHERE id = ?1",
        (id, status),
    )?;
    touch(conn, id, now)
}

pub fn status(conn: &Connection, id: i64) -> Result<Option<PackageStatus>> {
    one(
        conn,
        "SELECT status FROM packages WHERE id = ?1",
        [id],
        |row| row.get(0),
    )
}

/// Why a package is deprecated.
pub fn set_status_message(conn: &Connection, id: i64, message: Option<&str>) -> Result<()> {
    run(
        conn,
        "UPDATE packages SET status_message = ?2 WHERE id = ?1",
        (id, message),
    )?;
    Ok(())
}

/// Removes the rows of packages that were deleted before `deadline`, oldest first; answers how many of at most `limit`.
pub fn destroy_pending(conn: &Connection, deadline: Timestamp, limit: i64) -> Result<usize> {
    run(
        conn,
        "DELETE FROM packages
          WHERE id IN (SELECT id FROM packages WHERE status = 4 AND updated_at <= ?1 ORDER BY updated_at LIMIT ?2)",
        (deadline, limit),
    )
}

/// The time when the next package that is pending destruction was deleted.
pub fn oldest_pending(conn: &Connection) -> Result<Option<Timestamp>> {
    one(
        conn,
        "SELECT updated_at FROM packages WHERE status = 4 ORDER BY updated_at LIMIT 1",
        [],
        |row| row.get(0),
    )
}
