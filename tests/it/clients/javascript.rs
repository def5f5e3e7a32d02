//! yarn 1, yarn 4, pnpm, bun and deno: each publishes as far as it can, installs, and installs again from its lock file
//! with nothing in its caches.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::clients::{Ran, Sandbox, npm_program};
use crate::support::{Place, ROOT_TOKEN, TestApp, Watched};

const PROJECT: &str = "/api/v4/projects/1/packages/npm";
const GROUP: &str = "/api/v4/groups/local/-/packages/npm";

fn program(client: &str) -> PathBuf {
    match client {
        "yarn-classic" | "yarn-berry" => npm_program(client, "yarn"),
        other => npm_program("javascript", other),
    }
}

/// A home that knows the prefix in the words of every client.
fn sandbox(app: &Watched, prefix: &str, token: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let url = app.url(prefix);
    let host = url.strip_prefix("http:").unwrap().to_owned();
    sandbox
        .set("npm_config_registry", format!("{url}/"))
        .set("YARN_REGISTRY", &url)
        .set("YARN_NPM_REGISTRY_SERVER", &url)
        .set("YARN_NPM_PUBLISH_REGISTRY", &url)
        .set("YARN_NPM_AUTH_TOKEN", token)
        .set("YARN_NPM_ALWAYS_AUTH", "true")
        .set("YARN_UNSAFE_HTTP_WHITELIST", "127.0.0.1")
        .set("YARN_NPM_MINIMAL_AGE_GATE", "0")
        .set("YARN_ENABLE_TELEMETRY", "0")
        .set("YARN_ENABLE_GLOBAL_CACHE", "false")
        .set("YARN_ENABLE_IMMUTABLE_INSTALLS", "false")
        .set("YARN_NODE_LINKER", "node-modules")
        .set("NPM_CONFIG_REGISTRY", format!("{url}/"))
        .set("pnpm_config_minimum_release_age", "0")
        .set("DENO_NO_UPDATE_CHECK", "1");
    let npmrc = format!(
        "registry={url}/\n@acme:registry={url}/\n{host}/:_authToken={token}\nalways-auth=true\nupdate-notifier=false\nminimum-release-age=0\n"
    );
    std::fs::write(sandbox.home().join(".npmrc"), &npmrc).unwrap();
    sandbox.write(".npmrc", npmrc);
    sandbox
}

fn run(sandbox: &Sandbox, client: &str, args: &[&str]) -> Ran {
    sandbox.run(&program(client), args)
}

fn manifest(sandbox: &Sandbox, manifest: Value) {
    sandbox.write("package.json", manifest.to_string());
    sandbox.write("yarn.lock", "");
}

fn publish(sandbox: &Sandbox, client: &str, name: &str, version: &str) -> Ran {
    manifest(
        sandbox,
        json!({ "name": name, "version": version, "license": "MIT", "main": "index.js" }),
    );
    sandbox.write("index.js", "module.exports = 1;\n");
    match client {
        "yarn-classic" => run(
            sandbox,
            client,
            &["publish", "--new-version", version, "--non-interactive"],
        ),
        "yarn-berry" => {
            run(sandbox, client, &["install"]).succeeds();
            run(sandbox, client, &["npm", "publish"])
        }
        "pnpm" => run(sandbox, client, &["publish", "--no-git-checks"]),
        "bun" => run(sandbox, client, &["publish"]),
        other => panic!("{other} does not publish to npm registries"),
    }
}

fn lock_file(client: &str) -> &'static str {
    match client {
        "yarn-classic" | "yarn-berry" => "yarn.lock",
        "pnpm" => "pnpm-lock.yaml",
        "bun" => "bun.lock",
        _ => "deno.lock",
    }
}

/// Installs what the manifest names, and then again elsewhere from the lock file.
fn install_twice(app: &Watched, client: &str, prefix: &str, token: &str, name: &str) {
    let first = sandbox(app, prefix, token);
    manifest(
        &first,
        json!({ "name": "user", "version": "1.0.0", "private": true, "dependencies": { name: "1.0.0" } }),
    );
    let deno: &[&str] = &[
        "install",
        "--node-modules-dir=auto",
        "--minimum-dependency-age=0",
    ];
    let args = if client == "deno" { deno } else { &["install"] };
    run(&first, client, args).succeeds();
    let installed = |sandbox: &Sandbox| {
        sandbox
            .work()
            .join("node_modules")
            .join(name)
            .join("package.json")
            .exists()
    };
    assert!(installed(&first), "{client}");
    let lock = first.read(lock_file(client));
    let text = String::from_utf8_lossy(&lock).into_owned();
    assert!(
        text.contains("sha512-") || client == "yarn-berry",
        "{client}: {text}"
    );

    app.lines();
    let second = sandbox(app, prefix, token);
    manifest(
        &second,
        serde_json::from_slice(&first.read("package.json")).unwrap(),
    );
    second.write(lock_file(client), lock);
    let frozen: &[&str] = match client {
        "yarn-berry" => &["install", "--immutable"],
        "deno" => &[
            "install",
            "--frozen",
            "--node-modules-dir=auto",
            "--minimum-dependency-age=0",
        ],
        _ => &["install", "--frozen-lockfile"],
    };
    run(&second, client, frozen).succeeds();
    assert!(installed(&second), "{client}");
    let lines = app.lines();
    let tarball = format!("/{name}-1.0.0.tgz 200");
    assert!(
        lines.iter().any(|line| line.ends_with(&tarball)),
        "{client}: {lines:?}"
    );
}

/// A client that publishes: its own package, then a second time, then installed at project and group level.
fn whole_path(client: &str) {
    let app = TestApp::watched();
    for name in ["@acme/demo", "plain"] {
        let home = sandbox(&app, PROJECT, ROOT_TOKEN);
        publish(&home, client, name, "1.0.0").succeeds();
        let again = publish(&home, client, name, "1.0.0");
        assert!(!again.status.success(), "{again}");
        let said = format!("{}{}", again.stdout, again.stderr);
        assert!(
            said.contains("Package already exists.") || said.contains("previously published"),
            "{again}"
        );
        install_twice(&app, client, PROJECT, ROOT_TOKEN, name);
        install_twice(&app, client, GROUP, ROOT_TOKEN, name);
    }
}

#[test]
fn yarn_1_publishes_and_installs() {
    whole_path("yarn-classic");
}

#[test]
fn yarn_4_publishes_and_installs() {
    whole_path("yarn-berry");
}

#[test]
fn pnpm_publishes_and_installs() {
    whole_path("pnpm");
}

#[test]
fn bun_publishes_and_installs() {
    whole_path("bun");
}

#[test]
fn deno_installs_what_others_publish() {
    let app = TestApp::watched();
    let home = sandbox(&app, PROJECT, ROOT_TOKEN);
    publish(&home, "bun", "@acme/demo", "1.0.0").succeeds();
    install_twice(&app, "deno", PROJECT, ROOT_TOKEN, "@acme/demo");
}

#[test]
fn a_group_token_alone_is_enough_for_pnpm_and_yarn_1() {
    let app = TestApp::watched();
    app.group("acme", "private");
    let id = app.project("acme/tools", "private");
    let home = sandbox(
        &app,
        &format!("/api/v4/projects/{id}/packages/npm"),
        ROOT_TOKEN,
    );
    publish(&home, "bun", "@acme/demo", "1.0.0").succeeds();
    app.user("guest");
    app.member("guest", Place::Group("acme"), 10);
    let token = app.token_of(app.user_id("guest"), &["read_api"]);
    for client in ["pnpm", "yarn-classic", "yarn-berry", "bun"] {
        install_twice(
            &app,
            client,
            "/api/v4/groups/acme/-/packages/npm",
            &token,
            "@acme/demo",
        );
    }
}

#[test]
fn audits_of_pnpm_bun_and_yarn_4_find_nothing_and_do_not_crash() {
    let app = TestApp::watched();
    for (client, args) in [
        ("pnpm", &["audit"] as &[&str]),
        ("bun", &["audit"]),
        ("yarn-berry", &["npm", "audit"]),
    ] {
        let name = format!("@acme/{client}");
        let home = sandbox(&app, PROJECT, ROOT_TOKEN);
        publish(&home, "bun", &name, "1.0.0").succeeds();
        let user = sandbox(&app, PROJECT, ROOT_TOKEN);
        manifest(
            &user,
            json!({ "name": "user", "version": "1.0.0", "private": true, "dependencies": { name: "1.0.0" } }),
        );
        run(&user, client, &["install"]).succeeds();
        app.lines();
        run(&user, client, args).succeeds();
        let lines = app.lines();
        let asked = |line: &String| line.contains("/-/npm/v1/security/") && line.ends_with(" 200");
        assert!(lines.iter().any(asked), "{client}: {lines:?}");
    }
}

/// 150 packages, each needing up to three before it.
#[test]
fn a_tree_of_150_packages_is_installed_cold_by_npm_pnpm_and_yarn_4() {
    let app = TestApp::watched();
    for number in 0..150u32 {
        let needs = [1, 7, 40]
            .into_iter()
            .filter_map(|back| number.checked_sub(back));
        let needs: serde_json::Map<String, Value> =
            needs.map(|n| (name_of(n), json!("^1.0.0"))).collect();
        let manifest =
            json!({ "name": name_of(number), "version": "1.0.0", "dependencies": needs });
        crate::formats::npm::publish(&app.root(), PROJECT, &manifest).expect(200);
    }
    for client in ["npm", "pnpm", "yarn-berry"] {
        let home = sandbox(&app, PROJECT, ROOT_TOKEN);
        let wanted = json!({ name_of(149): "1.0.0" });
        manifest(
            &home,
            json!({ "name": "user", "version": "1.0.0", "private": true, "dependencies": wanted }),
        );
        app.lines();
        run(&home, client, &["install"]).succeeds();
        let lines = app.lines();
        let tarballs = lines
            .iter()
            .filter(|line| line.ends_with("-1.0.0.tgz 200"))
            .count();
        assert_eq!(tarballs, 150, "{client}");
        let refused = |line: &&String| !line.ends_with(" 200") && !line.contains("/pnpm "); // pnpm looks for its own updates
        assert_eq!(lines.iter().find(refused), None, "{client}");
    }
}

fn name_of(number: u32) -> String {
    format!("@tree/leaf-{number}")
}
