//! Unpublishing, and what an unpublished version may come back as.

use serde_json::json;

use super::{NPM, publish, refusal, release};
use crate::support::{TestApp, keys};

#[test]
fn one_version_goes_by_the_document_and_then_by_its_tarball() {
    let app = TestApp::start();
    let root = app.root();
    for version in ["1.0.0", "1.1.0"] {
        release(&root, NPM, "@acme/demo", version).expect(200);
    }
    let path = format!("{NPM}/@acme%2fdemo");
    let document = root.get(&format!("{path}?write=true")).json();
    let revision = document["_rev"].as_str().unwrap().to_owned();
    let mut rest = document.clone();
    rest["versions"].as_object_mut().unwrap().remove("1.1.0");
    let step = format!("{path}/-rev/{revision}");
    let developer = app.user("dev");
    app.join("projects/1", &developer, 30);
    developer.put_json(&step, rest.clone()).expect(403);
    root.put_json(&step, rest.clone())
        .expect_json(200, json!({ "ok": true }));
    root.put_json(&step, rest)
        .expect_json(409, refusal("conflict"));
    let left = root.get(&path).json();
    assert_eq!(keys(&left["versions"]), ["1.0.0"]);
    assert_eq!(left["dist-tags"]["latest"], "1.0.0");
    let tarball = format!("{NPM}/@acme/demo/-/@acme/demo-1.1.0.tgz");
    root.get(&tarball).expect(404);
    root.delete(&format!("{tarball}/-rev/undefined"))
        .expect_json(200, json!({ "ok": true }));
    developer
        .delete(&format!("{path}/-rev/undefined"))
        .expect(403);
    root.delete(&format!("{path}/-rev/1-stale")).expect(409);
    root.delete(&format!("{path}/-rev/{}", left["_rev"].as_str().unwrap()))
        .expect(200);
    root.get(&path).expect(404);
    root.put_json(&format!("{path}/-rev/1"), json!({ "maintainers": [] }))
        .expect(403);
}

#[test]
fn an_unpublished_version_comes_back_with_its_own_bytes_only() {
    let app = TestApp::start();
    let root = app.root();
    release(&root, NPM, "demo", "1.0.0").expect(200);
    root.delete(&format!("{NPM}/demo/-rev/undefined"))
        .expect(200);
    let other = json!({ "name": "demo", "version": "1.0.0", "description": "another" });
    let refused = publish(&root, NPM, &other).expect(403).json();
    assert!(
        refused["error"]
            .as_str()
            .unwrap()
            .starts_with("This version was deleted"),
        "{refused}"
    );
    release(&root, NPM, "demo", "1.0.0").expect(200);
}
