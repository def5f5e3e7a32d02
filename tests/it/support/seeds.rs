//! The world of the seed documents: two trees of groups, a project of every visibility, and a user for every role.
//!
//! What no client can cause (a package in status `error`, ten thousand of them, a pipeline) is planted as rows.

use std::fs;
use std::ops::Deref;

use data_encoding::HEXLOWER;
use md5::Md5;
use packhouse::config::{Config, Flags};
use packhouse::registry::{PackageStatus, PackageType};
use rusqlite::{Connection, params};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{Actor, TestApp};

/// Groups: `acme` and `acme/sub` are public, `vault` is private.
pub const ACME: i64 = 101;
pub const SUB: i64 = 102;
pub const VAULT: i64 = 103;

/// `acme/pub`, `acme/int`, `acme/priv`, `acme/sub/deep` (public), `vault/one` (private).
pub const PUB: i64 = 201;
pub const INT: i64 = 202;
pub const PRIV: i64 = 203;
pub const DEEP: i64 = 204;
pub const ONE: i64 = 205;

/// Each has an access token with the scope `api`. The owner owns group `acme`; maintainer to guest are members of
/// `acme/pub`, `acme/int` and `acme/priv`; the stranger and the external user are members of nothing.
const USERS: [(&str, i64); 7] = [
    ("owner", 301),
    ("maintainer", 302),
    ("developer", 303),
    ("reporter", 304),
    ("guest", 305),
    ("stranger", 306),
    ("external", 307),
];
const ROLES: [(&str, i64); 4] = [
    ("maintainer", 40),
    ("developer", 30),
    ("reporter", 20),
    ("guest", 10),
];

const LONG_AGO: &str = "2026-01-01T00:00:00.000Z";

pub struct Seeds {
    pub app: TestApp,
}

impl Deref for Seeds {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}

pub fn user_id(name: &str) -> i64 {
    let known = USERS.iter().find(|(known, _)| *known == name);
    known.unwrap_or_else(|| panic!("no user {name}")).1
}

/// `/api/v4/projects/:id/packages`
pub fn packages(project: i64) -> String {
    format!("/api/v4/projects/{project}/packages")
}

/// `/api/v4/projects/:id/packages/:package_id`
pub fn package(project: i64, id: i64) -> String {
    format!("/api/v4/projects/{project}/packages/{id}")
}

/// `/api/v4/projects/:id/packages/:package_id/package_files`
pub fn files(project: i64, id: i64) -> String {
    format!("{}/package_files", package(project, id))
}

/// `/api/v4/projects/:id/packages/generic/:path`
pub fn generic(project: i64, path: &str) -> String {
    format!("/api/v4/projects/{project}/packages/generic/{path}")
}

/// `/api/v4/groups/:id/packages`
pub fn group_packages(group: i64) -> String {
    format!("/api/v4/groups/{group}/packages")
}

pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

pub fn sha1(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(&Sha1::digest(bytes))
}

pub fn md5(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(&Md5::digest(bytes))
}

impl Seeds {
    pub fn start() -> Seeds {
        Seeds::start_with(|_| {})
    }

    pub fn start_with(configure: impl FnOnce(&mut Config)) -> Seeds {
        let app = TestApp::start_with(configure);
        let conn = app.database();
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        plant_world(&conn);
        conn.execute_batch("COMMIT").unwrap();
        Seeds { app }
    }

    /// With a configuration file of this text, as an operator would write it.
    pub fn start_with_file(toml: &str) -> Seeds {
        Seeds::start_with(|config| {
            let file = config.data.join("packhouse.toml");
            fs::write(&file, toml).unwrap();
            let flags = Flags {
                data: Some(config.data.clone()),
                listen: Some(config.listen),
                config: Some(file),
                ..Flags::default()
            };
            *config = Config::load(flags).unwrap();
        })
    }

    /// A user of the fixtures, by name, with the access token in `PRIVATE-TOKEN`.
    pub fn user(&self, name: &str) -> Actor {
        self.with_token(&self.token(name))
    }

    /// The access token of a user of the fixtures.
    pub fn token(&self, name: &str) -> String {
        format!("glpat-{name}-{}", user_id(name))
    }

    pub fn deploy(&self, secret: &str) -> Actor {
        self.with_header("Deploy-Token", secret)
    }

    /// A caller with the token of a running job of that user in that project.
    pub fn job(&self, user: &str, project: i64) -> Actor {
        self.with_header("JOB-TOKEN", &self.job_token(user, project))
    }

    pub fn job_token(&self, user: &str, project: i64) -> String {
        self.job_token_in_state(user, project, "running")
    }

    pub fn job_token_in_state(&self, user: &str, project: i64, state: &str) -> String {
        let pipeline = self.plant_pipelines(project, 1)[0];
        let secret = format!("glcbt-{user}-{pipeline}");
        self.run(
            "INSERT INTO jobs (pipeline_id, user_id, name, status, sha256, created_at, expires_at)
             VALUES (?1, ?2, 'publish', ?3, ?4, ?5, '2999-01-01T00:00:00.000Z')",
            params![pipeline, user_id(user), state, sha256(&secret), LONG_AGO],
        );
        secret
    }

    /// Another access token of a user: its scopes as a JSON array, expired or revoked if the test says so.
    pub fn access_token(
        &self,
        user: &str,
        scopes: &str,
        expires_at: Option<&str>,
        revoked: bool,
    ) -> String {
        let conn = self.database();
        let number: i64 = conn
            .query_row("SELECT count(*) FROM access_tokens", [], |row| row.get(0))
            .unwrap();
        let secret = format!("glpat-extra-{user}-{number}");
        insert_token(&conn, user_id(user), &secret, scopes, expires_at, revoked);
        secret
    }

    /// A deploy token of a project or a group; its user name is `deployer`.
    pub fn deploy_token(
        &self,
        project: Option<i64>,
        group: Option<i64>,
        scopes: &[&str],
    ) -> String {
        let scopes = serde_json::to_string(scopes).unwrap();
        let secret = format!("gldt-{project:?}-{group:?}-{scopes}")
            .replace(['"', '[', ']', '(', ')', ','], ".");
        self.run(
            "INSERT INTO deploy_tokens (namespace_id, project_id, sha256, name, username, scopes, created_at)
             VALUES (?1, ?2, ?3, 'ci', 'deployer', ?4, ?5)",
            params![group, project, sha256(&secret), scopes, LONG_AGO],
        );
        secret
    }

    pub fn join_project(&self, user: &str, project: i64, level: i64) {
        self.run(
            "INSERT INTO members (user_id, project_id, access_level, created_at) VALUES (?1, ?2, ?3, ?4)",
            params![user_id(user), project, level, LONG_AGO],
        );
    }

    pub fn join_group(&self, user: &str, group: i64, level: i64) {
        self.run(
            "INSERT INTO members (user_id, namespace_id, access_level, created_at) VALUES (?1, ?2, ?3, ?4)",
            params![user_id(user), group, level, LONG_AGO],
        );
    }

    /// `disabled`, `private`, `enabled` or `public`.
    pub fn switch_registry(&self, project: i64, level: &str) {
        self.run(
            "UPDATE projects SET package_registry_access_level = ?2, packages_revision = packages_revision + 1 WHERE id = ?1",
            params![project, level],
        );
    }

    pub fn protect(
        &self,
        project: i64,
        kind: PackageType,
        pattern: &str,
        push: Option<i64>,
        delete: Option<i64>,
    ) {
        self.run(
            "INSERT INTO protection_rules
                 (project_id, package_type, package_name_pattern, minimum_access_level_for_push, minimum_access_level_for_delete, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![project, kind, pattern, push, delete, LONG_AGO],
        );
    }

    pub fn unprotect(&self, project: i64) {
        self.run(
            "DELETE FROM protection_rules WHERE project_id = ?1",
            [project],
        );
    }

    /// A package setting of a group; the value is JSON.
    pub fn set(&self, group: i64, name: &str, value: &str) {
        self.run(
            "INSERT INTO package_settings (namespace_id, name, value) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET value = excluded.value",
            params![group, name, value],
        );
    }

    pub fn run(&self, sql: &str, params: impl rusqlite::Params) {
        self.database().execute(sql, params).unwrap();
    }

    /// Plants a package row.
    pub fn plant(&self, project: i64, planted: &Planted) -> i64 {
        let mut conn = self.database();
        let tx = immediate(&mut conn);
        let id = planted.insert(&tx, project);
        bump(&tx, project);
        tx.commit().unwrap();
        id
    }

    /// Plants generic packages `many` in the versions `1.0.0`, `1.0.1` and so on.
    pub fn plant_many(&self, project: i64, n: usize) -> Vec<i64> {
        let mut conn = self.database();
        let tx = immediate(&mut conn);
        let planted =
            |number| Planted::new(PackageType::Generic, "many").version(&format!("1.0.{number}"));
        let ids = (0..n)
            .map(|number| planted(number).insert(&tx, project))
            .collect();
        bump(&tx, project);
        tx.commit().unwrap();
        ids
    }

    /// Plants generic packages `n` in number, each with a name of its own: `name-0`, `name-1` and so on.
    pub fn plant_names(&self, project: i64, n: usize) -> Vec<i64> {
        let mut conn = self.database();
        let tx = immediate(&mut conn);
        let plant = |number| Planted::generic(&format!("name-{number}")).insert(&tx, project);
        let ids = (0..n).map(plant).collect();
        bump(&tx, project);
        tx.commit().unwrap();
        ids
    }

    /// Plants a file with its bytes, in the database and on the disk.
    pub fn plant_file(&self, package: i64, name: &str, bytes: &[u8]) -> i64 {
        let digest = sha256(bytes);
        fs::write(
            self.data().join("blobs").join(&digest[..2]).join(&digest),
            bytes,
        )
        .unwrap();
        let conn = self.database();
        conn.execute(
            "INSERT INTO blobs (sha256, size, md5, sha1) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![digest, bytes.len() as i64, md5(bytes), sha1(bytes)],
        )
        .unwrap();
        conn.execute(
            "INSERT INTO package_files (package_id, file_name, sha256, created_at) VALUES (?1, ?2, ?3, ?4)",
            params![package, name, digest, LONG_AGO],
        )
        .unwrap();
        conn.last_insert_rowid()
    }

    pub fn plant_pipelines(&self, project: i64, n: usize) -> Vec<i64> {
        let mut conn = self.database();
        let tx = immediate(&mut conn);
        let mut ids = Vec::new();
        for _ in 0..n {
            tx.execute(
                "INSERT INTO pipelines (iid, project_id, sha, ref, status, source, user_id, created_at, updated_at)
                 VALUES ((SELECT coalesce(max(iid), 0) + 1 FROM pipelines WHERE project_id = ?1),
                         ?1, ?2, 'main', 'running', 'push', ?3, ?4, ?4)",
                params![project, sha1("a commit"), user_id("maintainer"), LONG_AGO],
            )
            .unwrap();
            ids.push(tx.last_insert_rowid());
        }
        tx.commit().unwrap();
        ids
    }

    /// Links a package to `n` new pipelines (`PIPE(n)` of the seeds).
    pub fn link_pipelines(&self, project: i64, package: i64, n: usize) -> Vec<i64> {
        let ids = self.plant_pipelines(project, n);
        for id in &ids {
            self.run(
                "INSERT INTO package_pipelines (package_id, pipeline_id) VALUES (?1, ?2)",
                [package, *id],
            );
        }
        ids
    }

    /// `M`, `N` and `C` of the seeds, in `acme/pub`.
    pub fn plant_mnc(&self) -> [i64; 3] {
        [
            Planted::new(PackageType::Maven, "com/mycompany/my-app").version("1.0-SNAPSHOT"),
            Planted::new(PackageType::Npm, "@foo/bar").version("1.0.3"),
            Planted::new(PackageType::Conan, "Hello")
                .version("0.1")
                .qualifier("mycompany/stable"),
        ]
        .map(|planted| self.plant(PUB, &planted))
    }

    /// One package of every type that the registry knows, in the order of GitLab's numbers.
    pub fn plant_all_types(&self, project: i64) -> Vec<i64> {
        let planted =
            |kind: &PackageType| Planted::new(*kind, &format!("one-{kind}")).version("1.0");
        PackageType::ALL
            .iter()
            .map(|kind| self.plant(project, &planted(kind)))
            .collect()
    }

    /// One generic package for each status, named after it.
    pub fn plant_all_statuses(&self, project: i64) -> Vec<(PackageStatus, i64)> {
        let planted = |status: PackageStatus| {
            Planted::new(PackageType::Generic, &format!("is-{status}"))
                .version("1.0")
                .status(status)
        };
        PackageStatus::ALL
            .iter()
            .map(|status| (*status, self.plant(project, &planted(*status))))
            .collect()
    }
}

/// A package row to be planted: published now by nobody, in status `default`, unless it is told otherwise.
#[derive(Clone)]
pub struct Planted {
    kind: PackageType,
    name: String,
    version: Option<String>,
    qualifier: String,
    status: PackageStatus,
    created_at: String,
}

impl Planted {
    /// Versionless until [`Planted::version`] is called.
    pub fn new(kind: PackageType, name: &str) -> Planted {
        Planted {
            kind,
            name: name.to_owned(),
            version: None,
            qualifier: String::new(),
            status: PackageStatus::Default,
            created_at: packhouse::registry::Timestamp::now().to_string(),
        }
    }

    pub fn generic(name: &str) -> Planted {
        Planted::new(PackageType::Generic, name).version("1.0")
    }

    pub fn version(mut self, version: &str) -> Planted {
        self.version = Some(version.to_owned());
        self
    }

    pub fn qualifier(mut self, qualifier: &str) -> Planted {
        self.qualifier = qualifier.to_owned();
        self
    }

    pub fn status(mut self, status: PackageStatus) -> Planted {
        self.status = status;
        self
    }

    pub fn created_at(mut self, moment: &str) -> Planted {
        self.created_at = moment.to_owned();
        self
    }

    fn insert(&self, conn: &Connection, project: i64) -> i64 {
        conn.execute(
            "INSERT INTO package_names (project_id, package_type, name_key, folded) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
            params![project, self.kind, self.name, self.name.to_lowercase()],
        )
        .unwrap();
        conn.execute(
            "INSERT INTO packages
                 (project_id, name_id, package_type, name, version, version_key, qualifier, status, created_at, updated_at)
             SELECT ?1, id, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?7
               FROM package_names WHERE project_id = ?1 AND package_type = ?2 AND name_key = ?3",
            params![project, self.kind, self.name, self.version, self.qualifier, self.status, self.created_at],
        )
        .unwrap();
        conn.last_insert_rowid()
    }
}

/// What every change of the server does as well: counted lists hang on it.
fn bump(conn: &Connection, project: i64) {
    conn.execute(
        "UPDATE projects SET packages_revision = packages_revision + 1 WHERE id = ?1",
        [project],
    )
    .unwrap();
}

fn insert_token(
    conn: &Connection,
    user: i64,
    secret: &str,
    scopes: &str,
    expires_at: Option<&str>,
    revoked: bool,
) {
    conn.execute(
        "INSERT INTO access_tokens (user_id, sha256, name, scopes, revoked, created_at, expires_at)
         VALUES (?1, ?2, 'of a test', ?3, ?4, ?5, ?6)",
        params![user, sha256(secret), scopes, revoked, LONG_AGO, expires_at],
    )
    .unwrap();
}

fn plant_world(conn: &Connection) {
    let groups: [(i64, Option<i64>, &str, i64); 3] = [
        (ACME, None, "acme", 20),
        (SUB, Some(ACME), "acme/sub", 20),
        (VAULT, None, "vault", 0),
    ];
    for (id, parent, full_path, visibility) in groups {
        conn.execute(
            "INSERT INTO namespaces (id, kind, parent_id, name, path, full_path, full_path_key, visibility, created_at)
             VALUES (?1, 'group', ?2, ?3, ?3, ?4, ?4, ?5, ?6)",
            params![id, parent, last_segment(full_path), full_path, visibility, LONG_AGO],
        )
        .unwrap();
    }
    let projects = [
        (PUB, ACME, "acme/pub", 20),
        (INT, ACME, "acme/int", 10),
        (PRIV, ACME, "acme/priv", 0),
        (DEEP, SUB, "acme/sub/deep", 20),
        (ONE, VAULT, "vault/one", 0),
    ];
    for (id, namespace, full_path, visibility) in projects {
        conn.execute(
            "INSERT INTO projects (id, namespace_id, name, path, full_path, full_path_key, visibility, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?3, ?4, ?4, ?5, ?6, ?6)",
            params![id, namespace, last_segment(full_path), full_path, visibility, LONG_AGO],
        )
        .unwrap();
    }
    for (name, id) in USERS {
        conn.execute(
            "INSERT INTO users (id, username, name, email, external, created_at) VALUES (?1, ?2, ?2, ?3, ?4, ?5)",
            params![id, name, format!("{name}@example.com"), name == "external", LONG_AGO],
        )
        .unwrap();
        conn.execute(
            "INSERT INTO namespaces (id, kind, user_id, name, path, full_path, full_path_key, visibility, created_at)
             VALUES (?1, 'user', ?1, ?2, ?2, ?2, ?2, 20, ?3)",
            params![id, name, LONG_AGO],
        )
        .unwrap();
        insert_token(
            conn,
            id,
            &format!("glpat-{name}-{id}"),
            r#"["api"]"#,
            None,
            false,
        );
    }
    conn.execute(
        "INSERT INTO members (user_id, namespace_id, access_level, created_at) VALUES (?1, ?2, 50, ?3)",
        params![user_id("owner"), ACME, LONG_AGO],
    )
    .unwrap();
    for (name, level) in ROLES {
        for project in [PUB, INT, PRIV] {
            conn.execute(
                "INSERT INTO members (user_id, project_id, access_level, created_at) VALUES (?1, ?2, ?3, ?4)",
                params![user_id(name), project, level, LONG_AGO],
            )
            .unwrap();
        }
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// Takes the write lock first: who reads before writing can be told at once that the database is busy.
fn immediate(conn: &mut Connection) -> rusqlite::Transaction<'_> {
    conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .unwrap()
}
