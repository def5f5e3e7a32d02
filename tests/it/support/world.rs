//! What a test begins with: people with tokens, groups, projects, memberships. Made by root, through the API.

use std::sync::atomic::{AtomicUsize, Ordering};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Actor, TestApp};

static TOKENS: AtomicUsize = AtomicUsize::new(0);

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

    /// A new access token of a user, straight into the database: no route makes one for somebody else's scopes at will.
    pub fn token_of(&self, user_id: i64, scopes: &[&str]) -> String {
        let number = TOKENS.fetch_add(1, Ordering::Relaxed);
        let token = format!("glpat-token-{number}-of-user-{user_id}");
        self.database()
            .execute(
                "INSERT INTO access_tokens (user_id, sha256, name, scopes, created_at)
                 VALUES (?1, ?2, 'of a test', ?3, '2026-01-01T00:00:00.000Z')",
                (
                    user_id,
                    HEXLOWER.encode(&Sha256::digest(&token)),
                    json!(scopes).to_string(),
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

fn split(full_path: &str) -> (Option<&str>, &str) {
    match full_path.rsplit_once('/') {
        Some((parent, path)) => (Some(parent), path),
        None => (None, full_path),
    }
}
