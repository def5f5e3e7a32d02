//! Every client that uploads, and pip that installs what came.

use super::{installed, lay, pip_install, run, with_credentials};
use crate::support::clients::{Sandbox, python_program};
use crate::support::python::{pypi, sdist, wheel};
use crate::support::seeds::{PRIV, PUB, Seeds, sha256};

const PYPROJECT: &str = r#"
[build-system]
requires = ["flit_core >=3.2,<5"]
build-backend = "flit_core.buildapi"

[project]
name = "acme-demo"
version = "1.0"
description = "A test"
requires-python = ">=3.8"
authors = [{ name = "A", email = "a@example.com" }]
"#;

/// The wheel is there under its name, with its digest, and pip installs it.
fn came(seeds: &Seeds, sandbox: &Sandbox, project: i64) {
    let index = with_credentials(
        seeds,
        "guest",
        &seeds.token("guest"),
        &format!("{}/simple", pypi(project)),
    );
    pip_install(sandbox, &index, "lib", &["acme-demo==1.0"]).succeeds();
    assert_eq!(installed(sandbox, "lib", "acme_demo"), "1.0");
}

#[test]
fn twine_uploads_a_wheel_and_an_sdist_and_is_told_of_a_duplicate() {
    let seeds = Seeds::start();
    let mut sandbox = Sandbox::new();
    sandbox
        .set("TWINE_USERNAME", "__token__")
        .set("TWINE_PASSWORD", seeds.token("developer"))
        .set("TWINE_REPOSITORY_URL", seeds.url(&pypi(PRIV)));
    let (wheel, sdist) = (wheel("acme-demo", "1.0", ""), sdist("acme-demo", "1.0", ""));
    lay(&sandbox, &[&wheel, &sdist]);
    let files = [
        "dist/acme_demo-1.0-py3-none-any.whl",
        "dist/acme_demo-1.0.tar.gz",
    ];
    run(
        &sandbox,
        "twine",
        "upload --non-interactive --disable-progress-bar",
        &files,
    )
    .succeeds();
    came(&seeds, &sandbox, PRIV);
    let again = run(
        &sandbox,
        "twine",
        "upload --verbose --non-interactive --disable-progress-bar",
        &files[..1],
    );
    let again = again.exits(1);
    assert!(again.stdout.contains("File name has already"), "{again}"); // it breaks the line there
}

#[test]
fn twine_uploads_with_deploy_and_job_tokens_and_not_without() {
    let seeds = Seeds::start();
    let deploy = seeds.deploy_token(Some(PRIV), None, &["write_package_registry"]);
    let job = seeds.job_token("developer", PRIV);
    for (version, user, password, code) in [
        ("1.0", "deployer", deploy, 0),
        ("2.0", "gitlab-ci-token", job, 0),
        ("3.0", "guest", seeds.token("guest"), 1),
        ("3.0", "developer", "wrong".to_owned(), 1),
    ] {
        let mut sandbox = Sandbox::new();
        sandbox
            .set("TWINE_USERNAME", user)
            .set("TWINE_PASSWORD", password)
            .set("TWINE_REPOSITORY_URL", seeds.url(&pypi(PRIV)));
        let wheel = wheel("acme-demo", version, "");
        lay(&sandbox, &[&wheel]);
        let file = format!("dist/{}", wheel.file_name);
        run(
            &sandbox,
            "twine",
            "upload --non-interactive --disable-progress-bar",
            &[&file],
        )
        .exits(code);
    }
    came(&seeds, &Sandbox::new(), PRIV);
}

#[test]
fn uv_publishes_and_skips_what_is_there() {
    let seeds = Seeds::start();
    let sandbox = Sandbox::new();
    lay(
        &sandbox,
        &[
            &wheel("acme-demo", "1.0", ""),
            &sdist("acme-demo", "1.0", ""),
        ],
    );
    let token = seeds.token("developer");
    let url = seeds.url(&pypi(PRIV));
    let publish = [
        "--trusted-publishing",
        "never",
        "--publish-url",
        &url,
        "-u",
        "developer",
        "-p",
        &token,
    ];
    run(&sandbox, "uv", "publish", &publish).succeeds();
    came(&seeds, &sandbox, PRIV);
    let check = with_credentials(
        &seeds,
        "developer",
        &token,
        &format!("{}/simple/", pypi(PRIV)),
    );
    let skipped = run(
        &sandbox,
        "uv",
        "publish",
        &[&publish[..], &["--check-url", &check]].concat(),
    )
    .succeeds();
    assert!(
        skipped.stderr.contains("already exists, skipping"),
        "{skipped}"
    );
}

#[test]
fn hatch_publishes() {
    let seeds = Seeds::start();
    let sandbox = Sandbox::new();
    lay(&sandbox, &[&wheel("acme-demo", "1.0", "")]);
    let (url, token) = (seeds.url(&pypi(PRIV)), seeds.token("developer"));
    let more = [
        "-r",
        &url,
        "-u",
        "developer",
        "-a",
        &token,
        "dist/acme_demo-1.0-py3-none-any.whl",
    ];
    run(&sandbox, "hatch", "publish -n", &more).succeeds();
    came(&seeds, &sandbox, PRIV);
}

#[test]
fn flit_builds_and_publishes() {
    let seeds = Seeds::start();
    let mut sandbox = Sandbox::new();
    sandbox
        .set("FLIT_NO_NETWORK", "1") // or it fetches the list of classifiers
        .set("FLIT_INDEX_URL", seeds.url(&pypi(PRIV)))
        .set("FLIT_USERNAME", "developer")
        .set("FLIT_PASSWORD", seeds.token("developer"));
    sandbox.write("pyproject.toml", PYPROJECT);
    sandbox.write("acme_demo.py", "VERSION = '1.0'\n");
    run(&sandbox, "flit", "publish --no-use-vcs", &[]).succeeds();
    came(&seeds, &sandbox, PRIV);
    let page = seeds
        .user("guest")
        .with("Accept", "application/vnd.pypi.simple.v1+json");
    let page = page
        .get(&format!("{}/simple/acme-demo/", pypi(PRIV)))
        .expect(200)
        .json();
    assert_eq!(page["files"].as_array().unwrap().len(), 2, "{page}");
    assert_eq!(page["files"][0]["requires-python"], ">=3.8");
}

#[test]
fn pdm_publishes() {
    let seeds = Seeds::start();
    let sandbox = Sandbox::new();
    sandbox.write("pyproject.toml", PYPROJECT);
    lay(&sandbox, &[&wheel("acme-demo", "1.0", "")]);
    let (url, token) = (seeds.url(&pypi(PRIV)), seeds.token("developer"));
    let args = [
        "publish",
        "--no-build",
        "-r",
        &url,
        "-u",
        "developer",
        "-P",
        &token,
    ];
    sandbox.run(&python_program("pdm", "pdm"), args).succeeds();
    came(&seeds, &sandbox, PRIV);
}

#[test]
fn poetry_publishes_skips_what_is_there_and_installs_by_its_lock() {
    let seeds = Seeds::start();
    let mut sandbox = Sandbox::new();
    sandbox
        .set("POETRY_REPOSITORIES_GITLAB_URL", seeds.url(&pypi(PRIV)))
        .set("POETRY_HTTP_BASIC_GITLAB_USERNAME", "developer")
        .set(
            "POETRY_HTTP_BASIC_GITLAB_PASSWORD",
            seeds.token("developer"),
        )
        .set("POETRY_VIRTUALENVS_IN_PROJECT", "true")
        .set("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring");
    let poetry = python_program("poetry", "poetry");
    sandbox.write("pyproject.toml", PYPROJECT);
    let dist = wheel("acme-demo", "1.0", "");
    lay(&sandbox, &[&dist]);
    let publish = ["publish", "-n", "-r", "gitlab"];
    sandbox.run(&poetry, publish).succeeds();
    let skipped = sandbox
        .run(&poetry, [&publish[..], &["--skip-existing"]].concat())
        .succeeds();
    assert!(
        skipped.stderr.contains("File exists. Skipping"),
        "{skipped}"
    );
    came(&seeds, &sandbox, PRIV);
    let source = format!(
        "[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = \">=3.11\"\nacme-demo = \"*\"\n\
         [[tool.poetry.source]]\nname = \"gitlab\"\nurl = \"{}\"\n",
        seeds.url(&format!("{}/simple", pypi(PRIV)))
    );
    sandbox.write("pyproject.toml", source);
    sandbox.run(&poetry, ["lock", "-n"]).succeeds();
    let lock = String::from_utf8(sandbox.read("poetry.lock")).unwrap();
    assert!(
        lock.contains(&format!("sha256:{}", sha256(&dist.bytes))),
        "{lock}"
    );
    sandbox.run(&poetry, ["install", "-n"]).succeeds();
    let found = std::fs::read_dir(sandbox.work().join(".venv/lib"))
        .unwrap()
        .any(|folder| {
            folder
                .unwrap()
                .path()
                .join("site-packages/acme_demo.py")
                .is_file()
        });
    assert!(found, "poetry installed the wheel");
}

#[test]
fn a_public_project_needs_no_credentials() {
    let seeds = Seeds::start();
    wheel("acme-demo", "1.0", "")
        .upload(&seeds.user("developer"), PUB)
        .expect(201);
    let sandbox = Sandbox::new();
    let index = seeds.url(&format!("{}/simple/", pypi(PUB)));
    pip_install(&sandbox, &index, "lib", &["Acme.Demo"]).succeeds();
    assert_eq!(installed(&sandbox, "lib", "acme_demo"), "1.0");
}
