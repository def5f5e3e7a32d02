//! What was seen on the wire between real clients and registries (contract, section 15), where no real client in this suite
//! shows it already.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::{NPM, release};
use crate::support::{TestApp, keys};

#[test]
fn a_first_publish_asks_twice_for_what_is_not_there_and_puts_once() {
    let app = TestApp::start();
    let path = format!("{NPM}/@acme%2fdemo");
    for accept in [
        "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*",
        "application/json",
    ] {
        app.root().with("Accept", accept).get(&path).expect(404);
    }
    release(&app.root(), NPM, "@acme/demo", "1.0.0").expect(200);
    app.root().get(&path).expect(200);
}

#[test]
fn undeprecate_sends_every_version_and_an_empty_text_for_one() {
    let app = TestApp::start();
    for version in ["1.0.0", "1.1.0"] {
        release(&app.root(), NPM, "demo", version).expect(200);
    }
    let path = format!("{NPM}/demo");
    let mut document = app
        .root()
        .get(&format!("{path}?write=true"))
        .expect(200)
        .json();
    for (message, deprecated) in [("old", true), ("", false)] {
        document["versions"]["1.0.0"]["deprecated"] = json!(message);
        let command = if deprecated {
            "deprecate"
        } else {
            "undeprecate"
        };
        app.root()
            .with("npm-command", command)
            .put_json(&path, document.clone())
            .expect_json(200, json!({ "ok": true }));
        let shown = app.root().get(&path).expect(200).json();
        assert_eq!(
            shown["versions"]["1.0.0"].get("deprecated").is_some(),
            deprecated
        );
        assert!(shown["versions"]["1.1.0"].get("deprecated").is_none());
    }
}

#[test]
fn a_client_without_a_revision_sends_undefined_and_one_with_it_repeats_it() {
    let app = TestApp::start();
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        release(&app.root(), NPM, "@acme/demo", version).expect(200);
    }
    let path = format!("{NPM}/@acme%2fdemo");
    for (removed, knows_revision) in [("1.2.0", false), ("1.1.0", true)] {
        let mut document = app
            .root()
            .get(&format!("{path}?write=true"))
            .expect(200)
            .json();
        let revision = match knows_revision {
            true => document["_rev"].as_str().unwrap().to_owned(),
            false => "undefined".to_owned(),
        };
        document["versions"]
            .as_object_mut()
            .unwrap()
            .remove(removed);
        app.root()
            .put_json(&format!("{path}/-rev/{revision}"), document)
            .expect(200);
        // The path of `dist.tarball`, with a plain slash, and the same suffix.
        let tarball = format!("{NPM}/@acme/demo/-/@acme/demo-{removed}.tgz");
        app.root()
            .delete(&format!("{tarball}/-rev/{revision}"))
            .expect(200);
        app.root().get(&tarball).expect(404);
    }
    let left = app.root().get(&path).expect(200).json();
    assert_eq!(keys(&left["versions"]), ["1.0.0"]);
}

#[test]
fn an_install_sends_a_gzip_body_to_the_bulk_audit_before_the_tarball() {
    let app = TestApp::start();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(br#"{"demo":["1.0.0"]}"#).unwrap();
    app.anonymous()
        .with("Content-Encoding", "gzip")
        .with("Content-Type", "application/json")
        .send(
            "POST",
            &format!("{NPM}/-/npm/v1/security/advisories/bulk"),
            &gzip.finish().unwrap(),
        )
        .expect_json(200, json!({}));
}
