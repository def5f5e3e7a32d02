//! Users, groups, projects, members and pipelines by the dozen: rows, written beside the server.

use rusqlite::{Connection, named_params};
use sha2::{Digest, Sha256};

use super::{Actor, TestApp};

const NOW: &str = "2026-01-02T03:04:05.678Z";

/// What a member is a member of.
pub enum Place<'a> {
    Group(&'a str),
    Project(&'a str),
}

impl TestApp {
    /// A new user with a personal namespace, speaking with an access token that may do everything.
    pub fn user(&self, username: &str) -> Actor {
        let conn = self.database();
        conn.execute(
            "INSERT INTO users (username, name, email, created_at) VALUES (?1, ?1, ?1 || '@example.org', ?2)",
            (username, NOW),
        )
        .unwrap();
        let id = conn.last_insert_rowid();
        conn.execute(
            "INSERT INTO namespaces (kind, user_id, name, path, full_path, full_path_key, visibility, created_at)
             VALUES ('user', ?1, ?2, ?2, ?2, lower(?2), 20, ?3)",
            (id, username, NOW),
        )
        .unwrap();
        self.user_with_scope(username, "api")
    }

    /// The same user by another token, of one scope.
    pub fn user_with_scope(&self, username: &str, scope: &str) -> Actor {
        let token = format!("glpat-{scope}-of-{username}");
        let user_id = self.user_id(username);
        self.database()
            .execute(
                "INSERT INTO access_tokens (user_id, sha256, name, scopes, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                (
                    user_id,
                    data_encoding::HEXLOWER.encode(&Sha256::digest(&token)),
                    scope,
                    serde_json::json!([scope]).to_string(),
                    NOW,
                ),
            )
            .unwrap();
        self.with_token(&token)
    }

    pub fn user_id(&self, username: &str) -> i64 {
        let sql = "SELECT id FROM users WHERE username = ?1";
        one(&self.database(), sql, username)
    }

    /// A new group; one with a `/` in its path lies in the group before it, which is there already.
    pub fn group(&self, full_path: &str, visibility: &str) -> i64 {
        let conn = self.database();
        let (parent, path) = split(full_path);
        let parent = parent.map(|parent| namespace_id(&conn, parent));
        conn.execute(
            "INSERT INTO namespaces (kind, parent_id, name, path, full_path, full_path_key, visibility, created_at)
             VALUES ('group', :parent, :path, :path, :full_path, lower(:full_path), :visibility, :now)",
            named_params! {
                ":parent": parent, ":path": path, ":full_path": full_path, ":visibility": number(visibility), ":now": NOW,
            },
        )
        .unwrap();
        conn.last_insert_rowid()
    }

    /// A new project in a group or personal namespace that is there already.
    pub fn project(&self, full_path: &str, visibility: &str) -> i64 {
        let conn = self.database();
        let (namespace, path) = split(full_path);
        let namespace = namespace_id(&conn, namespace.expect("a project lies in a namespace"));
        conn.execute(
            "INSERT INTO projects (namespace_id, name, path, full_path, full_path_key, visibility, created_at, updated_at)
             VALUES (:namespace, :path, :path, :full_path, lower(:full_path), :visibility, :now, :now)",
            named_params! {
                ":namespace": namespace, ":path": path, ":full_path": full_path, ":visibility": number(visibility), ":now": NOW,
            },
        )
        .unwrap();
        conn.last_insert_rowid()
    }

    /// Makes a user a member, by the number of the role.
    pub fn member(&self, username: &str, place: Place<'_>, level: i64) {
        let conn = self.database();
        let (group, project) = match place {
            Place::Group(path) => (Some(namespace_id(&conn, path)), None),
            Place::Project(path) => {
                let sql = "SELECT id FROM projects WHERE full_path = ?1";
                (None, Some(one(&conn, sql, path)))
            }
        };
        conn.execute(
            "INSERT INTO members (user_id, namespace_id, project_id, access_level, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (self.user_id(username), group, project, level, NOW),
        )
        .unwrap();
    }

    /// So many new pipelines of a project, oldest first, each linked to a package.
    pub fn pipelines(&self, project_id: i64, package_id: i64, count: usize) -> Vec<i64> {
        let conn = self.database();
        let add = |_| {
            conn.execute(
                "INSERT INTO pipelines (iid, project_id, sha, ref, status, source, user_id, created_at, updated_at)
                 SELECT coalesce(max(iid), 0) + 1, ?1, ?2, 'main', 'success', 'push', 1, ?3, ?3 FROM pipelines WHERE project_id = ?1",
                (project_id, "ab".repeat(20), NOW),
            )
            .unwrap();
            let pipeline = conn.last_insert_rowid();
            conn.execute(
                "INSERT INTO package_pipelines (package_id, pipeline_id) VALUES (?1, ?2)",
                (package_id, pipeline),
            )
            .unwrap();
            pipeline
        };
        (0..count).map(add).collect()
    }
}

fn one(conn: &Connection, sql: &str, text: &str) -> i64 {
    conn.query_row(sql, [text], |row| row.get(0))
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn namespace_id(conn: &Connection, full_path: &str) -> i64 {
    let sql = "SELECT id FROM namespaces WHERE full_path = ?1";
    one(conn, sql, full_path)
}

fn split(full_path: &str) -> (Option<&str>, &str) {
    match full_path.rsplit_once('/') {
        Some((parent, path)) => (Some(parent), path),
        None => (None, full_path),
    }
}

fn number(visibility: &str) -> i64 {
    match visibility {
        "private" => 0,
        "internal" => 10,
        "public" => 20,
        other => panic!("no visibility {other}"),
    }
}
