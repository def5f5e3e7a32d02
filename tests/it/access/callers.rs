//! The world of the matrix: three groups, public, internal and private, each with a project like it, and everybody who
//! may knock.

use std::cell::RefCell;
use std::collections::HashMap;

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::packages::{Home, composer_file, publish_every_format, pypi_file};
use crate::support::seeds::{sha1, sha256};
use crate::support::{Actor, Place, TestApp, conan, id_of, terraform};

pub const VISIBILITIES: [&str; 3] = ["public", "internal", "private"];

/// Everybody, by the names in `matrix.txt`. Roles are held in the group; what belongs to a project or group is of the one
/// that is asked for; `elsewhere` is a private project of another group.
pub const CALLERS: &[&str] = &[
    "anonymous",
    "stranger",
    "external",
    "guest",
    "reporter",
    "developer",
    "maintainer",
    "owner",
    "admin",
    "below", // developer of the project, and no member of its group
    "ended", // a membership that is over
    "blocked",
    // access tokens of the project and of the group
    "bot-guest",
    "bot-developer",
    "bot-maintainer",
    "bot-elsewhere",
    "group-bot", // developer
    // deploy tokens
    "deploy-read",
    "deploy-write",
    "deploy-group-read",
    "deploy-group-write",
    "deploy-elsewhere", // write
    "deploy-expired",
    "deploy-revoked",
    // jobs, by the user who made them
    "job-guest",
    "job-developer",
    "job-maintainer",
    "job-stranger",
    "job-elsewhere", // of the maintainer, in a project that is not in the allowlist
    "job-over",
    // the maintainer by other tokens
    "read_api",
    "read_user",
    "self_rotate",
    "no-scope",
    "expired",
    "revoked",
    "basic",
    "basic-wrong",
    "unknown",
    // what formats have given or look for
    "conan-session",     // as Bearer
    "terraform-session", // in the query, for version 1.0.0 of the module
    "nuget-key",
    "web-session",  // the cookie, and the header of the page
    "bare-session", // the cookie alone
];

const ROLES: [(&str, i64); 5] = [
    ("guest", 10),
    ("reporter", 20),
    ("developer", 30),
    ("maintainer", 40),
    ("owner", 50),
];

const NOW: &str = "2026-01-02T03:04:05.678Z";

pub struct World {
    pub app: TestApp,
    pub homes: Vec<Home>,
    elsewhere: i64,
    conn: Connection,
    actors: RefCell<HashMap<(String, usize), Actor>>,
}

impl World {
    pub fn start() -> World {
        let app = TestApp::start();
        for name in ["stranger", "below", "ended", "blocked"] {
            app.user(name);
        }
        app.user_who_is("external", json!({ "external": true }));
        for (name, _) in ROLES {
            app.user(name);
        }
        app.group("elsewhere", "private");
        let elsewhere = app.project("elsewhere/one", "private");
        let conn = app.database();
        let mut homes = Vec::new();
        for visibility in VISIBILITIES {
            let group = format!("{visibility}-group");
            let group_id = app.group(&group, visibility);
            let path = format!("{group}/one");
            let project_id = app.project(&path, visibility);
            for (name, level) in ROLES {
                app.member(name, Place::Group(&group), level);
            }
            app.member("below", Place::Project(&path), 30);
            app.member("ended", Place::Group(&group), 50);
            app.member("blocked", Place::Group(&group), 50);
            let home = Home {
                project_id,
                project: path,
                group_id,
                group,
            };
            publish_every_format(&app.root(), &home, 1);
            homes.push(home);
        }
        conn.execute(
            "UPDATE members SET expires_at = '2026-01-02' WHERE user_id = ?1",
            [app.user_id("ended")],
        )
        .unwrap();
        conn.execute(
            "UPDATE users SET state = 'blocked' WHERE username = 'blocked'",
            [],
        )
        .unwrap();
        let world = World {
            app,
            homes,
            elsewhere,
            conn,
            actors: RefCell::default(),
        };
        for home in 0..VISIBILITIES.len() {
            // What rows name there is: a token of each kind, and a pipeline.
            for caller in [
                "bot-maintainer",
                "group-bot",
                "deploy-read",
                "deploy-group-read",
                "job-maintainer",
            ] {
                world.actor(caller, home);
            }
        }
        world
    }

    pub fn count(&self, sql: &str) -> i64 {
        self.conn.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// A caller by name; of what belongs to a place, the one of this home.
    pub fn actor(&self, name: &str, home: usize) -> Actor {
        let key = (name.to_owned(), home);
        if let Some(known) = self.actors.borrow().get(&key) {
            return known.clone();
        }
        let actor = self.make_actor(name, &self.homes[home]);
        self.actors.borrow_mut().insert(key, actor.clone());
        actor
    }

    /// The next time it gets another credential.
    pub fn forget(&self, name: &str, home: usize) {
        self.actors.borrow_mut().remove(&(name.to_owned(), home));
    }

    fn make_actor(&self, name: &str, home: &Home) -> Actor {
        let app = &self.app;
        if let Some(job) = name.strip_prefix("job-") {
            return app.with_header("JOB-TOKEN", &self.job(job, home));
        }
        if let Some(token) = name.strip_prefix("deploy-") {
            return app.with_header("Deploy-Token", &self.deploy_token(token, home));
        }
        let maintainer = app.user_id("maintainer");
        let fresh = || app.with_token(&app.token_of(maintainer, &["api"]));
        match name {
            "anonymous" => app.anonymous(),
            "admin" => app.with_token(&app.token_of(app.user_id("root"), &["api"])),
            "unknown" => app.with_token("glpat-unknown"),
            "bot-guest" => self.bot(&format!("projects/{}", home.project_id), 10),
            "bot-developer" => self.bot(&format!("projects/{}", home.project_id), 30),
            "bot-maintainer" => self.bot(&format!("projects/{}", home.project_id), 40),
            "bot-elsewhere" => self.bot(&format!("projects/{}", self.elsewhere), 40),
            "group-bot" => self.bot(&format!("groups/{}", home.group_id), 30),
            "no-scope" => app.with_token(&app.token_of(maintainer, &["read_registry"])),
            "read_api" | "read_user" | "self_rotate" => {
                app.with_token(&app.token_of(maintainer, &[name]))
            }
            "basic" => app.with_basic("maintainer", &app.token_of(maintainer, &["api"])),
            "basic-wrong" => app.with_basic("maintainer", "wrong"),
            "conan-session" => {
                let login = format!("{}/v2/users/authenticate", conan::INSTANCE);
                let session = fresh().get(&login).expect(200).text();
                app.with_header("Authorization", &format!("Bearer {session}"))
            }
            "terraform-session" => {
                let module = terraform::of_namespace(&home.group, "tool/local");
                let found = fresh().get(&format!("{module}/1.0.0/download")).expect(204);
                let (_, token) = found.header("x-terraform-get").split_once('?').unwrap();
                app.anonymous().with_query(token)
            }
            "nuget-key" => app.with_header("X-NuGet-ApiKey", &app.token_of(maintainer, &["api"])),
            "web-session" | "bare-session" => {
                let begun = fresh().send("POST", "/api/v4/-/session", b"").expect(201);
                let (cookie, _) = begun.header("set-cookie").split_once(';').unwrap();
                let browser = app.with_header("Cookie", cookie);
                match name {
                    "bare-session" => browser,
                    _ => browser.with("X-Requested-With", "packhouse"),
                }
            }
            "expired" => self.changed(maintainer, "expires_at = '2026-01-01'"),
            "revoked" => self.changed(maintainer, "revoked = 1"),
            user => app.with_token(&app.token_of(app.user_id(user), &["api"])),
        }
    }

    fn changed(&self, user: i64, change: &str) -> Actor {
        let token = self.app.token_of(user, &["api"]);
        let sql = format!("UPDATE access_tokens SET {change} WHERE sha256 = ?1");
        self.conn.execute(&sql, [sha256(&token)]).unwrap();
        self.app.with_token(&token)
    }

    fn bot(&self, source: &str, level: i64) -> Actor {
        let body = json!({ "name": "bot", "scopes": ["api"], "access_level": level });
        let made = self
            .app
            .root()
            .post(&format!("/api/v4/{source}/access_tokens"), body)
            .expect(201)
            .json();
        self.app.with_token(made["token"].as_str().unwrap())
    }

    fn deploy_token(&self, kind: &str, home: &Home) -> String {
        let source = match kind {
            "group-read" | "group-write" => format!("groups/{}", home.group_id),
            "elsewhere" => format!("projects/{}", self.elsewhere),
            _ => format!("projects/{}", home.project_id),
        };
        let scope = match kind {
            "read" | "group-read" => "read_package_registry",
            _ => "write_package_registry",
        };
        let body = json!({ "name": "ci", "scopes": [scope] });
        let made = self
            .app
            .root()
            .post(&format!("/api/v4/{source}/deploy_tokens"), body)
            .expect(201)
            .json();
        let change = match kind {
            "expired" => "expires_at = '2026-01-01T00:00:00.000Z'",
            "revoked" => "revoked = 1",
            _ => "revoked = 0",
        };
        let sql = format!("UPDATE deploy_tokens SET {change} WHERE id = ?1");
        self.conn.execute(&sql, [id_of(&made)]).unwrap();
        made["token"].as_str().unwrap().to_owned()
    }

    fn job(&self, kind: &str, home: &Home) -> String {
        let (user, project, status) = match kind {
            "stranger" => ("stranger", self.elsewhere, "running"),
            "elsewhere" => ("maintainer", self.elsewhere, "running"),
            "over" => ("maintainer", home.project_id, "success"),
            user => (user, home.project_id, "running"),
        };
        let pipeline = self.pipeline(project);
        let secret = format!("glcbt-{kind}-{project}-{pipeline}");
        self.insert_job(pipeline, user, status, &secret);
        secret
    }

    fn insert_job(&self, pipeline: i64, user: &str, status: &str, secret: &str) -> i64 {
        let far = "2999-01-01T00:00:00.000Z";
        self.conn
            .execute(
                "INSERT INTO jobs (pipeline_id, user_id, name, status, sha256, created_at, expires_at)
                 VALUES (?1, ?2, 'publish', ?3, ?4, ?5, ?6)",
                params![pipeline, self.app.user_id(user), status, sha256(secret), NOW, far],
            )
            .unwrap();
        self.conn.last_insert_rowid()
    }

    fn pipeline(&self, project: i64) -> i64 {
        self.conn
            .execute(
                "INSERT INTO pipelines (iid, project_id, sha, ref, status, source, user_id, created_at, updated_at)
                 SELECT coalesce(max(iid), 0) + 1, ?1, ?2, 'main', 'running', 'push', 1, ?3, ?3 FROM pipelines WHERE project_id = ?1",
                params![project, "ab".repeat(20), NOW],
            )
            .unwrap();
        self.conn.last_insert_rowid()
    }

    /// What a word behind `@` stands for at this home. `new-…` is another one each time.
    pub fn value(&self, word: &str, home: usize, number: usize) -> String {
        let home = &self.homes[home];
        let root = self.app.root();
        let post = |path: String, body: Value| id_of(&root.post(&path, body).expect(201).json());
        let of_project = |sql: &str| -> i64 {
            self.conn
                .query_row(sql, [home.project_id], |row| row.get(0))
                .unwrap()
        };
        let of_group = |sql: &str| -> i64 {
            self.conn
                .query_row(sql, [home.group_id], |row| row.get(0))
                .unwrap()
        };
        let id = match word {
            "project" => home.project_id,
            "group" => home.group_id,
            "group-path" => return home.group.clone(),
            "project-path" => return home.project.clone(),
            "package" => of_project("SELECT max(id) FROM packages WHERE project_id = ?1 AND name = 'tool' AND package_type = 7 AND status = 0"),
            "file" => of_project(
                "SELECT max(package_files.id) FROM package_files JOIN packages ON packages.id = package_id
                  WHERE project_id = ?1 AND name = 'tool' AND package_type = 7 AND packages.status = 0",
            ),
            "new-package" => self.new_package(home, &format!("new-{number}")),
            "new-file" => self.new_file(of_project("SELECT max(id) FROM packages WHERE project_id = ?1 AND name = 'tool' AND package_type = 7 AND status = 0"), number),
            "pipeline" => of_project("SELECT max(id) FROM pipelines WHERE project_id = ?1"),
            "new-pipeline" => self.pipeline(home.project_id),
            "new-job" => self.insert_job(self.pipeline(home.project_id), "maintainer", "running", &format!("glcbt-new-{number}")),
            "user" => self.app.user_id("guest"),
            "below" => self.app.user_id("below"),
            "root-token" => self.count("SELECT min(id) FROM access_tokens WHERE user_id = 1"),
            "new-personal-token" => post("/api/v4/users/1/personal_access_tokens".into(), json!({ "name": "new", "scopes": ["api"] })),
            "project-token" => of_project("SELECT max(id) FROM access_tokens WHERE project_id = ?1 AND NOT revoked"),
            "group-token" => of_group("SELECT max(id) FROM access_tokens WHERE namespace_id = ?1 AND NOT revoked"),
            "project-deploy-token" => of_project("SELECT max(id) FROM deploy_tokens WHERE project_id = ?1 AND NOT revoked"),
            "group-deploy-token" => of_group("SELECT max(id) FROM deploy_tokens WHERE namespace_id = ?1 AND NOT revoked"),
            "new-open-project" => self.app.project(&format!("public-group/open-{number}"), "public"),
            "new-user" => post("/api/v4/users".into(), json!({ "username": format!("new-{number}"), "name": "New", "email": format!("new-{number}@example.com"), "force_random_password": true })),
            "new-member" => {
                let user: i64 = self.value("new-user", 0, number).parse().unwrap();
                let body = json!({ "user_id": user, "access_level": 10 });
                root.post(&format!("/api/v4/projects/{}/members", home.project_id), body.clone()).expect(201);
                root.post(&format!("/api/v4/groups/{}/members", home.group_id), body).expect(201);
                user
            }
            "new-rule" => post(
                format!("/api/v4/projects/{}/packages/protection/rules", home.project_id),
                json!({ "package_name_pattern": format!("never-{number}"), "package_type": "generic", "minimum_access_level_for_push": "owner" }),
            ),
            "new-retention-rule" => post(
                format!("/api/v4/projects/{}/-/packages/retention_rules", home.project_id),
                json!({ "keep_latest": 1_000 }),
            ),
            "new-group-retention-rule" => post(
                format!("/api/v4/groups/{}/-/packages/retention_rules", home.group_id),
                json!({ "keep_latest": 1_000 }),
            ),
            "new-token" => post(
                format!("/api/v4/projects/{}/access_tokens", home.project_id),
                json!({ "name": "new", "scopes": ["api"], "access_level": 10 }),
            ),
            "new-group-token" => post(
                format!("/api/v4/groups/{}/access_tokens", home.group_id),
                json!({ "name": "new", "scopes": ["api"], "access_level": 10 }),
            ),
            "new-deploy-token" => post(
                format!("/api/v4/projects/{}/deploy_tokens", home.project_id),
                json!({ "name": "new", "scopes": ["read_registry"] }),
            ),
            "new-group-deploy-token" => post(
                format!("/api/v4/groups/{}/deploy_tokens", home.group_id),
                json!({ "name": "new", "scopes": ["read_registry"] }),
            ),
            "new-project" => self.app.project(&format!("{}/new-{number}", home.group), self.visibility_of(home)),
            "new-group" => {
                let path = format!("new-{number}");
                let id = self.app.group(&path, self.visibility_of(home));
                for (name, level) in ROLES {
                    self.app.member(name, Place::Group(&path), level);
                }
                id
            }
            "event" => self.count("SELECT max(id) FROM audit_events"),
            "project-event" => of_project("SELECT max(id) FROM audit_events WHERE entity_type = 'Project' AND entity_id = ?1"),
            "group-event" => of_group("SELECT max(id) FROM audit_events WHERE entity_type = 'Group' AND entity_id = ?1"),
            "new-npm-tag" => {
                for name in ["tool".to_owned(), format!("@{}%2ftool", home.group)] {
                    let path = format!("/api/v4/projects/{}/packages/npm/-/package/{name}/dist-tags/tag-{number}", home.project_id);
                    root.put_json(&path, json!("1.0.0")).expect(204);
                }
                return format!("tag-{number}");
            }
            "project-path-plus" => return home.project.replace('/', "+"),
            "project-path-encoded" => return home.project.replace('/', "%2F"),
            "composer-sha1" => return sha1(composer_file()),
            "pypi-sha256" => return sha256(pypi_file().bytes),
            other => panic!("tests/it/access/callers.rs knows no @{other}"),
        };
        id.to_string()
    }

    fn visibility_of(&self, home: &Home) -> &'static str {
        let index = self
            .homes
            .iter()
            .position(|other| other.project_id == home.project_id)
            .unwrap();
        VISIBILITIES[index]
    }

    fn new_package(&self, home: &Home, name: &str) -> i64 {
        self.conn
            .execute(
                "INSERT INTO package_names (project_id, package_type, name_key, folded) VALUES (?1, 7, ?2, ?2)",
                params![home.project_id, name],
            )
            .unwrap();
        let name_id = self.conn.last_insert_rowid();
        self.conn
            .execute(
                "INSERT INTO packages (project_id, name_id, package_type, name, version, version_key, created_at, updated_at)
                 VALUES (?1, ?2, 7, ?3, '1.0', '1.0', ?4, ?4)",
                params![home.project_id, name_id, name, NOW],
            )
            .unwrap();
        self.conn.last_insert_rowid()
    }

    fn new_file(&self, package: i64, number: usize) -> i64 {
        self.conn
            .execute(
                "INSERT INTO package_files (package_id, file_name, sha256, created_at) VALUES (?1, ?2, ?3, ?4)",
                params![package, format!("new-{number}.txt"), sha256("generic bytes"), NOW],
            )
            .unwrap();
        self.conn.last_insert_rowid()
    }
}
