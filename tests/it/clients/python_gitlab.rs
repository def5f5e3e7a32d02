//! python-gitlab: the library, by a script of its own, and its command `gitlab`.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::clients::{Ran, Sandbox, python_program};
use crate::support::{ROOT_TOKEN, TestApp, Watched, each};

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/clients/python_gitlab.py"
);

#[test]
fn the_library_does_everything_scripts_ask_of_it() {
    let app = TestApp::watched();
    let python = python_program("gitlab", "python");
    let ran = Sandbox::new()
        .run(&python, [SCRIPT, &app.url(""), ROOT_TOKEN])
        .succeeds();
    let result: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();

    // The first things it asked, and how a list of several pages is followed.
    let seen = app.seen();
    let lines: Vec<String> = seen.iter().map(ToString::to_string).collect();
    assert_eq!(lines[0], "GET /api/v4/user 200");
    assert_eq!(lines[1], "GET /api/v4/version 200");
    assert!(
        seen[0]
            .header("user-agent")
            .unwrap()
            .starts_with("python-gitlab/")
    );
    let pages = lines
        .iter()
        .filter(|line| {
            line.starts_with("GET /api/v4/projects/2/packages?") && line.contains("per_page=10")
        })
        .count();
    assert_eq!(pages, 3 + 3 + 1, "{lines:#?}");
    assert!(lines.iter().any(
        |line| line.starts_with("DELETE /api/v4/projects/2/packages/") && line.ends_with(" 204")
    ));
    assert!(!seen.iter().any(|seen| seen.status >= 500), "{lines:#?}");

    // The same lists as the server tells them now: the script deleted one package after it had looked.
    let left = app
        .root()
        .get("/api/v4/projects/2/packages?per_page=100&order_by=created_at&sort=asc");
    let left = left.expect(200).json();
    assert_eq!(left.as_array().unwrap().len(), 28);
    let seen_packages = result["packages"].as_array().unwrap();
    assert_eq!(seen_packages.len(), 27);
    assert_eq!(
        each(&left, "name")
            .iter()
            .filter(|name| **name == "many")
            .count(),
        25
    );
    let pipelines = app
        .root()
        .get("/api/v4/projects/2/pipelines")
        .expect(200)
        .json();
    assert_eq!(json!(each(&pipelines, "sha")), result["pipelines"]);
}

struct Command {
    app: Watched,
    sandbox: Sandbox,
}

impl Command {
    fn new() -> Command {
        Command {
            app: TestApp::watched(),
            sandbox: Sandbox::new(),
        }
    }

    /// Runs `gitlab` as root, printing JSON.
    fn gitlab(&self, args: &[&str]) -> Ran {
        let url = self.app.url("");
        let who = [
            "--server-url",
            &url,
            "--private-token",
            ROOT_TOKEN,
            "-o",
            "json",
        ];
        self.sandbox.run(
            Path::new(&python_program("gitlab", "gitlab")),
            who.iter().chain(args),
        )
    }

    fn json(&self, args: &[&str]) -> Value {
        self.gitlab(args).succeeds().json()
    }
}

#[test]
fn the_command_publishes_lists_and_deletes_packages() {
    let command = Command::new();
    let file = command.sandbox.write("tool.bin", "tool");
    let tool = [
        "--project-id",
        "local/packages",
        "--package-name",
        "tool",
        "--package-version",
        "1.0",
    ];
    let upload = ["--file-name", "tool.bin", "--path", file.to_str().unwrap()];
    let args = [&["generic-package", "upload"], &tool[..], &upload].concat();
    command.gitlab(&args).succeeds();
    let download = ["--file-name", "tool.bin"];
    let args = [&["generic-package", "download"], &tool[..], &download].concat();
    assert_eq!(command.gitlab(&args).succeeds().stdout, "tool");

    let list = ["project-package", "list", "--project-id", "local/packages"];
    let packages = command.json(&[&list[..], &["--package-type", "generic", "--get-all"]].concat());
    assert_eq!(each(&packages, "name"), ["tool"]);
    let id = packages[0]["id"].to_string();
    let package = command.json(&["project-package", "get", "--project-id", "1", "--id", &id]);
    assert_eq!(package["version"], "1.0");
    let of_package = ["--project-id", "1", "--package-id", &id];
    let files = command.json(
        &[
            &["project-package-file", "list", "--get-all"],
            &of_package[..],
        ]
        .concat(),
    );
    assert_eq!(each(&files, "file_name"), ["tool.bin"]);
    let group = command.json(&["group-package", "list", "--group-id", "local", "--get-all"]);
    assert_eq!(each(&group, "project_path"), ["local/packages"]);
    command
        .gitlab(&[
            "project-package",
            "delete",
            "--project-id",
            "1",
            "--id",
            &id,
        ])
        .succeeds();
    assert_eq!(command.json(&list), json!([]));

    let lines = command.app.lines();
    // Every run signs in first.
    let work: Vec<&String> = lines
        .iter()
        .filter(|line| *line != "GET /api/v4/user 200")
        .collect();
    let project = "/api/v4/projects/local%2Fpackages/packages";
    let expected = [
        format!("PUT {project}/generic/tool/1.0/tool.bin 201"),
        format!("GET {project}/generic/tool/1.0/tool.bin 200"),
        format!("GET {project}?package_type=generic 200"),
        format!("GET /api/v4/projects/1/packages/{id} 200"),
        format!("GET /api/v4/projects/1/packages/{id}/package_files 200"),
        "GET /api/v4/groups/local/packages 200".to_owned(),
        format!("DELETE /api/v4/projects/1/packages/{id} 204"),
        format!("GET {project} 200"),
    ];
    assert_eq!(work, expected.iter().collect::<Vec<_>>());
}

#[test]
fn the_command_manages_projects_and_rules() {
    let command = Command::new();
    assert_eq!(command.json(&["current-user", "get"])["username"], "root");
    let group = command.json(&["group", "create", "--name", "Acme", "--path", "acme"]);
    let group_id = group["id"].to_string();
    let project = [
        "project",
        "create",
        "--name",
        "kit",
        "--namespace-id",
        &group_id,
    ];
    assert_eq!(command.json(&project)["path_with_namespace"], "acme/kit");
    let listed = command.json(&["project", "list", "--search", "kit", "--get-all"]);
    assert_eq!(each(&listed, "path"), ["kit"]);
    let rule = [
        "project-package-protection-rule",
        "create",
        "--project-id",
        "acme/kit",
        "--package-name-pattern",
        "tool*",
        "--package-type",
        "generic",
        "--minimum-access-level-for-push",
        "maintainer",
    ];
    assert_eq!(command.json(&rule)["package_name_pattern"], "tool*");
    let token = [
        "project-deploy-token",
        "create",
        "--project-id",
        "acme/kit",
        "--name",
        "ci",
        "--scopes",
        "read_package_registry,write_package_registry",
    ];
    let token = command.json(&token);
    assert_eq!(
        token["scopes"],
        json!(["read_package_registry", "write_package_registry"])
    );
    let ran = command
        .gitlab(&["project", "get", "--id", "no/such"])
        .exits(1);
    assert!(ran.stderr.contains("404: 404 Project Not Found"), "{ran}");
    let lines = command.app.lines();
    assert!(lines.contains(&"POST /api/v4/projects/acme%2Fkit/deploy_tokens 201".to_owned()));
    assert!(lines.contains(&"GET /api/v4/projects/no%2Fsuch 404".to_owned()));
}
