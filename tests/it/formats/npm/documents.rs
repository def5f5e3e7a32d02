//! What an install reads.

use serde_json::json;

use super::{NPM, publish, release, tarball_of};
use crate::support::TestApp;

const ABBREVIATED: &str =
    "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

#[test]
fn both_documents_have_what_installers_and_people_have_missed() {
    let app = TestApp::start();
    let manifest = json!({
        "name": "@acme/demo", "version": "1.0.0", "description": "d", "license": "MIT", "keywords": ["k"], "exports": "./index.js",
        "dependencies": { "a": "1", "o": "2" }, "optionalDependencies": { "o": "2" }, "peerDependencies": { "p": "1" },
        "peerDependenciesMeta": { "p": { "optional": true } }, "os": ["linux"], "cpu": ["x64"], "libc": ["musl"],
        "engines": { "node": ">=18" }, "bundleDependencies": false, "bin": "cli.js", "scripts": { "postinstall": "true" },
    });
    publish(&app.root(), NPM, &manifest).expect(200);
    let tarball = tarball_of(&manifest);
    let short = app
        .anonymous()
        .with("Accept", ABBREVIATED)
        .get(&format!("{NPM}/@acme%2Fdemo"))
        .expect(200);
    assert_eq!(
        short.header("content-type"),
        "application/vnd.npm.install-v1+json"
    );
    assert!(short.header("vary").contains("Accept"));
    let short = short.json();
    let full = app
        .anonymous()
        .get(&format!("{NPM}/@acme/demo"))
        .expect(200);
    assert_eq!(full.header("content-type"), "application/json");
    let full = full.json();
    for document in [&short, &full] {
        let version = &document["versions"]["1.0.0"];
        for key in [
            "dependencies",
            "optionalDependencies",
            "peerDependencies",
            "peerDependenciesMeta",
            "os",
            "cpu",
            "libc",
            "engines",
            "bundleDependencies",
            "bin",
        ] {
            assert_eq!(version[key], manifest[key], "{key}");
        }
        assert_eq!(version["hasInstallScript"], true);
        assert_eq!(version["dist"]["integrity"], super::integrity(&tarball));
        assert_eq!(version["dist"]["fileCount"], 2);
        let url = format!("{NPM}/@acme/demo/-/@acme/demo-1.0.0.tgz");
        assert!(
            version["dist"]["tarball"].as_str().unwrap().ends_with(&url),
            "{version}"
        );
        assert!(document["time"]["1.0.0"].as_str().unwrap().ends_with('Z'));
        assert_eq!(document["dist-tags"], json!({ "latest": "1.0.0" }));
    }
    assert_eq!(full["_id"], "@acme/demo");
    assert_eq!(full["description"], "d");
    assert_eq!(full["versions"]["1.0.0"]["exports"], "./index.js");
    assert!(short["versions"]["1.0.0"].get("exports").is_none());
    assert!(short["versions"]["1.0.0"].get("scripts").is_none());
}

#[test]
fn names_in_every_encoding_are_one_name() {
    let app = TestApp::start();
    release(&app.root(), NPM, "@acme/demo", "1.0.0").expect(200);
    for path in [
        "@acme%2fdemo",
        "@acme%2Fdemo",
        "@acme/demo",
        "%40acme%2fdemo",
        "@acme/demo/",
    ] {
        app.anonymous().get(&format!("{NPM}/{path}")).expect(200);
        app.anonymous().head(&format!("{NPM}/{path}")).expect(200);
    }
    for path in [
        "@acme%2fdemo/1.0.0",
        "@acme/demo/latest",
        "%40acme%2fdemo/1.0.0",
    ] {
        assert_eq!(
            app.anonymous()
                .get(&format!("{NPM}/{path}"))
                .expect(200)
                .json()["version"],
            "1.0.0"
        );
    }
    for path in ["..%2f..", "a%0d%0ab", "@acme%2f..", "a%5cb"] {
        let answer = app
            .anonymous()
            .get(&format!("{NPM}/{path}"))
            .expect(400)
            .json();
        assert_eq!(
            answer["error"], "package_name should be a valid file path",
            "{path}"
        );
    }
    for path in [
        "-/unknown",
        "-/npm/v1/keys",
        "-/org/acme/package",
        "-/npm/v1/tokens",
        "-",
        "-/all",
    ] {
        app.root()
            .get(&format!("{NPM}/{path}"))
            .expect_json(404, super::refusal("404 Not Found"));
    }
}

#[test]
fn a_document_changes_with_every_write_and_its_etag_with_it() {
    let app = TestApp::start();
    let path = format!("{NPM}/demo");
    release(&app.root(), NPM, "demo", "1.0.0").expect(200);
    let first = app.anonymous().get(&path).expect(200);
    let etag = first.header("etag").to_owned();
    app.anonymous()
        .with("If-None-Match", &etag)
        .get(&path)
        .expect(304);
    let gzip = app
        .anonymous()
        .with("Accept-Encoding", "gzip")
        .get(&path)
        .expect(200);
    assert_ne!(gzip.header("etag"), etag, "each encoding has its own");
    release(&app.root(), NPM, "demo", "1.1.0").expect(200);
    let second = app
        .anonymous()
        .with("If-None-Match", &etag)
        .get(&path)
        .expect(200);
    assert_ne!(second.json()["_rev"], first.json()["_rev"]);
    assert_eq!(second.json()["dist-tags"]["latest"], "1.1.0");
}

#[test]
fn deprecating_one_version_leaves_the_others_alone() {
    let app = TestApp::start();
    let root = app.root();
    for version in ["1.0.0", "1.1.0"] {
        release(&root, NPM, "demo", version).expect(200);
    }
    let path = format!("{NPM}/demo");
    let mut document = root.get(&path).json();
    document["versions"]["1.0.0"]["deprecated"] = json!("old");
    let developer = app.user("dev");
    app.join("projects/1", &developer, 30);
    developer.put_json(&path, document.clone()).expect(403);
    root.with("npm-command", "deprecate")
        .put_json(&path, document)
        .expect(200);
    let short = || root.with("Accept", ABBREVIATED).get(&path).json();
    assert_eq!(short()["versions"]["1.0.0"]["deprecated"], "old");
    assert!(short()["versions"]["1.1.0"].get("deprecated").is_none());
    let listed = root
        .get("/api/v4/projects/1/packages?status=deprecated")
        .json();
    assert_eq!(listed[0]["version"], "1.0.0");
    let clear =
        json!({ "name": "demo", "versions": { "1.0.0": { "deprecated": "" }, "1.1.0": {} } });
    root.with("npm-command", "undeprecate")
        .put_json(&path, clear)
        .expect(200);
    assert!(short()["versions"]["1.0.0"].get("deprecated").is_none());
    let unknown = json!({ "name": "demo", "versions": { "9.9.9": { "deprecated": "x" } } });
    root.put_json(&path, unknown).expect_json(
        400,
        super::refusal("400 Bad request - \"package versions to deprecate\" not given"),
    );
    root.put_json(
        &path,
        json!({ "name": "demo", "_rev": "1", "users": { "root": true } }),
    )
    .expect_json(200, json!({ "ok": true }));
    root.put_json(&path, json!({ "name": "demo" }))
        .expect_json(400, super::refusal("versions is missing"));
}

#[test]
fn audits_have_the_shapes_that_clients_accept() {
    let app = TestApp::start();
    let bulk = format!("{NPM}/-/npm/v1/security/advisories/bulk");
    app.anonymous()
        .with("Content-Encoding", "gzip")
        .send("POST", &bulk, b"\x1f\x8bnot gzip")
        .expect_json(200, json!({}));
    for route in ["audits", "audits/quick"] {
        let report = app
            .anonymous()
            .post(&format!("{NPM}/-/npm/v1/security/{route}"), json!({}))
            .expect(200)
            .json();
        assert_eq!(report["metadata"]["vulnerabilities"]["critical"], 0);
    }
}
