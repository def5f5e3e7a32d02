//! npm 11, doing everything that it can do with a registry.

use serde_json::json;

use crate::support::clients::{Ran, Sandbox, npm_program};
use crate::support::{Place, ROOT_TOKEN, TestApp, Watched};

const PROJECT: &str = "/api/v4/projects/1/packages/npm";

/// A home whose scope `@acme` (and every other name) lies at this prefix, for the holder of a token.
fn sandbox(app: &Watched, prefix: &str, token: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let url = app.url(prefix);
    sandbox.set("npm_config_registry", format!("{url}/"));
    let key = url.strip_prefix("http:").unwrap().to_owned();
    let npmrc = format!(
        "registry={url}/\n@acme:registry={url}/\n{key}/:_authToken={token}\nupdate-notifier=false\nfund=false\naudit=true\n"
    );
    std::fs::write(sandbox.home().join(".npmrc"), npmrc).unwrap();
    sandbox
}

fn npm(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&npm_program("javascript", "npm"), args)
}

fn package(sandbox: &Sandbox, name: &str, version: &str) {
    let manifest = json!({ "name": name, "version": version, "description": "a demonstration", "keywords": ["shiny"], "bin": "./cli.js", "scripts": { "test": "node_modules/.bin/mocha" } });
    sandbox.write("package.json", manifest.to_string());
    sandbox.write("cli.js", "#!/usr/bin/env node\n");
    sandbox.write("README.md", "# Demo\n");
}

fn install(app: &Watched, prefix: &str, token: &str, what: &[&str]) -> Sandbox {
    let sandbox = sandbox(app, prefix, token);
    sandbox.write(
        "package.json",
        r#"{"name":"user","version":"1.0.0","private":true}"#,
    );
    let mut args = vec!["install"];
    args.extend(what);
    let ran = npm(&sandbox, &args).succeeds();
    sandbox.write("output.txt", format!("{}{}", ran.stdout, ran.stderr));
    sandbox
}

#[test]
fn npm_publishes_installs_and_reinstalls_from_the_lock_file() {
    let app = TestApp::watched();
    for (name, path) in [("@acme/demo", "@acme%2fdemo"), ("plain", "plain")] {
        let publisher = sandbox(&app, PROJECT, ROOT_TOKEN);
        package(&publisher, name, "1.0.0");
        npm(&publisher, &["publish"]).succeeds();
        assert_eq!(
            app.lines(),
            [
                format!("GET {PROJECT}/{path} 404"),
                format!("GET {PROJECT}/{path} 404"),
                format!("PUT {PROJECT}/{path} 200"),
            ]
        );
        let user = install(&app, PROJECT, ROOT_TOKEN, &[name]);
        let lines = app.lines();
        assert!(
            lines.contains(&format!("GET {PROJECT}/{path} 200")),
            "{lines:?}"
        );
        let audit = format!("POST {PROJECT}/-/npm/v1/security/advisories/bulk 200");
        assert!(lines.contains(&audit), "{lines:?}");
        assert!(
            user.work()
                .join("node_modules")
                .join(name)
                .join("cli.js")
                .is_file()
        );
        let lock = String::from_utf8(user.read("package-lock.json")).unwrap();
        assert!(lock.contains("\"integrity\": \"sha512-"), "{lock}");

        let cold = sandbox(&app, PROJECT, ROOT_TOKEN);
        cold.write("package.json", user.read("package.json"));
        cold.write("package-lock.json", &lock);
        npm(&cold, &["ci", "--no-audit"]).succeeds();
        assert_eq!(
            app.lines(),
            [format!("GET {PROJECT}/{name}/-/{name}-1.0.0.tgz 200")]
        );
        assert!(
            cold.work()
                .join("node_modules")
                .join(name)
                .join("cli.js")
                .is_file()
        );
    }
}

#[test]
fn a_second_publish_is_refused_with_our_text_on_the_screen() {
    let app = TestApp::watched();
    let home = sandbox(&app, PROJECT, ROOT_TOKEN);
    package(&home, "@acme/demo", "1.0.0");
    npm(&home, &["publish"]).succeeds();
    // npm itself looks first, and does not even try.
    let again = npm(&home, &["publish"]);
    assert!(
        again
            .stderr
            .contains("You cannot publish over the previously published versions"),
        "{again}"
    );

    app.root()
        .post("/api/v4/projects/1/packages/protection/rules", json!({ "package_name_pattern": "@acme/*", "package_type": "npm", "minimum_access_level_for_push": "admin" }))
        .expect(201);
    let developer = app.user("dev");
    let token = app.token_of(app.user_id("dev"), &["api"]);
    app.join("projects/1", &developer, 30);
    let home = sandbox(&app, PROJECT, &token);
    package(&home, "@acme/demo", "1.1.0");
    let refused = npm(&home, &["publish"]).exits(1);
    assert!(refused.stderr.contains("403 Forbidden"), "{refused}");
    assert!(refused.stderr.contains("Package protected."), "{refused}");
}

#[test]
fn npm_moves_tags_deprecates_and_unpublishes() {
    let app = TestApp::watched();
    let home = sandbox(&app, PROJECT, ROOT_TOKEN);
    for version in ["1.0.0", "1.1.0", "2.0.0-rc.1"] {
        package(&home, "@acme/demo", version);
        let tag = if version.contains("rc") {
            "next"
        } else {
            "latest"
        };
        npm(&home, &["publish", "--tag", tag]).succeeds();
    }
    let ran = npm(&home, &["dist-tag", "add", "@acme/demo@1.0.0", "stable"]).succeeds();
    assert!(ran.stdout.contains("+stable: @acme/demo@1.0.0"), "{ran}");
    let tags = npm(&home, &["dist-tag", "ls", "@acme/demo"]).succeeds();
    assert_eq!(
        tags.stdout,
        "latest: 1.1.0\nnext: 2.0.0-rc.1\nstable: 1.0.0\n"
    );
    npm(&home, &["dist-tag", "rm", "@acme/demo", "stable"]).succeeds();
    let tags = npm(&home, &["dist-tag", "ls", "@acme/demo"]).succeeds();
    assert_eq!(tags.stdout, "latest: 1.1.0\nnext: 2.0.0-rc.1\n");

    npm(&home, &["deprecate", "@acme/demo@1.0.0", "use 1.1"]).succeeds();
    let user = install(&app, PROJECT, ROOT_TOKEN, &["@acme/demo@1.0.0"]);
    let output = String::from_utf8(user.read("output.txt")).unwrap();
    assert!(
        output.contains("npm warn deprecated @acme/demo@1.0.0: use 1.1"),
        "{output}"
    );
    let viewed = npm(&home, &["view", "@acme/demo@1.1.0", "deprecated"]).succeeds();
    assert_eq!(
        viewed.stdout, "",
        "one version was deprecated, not the others"
    );
    npm(&home, &["undeprecate", "@acme/demo@1.0.0"]).succeeds();
    let viewed = npm(&home, &["view", "@acme/demo@1.0.0", "deprecated"]).succeeds();
    assert_eq!(viewed.stdout, "");

    app.lines();
    npm(&home, &["unpublish", "@acme/demo@1.1.0"]).succeeds();
    let lines = app.lines();
    let writes: Vec<&str> = lines
        .iter()
        .filter(|line| !line.starts_with("GET"))
        .map(|line| line.split("/-rev/").next().unwrap())
        .collect();
    let tarball = format!("DELETE {PROJECT}/@acme/demo/-/@acme/demo-1.1.0.tgz");
    assert_eq!(
        writes,
        [format!("PUT {PROJECT}/@acme%2fdemo"), tarball],
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .all(|line| line.ends_with(" 200") && !line.contains("undefined")),
        "{lines:?}"
    );
    let versions = npm(&home, &["view", "@acme/demo", "versions", "--json"]).succeeds();
    assert_eq!(versions.json(), json!(["1.0.0", "2.0.0-rc.1"]));
    let tags = npm(&home, &["dist-tag", "ls", "@acme/demo"]).succeeds();
    assert_eq!(tags.stdout, "latest: 1.0.0\nnext: 2.0.0-rc.1\n");
    // With the registry set for the scope alone, as GitLab's manual has it, npm sends the path of the tarball twice.
    let mut scoped = sandbox(&app, PROJECT, ROOT_TOKEN);
    scoped.set("npm_config_registry", "http://127.0.0.1:9/");
    npm(&scoped, &["unpublish", "@acme/demo@2.0.0-rc.1"]).succeeds();
    let lines = app.lines();
    let doubled = format!("DELETE {PROJECT}{PROJECT}/@acme/demo/-/");
    assert!(
        lines.iter().any(|line| line.starts_with(&doubled)),
        "{lines:?}"
    );
    npm(&home, &["unpublish", "@acme/demo", "--force"]).succeeds();
    app.root()
        .get(&format!("{PROJECT}/@acme%2fdemo"))
        .expect(404);
}

#[test]
fn npm_pings_views_searches_audits_and_knows_who_it_is() {
    let app = TestApp::watched();
    let home = sandbox(&app, PROJECT, ROOT_TOKEN);
    package(&home, "@acme/demo", "1.0.0");
    npm(&home, &["publish"]).succeeds();
    npm(&home, &["ping"]).succeeds();
    assert_eq!(npm(&home, &["whoami"]).succeeds().stdout, "root\n");
    let viewed = npm(&home, &["view", "@acme/demo", "--json"])
        .succeeds()
        .json();
    assert_eq!(viewed["description"], "a demonstration");
    assert!(viewed["time"]["1.0.0"].is_string(), "{viewed}");
    for word in ["shiny", "DEMO", "demonstration"] {
        let found = npm(&home, &["search", word, "--json"]).succeeds().json();
        assert_eq!(found[0]["name"], "@acme/demo", "{word}: {found}");
    }
    assert_eq!(
        npm(&home, &["search", "nothing-of-this", "--json"])
            .succeeds()
            .json(),
        json!([])
    );
    let user = install(&app, PROJECT, ROOT_TOKEN, &["@acme/demo"]);
    let audit = npm(&user, &["audit"]).succeeds();
    assert!(audit.stdout.contains("found 0 vulnerabilities"), "{audit}");
    app.lines();
    npm(&home, &["logout"]).succeeds();
    let lines = app.lines();
    assert_eq!(
        lines,
        [format!("DELETE {PROJECT}/-/user/token/{ROOT_TOKEN} 200")]
    );
    app.root().get("/api/v4/user").expect(200); // the token lives on
}

#[test]
fn a_group_and_the_instance_serve_what_a_private_project_has_to_every_kind_of_token() {
    let app = TestApp::watched();
    app.group("acme", "private");
    app.group("acme/deep", "private");
    let id = app.project("acme/deep/tools", "private");
    let project = format!("/api/v4/projects/{id}/packages/npm");
    let home = sandbox(&app, &project, ROOT_TOKEN);
    package(&home, "@acme/demo", "1.0.0");
    npm(&home, &["publish"]).succeeds();

    app.user("guest");
    app.member("guest", Place::Group("acme"), 10);
    let guest = app.token_of(app.user_id("guest"), &["read_api"]);
    let made = app
        .root()
        .post(
            &format!("/api/v4/projects/{id}/deploy_tokens"),
            json!({ "name": "d", "scopes": ["read_package_registry"] }),
        )
        .expect(201);
    let deploy = made.json()["token"].as_str().unwrap().to_owned();
    app.lines();
    for prefix in [
        project.as_str(),
        "/api/v4/groups/acme/-/packages/npm",
        "/api/v4/packages/npm",
    ] {
        for token in [&guest, &deploy] {
            install(&app, prefix, token, &["@acme/demo"]);
            let tarball = format!("GET {prefix}/@acme/demo/-/@acme/demo-1.0.0.tgz 200");
            let lines = app.lines();
            assert!(lines.contains(&tarball), "{lines:?}");
        }
    }
    let stranger = sandbox(&app, "/api/v4/packages/npm", "glpat-nobody-knows-this-one");
    stranger.write("package.json", "{}");
    let refused = npm(&stranger, &["install", "@acme/demo"]).exits(1);
    assert!(refused.stderr.contains("E401"), "{refused}");
    let home = sandbox(&app, "/api/v4/packages/npm", ROOT_TOKEN);
    package(&home, "@acme/demo", "2.0.0");
    let refused = npm(&home, &["publish"]).exits(1);
    assert!(refused.stderr.contains("Publish to a project"), "{refused}");
}
