//! People with a browser: a real headless Chromium on the real pages. What they do stands in `browser.mjs`, one scenario
//! each; every one of them fails on a violation of the page's policy, an error of its script, or a request to elsewhere.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{package_id, publish_generic, publish_npm};
use crate::support::clients::{Sandbox, npm_modules, npm_program, system_program};
use crate::support::python::wheel;
use crate::support::{ROOT_TOKEN, TestApp, Watched, eventually};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/web/browser.mjs");

/// Runs a scenario; answers what it found.
fn browse(app: &Watched, scenario: &str, known: Value) -> Value {
    let modules = npm_modules("browser").display().to_string();
    let chromium = system_program("chromium").display().to_string();
    let args = [
        SCRIPT.to_owned(),
        modules,
        chromium,
        app.url(""),
        scenario.to_owned(),
        known.to_string(),
    ];
    Sandbox::new()
        .run(&system_program("node"), args)
        .succeeds()
        .json()
}

fn left_pad(app: &TestApp) {
    let manifest = json!({
        "description": "Pads the left side of a string",
        "license": "MIT",
        "readme": "# left-pad\n\nPads **well**.\n\n```js\nleftPad(1)\n```",
        "dependencies": {},
    });
    for version in ["1.0.0", "1.1.0"] {
        publish_npm(app, 1, "@acme/left-pad", version, manifest.clone());
    }
}

#[test]
fn a_person_finds_a_package_and_the_line_that_the_page_gives_installs_it() {
    let app = TestApp::watched();
    left_pad(&app);
    let found = browse(
        &app,
        "find_and_copy",
        json!({ "search": "left", "name": "@acme/left-pad" }),
    );
    let line = found["copied"].as_str().unwrap();
    assert!(
        line.starts_with("npm install @acme/left-pad@1.1.0"),
        "{line}"
    );

    let sandbox = Sandbox::new();
    sandbox.write(
        "package.json",
        r#"{"name":"user","version":"1.0.0","private":true}"#,
    );
    let npm = npm_program("javascript", "npm");
    let folder = npm.parent().unwrap().display();
    let script = format!("PATH={folder}:$PATH; {line}");
    sandbox
        .run(&system_program("sh"), ["-c", &script])
        .succeeds();
    let installed = sandbox
        .work()
        .join("node_modules/@acme/left-pad/package.json");
    assert!(installed.is_file());

    let path = format!(
        "/api/v4/-/projects/1/packages/{}/downloads",
        package_id(&app, "@acme/left-pad")
    );
    eventually("the download is counted", || {
        app.anonymous().get(&path).expect(200).json()["total"] == 1
    });
    let seen = browse(&app, "downloads", json!({ "path": found["path"] }));
    assert_eq!(seen["told"], "1 download");
}

#[test]
fn the_lines_for_other_clients_work_as_they_are() {
    let app = TestApp::watched();
    wheel("acme-client", "2.0", "")
        .upload(&app.root(), 1)
        .expect(201);
    publish_generic(&app, 1, "tool", "1.0.0");
    let page = |name: &str| format!("/local/packages/-/packages/{}", package_id(&app, name));
    let copied = |name: &str, client: &str| {
        let known = json!({ "path": page(name), "client": client });
        browse(&app, "copy_line", known)["copied"]
            .as_str()
            .unwrap()
            .to_owned()
    };

    let sandbox = Sandbox::new();
    let line = copied("tool", "curl");
    sandbox.run(&system_program("sh"), ["-c", &line]).succeeds();
    assert_eq!(sandbox.read("f.txt"), b"bytes");

    let line = copied("acme-client", "pip");
    let python = crate::support::clients::python_program("publish", "python");
    let line = line.replace(
        "pip install",
        &format!("{} -m pip install --target out", python.display()),
    );
    sandbox.run(&system_program("sh"), ["-c", &line]).succeeds();
    assert!(sandbox.work().join("out/acme_client").is_dir() || sandbox.work().join("out").is_dir());
}

#[test]
fn a_maintainer_signs_in_makes_a_deploy_token_and_deletes_what_is_not_protected() {
    let app = TestApp::watched();
    let mia = app.user("mia");
    app.join("projects/1", &mia, 40);
    let token = app.token_of(app.user_id("mia"), &["api"]);
    for name in ["doomed", "kept-tool"] {
        publish_generic(&app, 1, name, "1.0.0");
    }
    app.root()
        .post(
            "/api/v4/projects/1/packages/protection/rules",
            json!({ "package_name_pattern": "kept-*", "package_type": "generic", "minimum_access_level_for_delete": "owner" }),
        )
        .expect(201);
    let page = |name: &str| format!("/local/packages/-/packages/{}", package_id(&app, name));
    let known = json!({ "token": token, "doomed": page("doomed"), "kept": page("kept-tool") });
    let done = browse(&app, "maintain", known);

    // The deploy token that the page showed reads packages; the access token acts as its owner.
    let (user, secret) = (
        done["username"].as_str().unwrap(),
        done["deploy_token"].as_str().unwrap(),
    );
    app.with_basic(user, secret)
        .get("/api/v4/projects/1/packages/generic/kept-tool/1.0.0/f.txt")
        .expect(200);
    let own = app.with_token(done["access_token"].as_str().unwrap());
    assert_eq!(
        own.get("/api/v4/user").expect(200).json()["username"],
        "mia"
    );
    assert!(
        done["protected"]
            .as_str()
            .unwrap()
            .contains("only owners may delete")
    );
    let names: Vec<String> = app
        .root()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|package| package["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["kept-tool"]);
    assert_eq!(done["stored"], json!([]), "nothing in local storage");
    for seen in app.seen() {
        let cookie = seen.header("cookie").unwrap_or_default().to_owned();
        assert!(!cookie.contains(&token), "the token itself is in no cookie");
    }
}

#[test]
fn a_maintainer_changes_the_settings_of_a_project() {
    let app = TestApp::watched();
    app.user("ben");
    let done = browse(
        &app,
        "settings",
        json!({ "token": ROOT_TOKEN, "path": "/local/packages/-/settings", "user": "ben" }),
    );
    assert_eq!(done["rules"], 1);
    let project = app.root().get("/api/v4/projects/1").expect(200).json();
    assert_eq!(project["visibility"], "internal");
    let rules = app
        .root()
        .get("/api/v4/projects/1/packages/protection/rules")
        .expect(200)
        .json();
    assert_eq!(rules[0]["package_name_pattern"], "@acme/*");
    assert_eq!(rules[0]["minimum_access_level_for_delete"], "owner");
    let members = app
        .root()
        .get("/api/v4/projects/1/members")
        .expect(200)
        .json();
    assert_eq!(members[0]["username"], "ben");
}

/// What people have put into names and READMEs elsewhere.
const HOSTILE: &[&str] = &[
    "<script>window.pwned=1</script>",
    "\"><img src=x onerror=window.pwned=1>",
    "'-window.pwned=1-'",
    "</code></pre><svg onload=window.pwned=1>",
    "javascript:window.pwned=1",
    "{{base}}<a href=javascript:window.pwned=1>x</a>",
    "\u{202E}evil\u{0000}\u{1b}[2J",
];

#[test]
fn hostile_names_readmes_and_metadata_are_text() {
    let app = TestApp::watched();
    left_pad(&app);
    wheel("acme-client", "2.0", "")
        .upload(&app.root(), 1)
        .expect(201);
    publish_generic(&app, 1, "tool", "1.0.0");
    let all = HOSTILE.join(" ");
    let mut readme = String::new();
    for text in HOSTILE {
        writeln!(readme, "# {text}\n\n{text}\n\n[{text}]({text})\n\n- {text}\n\n    {text}\n\n|{text}|\n|-|\n|{text}|\n").unwrap();
    }
    readme.push_str("<iframe src=//evil.example></iframe><form action=//evil.example><button>x</button></form>\n\n![x](https://evil.example/p.png)");
    // Straight into the database: no client gets such names past its format.
    let manifest = json!({
        "description": all, "license": all, "author": all, "keywords": HOSTILE, "homepage": all, "readmeFilename": "README.md",
        "repository": "javascript:window.pwned=1", "engines": { "node": all },
        "dependencies": { all.clone(): all }, "devDependencies": { all.clone(): all },
    });
    let npm = json!({ "manifest": manifest, "short": {}, "readme": readme }).to_string();
    let python = json!({
        "summary": all, "description": readme, "description_content_type": "text/markdown", "license": all, "author": all,
        "keywords": all, "home_page": all, "requires_dist": HOSTILE, "project_urls": ["x, javascript:window.pwned=1"], "requires_python": all,
    })
    .to_string();
    let pom = json!({ "pom": { "name": all, "description": all, "url": all, "packaging": all, "licenses": HOSTILE,
        "dependencies": [{ "group": all, "artifact": all, "version": all, "scope": all }] } })
    .to_string();
    let database = app.database();
    database.execute("UPDATE packages SET name = ?1 || id, version = ?1, qualifier = ?1, status = 5, status_message = ?1", [&all]).unwrap();
    database
        .execute("UPDATE package_names SET folded = lower(?1)", [&all])
        .unwrap();
    database
        .execute("UPDATE package_files SET file_name = ?1", [&all])
        .unwrap();
    database
        .execute("UPDATE package_tags SET name = ?1", [&all])
        .unwrap();
    database
        .execute("UPDATE projects SET name = ?1, description = ?1", [&all])
        .unwrap();
    database
        .execute("UPDATE namespaces SET name = ?1, description = ?1", [&all])
        .unwrap();
    database
        .execute("UPDATE users SET name = ?1", [&all])
        .unwrap();
    let ids: Vec<i64> = database
        .prepare("SELECT id FROM packages")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut paths = vec![
        "/".to_owned(),
        "/local".to_owned(),
        "/local/packages".to_owned(),
        "/-/setup".to_owned(),
        "/-/tokens".to_owned(),
        "/local/packages/-/settings".to_owned(),
        format!("/?search={}", "%3Cscript%3E"),
    ];
    for id in ids {
        paths.push(format!("/local/packages/-/packages/{id}"));
    }
    // The page of every format, one after the other, over the same hostile rows.
    let mut shown = 0;
    for (package_type, metadata) in [
        (1, &pom),
        (2, &npm),
        (3, &npm),
        (4, &npm),
        (5, &python),
        (6, &npm),
        (7, &npm),
        (8, &npm),
        (11, &npm),
        (12, &npm),
    ] {
        database
            .execute(
                "UPDATE packages SET package_type = ?1, metadata = ?2",
                (package_type, metadata),
            )
            .unwrap();
        let known = json!({ "token": ROOT_TOKEN, "paths": if package_type == 2 { paths.clone() } else { paths[7..].to_vec() }, "search": "script" });
        let done = browse(&app, "hostile", known);
        shown += done["pages"].as_i64().unwrap();
    }
    assert!(shown > 40, "{shown}");
}

#[test]
fn everything_can_be_done_with_the_keyboard() {
    let app = TestApp::watched();
    left_pad(&app);
    let done = browse(
        &app,
        "keyboard",
        json!({ "token": ROOT_TOKEN, "name": "@acme/left-pad" }),
    );
    assert!(
        done["copied"].as_str().unwrap().starts_with("pnpm add"),
        "{done}"
    );
    assert_eq!(
        app.root()
            .get("/api/v4/projects/1/packages")
            .expect(200)
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn pages_are_accessible_light_and_small_in_light_and_dark_wide_and_narrow() {
    let app = TestApp::watched();
    left_pad(&app);
    app.group("acme", "public");
    let tools = app.project("acme/tools", "public");
    for name in [
        "deploy-cli",
        "a-package-with-a-name-that-is-longer-than-a-phone-is-wide-and-still-goes-on",
    ] {
        publish_generic(&app, tools, name, "2026.11.22-nightly.20261122.1");
    }
    wheel(
        "acme-client",
        "2.0",
        "Requires-Dist: httpx>=0.28\n\nTitle\n=====\n",
    )
    .upload(&app.root(), 1)
    .expect(201);
    let page = |name: &str| format!("/local/packages/-/packages/{}", package_id(&app, name));
    let shots = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&shots).unwrap();
    let done = browse(
        &app,
        "look",
        json!({
            "token": ROOT_TOKEN,
            "shots": shots,
            "paths": {
                "home": "/", "search": "/?search=acme", "nothing-found": "/?search=zzzz", "group": "/acme", "project": "/acme/tools",
                "empty": "/acme/tools?package_name=zzzz", "package": page("@acme/left-pad"), "python": page("acme-client"),
                "nothing": "/acme/none", "setup": "/-/setup?type=maven", "sign-in": "/-/sign_in",
                "tokens": "/-/tokens", "settings": "/local/packages/-/settings", "admin": "/-/admin",
            },
        }),
    );
    assert_eq!(done["pages"], 14 * 4);
    let first = done["first_view_bytes"].as_i64().unwrap();
    println!("first view: {first} bytes");
    assert!(first < 60_000, "{first}");
    let lacking: Vec<_> = std::fs::read_dir(&shots).unwrap().collect();
    assert!(lacking.len() >= 14 * 4);
}

#[test]
fn reading_works_without_script() {
    let app = TestApp::watched();
    left_pad(&app);
    let done = browse(&app, "no_script", json!({ "name": "@acme/left-pad" }));
    let text = done["text"].as_str().unwrap();
    for part in [
        "npm install @acme/left-pad@1.1.0",
        "Pads well.",
        "Versions",
        "left-pad-1.1.0.tgz",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!text.contains("Copy"), "what does nothing is not shown");
}

#[test]
fn a_link_from_elsewhere_finds_the_session_again() {
    let app = TestApp::watched();
    app.group("vault", "private");
    let vault = app.project("vault/one", "private");
    publish_generic(&app, vault, "secret-tool", "1.0.0");
    let path = format!("/vault/one/-/packages/{}", package_id(&app, "secret-tool"));
    let done = browse(
        &app,
        "from_elsewhere",
        json!({ "token": ROOT_TOKEN, "path": path }),
    );
    assert_eq!(done["title"], "secret-tool 1.0.0");
}
