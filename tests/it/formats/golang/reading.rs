//! The GOPROXY protocol over one project.

use serde_json::json;

use super::CREATED;
use crate::support::golang::{go, go_upload, greeter, h1, module_zip};
use crate::support::{Actor, TestApp};

const HELLO: &str = "example.com/Acme/Hello";
/// As it stands in URLs.
const ESCAPED: &str = "example.com/%21acme/%21hello";

fn publish(actor: &Actor, module: &str, versions: &[&str]) {
    for version in versions {
        let answer = actor.put(&go_upload(1), greeter(module, version));
        assert_eq!(answer.expect(201).text(), CREATED, "{version}");
    }
}

fn get(actor: &Actor, path: &str) -> String {
    actor.get(&format!("{}/{path}", go(1))).expect(200).text()
}

#[test]
fn a_version_is_served_as_it_was_uploaded() {
    let app = TestApp::start();
    let files = [
        ("go.mod", "module example.com/Acme/Hello\n\ngo 1.19\n"),
        ("hello.go", "package hello\n"),
    ];
    let zip = module_zip(HELLO, "v1.2.3", &files);
    let upload = format!("{}?time=2026-01-01T01:00:00%2B01:00", go_upload(1));
    app.root().put(&upload, &zip).expect(201);
    publish(&app.root(), HELLO, &["v1.3.0-beta.1"]);

    let anonymous = app.anonymous();
    let base = format!("{}/{ESCAPED}", go(1));
    let list = anonymous.get(&format!("{base}/@v/list")).expect(200);
    assert_eq!(list.text(), "v1.2.3\nv1.3.0-beta.1\n");
    assert_eq!(list.header("content-type"), "text/plain; charset=utf-8");
    assert!(list.header("cache-control").contains("no-cache"));

    let info = json!({ "Version": "v1.2.3", "Time": "2026-01-01T00:00:00Z" });
    let answer = anonymous.get(&format!("{base}/@v/v1.2.3.info"));
    let answer = answer.expect_json(200, info.clone());
    assert_eq!(answer.header("content-type"), "application/json");
    let latest = anonymous.get(&format!("{base}/@latest"));
    let latest = latest.expect_json(200, info);
    assert!(latest.header("cache-control").contains("no-cache"));

    let go_mod = anonymous.get(&format!("{base}/@v/v1.2.3.mod")).expect(200);
    assert_eq!(go_mod.text(), files[0].1);
    assert_eq!(go_mod.header("content-type"), "text/plain; charset=utf-8");
    let answer = anonymous.get(&format!("{base}/@v/v1.2.3.zip")).expect(200);
    assert!(answer.body == zip, "byte for byte");
    assert_eq!(answer.header("content-type"), "application/zip");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment; filename=\"v1.2.3.zip\"")
    );
    let cached = "public, max-age=31536000, immutable";
    assert_eq!(answer.header("cache-control"), cached);
    assert!(answer.find_header("content-encoding").is_none());
    let known = anonymous.with("If-None-Match", answer.header("etag"));
    known.get(&format!("{base}/@v/v1.2.3.zip")).expect(304);
    let part = anonymous.with("Range", "bytes=0-3");
    let part = part.get(&format!("{base}/@v/v1.2.3.zip")).expect(206);
    assert_eq!(part.body, zip[..4]);
    assert_eq!(
        anonymous.head(&format!("{base}/@v/list")).expect(200).body,
        b""
    );

    let sums = anonymous.get(&format!("{base}/@v/v1.2.3.sum")).expect(200);
    let names = files.map(|(name, text)| (format!("{HELLO}@v1.2.3/{name}"), text));
    let named: Vec<(&str, &[u8])> = names
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();
    let of_zip = h1(&named);
    let of_go_mod = h1(&[("go.mod", files[0].1.as_bytes())]);
    assert_eq!(
        sums.text(),
        format!("{HELLO} v1.2.3 {of_zip}\n{HELLO} v1.2.3/go.mod {of_go_mod}\n")
    );
}

#[test]
fn every_spelling_of_a_url_gives_the_same_answer() {
    let app = TestApp::start();
    publish(&app.root(), HELLO, &["v1.0.0-Beta"]);
    for path in [
        "example.com/%21acme/%21hello/@v/list",
        "example.com/!acme/!hello/@v/list",
        "example.com/!acme/!hello/%40v/list",
        "/example.com/!acme/!hello/@v/list",
        "example.com%2F!acme%2F!hello/@v/list",
    ] {
        assert_eq!(get(&app.anonymous(), path), "v1.0.0-Beta\n", "{path}");
    }
    for spelling in ["v1.0.0-!beta", "v1.0.0-%21beta"] {
        let info = get(&app.anonymous(), &format!("{ESCAPED}/@v/{spelling}.info"));
        assert!(info.contains("\"v1.0.0-Beta\""), "{info}");
    }
    for path in [
        "example.com/Acme/Hello/@v/list",
        "example.com/!Acme/!hello/@v/list",
        "example.com/!!acme/!hello/@v/list",
        "example.com/!1cme/!hello/@v/list",
        "example.com/!acme/!hello/@v/v1.0.0-Beta.info",
    ] {
        app.anonymous()
            .get(&format!("{}/{path}", go(1)))
            .expect(404);
    }
}

#[test]
fn every_probe_of_a_prefix_is_a_plain_404() {
    let app = TestApp::start();
    publish(&app.root(), HELLO, &["v1.2.3"]);
    for path in [
        "example.com/%21acme/%21hello/sub/pkg/@v/list",
        "example.com/%21acme/@v/list",
        "example.com/@v/list",
        "com/@v/list",
        "example.com/@latest",
        "example.com/%21acme/%21hello/@v/main.info",
        "example.com/%21acme/%21hello/@v/v1.info",
        "example.com/%21acme/%21hello/@v/v9.9.9.info",
        "example.com/%21acme/%21hello/@v/v9.9.9.mod",
        "example.com/%21acme/%21hello/@v/v9.9.9.zip",
        "example.com/%21acme/%21hello/@v/a%20b.info",
        "example.com/%E2%98%83/@v/list",
        "example.com/..%2F..%2Fx/@v/list",
        "%00/@v/list",
        "@v/list",
        "nothing",
    ] {
        for actor in [app.anonymous(), app.root()] {
            let answer = actor.get(&format!("{}/{path}", go(1))).expect(404);
            assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
            assert!(answer.text().starts_with("not found: "), "{answer:?}");
        }
    }
    let answer = app
        .anonymous()
        .get(&format!("{}/{ESCAPED}/@v/v9.9.9.zip", go(1)));
    assert_eq!(
        answer.text(),
        "not found: example.com/Acme/Hello@v9.9.9: unknown module or version"
    );
}

#[test]
fn pseudo_versions_are_served_and_never_listed() {
    let app = TestApp::start();
    let (older, newer) = (
        "v0.0.0-20260102030405-abcdefabcdef",
        "v0.0.0-20260304050607-0123456789ab",
    );
    publish(&app.root(), HELLO, &[newer, older]);
    let anonymous = app.anonymous();
    assert_eq!(get(&anonymous, &format!("{ESCAPED}/@v/list")), "");
    let info = json!({ "Version": newer, "Time": "2026-03-04T05:06:07Z" });
    for what in ["@latest".to_owned(), format!("@v/{newer}.info")] {
        let answer = anonymous.get(&format!("{}/{ESCAPED}/{what}", go(1)));
        answer.expect_json(200, info.clone());
    }
    publish(&app.root(), HELLO, &["v0.1.0-rc.1"]);
    assert_eq!(
        get(&anonymous, &format!("{ESCAPED}/@v/list")),
        "v0.1.0-rc.1\n"
    );
    assert!(get(&anonymous, &format!("{ESCAPED}/@latest")).contains("v0.1.0-rc.1"));
    publish(&app.root(), HELLO, &["v0.0.9"]);
    assert!(get(&anonymous, &format!("{ESCAPED}/@latest")).contains("\"v0.0.9\""));
}

#[test]
fn code_from_before_modules_gets_a_go_mod() {
    let app = TestApp::start();
    let zip = module_zip(
        "example.com/old",
        "v3.0.0+incompatible",
        &[("a.go", "package a\n")],
    );
    app.root().put(&go_upload(1), zip).expect(201);
    let plain = module_zip("example.com/old", "v1.0.0", &[("a.go", "package a\n")]);
    app.root().put(&go_upload(1), plain).expect(201);
    let anonymous = app.anonymous();
    for path in [
        "example.com/old/@v/v3.0.0+incompatible.mod",
        "example.com/old/@v/v3.0.0%2Bincompatible.mod",
        "example.com/old/@v/v1.0.0.mod",
    ] {
        assert_eq!(get(&anonymous, path), "module example.com/old\n");
    }
    let list = get(&anonymous, "example.com/old/@v/list");
    assert_eq!(list, "v1.0.0\nv3.0.0+incompatible\n");
    assert!(get(&anonymous, "example.com/old/@latest").contains("\"v1.0.0\""));
}

#[test]
fn no_checksum_database_is_mirrored_whoever_asks() {
    let app = TestApp::start();
    app.project("local/secret", "private");
    for project in ["1", "2", "99", "local%2Fsecret"] {
        for rest in [
            "sum.example/supported",
            "sum.example/lookup/example.com/x@v1.0.0",
        ] {
            let path = format!("/api/v4/projects/{project}/packages/go/sumdb/{rest}");
            let answer = app.anonymous().get(&path).expect(404);
            assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
            let path = format!("/api/v4/groups/{project}/-/packages/go/sumdb/{rest}");
            app.anonymous().get(&path).expect(404);
        }
    }
}

#[test]
fn a_list_of_many_versions_is_ready_and_changes_with_each_upload() {
    let app = TestApp::start();
    let versions: Vec<String> = (0..40).map(|n| format!("v1.{n}.0")).collect();
    let names: Vec<&str> = versions.iter().map(String::as_str).collect();
    publish(&app.root(), HELLO, &names);
    let path = format!("{}/{ESCAPED}/@v/list", go(1));
    let first = app.anonymous().get(&path).expect(200);
    assert_eq!(first.text().lines().count(), 40);
    assert!(
        first.text().starts_with("v1.0.0\nv1.1.0\nv1.2.0\n"),
        "by precedence"
    );
    let known = app.anonymous().with("If-None-Match", first.header("etag"));
    known.get(&path).expect(304);
    publish(&app.root(), HELLO, &["v1.99.0"]);
    let next = known.get(&path).expect(200);
    assert_eq!(next.text().lines().last(), Some("v1.99.0"));
    let zipped = app.anonymous().with("Accept-Encoding", "gzip").get(&path);
    assert_eq!(
        zipped.expect(200).header("vary"),
        "Accept, Accept-Encoding, Origin"
    );
}

#[test]
fn a_status_says_whether_go_gets_a_module() {
    // default, hidden, processing, error, being destroyed, deprecated
    for (status, listed, served) in [
        (0, 200, 200),
        (1, 404, 200),
        (2, 404, 404),
        (3, 404, 404),
        (4, 404, 404),
        (5, 200, 200),
    ] {
        let app = TestApp::start();
        publish(&app.root(), HELLO, &["v1.2.3"]);
        let update = "UPDATE packages SET status = ?1";
        app.database().execute(update, [status]).unwrap();
        for (path, expected) in [
            ("@v/list", listed),
            ("@latest", listed),
            ("@v/v1.2.3.info", served),
            ("@v/v1.2.3.mod", served),
            ("@v/v1.2.3.zip", served),
            ("@v/v1.2.3.sum", served),
        ] {
            let answer = app.anonymous().get(&format!("{}/{ESCAPED}/{path}", go(1)));
            assert_eq!(answer.status, expected, "{path} in status {status}");
        }
    }
}

#[test]
fn the_page_of_a_module_says_how_to_get_it_and_to_check_it() {
    let app = TestApp::start();
    publish(&app.root(), HELLO, &["v1.2.3-Beta"]);
    let list = app
        .root()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json();
    let path = list[0]["_links"]["web_path"].as_str().unwrap();
    let page = app.anonymous().get(path).expect(200).text();
    let base = app.url(&go(1));
    for line in [
        format!("GOPROXY={base}"),
        format!("GONOSUMDB={HELLO}"),
        format!("go get {HELLO}@v1.2.3-Beta"),
        format!("{base}/example.com/!acme/!hello/@v/v1.2.3-!beta.sum"),
        format!("machine {} ", app.address),
        format!("machine {} ", app.address.ip()),
    ] {
        assert!(page.contains(&line), "{line}: {page}");
    }
    let sums = "/example.com/!acme/!hello/@v/v1.2.3-!beta.sum";
    app.anonymous().get(&format!("{}{sums}", go(1))).expect(200);
}
