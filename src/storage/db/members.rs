//! Memberships of users in groups and projects.

use rusqlite::{Connection, Row, named_params};

use super::{AccessLevel, Timestamp, all, one, run};
use crate::error::Result;

/// A group or a project: what members, tokens and settings belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Project(i64),
    Group(i64),
}

impl Source {
    pub fn project_id(self) -> Option<i64> {
        match self {
            Source::Project(id) => Some(id),
            Source::Group(_) => None,
        }
    }

    pub fn namespace_id(self) -> Option<i64> {
        match self {
            Source::Project(_) => None,
            Source::Group(id) => Some(id),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Member {
    pub user_id: i64,
    pub access_level: AccessLevel,
    pub created_by: Option<i64>,
    pub created_at: Timestamp,
    /// A date; the membership is over when it begins.
    pub expires_at: Option<String>,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        user_id: row.get(0)?,
        access_level: row.get(1)?,
        created_by: row.get(2)?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
    })
}

/// The direct members of one source whose membership is not over, by user id.
pub fn list(conn: &Connection, source: Source, today: &str) -> Result<Vec<Member>> {
    all(
        conn,
        "SELECT user_id, access_level, created_by, created_at, expires_at
           FROM members
          WHERE (namespace_id = ?1 OR project_id = ?2)
            AND (expires_at IS NULL OR expires_at > ?3)
          ORDER BY user_id",
        (source.namespace_id(), source.project_id(), today),
        from_row,
    )
}

/// The direct membership of one user, if it is not over.
pub fn find(
    conn: &Connection,
    source: Source,
    user_id: i64,
    today: &str,
) -> Result<Option<Member>> {
    one(
        conn,
        "SELECT user_id, access_level, created_by, created_at, expires_at
           FROM members
          WHERE user_id = ?1
            AND (namespace_id = ?2 OR project_id = ?3)
            AND (expires_at IS NULL OR expires_at > ?4)",
        (user_id, source.namespace_id(), source.project_id(), today),
        from_row,
    )
}

/// How many people are members of a group or of a group below it.
pub fn count_with_descendants(conn: &Connection, namespace_id: i64, today: &str) -> Result<i64> {
    let count = one(
        conn,
        "WITH RECURSIVE below (id) AS (
             VALUES (?1)
             UNION ALL
             SELECT namespaces.id FROM namespaces JOIN below ON namespaces.parent_id = below.id
         )
         SELECT count(DISTINCT user_id)
           FROM members
          WHERE namespace_id IN (SELECT id FROM below)
            AND (expires_at IS NULL OR expires_at > ?2)",
        (namespace_id, today),
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}

/// The highest level that a user holds in a project, directly or through a group above it;
/// the owner of the personal namespace that it lies in is its owner.
pub fn level_in_project(
    conn: &Connection,
    user_id: i64,
    project_id: i64,
    today: &str,
) -> Result<Option<AccessLevel>> {
    one(
        conn,
        "WITH RECURSIVE above (id) AS (
             SELECT namespace_id FROM projects WHERE id = :project_id
             UNION ALL
             SELECT namespaces.parent_id FROM namespaces JOIN above ON namespaces.id = above.id WHERE parent_id IS NOT NULL
         )
         SELECT max(level) FROM (
             SELECT access_level AS level
               FROM members
              WHERE user_id = :user_id AND project_id = :project_id AND (expires_at IS NULL OR expires_at > :today)
             UNION ALL
             SELECT access_level
               FROM members JOIN above ON members.namespace_id = above.id
              WHERE user_id = :user_id AND (expires_at IS NULL OR expires_at > :today)
             UNION ALL
             SELECT 50 FROM namespaces JOIN above ON namespaces.id = above.id WHERE namespaces.user_id = :user_id
         )",
        named_params! { ":user_id": user_id, ":project_id": project_id, ":today": today },
        |row| row.get::<_, Option<AccessLevel>>(0),
    )
    .map(Option::flatten)
}

/// The same for a group or personal namespace.
pub fn level_in_namespace(
    conn: &Connection,
    user_id: i64,
    namespace_id: i64,
    today: &str,
) -> Result<Option<AccessLevel>> {
    one(
        conn,
        "WITH RECURSIVE above (id) AS (
             VALUES (:namespace_id)
             UNION ALL
             SELECT namespaces.parent_id FROM namespaces JOIN above ON namespaces.id = above.id WHERE parent_id IS NOT NULL
         )
         SELECT max(level) FROM (
             SELECT access_level AS level
               FROM members JOIN above ON members.namespace_id = above.id
              WHERE user_id = :user_id AND (expires_at IS NULL OR expires_at > :today)
             UNION ALL
             SELECT 50 FROM namespaces WHERE id = :namespace_id AND user_id = :user_id
         )",
        named_params! { ":user_id": user_id, ":namespace_id": namespace_id, ":today": today },
        |row| row.get::<_, Option<AccessLevel>>(0),
    )
    .map(Option::flatten)
}

/// Whether a user is a member of any project below a group: enough to see that the group exists.
pub fn has_project_below(
    conn: &Connection,
    user_id: i64,
    namespace_id: i64,
    today: &str,
) -> Result<bool> {
    let found = one(
        conn,
        "WITH RECURSIVE below (id) AS (
             VALUES (?2)
             UNION ALL
             SELECT namespaces.id FROM namespaces JOIN below ON namespaces.parent_id = below.id
         )
         SELECT 1
           FROM members
           LEFT JOIN projects ON projects.id = members.project_id
          WHERE members.user_id = ?1
            AND (members.expires_at IS NULL OR members.expires_at > ?3)
            AND coalesce(projects.namespace_id, members.namespace_id) IN (SELECT id FROM below)
          LIMIT 1",
        (user_id, namespace_id, today),
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// False if the user is a member already.
pub fn insert(conn: &Connection, source: Source, member: &Member) -> Result<bool> {
    let inserted = run(
        conn,
        "INSERT INTO members (user_id, namespace_id, project_id, access_level, created_by, created_at, expires_at)
         VALUES (:user_id, :namespace_id, :project_id, :access_level, :created_by, :created_at, :expires_at)
         ON CONFLICT DO NOTHING",
        named_params! {
            ":user_id": member.user_id, ":namespace_id": source.namespace_id(), ":project_id": source.project_id(),
            ":access_level": member.access_level, ":created_by": member.created_by,
            ":created_at": member.created_at, ":expires_at": member.expires_at,
        },
    )?;
    Ok(inserted > 0)
}

/// False if there is no such direct member.
pub fn update(
    conn: &Connection,
    source: Source,
    user_id: i64,
    level: AccessLevel,
    expires_at: Option<&str>,
) -> Result<bool> {
    let updated = run(
        conn,
        "UPDATE members SET access_level = ?4, expires_at = ?5 WHERE user_id = ?1 AND (namespace_id = ?2 OR project_id = ?3)",
        (
            user_id,
            source.namespace_id(),
            source.project_id(),
            level,
            expires_at,
        ),
    )?;
    Ok(updated > 0)
}

pub fn set_expiry(conn: &Connection, source: Source, user_id: i64, expires_at: &str) -> Result<()> {
    run(
        conn,
        "UPDATE members SET expires_at = ?4 WHERE user_id = ?1 AND (namespace_id = ?2 OR project_id = ?3)",
        (
            user_id,
            source.namespace_id(),
            source.project_id(),
            expires_at,
        ),
    )?;
    Ok(())
}

/// False if there is no such direct member.
pub fn delete(conn: &Connection, source: Source, user_id: i64) -> Result<bool> {
    let deleted = run(
        conn,
        "DELETE FROM members WHERE user_id = ?1 AND (namespace_id = ?2 OR project_id = ?3)",
        (user_id, source.namespace_id(), source.project_id()),
    )?;
    Ok(deleted > 0)
}

/// Every membership of one user that is not over.
pub fn of_user(conn: &Connection, user_id: i64, today: &str) -> Result<Vec<(Source, AccessLevel)>> {
    all(
        conn,
        "SELECT namespace_id, project_id, access_level
           FROM members
          WHERE user_id = ?1 AND (expires_at IS NULL OR expires_at > ?2)",
        (user_id, today),
        |row| {
            let group = row.get::<_, Option<i64>>(0)?.map(Source::Group);
            Ok((
                group.map_or_else(|| row.get(1).map(Source::Project), Ok)?,
                row.get(2)?,
            ))
        },
    )
}
