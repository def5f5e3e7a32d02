//! Projects: where packages live, and who may see them.

use rusqlite::types::{FromSql, FromSqlResult, ValueRef};
use rusqlite::{Connection, Row, ToSql, named_params};

use super::{Timestamp, Visibility, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct Project {
    pub id: i64,
    pub namespace_id: i64,
    pub name: String,
    pub path: String,
    pub full_path: String,
    pub description: Option<String>,
    pub visibility: Visibility,
    pub package_registry_access_level: Feature,
    pub builds_access_level: Feature,
    pub public_jobs: bool,
    pub ci_job_token_scope_enabled: bool,
    /// Whether jobs of other projects need to stand in this project's allowlist.
    pub inbound_job_token_scope: bool,
    pub default_branch: String,
    /// JSON array of text.
    pub topics: String,
    pub creator_id: Option<i64>,
    /// Grows with every change to the project's packages.
    pub packages_revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Project {
    pub fn topics(&self) -> Vec<String> {
        serde_json::from_str(&self.topics).unwrap_or_default()
    }
}

/// GitLab's switch for one feature of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    Disabled,
    /// Members only.
    Private,
    /// Whoever can see the project.
    Enabled,
    /// Packages alone: anyone, through the format routes.
    Public,
}

impl Feature {
    pub fn as_str(self) -> &'static str {
        match self {
            Feature::Disabled => "disabled",
            Feature::Private => "private",
            Feature::Enabled => "enabled",
            Feature::Public => "public",
        }
    }

    pub fn parse(word: &str) -> Option<Feature> {
        [
            Feature::Disabled,
            Feature::Private,
            Feature::Enabled,
            Feature::Public,
        ]
        .into_iter()
        .find(|f| f.as_str() == word)
    }
}

impl ToSql for Feature {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Feature {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Feature> {
        Feature::parse(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
    }
}

pub struct NewProject<'a> {
    pub namespace_id: i64,
    pub name: &'a str,
    pub path: &'a str,
    pub full_path: &'a str,
    pub visibility: Visibility,
    pub creator_id: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, namespace_id, name, path, full_path, description, visibility, package_registry_access_level,
                    builds_access_level, public_jobs, ci_job_token_scope_enabled, inbound_job_token_scope, default_branch,
                    topics, creator_id, packages_revision, created_at, updated_at
               FROM projects ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Project> {
    Ok(Project {
        id: row.get(0)?,
        namespace_id: row.get(1)?,
        name: row.get(2)?,
        path: row.get(3)?,
        full_path: row.get(4)?,
        description: row.get(5)?,
        visibility: row.get(6)?,
        package_registry_access_level: row.get(7)?,
        builds_access_level: row.get(8)?,
        public_jobs: row.get(9)?,
        ci_job_token_scope_enabled: row.get(10)?,
        inbound_job_token_scope: row.get(11)?,
        default_branch: row.get(12)?,
        topics: row.get(13)?,
        creator_id: row.get(14)?,
        packages_revision: row.get(15)?,
        created_at: row.get(16)?,
        updated_at: row.get(17)?,
    })
}

pub fn find(conn: &Connection, id: i64) -> Result<Option<Project>> {
    one(conn, select!("WHERE id = ?1"), [id], from_row)
}

/// By full path, without regard to case.
pub fn find_by_path(conn: &Connection, full_path: &str) -> Result<Option<Project>> {
    one(
        conn,
        select!("WHERE full_path_key = ?1"),
        [full_path.to_lowercase()],
        from_row,
    )
}

/// Every project, by id. Callers filter by what they may see.
pub fn list(conn: &Connection) -> Result<Vec<Project>> {
    all(conn, select!("ORDER BY id"), [], from_row)
}

/// The projects that lie directly in this namespace.
pub fn in_namespace(conn: &Connection, namespace_id: i64) -> Result<Vec<Project>> {
    all(
        conn,
        select!("WHERE namespace_id = ?1 ORDER BY id"),
        [namespace_id],
        from_row,
    )
}

pub fn insert(conn: &Connection, new: &NewProject<'_>, now: Timestamp) -> Result<i64> {
    run(
        conn,
        "INSERT INTO projects (namespace_id, name, path, full_path, full_path_key, visibility, creator_id, created_at, updated_at)
         VALUES (:namespace_id, :name, :path, :full_path, :full_path_key, :visibility, :creator_id, :now, :now)",
        named_params! {
            ":namespace_id": new.namespace_id, ":name": new.name, ":path": new.path,
            ":full_path": new.full_path, ":full_path_key": new.full_path.to_lowercase(),
            ":visibility": new.visibility, ":creator_id": new.creator_id, ":now": now,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

/// Writes what `PUT /projects/:id` may change.
pub fn update(conn: &Connection, project: &Project, now: Timestamp) -> Result<()> {
    run(
        conn,
        "UPDATE projects
            SET name = :name, description = :description, visibility = :visibility,
                package_registry_access_level = :package_registry_access_level, builds_access_level = :builds_access_level,
                public_jobs = :public_jobs, ci_job_token_scope_enabled = :ci_job_token_scope_enabled,
                inbound_job_token_scope = :inbound_job_token_scope, default_branch = :default_branch, topics = :topics,
                updated_at = :now
          WHERE id = :id",
        named_params! {
            ":id": project.id, ":name": project.name, ":description": project.description, ":visibility": project.visibility,
            ":package_registry_access_level": project.package_registry_access_level,
            ":builds_access_level": project.builds_access_level, ":public_jobs": project.public_jobs,
            ":ci_job_token_scope_enabled": project.ci_job_token_scope_enabled,
            ":inbound_job_token_scope": project.inbound_job_token_scope,
            ":default_branch": project.default_branch, ":topics": project.topics, ":now": now,
        },
    )?;
    Ok(())
}

/// Takes its packages, tokens and rules with it.
pub fn delete(conn: &Connection, id: i64) -> Result<()> {
    run(conn, "DELETE FROM projects WHERE id = ?1", [id])?;
    Ok(())
}

/// Every change to a project's packages moves this, so that what was counted or rendered before is known to be old.
pub fn bump_packages_revision(conn: &Connection, id: i64) -> Result<()> {
    run(
        conn,
        "UPDATE projects SET packages_revision = packages_revision + 1 WHERE id = ?1",
        [id],
    )?;
    Ok(())
}
