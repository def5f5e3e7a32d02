//! The commands that work on a data directory, beside a running server and without one.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Packhouse, Process};

const FILE: &str = "packages/generic/tool/1.0.0/tool.bin";

/// A data directory with a server beside it.
struct Site {
    data: TempDir,
    server: Process,
}

impl Site {
    fn start() -> Site {
        let data = tempfile::tempdir().unwrap();
        let server = Packhouse::on(data.path()).with_root_token().serve();
        Site { data, server }
    }

    fn packhouse(&self, words: &str) -> Packhouse {
        Packhouse::on(self.data.path()).words(words)
    }

    fn run(&self, words: &str) -> String {
        self.packhouse(words).run()
    }

    fn json(&self, words: &str) -> Value {
        self.packhouse(&format!("{words} --json")).json()
    }

    /// An access token of user alice, as a script gets it.
    fn token(&self, words: &str) -> (i64, String) {
        let token = self.json(&format!("token create {words}"));
        let value = token["token"].as_str().unwrap().to_owned();
        (token["id"].as_i64().unwrap(), value)
    }
}

#[test]
fn a_directory_without_a_database_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let typo = folder.path().join("pakchouse-data");
    for words in [
        "user list",
        "group list",
        "project create local/x",
        "token list",
        "package list 1",
        "backup /nowhere",
        "fsck",
        "gc",
    ] {
        let errors = Packhouse::on(&typo).words(words).refused(1);
        let sentence = format!("error: there is no `packhouse.db` in `{}`", typo.display());
        assert!(errors.starts_with(&sentence), "{errors}");
        assert!(
            errors.contains("\nhint: name the data directory with `--data`"),
            "{errors}"
        );
    }
    assert!(!typo.exists());
}

#[test]
fn a_token_revoked_beside_the_server_is_dead_at_once() {
    let site = Site::start();
    site.run("user create alice");
    let path = format!("/api/v4/projects/1/{FILE}");
    let (id, token) = site.token("alice --scope api");
    site.run("member set alice developer --project local/packages");
    let alice = site.server.with_token(&token);
    for _ in 0..20 {
        alice.put(&path, "warm").expect(201); // on both workers
    }
    site.run(&format!("token revoke {id}"));
    for _ in 0..20 {
        alice.put(&path, "dead").expect(401);
    }
    let listed = site.json("token list --user alice");
    assert_eq!(
        (&listed[0]["revoked"], &listed[0]["active"]),
        (&json!(true), &json!(false))
    );
}

#[test]
fn a_project_made_beside_the_server_is_served_at_once() {
    let site = Site::start();
    let path = format!("/api/v4/projects/acme%2Fbackend%2Ftools/{FILE}");
    site.server.root().put(&path, "early").expect(404);
    site.run("group create acme");
    site.run("group create acme/backend");
    let project = site.json("project create acme/backend/tools");
    assert_eq!(project["path_with_namespace"], "acme/backend/tools");
    assert_eq!(project["visibility"], "private");
    site.server.root().put(&path, "there").expect(201);
    site.server.anonymous().get(&path).expect(401);
    let by_id = format!("/api/v4/projects/{}/{FILE}", project["id"]);
    assert_eq!(site.server.root().get(&by_id).expect(200).text(), "there");
    site.run("project delete acme/backend/tools");
    site.server.root().get(&path).expect(404);
}

#[test]
fn roles_given_and_taken_beside_the_server_count_at_once() {
    let site = Site::start();
    site.run("user create alice");
    site.run("group create acme");
    site.run("project create acme/tools");
    let (_, token) = site.token("alice");
    let alice = site.server.with_token(&token);
    let path = format!("/api/v4/projects/acme%2Ftools/{FILE}");
    alice.put(&path, "a").expect(404);
    site.run("member set alice guest --group acme");
    alice.put(&path, "a").expect(403);
    site.run("member set alice developer --group acme");
    alice.put(&path, "a").expect(201);
    let inherited = site.json("member list --inherited --project acme/tools");
    assert_eq!(
        (&inherited[0]["username"], &inherited[0]["role"]),
        (&json!("alice"), &json!("developer"))
    );
    assert_eq!(site.json("member list --project acme/tools"), json!([]));
    let errors = site
        .packhouse("member remove alice --project acme/tools")
        .refused(1);
    assert!(errors.contains("is no direct member"), "{errors}");
    site.run("member remove alice --group acme");
    alice.get(&path).expect(404);
}

#[test]
fn a_blocked_user_is_refused_until_it_is_unblocked_and_a_deleted_one_for_ever() {
    let site = Site::start();
    site.run("user create alice --admin --name Alice --email alice@example.test");
    let (_, token) = site.token("alice");
    let alice = site.server.with_token(&token);
    let path = format!("/api/v4/projects/1/{FILE}");
    alice.put(&path, "a").expect(201);
    site.run("user block alice");
    alice.put(&path, "a").expect(403);
    site.run("user unblock ALICE");
    alice.put(&path, "a").expect(201);
    let users = site.json("user list");
    assert_eq!(users[1]["username"], "alice");
    assert_eq!(users[1]["email"], "alice@example.test");
    assert_eq!(users[1]["is_admin"], true);
    site.run("user delete alice");
    alice.put(&path, "a").expect(401);
    site.server.anonymous().get(&path).expect(200); // what it published stays
}

#[test]
fn deploy_tokens_are_made_listed_and_revoked() {
    let site = Site::start();
    site.run("group create acme");
    site.run("project create acme/tools");
    let path = format!("/api/v4/projects/acme%2Ftools/{FILE}");
    site.server.root().put(&path, "a").expect(201);
    let token = site
        .json("token create --deploy --group acme --name ci --username robot --expires 2999-01-01");
    assert_eq!(token["scopes"], json!(["read_package_registry"]));
    assert_eq!(token["username"], "robot");
    let robot = site
        .server
        .anonymous()
        .with("Deploy-Token", token["token"].as_str().unwrap());
    robot.get(&path).expect(200);
    robot.put(&path, "b").expect(403);
    let listed = site.run("token list --deploy");
    assert!(
        listed.contains("robot") && listed.contains("2999-01-01"),
        "{listed}"
    );
    let value = token["token"].as_str().unwrap();
    assert!(!listed.contains(value), "{listed}");
    site.run(&format!("token revoke {} --deploy", token["id"]));
    robot.get(&path).expect(401);
    assert_eq!(
        site.json("token list --deploy"),
        json!([]),
        "what is revoked is gone"
    );
}

#[test]
fn visibility_and_the_package_registry_switch_work_at_once() {
    let site = Site::start();
    let path = format!("/api/v4/projects/1/{FILE}");
    site.server.root().put(&path, "a").expect(201);
    site.server.anonymous().get(&path).expect(200);
    site.run("project set local/packages --visibility private");
    site.server.anonymous().get(&path).expect(401);
    site.run("project set 1 --package-registry public");
    site.server.anonymous().get(&path).expect(200);
    site.run("project set 1 --package-registry disabled");
    site.server.root().get(&path).expect(403);
    let errors = site.packhouse("project set 1").refused(1);
    assert!(errors.contains("there is nothing to change"), "{errors}");
}

#[test]
fn packages_are_listed_with_filters_hidden_shown_and_deleted() {
    let site = Site::start();
    let root = site.server.root();
    for (name, version) in [("red-tool", "1"), ("red-tool", "2"), ("blue-tool", "1")] {
        let path = format!("/api/v4/projects/1/packages/generic/{name}/{version}/a");
        root.put(&path, version).expect(201);
    }
    let names = |words: &str| -> Vec<String> {
        let listed = site.json(&format!("package list local/packages {words}"));
        let item = |item: &Value| format!("{} {}", item["name"], item["version"]).replace('"', "");
        listed.as_array().unwrap().iter().map(item).collect()
    };
    assert_eq!(
        names("--type generic"),
        ["blue-tool 1", "red-tool 1", "red-tool 2"]
    );
    assert_eq!(names("--name red"), ["red-tool 1", "red-tool 2"]);
    assert_eq!(names("--version 1"), ["blue-tool 1", "red-tool 1"]);
    assert!(names("--type npm").is_empty());
    let id = site.json("package list 1 --name blue")[0]["id"].clone();

    site.run(&format!("package status 1 {id} hidden"));
    assert_eq!(names("--version 1"), ["red-tool 1"]);
    assert_eq!(names("--status hidden"), ["blue-tool 1"]);
    let listed = root.get("/api/v4/projects/1/packages").expect(200).json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    Packhouse::on(site.data.path())
        .words(&format!("package status 1 {id} deprecated --message"))
        .args(["use red-tool instead"])
        .run();
    let listed = site.json("package list 1 --status deprecated");
    assert_eq!(listed[0]["status_message"], "use red-tool instead");
    site.run(&format!("package status 1 {id} default"));
    let shown = site.json("package list 1 --name blue");
    assert_eq!(
        (&shown[0]["status"], &shown[0]["status_message"]),
        (&json!("default"), &Value::Null)
    );
    let errors = site.packhouse(&format!("package status 1 {id} processing"));
    assert!(errors.refused(2).contains("default, hidden, deprecated"));

    site.run(&format!("package delete 1 {id}"));
    root.get(&format!("/api/v4/projects/1/packages/{id}"))
        .expect(404);
    let errors = site.packhouse(&format!("package delete 1 {id}")).refused(1);
    assert!(errors.contains(&format!("has no package {id}")), "{errors}");
    let errors = site
        .packhouse(&format!("package status 1 {id} default"))
        .refused(1);
    assert!(errors.contains(&format!("has no package {id}")), "{errors}");
}

#[test]
fn what_is_not_there_is_named_with_the_command_that_lists_what_is() {
    let site = Site::start();
    for (words, sentence) in [
        (
            "user delete nobody",
            "there is no user `nobody`\nhint: `packhouse user list`",
        ),
        (
            "token create nobody",
            "there is no user `nobody`\nhint: `packhouse user list`",
        ),
        (
            "group delete none",
            "there is no group `none`\nhint: `packhouse group list`",
        ),
        ("group delete root", "there is no group `root`"), // a personal namespace is none
        (
            "project delete a/b",
            "there is no project `a/b`\nhint: `packhouse project list`",
        ),
        ("project create none/b", "there is no group `none`"),
        ("project create b", "a project lies in a group"),
        ("package list a/b", "there is no project `a/b`"),
        (
            "token revoke 99",
            "there is no access token 99\nhint: `packhouse token list`",
        ),
        (
            "token revoke 99 --deploy",
            "hint: `packhouse token list --deploy`",
        ),
        (
            "token create root --scope all",
            "there is no scope `all`\nhint: it is one of api, ",
        ),
        (
            "token create root --project 1",
            "an access token belongs to a user",
        ),
        ("user create root", "there is a user `root` already"),
        ("group create local", "`path` has already been taken"),
        ("project create local/packages", "has already been taken"),
        ("user create api", "`username` api is a reserved name"),
    ] {
        let errors = site.packhouse(words).refused(1);
        assert!(errors.starts_with("error: "), "{errors}");
        assert!(errors.contains(sentence), "{words}: {errors}");
    }
}

#[test]
fn what_is_not_understood_exits_with_2() {
    let site = Site::start();
    for words in [
        "user",
        "user lisst",
        "token create",
        "token create --deploy",
        "token create root --deploy --project 1",
        "token create root --expires 2020-01-01",
        "token create root --expires tomorrow",
        "member set root developer",
        "member set root admin --project 1",
        "member set root developer --project 1 --group local",
        "project set 1 --visibility secret",
        "--listen 127.0.0.1:0 user list",
        "--url http://x.test user list",
        "user list --listen 127.0.0.1:0",
    ] {
        let errors = site.packhouse(words).refused(2);
        assert!(!errors.is_empty(), "{words}");
    }
}

#[test]
fn commands_work_without_a_server_and_ignore_where_one_would_listen() {
    let mut site = Site::start();
    site.server.stop();
    let users = site
        .packhouse("user create alice --json")
        .env("PACKHOUSE_LISTEN", "127.0.0.1:0")
        .env("PACKHOUSE_URL", "http://packhouse.test")
        .json();
    assert_eq!(users["username"], "alice");
    assert!(site.run("user list").contains("alice"));
}

#[test]
fn a_package_that_is_deleted_by_command_takes_along_what_only_described_it() {
    let site = Site::start();
    let root = site.server.root();
    let maven = "/api/v4/projects/1/packages/maven/com/acme/demo";
    root.put(&format!("{maven}/1.0/demo-1.0.jar"), "jar")
        .expect(200);
    root.put(
        &format!("{maven}/maven-metadata.xml"),
        "<metadata><versioning/></metadata>",
    )
    .expect(200);
    let listed = site.json("package list 1");
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    let version = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["version"] == "1.0");
    site.run(&format!("package delete 1 {}", version.unwrap()["id"]));
    assert_eq!(site.json("package list 1"), json!([]));
    root.get(&format!("{maven}/maven-metadata.xml")).expect(404);
}

#[test]
fn every_command_explains_itself() {
    let help = Packhouse::bare().words("--help").run();
    for command in [
        "serve", "user", "group", "project", "member", "token", "package", "backup", "restore",
        "fsck", "gc",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        let own = Packhouse::bare().args([command, "--help"]).run();
        assert!(own.contains("--data <DIR>"), "{own}");
        assert_eq!(own.contains("--listen"), command == "serve", "{own}");
    }
}

#[test]
fn the_last_administrator_is_neither_deleted_nor_blocked() {
    let site = Site::start();
    for words in ["user delete root", "user block root"] {
        let errors = site.packhouse(words).refused(1);
        assert!(
            errors.contains("root is the last administrator"),
            "{errors}"
        );
    }
    site.run("user create ann --admin");
    site.run("user block root");
    let errors = site.packhouse("user delete ann").refused(1);
    assert!(errors.contains("ann is the last administrator"), "{errors}");
}

#[test]
fn the_audit_log_names_the_command_line() {
    let site = Site::start();
    site.run("group create acme");
    site.run("project create acme/tools");
    site.run("user create ann");
    site.run("member set ann developer --project acme/tools");
    let (_, token) = site.token("ann");
    site.server
        .with_token(&token)
        .put("/api/v4/projects/acme%2Ftools/packages/generic/a/1/b", "x")
        .expect(201);
    site.run("package delete acme/tools 1");
    let events = site
        .server
        .root()
        .get("/api/v4/audit_events?per_page=7")
        .expect(200)
        .json();
    let seen: Vec<String> = events
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|event| {
            let (name, author) = (&event["event_name"], &event["details"]["author_name"]);
            format!("{}: {}", author.as_str().unwrap(), name.as_str().unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [
            "The command line: group_created",
            "The command line: project_created",
            "The command line: user_created",
            "The command line: member_created",
            "The command line: personal_access_token_issued",
            "ann: package_registry_package_published",
            "The command line: package_registry_package_deleted",
        ]
    );
}
