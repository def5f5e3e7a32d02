//! Composer 2, doing everything that it can do with a repository.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::archives::zip;
use crate::support::clients::{Ran, Sandbox, system_program};
use crate::support::composer::{composer as project, group_composer, package, publish, upload};
use crate::support::{ROOT_TOKEN, TestApp, Watched, id_of};

/// Somebody's home, without credentials, and an application that finds its packages at this prefix alone.
fn sandbox(app: &Watched, prefix: &str, require: Value) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let home = sandbox.home().join(".composer");
    std::fs::create_dir(&home).unwrap();
    let nothing_else = json!({ "repositories": [{ "packagist.org": false }] });
    std::fs::write(home.join("config.json"), nothing_else.to_string()).unwrap();
    sandbox
        .set("COMPOSER_ALLOW_SUPERUSER", "1")
        .set("COMPOSER_HOME", home.display().to_string());
    let manifest = json!({
        "name": "acme/app",
        "repositories": [
            { "type": "composer", "url": format!("{}/packages.json", app.url(prefix)) },
            { "packagist.org": false },
        ],
        "require": require,
        "config": { "secure-http": false },
    });
    sandbox.write("composer.json", manifest.to_string());
    sandbox
}

/// The same with a token in `auth.json`.
fn signed_in(app: &Watched, prefix: &str, require: Value) -> Sandbox {
    let sandbox = sandbox(app, prefix, require);
    let pair = json!({ "username": "__token__", "password": ROOT_TOKEN });
    auth(&sandbox, &json!({ "http-basic": { host(app): pair } }));
    sandbox
}

fn auth(sandbox: &Sandbox, auth: &Value) {
    let path = sandbox.home().join(".composer/auth.json");
    std::fs::write(path, auth.to_string()).unwrap();
}

/// `127.0.0.1:4711`: with the port, or Composer finds no credentials for it.
fn host(app: &Watched) -> String {
    app.url("").strip_prefix("http://").unwrap().to_owned()
}

fn composer(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let mut all = vec!["--no-interaction", "--no-ansi"];
    all.extend(args);
    sandbox.run(&system_program("composer"), all)
}

/// What the installed code says of itself.
fn says(sandbox: &Sandbox, function: &str) -> String {
    let code = format!("require 'vendor/autoload.php'; echo {function}();");
    let ran = sandbox.run(&system_program("php"), ["-r", &code]);
    ran.succeeds().stdout
}

fn file(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.work().join(name)
}

/// The requests without their queries. Archives come side by side, so by name.
fn paths(app: &Watched) -> Vec<String> {
    let seen = app.seen();
    let path = |target: &str| target.split('?').next().unwrap_or_default().to_owned();
    let mut lines: Vec<String> = seen
        .iter()
        .map(|seen| format!("{} {} {}", seen.method, path(&seen.target), seen.status))
        .collect();
    let documents = lines.iter().filter(|line| !line.contains("/archives/"));
    let archives = documents.count();
    lines[archives..].sort();
    lines
}

#[test]
fn composer_updates_requires_and_installs_from_the_lock_file_with_a_cold_cache() {
    let app = TestApp::watched();
    let root = app.root();
    publish(&root, 1, "acme/base", "1.0.0");
    publish(&root, 1, "acme/base", "1.1.0");
    let hello = package(
        "acme/hello",
        json!({ "require": { "acme/base": "^1.0" } }),
        "hello",
    );
    upload(&root, 1, "v2.0.0", &hello).expect(201);
    let base = project(1);
    app.seen();

    let user = signed_in(&app, &base, json!({ "acme/hello": "^2.0" }));
    composer(&user, &["update"]).succeeds();
    assert_eq!(
        paths(&app),
        [
            format!("GET {base}/packages.json 200"),
            format!("GET {base}/p2/acme/hello.json 200"),
            format!("GET {base}/p2/acme/base.json 200"),
            format!("GET {base}/archives/acme/base.zip 200"),
            format!("GET {base}/archives/acme/hello.zip 200"),
        ]
    );
    assert_eq!(says(&user, "acme_base"), "acme/base 1.1.0");
    assert_eq!(says(&user, "acme_hello"), "hello");
    let lock: Value = serde_json::from_slice(&user.read("composer.lock")).unwrap();
    let locked = &lock["packages"][0];
    assert_eq!(locked["version"], "1.1.0", "{lock}");
    assert_eq!(locked["dist"]["shasum"], locked["dist"]["reference"]);
    assert_eq!(locked["source"], Value::Null);

    // What is published since does not change what the lock file says; nothing but archives is asked for.
    publish(&root, 1, "acme/base", "1.2.0");
    app.seen();
    let cold = signed_in(&app, &base, json!({}));
    for name in ["composer.json", "composer.lock"] {
        cold.write(name, user.read(name));
    }
    composer(&cold, &["install"]).succeeds();
    assert_eq!(says(&cold, "acme_base"), "acme/base 1.1.0");
    assert_eq!(
        paths(&app),
        [
            format!("GET {base}/archives/acme/base.zip 200"),
            format!("GET {base}/archives/acme/hello.zip 200"),
        ]
    );

    // Once more, with everything in the cache.
    std::fs::remove_dir_all(file(&cold, "vendor")).unwrap();
    composer(&cold, &["install"]).succeeds();
    assert_eq!(paths(&app), [""; 0]);

    publish(&root, 1, "acme/extra", "0.1");
    app.seen();
    composer(&user, &["require", "acme/extra"]).succeeds();
    assert_eq!(says(&user, "acme_extra"), "acme/extra 0.1");
    let manifest = String::from_utf8(user.read("composer.json")).unwrap();
    assert!(manifest.contains("\"acme/extra\": \"^0.1"), "{manifest}");
}

#[test]
fn prefer_lowest_takes_the_oldest_and_minimum_stability_the_unstable() {
    let app = TestApp::watched();
    for version in ["1.2.0", "1.10.0", "1.0.0", "2.0.0-beta2", "2.0.0-beta10"] {
        publish(&app.root(), 1, "acme/hello", version);
    }
    let user = signed_in(&app, &project(1), json!({ "acme/hello": ">=1.0" }));
    composer(&user, &["update", "--prefer-lowest"]).succeeds();
    assert_eq!(says(&user, "acme_hello"), "acme/hello 1.0.0");
    composer(&user, &["update"]).succeeds();
    assert_eq!(says(&user, "acme_hello"), "acme/hello 1.10.0");
    composer(&user, &["config", "minimum-stability", "beta"]).succeeds();
    composer(&user, &["update"]).succeeds();
    assert_eq!(says(&user, "acme_hello"), "acme/hello 2.0.0-beta10");
}

#[test]
fn a_branch_moves_on_and_an_old_lock_file_still_gets_its_bytes() {
    let app = TestApp::watched();
    let (root, base) = (app.root(), project(1));
    let branch = |text: &str| package("acme/hello", json!({}), text);
    upload(&root, 1, "dev-main", &branch("monday")).expect(201);
    let old = signed_in(&app, &base, json!({}));
    app.seen();
    composer(&old, &["require", "acme/hello:dev-main"]).succeeds();
    let seen = paths(&app);
    assert!(
        seen.contains(&format!("GET {base}/p2/acme/hello~dev.json 200")),
        "{seen:?}"
    );
    assert_eq!(says(&old, "acme_hello"), "monday");

    upload(&root, 1, "dev-main", &branch("tuesday")).expect(201);
    let new = signed_in(&app, &base, json!({ "acme/hello": "dev-main" }));
    composer(&new, &["update"]).succeeds();
    assert_eq!(says(&new, "acme_hello"), "tuesday");

    let cold = signed_in(&app, &base, json!({}));
    for name in ["composer.json", "composer.lock"] {
        cold.write(name, old.read(name));
    }
    composer(&cold, &["install"]).succeeds();
    assert_eq!(says(&cold, "acme_hello"), "monday");

    // Whoever has the old one is told of the new one.
    composer(&old, &["update"]).succeeds();
    assert_eq!(says(&old, "acme_hello"), "tuesday");
}

#[test]
fn composer_asks_only_for_what_has_changed_and_only_for_names_that_are_here() {
    let app = TestApp::watched();
    let base = project(1);
    publish(&app.root(), 1, "acme/hello", "1.0.0");
    let user = signed_in(&app, &base, json!({ "acme/hello": "^1.0" }));
    composer(&user, &["update"]).succeeds();
    app.seen();
    composer(&user, &["update"]).succeeds();
    assert_eq!(
        paths(&app),
        [
            format!("GET {base}/packages.json 304"),
            format!("GET {base}/p2/acme/hello.json 304"),
        ]
    );
    publish(&app.root(), 1, "acme/hello", "1.1.0");
    app.seen();
    composer(&user, &["update"]).succeeds();
    assert!(paths(&app).contains(&format!("GET {base}/p2/acme/hello.json 200")));
    assert_eq!(says(&user, "acme_hello"), "acme/hello 1.1.0");

    // A version that is deleted is not offered any more, however soon after.
    let packages = app.root().get("/api/v4/projects/1/packages").json();
    let newest = packages
        .as_array()
        .unwrap()
        .iter()
        .map(id_of)
        .max()
        .unwrap();
    app.root()
        .delete(&format!("/api/v4/projects/1/packages/{newest}"))
        .expect(204);
    composer(&user, &["update"]).succeeds();
    assert_eq!(says(&user, "acme_hello"), "acme/hello 1.0.0");

    app.seen();
    let unknown = composer(&user, &["require", "other/thing"]);
    assert!(!unknown.status.success(), "{unknown}");
    assert!(unknown.stderr.contains("other/thing"), "{unknown}");
    let asked = paths(&app);
    assert!(
        !asked.iter().any(|line| line.contains("other")),
        "{asked:?}"
    );
}

#[test]
fn composer_shows_searches_and_is_told_of_abandoned_packages() {
    let app = TestApp::watched();
    let group = group_composer(app.namespace_id("local"));
    publish(&app.root(), 1, "acme/hello", "1.0.0");
    publish(&app.root(), 1, "acme/goodbye", "2.0.0");
    upload(
        &app.root(),
        1,
        "dev-main",
        &package("acme/hello", json!({}), "x"),
    )
    .expect(201);
    let user = signed_in(&app, &group, json!({ "acme/hello": "^1.0" }));
    let found = composer(&user, &["search", "hell"]).succeeds();
    assert!(found.stdout.contains("acme/hello"), "{found}");
    assert!(!found.stdout.contains("acme/goodbye"), "{found}");
    let shown = composer(&user, &["show", "--all", "acme/hello"]).succeeds();
    assert!(
        shown.stdout.contains("dev-main, 1.0.0") || shown.stdout.contains("1.0.0, dev-main"),
        "{shown}"
    );
    let shown = composer(&user, &["show", "--available"]).succeeds();
    assert!(shown.stdout.contains("acme/goodbye"), "{shown}");

    let update = composer(&user, &["update"]).succeeds();
    assert!(!update.stderr.contains("abandoned"), "{update}");
    let packages = app
        .root()
        .get("/api/v4/projects/1/packages?package_name=hello&package_version=1.0.0");
    let id = id_of(&packages.json()[0]);
    app.root()
        .patch(
            &format!("/api/v4/projects/1/packages/{id}"),
            json!({ "status": "deprecated" }),
        )
        .expect(200);
    let update = composer(&user, &["update"]).succeeds();
    assert!(
        update.stderr.contains("Package acme/hello is abandoned"),
        "{update}"
    );
}

#[test]
fn a_private_group_is_read_with_every_spelling_of_auth_json() {
    let app = TestApp::watched();
    let group = app.group("vault", "private");
    let one = app.project("vault/one", "private");
    publish(&app.root(), one, "acme/hello", "1.0.0");
    let deploy = app
        .root()
        .post(
            &format!("/api/v4/groups/{group}/deploy_tokens"),
            json!({ "name": "ci", "username": "deployer", "scopes": ["read_package_registry"] }),
        )
        .expect(201)
        .json();
    let deploy = deploy["token"].as_str().unwrap();
    let (base, host) = (group_composer(group), host(&app));
    let pair = |username: &str, password: &str| json!({ "http-basic": { &host: { "username": username, "password": password } } });
    let domains = json!([host]);
    for (what, auth_json, domains, header) in [
        (
            "any user name",
            pair("anybody", ROOT_TOKEN),
            None,
            "authorization",
        ),
        (
            "a deploy token",
            pair("deployer", deploy),
            None,
            "authorization",
        ),
        (
            "gitlab-token of a known domain",
            json!({ "gitlab-token": { &host: ROOT_TOKEN } }),
            Some(&domains),
            "private-token",
        ),
        (
            // Composer 2.5 adds the domain itself; older ones send the token as a user name.
            "gitlab-token of an unknown domain",
            json!({ "gitlab-token": { &host: ROOT_TOKEN } }),
            None,
            "private-token",
        ),
        (
            "a token as the user name",
            pair(ROOT_TOKEN, "private-token"),
            None,
            "authorization",
        ),
        (
            "gitlab-token as a pair",
            json!({ "gitlab-token": { &host: { "username": "deployer", "token": deploy } } }),
            Some(&domains),
            "authorization",
        ),
        (
            "bearer",
            json!({ "bearer": { &host: ROOT_TOKEN } }),
            None,
            "authorization",
        ),
        (
            "gitlab-oauth",
            json!({ "gitlab-oauth": { &host: ROOT_TOKEN } }),
            Some(&domains),
            "authorization",
        ),
    ] {
        let user = sandbox(&app, &base, json!({ "acme/hello": "*" }));
        auth(&user, &auth_json);
        if let Some(domains) = domains {
            let mut manifest: Value = serde_json::from_slice(&user.read("composer.json")).unwrap();
            manifest["config"]["gitlab-domains"] = domains.clone();
            user.write("composer.json", manifest.to_string());
        }
        app.seen();
        let ran = composer(&user, &["update"]);
        assert!(ran.status.success(), "{what}: {ran}");
        assert_eq!(says(&user, "acme_hello"), "acme/hello 1.0.0", "{what}");
        let seen = app.seen();
        assert_eq!(seen.len(), 3, "{what}: {seen:?}");
        for request in seen {
            assert_eq!(request.status, 200, "{what}: {request:?}");
            assert!(request.header(header).is_some(), "{what}: {request:?}");
        }
    }
    // The same out of the environment, as jobs have it.
    let mut user = sandbox(&app, &base, json!({ "acme/hello": "*" }));
    user.set("COMPOSER_AUTH", pair("x", ROOT_TOKEN).to_string());
    composer(&user, &["update"]).succeeds();
}

#[test]
fn composer_without_credentials_is_challenged_and_logs_in() {
    let app = TestApp::watched();
    let private = app.project("local/private", "private");
    publish(&app.root(), private, "acme/hello", "1.0.0");
    let base = project(private);
    app.seen();
    let user = sandbox(&app, &base, json!({ "acme/hello": "*" }));
    let refused = composer(&user, &["update"]);
    assert!(!refused.status.success(), "{refused}");
    assert_eq!(paths(&app), [format!("GET {base}/packages.json 401")]);

    // It asks at a terminal alone.
    let answers = format!("root\n{ROOT_TOKEN}\nn\n");
    let ran = user.run_with(
        &system_program("script"),
        ["-qec", "composer --no-ansi update", "/dev/null"],
        answers.as_bytes(),
    );
    assert!(ran.status.success(), "{ran}");
    assert!(ran.stdout.contains("Authentication required"), "{ran}");
    assert_eq!(says(&user, "acme_hello"), "acme/hello 1.0.0");
    let seen = app.lines();
    assert_eq!(seen[0], format!("GET {base}/packages.json 401"));
    assert_eq!(seen[1], format!("GET {base}/packages.json 200"));

    // A wrong token is a refusal, and not a package that is not there.
    let user = sandbox(&app, &base, json!({ "acme/hello": "*" }));
    auth(
        &user,
        &json!({ "http-basic": { host(&app): { "username": "root", "password": "glpat-wrong" } } }),
    );
    app.seen();
    let refused = composer(&user, &["update"]);
    assert!(!refused.status.success(), "{refused}");
    assert_eq!(paths(&app), [format!("GET {base}/packages.json 401")]);
}

#[test]
fn a_stranger_is_asked_before_it_looks_elsewhere_for_a_vendors_package() {
    let app = TestApp::watched();
    let group = app.namespace_id("local");
    let private = app.project("local/private", "private");
    publish(&app.root(), 1, "acme/open", "1.0.0");
    publish(&app.root(), private, "acme/secret", "1.0.0");
    let base = group_composer(group);
    let user = sandbox(&app, &base, json!({ "acme/open": "*" }));
    composer(&user, &["update"]).succeeds();
    app.seen();
    let refused = composer(&user, &["require", "acme/secret"]);
    assert!(!refused.status.success(), "{refused}");
    let seen = paths(&app);
    assert!(
        seen.contains(&format!("GET {base}/p2/acme/secret.json 401")),
        "{seen:?}"
    );
}

#[test]
fn both_layouts_install_and_programs_keep_working() {
    let app = TestApp::watched();
    let manifest = |name: &str| {
        json!({ "name": name, "bin": ["bin/hi"], "autoload": { "psr-4": { "Acme\\": "src/" } } })
            .to_string()
    };
    let bin = b"#!/usr/bin/env php\n<?php echo 'hi';\n";
    let flat = manifest("acme/flat");
    upload(
        &app.root(),
        1,
        "1.0",
        &zip(&[("./composer.json", flat.as_bytes()), ("bin/hi", bin)]),
    )
    .expect(201);
    let nested = manifest("acme/nested").replace("bin/hi", "bin/hello");
    upload(
        &app.root(),
        1,
        "1.0",
        &zip(&[
            ("nested-1.0/composer.json", nested.as_bytes()),
            ("nested-1.0/bin/hello", bin),
        ]),
    )
    .expect(201);
    let user = signed_in(
        &app,
        &project(1),
        json!({ "acme/flat": "*", "acme/nested": "*" }),
    );
    composer(&user, &["update"]).succeeds();
    for program in ["hi", "hello"] {
        let ran = user.run(
            &system_program("php"),
            [file(&user, "vendor/bin").join(program)],
        );
        assert_eq!(ran.succeeds().stdout, "hi");
    }
    let validated = composer(&user, &["install", "--prefer-source"]).succeeds();
    assert!(
        validated.stderr.contains("Nothing to install"),
        "{validated}"
    );
}
