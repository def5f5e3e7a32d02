//! semantic-release with @semantic-release/gitlab: a release whose assets are generic packages.
//!
//! Repository and releases belong to GitLab, not to a package registry. So git is told that the project's URL means a
//! bare repository on the disk, and the two routes that the plugin calls besides (releases, merge requests of a
//! commit) are answered by the proxy between it and the server. Sign-in and uploads reach the server itself.

use std::fs;

use serde_json::{Value, json};

use crate::support::clients::{Ran, Sandbox, npm_program, system_program};
use crate::support::{ROOT_TOKEN, StandIn, TestApp, Watched, each};

const PROJECT: &str = "/api/v4/projects/local%2Fpackages";

/// A home with a repository whose one commit calls for a release.
fn sandbox(app: &Watched, assets: Value) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox
        .set("GIT_CONFIG_NOSYSTEM", "1")
        .set("GITLAB_URL", app.url(""))
        .set("GITLAB_TOKEN", ROOT_TOKEN);
    let url = app.url("/local/packages.git");
    let remote = sandbox.home().join("remote.git").display().to_string();
    let config = format!(
        "[user]\nname = Ada\nemail = ada@example.com\n[url \"file://{remote}\"]\ninsteadOf = {url}\n"
    );
    fs::write(sandbox.home().join(".gitconfig"), config).unwrap();
    let release = json!({
        "branches": ["main"],
        "repositoryUrl": url,
        "plugins": [
            "@semantic-release/commit-analyzer",
            "@semantic-release/release-notes-generator",
            ["@semantic-release/gitlab", { "assets": assets }],
        ],
    });
    sandbox.write(".releaserc.json", release.to_string());
    git(
        &sandbox,
        &[
            "init",
            "--quiet",
            "--bare",
            "--initial-branch=main",
            &remote,
        ],
    );
    git(&sandbox, &["init", "--quiet", "--initial-branch=main"]);
    git(&sandbox, &["add", ".releaserc.json"]);
    git(&sandbox, &["commit", "--quiet", "-m", "feat: a tool"]);
    git(&sandbox, &["push", "--quiet", &url, "main"]);
    sandbox
}

fn git(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&system_program("git"), args).succeeds()
}

fn release(sandbox: &Sandbox) -> Ran {
    let program = npm_program("semantic-release", "semantic-release");
    sandbox.run(&program, ["--no-ci"])
}

fn stand_in_for_releases(app: &Watched) {
    app.stand_in(StandIn {
        method: "POST",
        target: format!("{PROJECT}/releases"),
        status: 201,
        json: "{}",
    });
    app.stand_in(StandIn {
        method: "GET",
        target: format!("{PROJECT}/repository/commits/"),
        status: 200,
        json: "[]",
    });
}

#[test]
fn a_release_publishes_its_assets() {
    let app = TestApp::watched();
    stand_in_for_releases(&app);
    let assets = json!([
        { "path": "tool.tar.gz", "label": "tool-${nextRelease.version}.tar.gz",
          "target": "generic_package", "packageName": "tool" },
        { "path": "notes.txt", "target": "generic_package", "status": "hidden" },
    ]);
    let sandbox = sandbox(&app, assets);
    sandbox.write("tool.tar.gz", "built");
    sandbox.write("notes.txt", "notes");
    let ran = release(&sandbox).succeeds();

    let commit = git(&sandbox, &["rev-parse", "HEAD"]).stdout;
    let mut lines = app.lines();
    lines[1..3].sort(); // the assets go up at the same time
    let expected = [
        format!("GET {PROJECT} 200"),
        format!(
            "PUT {PROJECT}/packages/generic/release/1.0.0/notes.txt?status=hidden&select=package_file 200"
        ),
        format!(
            "PUT {PROJECT}/packages/generic/tool/1.0.0/tool-1.0.0.tar.gz?select=package_file 200"
        ),
        format!("POST {PROJECT}/releases 201"),
        format!(
            "GET {PROJECT}/repository/commits/{}/merge_requests 200",
            commit.trim()
        ),
    ];
    assert_eq!(lines, expected);

    // `file.url` of the answer is what it tells the user.
    let link = "/api/v4/projects/1/packages/generic/tool/1.0.0/tool-1.0.0.tar.gz";
    assert!(ran.stdout.contains(&format!("({link})")), "{ran}");
    assert_eq!(app.anonymous().get(link).expect(200).body, b"built");
    let packages = app
        .anonymous()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json();
    assert_eq!(each(&packages, "name"), ["tool"]);
    let hidden = "/api/v4/projects/1/packages?status=hidden";
    assert_eq!(each(&app.root().get(hidden).json(), "name"), ["release"]);
    assert_eq!(git(&sandbox, &["tag"]).stdout, "v1.0.0\n");
}

#[test]
fn a_refused_asset_ends_the_release_with_the_reason() {
    let app = TestApp::watched();
    stand_in_for_releases(&app);
    let rule = json!({
        "package_name_pattern": "tool", "package_type": "generic",
        "minimum_access_level_for_push": "admin",
    });
    let rules = "/api/v4/projects/1/packages/protection/rules";
    app.root().post(rules, rule).expect(201);
    let maintainer = app.user("ada");
    app.join("projects/1", &maintainer, 40);
    let token = app.token_of(app.user_id("ada"), &["api"]);
    let assets =
        json!([{ "path": "tool.tar.gz", "target": "generic_package", "packageName": "tool" }]);
    let mut sandbox = sandbox(&app, assets);
    sandbox.set("GITLAB_TOKEN", token);
    sandbox.write("tool.tar.gz", "built");
    let ran = release(&sandbox).exits(1);
    assert!(
        ran.stderr.contains("403 Forbidden - Package protected."),
        "{ran}"
    );
    let upload =
        format!("PUT {PROJECT}/packages/generic/tool/1.0.0/tool.tar.gz?select=package_file 403");
    assert!(app.lines().contains(&upload));
}

/// Earlier releases of the plugin, and others that follow them, percent-encode even the dots (here by curl).
#[test]
fn an_upload_with_encoded_dots_is_the_same_file() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    sandbox.write("app.tar.gz", "built");
    let target =
        format!("{PROJECT}/packages/generic/release/6%2E6%2E15/app%2Etar%2Egz?select=package_file");
    let token = format!("PRIVATE-TOKEN: {ROOT_TOKEN}");
    let args = [
        "-sS",
        "--fail",
        "-H",
        &token,
        "-T",
        "app.tar.gz",
        &app.url(&target),
    ];
    let ran = sandbox.run(&system_program("curl"), args).succeeds();
    assert_eq!(app.lines(), [format!("PUT {target} 200")]);
    let url = "/api/v4/projects/1/packages/generic/release/6.6.15/app.tar.gz";
    assert_eq!(ran.json()["file"]["url"], url);
    assert_eq!(app.anonymous().get(url).expect(200).body, b"built");
}
