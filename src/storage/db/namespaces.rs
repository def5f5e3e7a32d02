//! Groups and personal namespaces, one table for both as in GitLab.

use rusqlite::{Connection, Row, named_params};

use super::{Timestamp, Visibility, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct Namespace {
    pub id: i64,
    /// The owner, for a personal namespace; groups have members instead.
    pub user_id: Option<i64>,
    pub parent_id: Option<i64>,
    pub name: String,
    pub path: String,
    pub full_path: String,
    pub description: String,
    pub visibility: Visibility,
    pub project_creation_level: String,
    pub subgroup_creation_level: String,
    pub created_at: Timestamp,
}

impl Namespace {
    pub fn is_group(&self) -> bool {
        self.user_id.is_none()
    }
}

pub struct NewNamespace<'a> {
    pub user_id: Option<i64>,
    pub parent: Option<&'a Namespace>,
    pub name: &'a str,
    pub path: &'a str,
    pub description: &'a str,
    pub visibility: Visibility,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, parent_id, name, path, full_path, description, visibility,
                    project_creation_level, subgroup_creation_level, created_at
               FROM namespaces ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Namespace> {
    Ok(Namespace {
        id: row.get(0)?,
        user_id: row.get(1)?,
        parent_id: row.get(2)?,
        name: row.get(3)?,
        path: row.get(4)?,
        full_path: row.get(5)?,
        description: row.get(6)?,
        visibility: row.get(7)?,
        project_creation_level: row.get(8)?,
        subgroup_creation_level: row.get(9)?,
        created_at: row.get(10)?,
    })
}

pub fn find(conn: &Connection, id: i64) -> Result<Option<Namespace>> {
    one(conn, select!("WHERE id = ?1"), [id], from_row)
}

/// By full path, without regard to case.
pub fn find_by_path(conn: &Connection, full_path: &str) -> Result<Option<Namespace>> {
    one(
        conn,
        select!("WHERE full_path_key = ?1"),
        [full_path.to_lowercase()],
        from_row,
    )
}

pub fn of_user(conn: &Connection, user_id: i64) -> Result<Option<Namespace>> {
    one(conn, select!("WHERE user_id = ?1"), [user_id], from_row)
}

/// The namespace itself, its parent, and so on up to the top level.
pub fn with_ancestors(conn: &Connection, id: i64) -> Result<Vec<Namespace>> {
    let mut path = Vec::new();
    let mut next = Some(id);
    while let Some(id) = next {
        let Some(namespace) = find(conn, id)? else {
            break;
        };
        next = namespace.parent_id;
        path.push(namespace);
    }
    Ok(path)
}

/// The ids of a group and of everything below it.
pub fn with_descendants(conn: &Connection, id: i64) -> Result<Vec<i64>> {
    all(
        conn,
        "WITH RECURSIVE below (id) AS (
             VALUES (?1)
             UNION ALL
             SELECT namespaces.id FROM namespaces JOIN below ON namespaces.parent_id = below.id
         )
         SELECT id FROM below",
        [id],
        |row| row.get(0),
    )
}

/// The groups directly below a group.
pub fn children(conn: &Connection, id: i64) -> Result<Vec<Namespace>> {
    all(
        conn,
        select!("WHERE parent_id = ?1 ORDER BY id"),
        [id],
        from_row,
    )
}

/// Every group and personal namespace, by full path. Callers filter by what they may see.
pub fn list(conn: &Connection) -> Result<Vec<Namespace>> {
    all(conn, select!("ORDER BY full_path_key"), [], from_row)
}

pub fn insert(conn: &Connection, new: &NewNamespace<'_>, now: Timestamp) -> Result<i64> {
    let full_path = match new.parent {
        Some(parent) => format!("{}/{}", parent.full_path, new.path),
        None => new.path.to_owned(),
    };
    run(
        conn,
        "INSERT INTO namespaces (kind, user_id, parent_id, name, path, full_path, full_path_key, description, visibility, created_at)
         VALUES (:kind, :user_id, :parent_id, :name, :path, :full_path, :full_path_key, :description, :visibility, :now)",
        named_params! {
            ":kind": if new.user_id.is_some() { "user" } else { "group" },
            ":user_id": new.user_id, ":parent_id": new.parent.map(|parent| parent.id),
            ":name": new.name, ":path": new.path, ":full_path": full_path, ":full_path_key": full_path.to_lowercase(),
            ":description": new.description, ":visibility": new.visibility, ":now": now,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

/// What `PUT /groups/:id` may change.
pub fn update(conn: &Connection, group: &Namespace) -> Result<()> {
    run(
        conn,
        "UPDATE namespaces
            SET name = :name, description = :description, visibility = :visibility,
                project_creation_level = :project_creation_level, subgroup_creation_level = :subgroup_creation_level
          WHERE id = :id",
        named_params! {
            ":id": group.id, ":name": group.name, ":description": group.description, ":visibility": group.visibility,
            ":project_creation_level": group.project_creation_level, ":subgroup_creation_level": group.subgroup_creation_level,
        },
    )?;
    Ok(())
}

/// Takes its subgroups, projects and packages with it.
pub fn delete(conn: &Connection, id: i64) -> Result<()> {
    run(conn, "DELETE FROM namespaces WHERE id = ?1", [id])?;
    Ok(())
}

/// Users, groups and projects share one name space: is this full path free?
pub fn path_is_taken(conn: &Connection, full_path: &str) -> Result<bool> {
    let taken = one(
        conn,
        "SELECT 1 FROM namespaces WHERE full_path_key = ?1 UNION ALL SELECT 1 FROM projects WHERE full_path_key = ?1",
        [full_path.to_lowercase()],
        |_| Ok(()),
    )?;
    Ok(taken.is_some())
}
