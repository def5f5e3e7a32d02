//! Helm's own SDK, through its Python binding; `helm cm-push`, a Go plugin that no package source has, by its requests.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::clients::{Ran, Sandbox, python_program, system_program};
use crate::support::helm::{chart, charts, helm, index, upload};
use crate::support::python::Form;
use crate::support::seeds::sha256;
use crate::support::{ROOT_TOKEN, TestApp, Watched};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/clients/helm.py");

fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let python = python_program("helm", "python");
    sandbox.run(&python, [&[SCRIPT], args].concat())
}

fn repository(app: &Watched, project: &str, channel: &str) -> String {
    app.url(&format!(
        "/api/v4/projects/{project}/packages/helm/{channel}"
    ))
}

/// A chart in a folder, as `helm create` would leave it, only smaller.
fn write_chart(sandbox: &Sandbox, folder: &str, name: &str, version: &str, more: &str) -> String {
    let yaml =
        format!("apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: \"1.10\"\n{more}");
    sandbox.write(&format!("{folder}/Chart.yaml"), yaml);
    sandbox.write(&format!("{folder}/values.yaml"), "greeting: hello\n");
    sandbox.write(
        &format!("{folder}/templates/map.yaml"),
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
    );
    sandbox.work().join(folder).display().to_string()
}

/// Packaged by Helm itself; the archive's path.
fn package(sandbox: &Sandbox, folder: &str) -> String {
    let into = sandbox.work().display().to_string();
    run(sandbox, &["package", folder, &into]).succeeds().json()["path"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn file_name(path: &str) -> &str {
    Path::new(path).file_name().unwrap().to_str().unwrap()
}

#[test]
fn helm_adds_a_repository_finds_charts_and_pulls_them() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let url = repository(&app, "1", "stable");
    // Before the first upload there is a repository already.
    let empty = run(&sandbox, &["index", &url, "", ""]).succeeds().json();
    assert_eq!(empty["apiVersion"], "v1");
    let folder = write_chart(
        &sandbox,
        "src/web",
        "web",
        "0.1.0",
        "description: a demonstration\n",
    );
    let archive = package(&sandbox, &folder);
    assert_eq!(file_name(&archive), "web-0.1.0.tgz");
    let bytes = std::fs::read(&archive).unwrap();
    upload(&app.root(), 1, "stable", &bytes).expect(201);
    let strange =
        "unknown: key\nmaintainer: wrong\ndescription: \"\\u0085 \\u2028 \\uFEFF \\x7f é\"\n";
    upload(
        &app.root(),
        1,
        "stable",
        &chart("web", "0.2.0-rc.1", strange),
    )
    .expect(201);
    app.seen();

    let listed = run(&sandbox, &["index", &url, "", ""]).succeeds().json();
    let entry = &listed["entries"]["web"];
    let entries = entry.as_array().unwrap();
    assert_eq!(
        entries.len(),
        2,
        "one chart with unknown keys spoils nothing: {listed}"
    );
    let stable = entries
        .iter()
        .find(|entry| entry["version"] == "0.1.0")
        .unwrap();
    assert_eq!(
        (&stable["appVersion"], &stable["digest"]),
        (&json!("1.10"), &json!(sha256(&bytes)))
    );
    assert_eq!(app.lines(), [format!("GET {} 200", index(1, "stable"))]);

    // Older ones read it as the YAML that it is as well.
    let text = app.root().get(&index(1, "stable")).expect(200).text();
    let read = run(&sandbox, &["yaml", &text]).succeeds().json();
    assert_eq!(read["entries"]["web"][1]["digest"], json!(sha256(&bytes)));

    // Without a version Helm takes the newest that is no prerelease.
    let into = sandbox.work().join("pulled").display().to_string();
    std::fs::create_dir(&into).unwrap();
    let pulled = run(&sandbox, &["pull", "web", &url, "", &into, "", ""])
        .succeeds()
        .json();
    assert_eq!(pulled["files"], json!(["web-0.1.0.tgz"]));
    assert_eq!(sandbox.read("pulled/web-0.1.0.tgz"), bytes);
    let seen = app.seen();
    let lines: Vec<String> = seen.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            format!("GET {} 200", index(1, "stable")),
            format!("GET {}/stable/charts/web-0.1.0.tgz 200", helm(1)),
        ]
    );
    assert!(
        seen[0].header("user-agent").unwrap().starts_with("Helm/"),
        "{seen:?}"
    );
    let shown = run(&sandbox, &["show", "web", &url]).succeeds().json();
    assert!(
        shown["text"].as_str().unwrap().contains("a demonstration"),
        "{shown}"
    );
    let missing = run(&sandbox, &["pull", "nothing", &url, "", &into, "", ""])
        .exits(1)
        .json();
    assert!(
        missing["error"].as_str().unwrap().contains("not found"),
        "{missing}"
    );
}

#[test]
fn helm_reads_a_private_project_with_its_credentials_alone() {
    let app = TestApp::watched();
    let project = app.project("local/secret", "private");
    let bytes = chart("vault", "1.0.0+build.1", "");
    upload(&app.root(), project, "stable", &bytes).expect(201);
    let sandbox = Sandbox::new();
    let into = sandbox.work().display().to_string();
    for id in [project.to_string(), "local%2Fsecret".to_owned()] {
        let url = repository(&app, &id, "stable");
        let refused = run(&sandbox, &["index", &url, "", ""]).exits(1).json();
        assert!(
            refused["error"].as_str().unwrap().contains("401"),
            "{refused}"
        );
        app.seen();
        run(&sandbox, &["index", &url, "root", ROOT_TOKEN]).succeeds();
        run(
            &sandbox,
            &[
                "pull",
                "vault",
                &url,
                "1.0.0+build.1",
                &into,
                "root",
                ROOT_TOKEN,
            ],
        )
        .succeeds();
        assert_eq!(sandbox.read("vault-1.0.0+build.1.tgz"), bytes);
        std::fs::remove_file(sandbox.work().join("vault-1.0.0+build.1.tgz")).unwrap();
        let seen = app.seen();
        assert_eq!(seen.len(), 3, "{seen:?}");
        assert!(seen.iter().all(|seen| seen.status == 200), "{seen:?}");
        assert!(seen.iter().all(|seen| {
            seen.header("authorization")
                .is_some_and(|value| value.starts_with("Basic "))
        }));
    }
}

#[test]
fn helm_resolves_the_dependencies_of_a_chart() {
    let app = TestApp::watched();
    let root = app.root();
    for version in ["1.0.9", "1.0.10", "2.0.0"] {
        upload(&root, 1, "stable", &chart("db", version, "")).expect(201);
    }
    let group_id = app.namespace_id("local");
    let sandbox = Sandbox::new();
    let group = app.url(&format!("/api/v4/groups/{group_id}/-/packages/helm/stable"));
    for (folder, url) in [
        ("project", repository(&app, "1", "stable")),
        ("group", group),
    ] {
        let more =
            format!("dependencies:\n  - name: db\n    version: ^1.0.0\n    repository: {url}\n");
        let folder = write_chart(&sandbox, folder, "app", "0.1.0", &more);
        app.seen();
        let updated = run(&sandbox, &["update", &folder]).succeeds().json();
        assert_eq!(updated["files"], json!(["db-1.0.10.tgz"]));
        assert!(
            updated["lock"]
                .as_str()
                .unwrap()
                .contains("version: 1.0.10"),
            "{updated}"
        );
        let lines = app.lines();
        let chart = format!("GET {}/stable/charts/db-1.0.10.tgz 200", helm(1));
        assert!(lines.contains(&chart), "{lines:?}");
        std::fs::remove_dir_all(sandbox.work().join(&folder).join("charts")).unwrap();
        let built = run(&sandbox, &["build", &folder]).succeeds().json();
        assert_eq!(built["files"], json!(["db-1.0.10.tgz"]));
    }
}

#[test]
fn helm_signs_a_chart_and_verifies_what_it_is_given() {
    let app = TestApp::watched();
    let sandbox = Sandbox::new();
    let gpg = |args: &[&str]| sandbox.run(&system_program("gpg"), args).succeeds();
    let path = |name: &str| sandbox.work().join(name).display().to_string();
    let key = "Tester <tester@example.com>";
    gpg(&[
        "--batch",
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "",
        "--quick-generate-key",
        key,
        "rsa2048",
        "sign",
        "never",
    ]);
    gpg(&[
        "--batch",
        "--output",
        &path("secret.gpg"),
        "--export-secret-keys",
    ]);
    gpg(&["--batch", "--output", &path("public.gpg"), "--export"]);
    let folder = write_chart(&sandbox, "src/web", "web", "0.1.0", "");
    let archive = package(&sandbox, &folder);
    let signed = run(&sandbox, &["sign", &archive, "Tester", &path("secret.gpg")])
        .succeeds()
        .json();
    let signature = std::fs::read(signed["path"].as_str().unwrap()).unwrap();
    let bytes = std::fs::read(&archive).unwrap();
    Form::default()
        .part("chart", "web-0.1.0.tgz", &bytes)
        .part("prov", "web-0.1.0.tgz.prov", &signature)
        .send(&app.root(), &charts(1, "stable"))
        .expect(201);

    let url = repository(&app, "1", "stable");
    let more = format!("dependencies:\n  - name: web\n    version: 0.1.0\n    repository: {url}\n");
    let user = write_chart(&sandbox, "app", "app", "0.1.0", &more);
    app.seen();
    let updated = run(&sandbox, &["verified-update", &user, &path("public.gpg")])
        .succeeds()
        .json();
    let files = updated["files"].as_array().unwrap();
    assert!(files.contains(&json!("web-0.1.0.tgz")), "{updated}");
    let lines = app.lines();
    assert!(
        lines.contains(&format!(
            "GET {}/stable/charts/web-0.1.0.tgz.prov 200",
            helm(1)
        )),
        "{lines:?}"
    );
    let file = |name: &str| {
        app.root()
            .get(&format!("{}/stable/charts/{name}", helm(1)))
            .expect(200)
            .body
    };
    sandbox.write("got/web-0.1.0.tgz", file("web-0.1.0.tgz"));
    sandbox.write("got/web-0.1.0.tgz.prov", file("web-0.1.0.tgz.prov"));
    let verified = run(
        &sandbox,
        &["verify", &path("got/web-0.1.0.tgz"), &path("public.gpg")],
    )
    .succeeds()
    .json();
    assert!(
        verified["signed_by"][0]
            .as_str()
            .unwrap()
            .contains("tester@example.com"),
        "{verified}"
    );

    // A chart without a signature is not taken where one is wanted.
    upload(&app.root(), 1, "stable", &chart("bare", "1.0.0", "")).expect(201);
    let more =
        format!("dependencies:\n  - name: bare\n    version: 1.0.0\n    repository: {url}\n");
    let user = write_chart(&sandbox, "app2", "app2", "0.1.0", &more);
    run(&sandbox, &["verified-update", &user, &path("public.gpg")]).exits(1);
    assert!(app.lines().contains(&format!(
        "GET {}/stable/charts/bare-1.0.0.tgz.prov 404",
        helm(1)
    )));
}

/// The plugin reads the index for the upload's path, sends the chart as a form, and prints the key `error` of a refusal.
#[test]
fn cm_push_finds_where_to_upload() {
    let app = TestApp::start();
    let pushes = |repository: &str, force: bool| {
        let caller = app
            .with_basic("root", ROOT_TOKEN)
            .with("User-Agent", "Go-http-client/1.1");
        let index: Value = caller
            .get(&format!("{repository}/index.yaml"))
            .expect(200)
            .json();
        let context = index["serverInfo"]["contextPath"].as_str().unwrap();
        let decoded = repository.replace("%2F", "/");
        let channel = decoded
            .strip_prefix(context)
            .unwrap_or_else(|| panic!("{context} does not begin {decoded}"));
        let force = if force { "?force" } else { "" };
        Form::default()
            .part("chart", "web-1.0.0.tgz", &chart("web", "1.0.0", ""))
            .send(&caller, &format!("{context}/api{channel}/charts{force}"))
    };
    for repository in [
        format!("{}/stable", helm(1)),
        "/api/v4/projects/local%2Fpackages/packages/helm/devel".to_owned(),
    ] {
        assert!(matches!(pushes(&repository, false).status, 201 | 202));
        assert!(matches!(pushes(&repository, true).status, 201 | 202));
    }
    let token = app.with_header("Authorization", &format!("Bearer {ROOT_TOKEN}"));
    let refused = upload(&token, 1, "stable", b"no chart").expect(400).json();
    assert!(refused["error"].is_string(), "{refused}");
}
