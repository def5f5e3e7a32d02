//! Terraform, where it is installed: no package source has it. Where it is not, its requests are sent in its place.
//!
//! A `host` block gives the registry a name and plain http, which Terraform would not speak otherwise.

use std::path::{Path, PathBuf};

use crate::support::clients::{Ran, Sandbox, system_program};
use crate::support::terraform::{module, of_namespace, of_project, upload};
use crate::support::tls::{TestCa, tls_flags};
use crate::support::{Packhouse, ROOT_TOKEN, TestApp, Watched};

fn terraform() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join("terraform"))
        .find(|program| program.is_file())
}

/// A folder with a configuration that calls one module, and the settings that name the host `reg.test`.
fn sandbox(app: &Watched, token: Option<&str>, source: &str, version: Option<&str>) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let services = app.url("/api/v4/packages/terraform/modules/v1/");
    let mut settings = format!(
        "disable_checkpoint = true\nhost \"reg.test\" {{\n  services = {{ \"modules.v1\" = \"{services}\" }}\n}}\n"
    );
    if let Some(token) = token {
        settings.push_str(&format!(
            "credentials \"reg.test\" {{\n  token = \"{token}\"\n}}\n"
        ));
    }
    let settings = sandbox
        .write("settings.tfrc", settings)
        .display()
        .to_string();
    let version = version.map_or(String::new(), |version| {
        format!("  version = \"{version}\"\n")
    });
    sandbox.write(
        "root/main.tf",
        format!("module \"m\" {{\n  source = \"{source}\"\n{version}}}\noutput \"all\" {{\n  value = module.m\n}}\n"),
    );
    sandbox.set("TF_CLI_CONFIG_FILE", settings);
    sandbox.set("CHECKPOINT_DISABLE", "1");
    sandbox.set("TF_IN_AUTOMATION", "1");
    sandbox
}

fn run(sandbox: &Sandbox, program: &Path, args: &[&str]) -> Ran {
    sandbox.run(program, [&["-chdir=root"], args].concat())
}

/// What the module says of itself, once it is applied.
fn applied(sandbox: &Sandbox, program: &Path) -> serde_json::Value {
    run(sandbox, program, &["apply", "-auto-approve", "-no-color"]).succeeds();
    run(sandbox, program, &["output", "-json", "all"])
        .succeeds()
        .json()
}

/// `init` without Terraform: the requests that it sends, and what it insists on.
fn replay(app: &TestApp, token: Option<&str>, n: &str, version: &str) -> Vec<u8> {
    let caller = match token {
        Some(token) => app.with_header("Authorization", &format!("Bearer {token}")),
        None => app.anonymous(),
    };
    let versions = caller.get(&format!("{n}/versions")).expect(200).json();
    let versions = &versions["modules"][0]["versions"];
    assert!(
        versions
            .as_array()
            .unwrap()
            .iter()
            .any(|found| found["version"] == version)
    );
    let found = caller.get(&format!("{n}/{version}/download")).expect(204);
    let address = found.header("x-terraform-get");
    assert!(address.contains("archive=tgz"), "{address}");
    app.anonymous().head(address).expect(200);
    app.anonymous().get(address).expect(200).body
}

#[test]
fn terraform_installs_from_a_private_namespace() {
    let app = TestApp::watched();
    app.group("acme", "private");
    let project = app.project("acme/modules", "private");
    for version in ["1.0.9", "1.0.10", "2.0.0"] {
        upload(
            &app.root(),
            project,
            "my-module/aws",
            version,
            &module(version),
        )
        .expect(201);
    }
    let n = of_namespace("acme", "my-module/aws");
    let Some(program) = terraform() else {
        assert_eq!(
            replay(&app, Some(ROOT_TOKEN), &n, "1.0.10"),
            module("1.0.10")
        );
        return;
    };
    let home = sandbox(
        &app,
        Some(ROOT_TOKEN),
        "reg.test/acme/my-module/aws",
        Some("~> 1.0"),
    );
    run(&home, &program, &["init", "-no-color"]).succeeds();
    let seen = app.seen();
    let lines: Vec<String> = seen.iter().map(ToString::to_string).collect();
    assert_eq!(lines[0], format!("GET {n}/versions 200"));
    assert_eq!(lines[1], format!("GET {n}/1.0.10/download 204"));
    assert!(
        seen[0]
            .header("authorization")
            .is_some_and(|value| value.starts_with("Bearer "))
    );
    let files: Vec<_> = seen[2..].iter().collect();
    assert!(
        !files.is_empty()
            && files.iter().all(
                |seen| seen.target.starts_with(&format!("{n}/1.0.10/file?token="))
                    && seen.status == 200
            ),
        "{lines:?}"
    );
    assert!(
        files
            .iter()
            .all(|seen| seen.header("authorization").is_none()),
        "the address is enough"
    );
    assert_eq!(applied(&home, &program)["version"], "1.0.10");

    // Without credentials nothing is told.
    let stranger = sandbox(&app, None, "reg.test/acme/my-module/aws", None);
    let refused = run(&stranger, &program, &["init", "-no-color"]).exits(1);
    assert!(refused.stderr.contains("401"), "{refused}");
    let unknown = sandbox(&app, Some(ROOT_TOKEN), "reg.test/acme/none/aws", None);
    let missing = run(&unknown, &program, &["init", "-no-color"]).exits(1);
    assert!(missing.stderr.contains("Module not found"), "{missing}");
    let beyond = sandbox(
        &app,
        Some(ROOT_TOKEN),
        "reg.test/acme/my-module/aws",
        Some("> 3.0"),
    );
    run(&beyond, &program, &["init", "-no-color"]).exits(1);
}

#[test]
fn terraform_takes_the_latest_public_module_and_one_in_a_folder_of_it() {
    let app = TestApp::watched();
    for version in ["1.0.9", "1.0.10", "2.0.0-rc.1"] {
        upload(&app.root(), 1, "my-module/aws", version, &module(version)).expect(201);
    }
    let n = of_namespace("local", "my-module/aws");
    let Some(program) = terraform() else {
        assert_eq!(replay(&app, None, &n, "1.0.10"), module("1.0.10"));
        return;
    };
    let home = sandbox(&app, None, "reg.test/local/my-module/aws", None);
    run(&home, &program, &["init", "-no-color"]).succeeds();
    assert_eq!(applied(&home, &program)["version"], "1.0.10");
    app.seen();
    let part = sandbox(
        &app,
        None,
        "reg.test/local/my-module/aws//modules/part",
        Some("1.0.9"),
    );
    run(&part, &program, &["init", "-no-color"]).succeeds();
    assert_eq!(applied(&part, &program)["part"], 1);
    assert!(app.lines().contains(&format!("GET {n}/1.0.9/download 204")));
    // A new version is taken when it is asked for.
    upload(&app.root(), 1, "my-module/aws", "1.1.0", &module("1.1.0")).expect(201);
    run(&home, &program, &["init", "-no-color"]).succeeds();
    assert!(app.lines().is_empty(), "what is there is good enough");
    run(&home, &program, &["init", "-upgrade", "-no-color"]).succeeds();
    assert_eq!(applied(&home, &program)["version"], "1.1.0");
}

#[test]
fn terraform_fetches_from_a_project_by_its_netrc() {
    let app = TestApp::watched();
    let project = app.project("local/secret", "private");
    upload(
        &app.root(),
        project,
        "my-module/aws",
        "1.0.0",
        &module("1.0.0"),
    )
    .expect(201);
    let j = of_project(project, "my-module/aws");
    let Some(program) = terraform() else {
        let caller = app.with_basic("root", ROOT_TOKEN);
        let found = caller
            .get(&format!("{j}/1.0.0?terraform-get=1"))
            .expect(204);
        let address = found.header("x-terraform-get");
        let address = address.strip_prefix(&app.url("")).unwrap();
        assert_eq!(caller.get(address).expect(200).body, module("1.0.0"));
        return;
    };
    // Go's reader of netrc files takes the port for a part of the host.
    let host = app.url("").replace("http://", "");
    for path in [format!("{j}/1.0.0"), j.clone()] {
        let home = sandbox(&app, None, &app.url(&path), None);
        let refused = run(&home, &program, &["init", "-no-color"]).exits(1);
        assert!(refused.stderr.contains("401"), "{refused}");
        std::fs::write(
            home.home().join(".netrc"),
            format!("machine {host} login root password {ROOT_TOKEN}\n"),
        )
        .unwrap();
        app.seen();
        run(&home, &program, &["init", "-no-color"]).succeeds();
        let lines = app.lines();
        assert_eq!(lines[0], format!("GET {path}?terraform-get=1 204"));
        assert!(
            lines
                .iter()
                .any(|line| line.starts_with(&format!("GET {j}/1.0.0")) && line.ends_with(" 200")),
            "{lines:?}"
        );
        assert_eq!(applied(&home, &program)["version"], "1.0.0");
    }
}

/// Nothing but the host's name is configured: it is discovered over TLS, as Terraform insists without a `host` block.
#[test]
fn terraform_discovers_a_private_registry_over_tls() {
    let app = TestApp::start();
    app.group("acme", "private");
    let project = app.project("acme/modules", "private");
    let archive = module("1.0.0");
    upload(&app.root(), project, "my-module/aws", "1.0.0", &archive).expect(201);
    let data = app.stop();
    let ca = TestCa::new();
    let (cert, key) = ca.issue("server");
    let process = Packhouse::on(data.path())
        .args(tls_flags(&cert, &key))
        .env("PACKHOUSE_ROOT_TOKEN", ROOT_TOKEN)
        .serve();
    let host = process.address.to_string(); // a name would need a dot
    let mut sandbox = Sandbox::new();
    let pem = ca.pem().display().to_string();
    let discovery = format!("https://{host}/.well-known/terraform.json");
    let found = sandbox
        .run(
            &system_program("curl"),
            ["-fsS", "--cacert", &pem, &discovery],
        )
        .succeeds()
        .json();
    assert_eq!(
        found["modules.v1"],
        "/api/v4/packages/terraform/modules/v1/"
    );
    let Some(program) = terraform() else {
        return; // the other tests send its requests
    };
    let settings = format!(
        "disable_checkpoint = true\ncredentials \"{host}\" {{\n  token = \"{ROOT_TOKEN}\"\n}}\n"
    );
    let settings = sandbox
        .write("settings.tfrc", settings)
        .display()
        .to_string();
    sandbox.write(
        "root/main.tf",
        format!("module \"m\" {{\n  source = \"{host}/acme/my-module/aws\"\n  version = \"1.0.0\"\n}}\noutput \"all\" {{\n  value = module.m\n}}\n"),
    );
    sandbox.set("TF_CLI_CONFIG_FILE", settings);
    sandbox.set("CHECKPOINT_DISABLE", "1");
    sandbox.set("SSL_CERT_FILE", pem);
    run(&sandbox, &program, &["init", "-no-color"]).succeeds();
    assert_eq!(applied(&sandbox, &program)["version"], "1.0.0");
    let log = process.stderr();
    assert!(log.contains("/.well-known/terraform.json"), "{log}");
}
