//! Publishing: who may, what is checked, what is answered.

use serde_json::json;

use super::{NPM, document, integrity, publish, put, refusal, release, tarball_of};
use crate::support::{TestApp, each};

#[test]
fn a_publish_is_answered_with_the_package_and_can_be_installed_at_once() {
    let app = TestApp::start();
    let manifest = json!({ "name": "@acme/demo", "version": "1.0.0" });
    let answer = publish(&app.root(), NPM, &manifest).expect(200).json();
    assert_eq!(answer["status"], "default");
    assert_eq!(answer["package_type"], "npm");
    assert_eq!(answer["name"], "@acme/demo");
    let tarball = tarball_of(&manifest);
    for path in [
        "@acme/demo/-/@acme/demo-1.0.0.tgz",
        "@acme/demo/-/demo-1.0.0.tgz",
        "@acme%2fdemo/-/demo-1.0.0.tgz",
    ] {
        let got = app.anonymous().get(&format!("{NPM}/{path}")).expect(200);
        assert!(got.body == tarball);
        assert_eq!(got.header("content-type"), "application/octet-stream");
        assert_eq!(got.find_header("content-encoding"), None);
    }
    let listed = app
        .root()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json();
    assert_eq!(each(&listed, "name"), ["@acme/demo"]);
    assert_eq!(listed[0]["tags"][0]["name"], "latest");
    let id = listed[0]["id"].as_i64().unwrap();
    let files = app
        .root()
        .get(&format!("/api/v4/projects/1/packages/{id}/package_files"))
        .expect(200)
        .json();
    assert_eq!(each(&files, "file_name"), ["@acme/demo-1.0.0.tgz"]);
}

#[test]
fn a_version_is_published_once() {
    let app = TestApp::start();
    release(&app.root(), NPM, "demo", "1.0.0").expect(200);
    release(&app.root(), NPM, "demo", "1.0.0").expect_json(403, refusal("Package already exists."));
    assert_eq!(
        app.stored_files().len(),
        1,
        "what was refused leaves nothing behind"
    );
}

#[test]
fn only_developers_publish_and_everybody_is_told_in_both_keys() {
    let app = TestApp::start();
    release(&app.anonymous(), NPM, "demo", "1.0.0").expect_json(401, refusal("401 Unauthorized"));
    let guest = app.user("guest");
    app.join("projects/1", &guest, 10);
    release(&guest, NPM, "demo", "1.0.0").expect_json(403, refusal("403 Forbidden"));
    let developer = app.user("dev");
    app.join("projects/1", &developer, 30);
    app.root().get(&format!("{NPM}/demo")).expect_json(
        404,
        json!({ "message": "404 Packages Not Found", "error": "Packages not found" }),
    );
    release(&developer, NPM, "demo", "1.0.0").expect(200);
    release(
        &app.with_header("Authorization", "Basic bm9ib2R5OndoYXQ="),
        NPM,
        "demo",
        "2.0.0",
    )
    .expect(401);
    let path = format!("{NPM}/-/package/demo/dist-tags/other");
    developer.put(&path, "\"1.0.0\"").expect(204);
    developer
        .delete(&path)
        .expect_json(403, refusal("403 Forbidden"));
}

#[test]
fn attachments_may_come_first_and_provenance_is_no_tarball() {
    let app = TestApp::start();
    let manifest = json!({ "name": "demo", "version": "1.0.0" });
    let sent = document(&manifest, &tarball_of(&manifest));
    let mut first = serde_json::Map::new();
    first.insert("_attachments".to_owned(), sent["_attachments"].clone());
    first["_attachments"]["demo-1.0.0.sigstore"] =
        json!({ "data": "{\"mediaType\":1}", "length": 15 });
    for (key, value) in sent.as_object().unwrap() {
        first.entry(key).or_insert(value.clone());
    }
    put(&app.root(), NPM, &first.into()).expect(200);
    let shown = app
        .root()
        .get(&format!("{NPM}/demo/1.0.0"))
        .expect(200)
        .json();
    assert_eq!(
        shown["dist"]["integrity"],
        integrity(&tarball_of(&manifest))
    );
}

#[test]
fn every_tag_of_a_publish_is_set_and_latest_falls_back_to_the_highest_stable_version() {
    let app = TestApp::start();
    let root = app.root();
    let with_tag = |version: &str, tag: &str| {
        let manifest = json!({ "name": "demo", "version": version });
        let mut sent = document(&manifest, &tarball_of(&manifest));
        sent["dist-tags"] = json!({ tag: version, format!("{tag}-too"): version });
        put(&root, NPM, &sent).expect(200);
    };
    let tags = || {
        root.get(&format!("{NPM}/-/package/demo/dist-tags"))
            .expect(200)
            .json()
    };
    with_tag("2.0.0-beta.1", "beta");
    assert_eq!(
        tags(),
        json!({ "beta": "2.0.0-beta.1", "beta-too": "2.0.0-beta.1", "latest": "2.0.0-beta.1" })
    );
    with_tag("1.10.0", "old");
    with_tag("1.9.0", "older");
    assert_eq!(tags()["latest"], "1.10.0");
    let at = |tag: &str| format!("{NPM}/-/package/demo/dist-tags/{tag}");
    root.put(&at("latest"), "1.9.0").expect(204);
    assert_eq!(tags()["latest"], "1.9.0");
    root.delete(&at("latest")).expect(204);
    assert_eq!(tags()["latest"], "1.10.0");
    root.delete(&at("nothing")).expect_json(
        404,
        json!({ "message": "404 Package Tag Not Found", "error": "Package tag not found" }),
    );
    root.put(&at("other"), "\"9.9.9\"").expect_json(
        404,
        json!({ "message": "404 Package Not Found", "error": "Package not found" }),
    );
    root.put(&at("other"), "")
        .expect_json(400, refusal("400 Bad request - \"Version\" not given"));
    for bad in ["1.x", "v2", "a%20b", "a%2Fb"] {
        root.put(&at(bad), "\"1.9.0\"").expect(400);
    }
    root.get(&format!("{NPM}/-/package/unknown/dist-tags"))
        .expect_json(404, refusal("404 Not Found"));
}

#[test]
fn the_same_version_in_a_sibling_project_is_refused_by_its_name() {
    let app = TestApp::start();
    app.group("acme", "public");
    let one = app.project("acme/one", "public");
    let two = app.project("acme/two", "public");
    let at = |id: i64| format!("/api/v4/projects/{id}/packages/npm");
    release(&app.root(), &at(one), "@acme/demo", "1.0.0").expect(200);
    release(&app.root(), &at(two), "@acme/demo", "1.0.0").expect_json(
        400,
        refusal("Validation failed: Package already exists in acme/one"),
    );
    release(&app.root(), &at(two), "@acme/demo", "1.0.1").expect(200);
    release(&app.root(), &at(one), "@other/demo", "1.0.0").expect(200);
    release(&app.root(), &at(two), "@other/demo", "1.0.0").expect(200);
}

#[test]
fn a_login_takes_a_token_for_its_password_and_a_logout_revokes_nothing() {
    let app = TestApp::start();
    let path = format!("{NPM}/-/user/org.couchdb.user:root");
    let body = |password: &str| json!({ "name": "root", "password": password });
    let answer = app
        .anonymous()
        .put_json(&path, body(crate::support::ROOT_TOKEN))
        .expect(201)
        .json();
    assert_eq!(answer["token"], crate::support::ROOT_TOKEN);
    app.anonymous().put_json(&path, body("wrong")).expect(401);
    app.root()
        .delete(&format!(
            "{NPM}/-/user/token/{}",
            crate::support::ROOT_TOKEN
        ))
        .expect(200);
    app.root()
        .get(&format!("{NPM}/-/whoami"))
        .expect_json(200, json!({ "username": "root" }));
    app.anonymous().get(&format!("{NPM}/-/whoami")).expect(401);
    app.anonymous()
        .post(&format!("{NPM}/-/v1/login"), json!({}))
        .expect_json(404, refusal("404 Not Found"));
}
