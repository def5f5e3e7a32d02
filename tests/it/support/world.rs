//! What a test begins with: people with tokens, groups, projects, memberships. Made by root, through the API.

use std::sync::atomic::{AtomicUsize, Ordering};

use data_encoding::HEXLOWER;
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Actor, TestApp};

const NOW: &str = "2026-01-02T03:04:05.678Z";

static TOKENS: AtomicUsize = AtomicUsize::new(0);

/// What a member is a member of.
pub enum Place<'a> {
    Group(&'a str),
    Project(&'a str),
}

impl TestApp {
    /// A new user with this name, who calls by an access token of its own with the scope `api`.
    pub fn user(&self, username: &str) -> Actor {
        self.user_who_is(username, json!({}))
    }

    /// The same with more parameters: `{"external": true}`.
    pub fn user_who_is(&self, username: &str, more: Value) -> Actor {
        let mut body = json!({
            "username": username,
            "name": username,
            "email": format!("{username}@example.com"),
            "force_random_password": true,
        });
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let user = self.root().post("/api/v4/users", body).expect(201).json();
        self.with_token(&self.token_of(id_of(&user), &["api"]))
    }

    /// The same user by another token, of one scope.
    pub fn user_with_scope(&self, username: &str, scope: &str) -> Actor {
        self.with_token(&self.token_of(self.user_id(username), &[scope]))
    }

    pub fn user_id(&self, username: &str) -> i64 {
        let sql = "SELECT id FROM users WHERE username = ?1";
        one(&self.database(), sql, username)
    }

    /// A new access token of a user, straight into the database: no route makes one for somebody else's scopes at will.
    pub fn token_of(&self, user_id: i64, scopes: &[&str]) -> String {
        let number = TOKENS.fetch_add(1, Ordering::Relaxed);
        let token = format!("glpat-token-{number}-of-user-{user_id}");
        self.database()
            .execute(
                "INSERT INTO access_tokens (user_id, sha256, name, scopes, created_at)
                 VALUES (?1, ?2, ?4, ?3, '2026-01-01T00:00:00.000Z')",
                (
                    user_id,
                    HEXLOWER.encode(&Sha256::digest(&token)),
                    json!(scopes).to_string(),
                    scopes.join(" "),
                ),
            )
            .expect("the token is stored");
        token
    }

    /// A new group by its full path, whose parent exists; answers its id.
    pub fn group(&self, full_path: &str, visibility: &str) -> i64 {
        let (parent, path) = split(full_path);
        let mut body = json!({ "name": path, "path": path, "visibility": visibility });
        if let Some(parent) = parent {
            body["parent_id"] = json!(self.namespace_id(parent));
        }
        id_of(&self.root().post("/api/v4/groups", body).expect(201).json())
    }

    /// A new project by its full path, whose group or user exists; answers its id.
    pub fn project(&self, full_path: &str, visibility: &str) -> i64 {
        let (namespace, path) = split(full_path);
        let namespace = self.namespace_id(namespace.expect("a project lies in a namespace"));
        let body = json!({ "path": path, "namespace_id": namespace, "visibility": visibility });
        id_of(
            &self
                .root()
                .post("/api/v4/projects", body)
                .expect(201)
                .json(),
        )
    }

    pub fn namespace_id(&self, full_path: &str) -> i64 {
        let path = full_path.replace('/', "%2F");
        let found = self.root().get(&format!("/api/v4/namespaces/{path}"));
        id_of(&found.expect(200).json())
    }

    /// Makes somebody a member of `projects/3` or `groups/4`, with a level in GitLab's numbers.
    pub fn join(&self, source: &str, somebody: &Actor, access_level: i64) {
        let body = json!({ "user_id": somebody.user_id(), "access_level": access_level });
        self.root()
            .post(&format!("/api/v4/{source}/members"), body)
            .expect(201);
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

impl Actor {
    /// The id of the user behind this caller's token.
    pub fn user_id(&self) -> i64 {
        id_of(&self.get("/api/v4/user").expect(200).json())
    }
}

/// The key `id` of an answer.
pub fn id_of(json: &Value) -> i64 {
    json["id"]
        .as_i64()
        .unwrap_or_else(|| panic!("no id in {json}"))
}

/// What a list shows under one key, in its order.
pub fn each<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    let items = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    let text = |item: &'a Value| {
        item[key]
            .as_str()
            .unwrap_or_else(|| panic!("no {key} in {item}"))
    };
    items.iter().map(text).collect()
}

/// The names of an object's keys, in their order.
pub fn keys(object: &Value) -> Vec<&str> {
    let object = object
        .as_object()
        .unwrap_or_else(|| panic!("no object: {object}"));
    object.keys().map(String::as_str).collect()
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
