//! Publishing: the upload, and the three puts of a mirror.

use serde_json::json;

use super::CREATED;
use crate::support::golang::{go, go_upload, greeter, module_zip};
use crate::support::seeds::Seeds;
use crate::support::{TestApp, each};
use packhouse::registry::PackageType;

const HELLO: &str = "example.com/hello";

#[test]
fn the_same_bytes_come_again_and_others_never() {
    let app = TestApp::start();
    let (zip, other) = (
        greeter(HELLO, "v1.0.0"),
        module_zip(HELLO, "v1.0.0", &[("go.mod", "module example.com/hello\n")]),
    );
    for _ in 0..2 {
        let answer = app.root().put(&go_upload(1), &zip).expect(201);
        assert_eq!(answer.text(), CREATED);
    }
    let refused = json!({ "message": "A package with the same name and version already exists" });
    app.root()
        .put(&go_upload(1), &other)
        .expect_json(409, refused);
    let served = app
        .anonymous()
        .get(&format!("{}/{HELLO}/@v/v1.0.0.zip", go(1)));
    assert!(served.expect(200).body == zip);
    let list = app
        .root()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json();
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[test]
fn a_module_is_listed_with_its_zip_and_its_go_mod() {
    let app = TestApp::start();
    app.root()
        .put(&go_upload(1), greeter("example.com/Acme/hello", "v1.2.3"))
        .expect(201);
    let path = "/api/v4/projects/1/packages?package_type=golang";
    let list = app.root().get(path).expect(200).json();
    let package = &list[0];
    assert_eq!(package["name"], "example.com/Acme/hello");
    assert_eq!(package["version"], "v1.2.3");
    assert_eq!(package["package_type"], "golang");
    let files = format!(
        "/api/v4/projects/1/packages/{}/package_files",
        package["id"]
    );
    let files = app.root().get(&files).expect(200).json();
    assert_eq!(each(&files, "file_name"), ["v1.2.3.zip", "v1.2.3.mod"]);
}

#[test]
fn a_form_with_the_zip_is_taken_like_the_zip_itself() {
    let app = TestApp::start();
    let zip = greeter(HELLO, "v1.0.0");
    let mut body =
        b"--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m.zip\"\r\n\r\n"
            .to_vec();
    body.extend(&zip);
    body.extend(b"\r\n--cut--\r\n");
    let form = app
        .root()
        .with("Content-Type", "multipart/form-data; boundary=cut");
    form.put(&go_upload(1), body).expect(201);
    let served = app
        .anonymous()
        .get(&format!("{}/{HELLO}/@v/v1.0.0.zip", go(1)));
    assert!(served.expect(200).body == zip);
}

#[test]
fn a_mirror_puts_three_files_in_any_order() {
    let app = TestApp::start();
    let root = app.root();
    let module = "example.com/Acme/hello";
    let base = format!("{}/example.com/!acme/hello/@v", go(1));
    let put = |file: &str, body: &[u8]| root.put(&format!("{base}/{file}"), body);
    let info = br#"{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z"}"#;
    let go_mod = b"module example.com/Acme/hello\n\ngo 1.19\n";
    put("v1.0.0.info", info).expect(200);
    put("v1.0.0.mod", go_mod).expect(200);
    root.get(&format!("{base}/v1.0.0.mod")).expect(404); // the zip makes the version
    put("v1.0.0.zip", &greeter(module, "v1.0.0")).expect(201);
    put("v1.0.0.mod", go_mod).expect(200);
    put("v1.0.0.info", info).expect(200);
    put("v1.0.0.mod", b"module example.com/other\n").expect(409);
    put("v1.0.0.info", br#"{"Version":"v1.0.1"}"#).expect(400);
    put("v1.0.0.info", b"{").expect(400);
    put("v1.0.0.info", &vec![b' '; 65 << 10]).expect(413);
    put("v1.0.0.sum", b"x").expect(404);
    put("v1.0.0.txt", b"x").expect(404);
    put("main.zip", b"x").expect(404);
    let served = app.anonymous().get(&format!("{base}/v1.0.0.mod"));
    assert_eq!(served.expect(200).body, go_mod);
}

#[test]
fn the_path_of_a_put_is_that_of_its_zip() {
    let app = TestApp::start();
    for path in [
        "example.com/other/@v/v1.0.0.zip",
        "example.com/hello/@v/v1.0.1.zip",
        "example.com/!hello/@v/v1.0.0.zip",
    ] {
        let path = format!("{}/{path}", go(1));
        let answer = app.root().put(&path, greeter(HELLO, "v1.0.0")).expect(400);
        assert!(
            answer
                .text()
                .contains("the zip of example.com/hello@v1.0.0"),
            "{answer:?}"
        );
    }
    assert!(app.stored_files().is_empty());
}

#[test]
fn an_upload_at_a_time_that_is_none_is_refused() {
    let app = TestApp::start();
    let path = format!("{}?time=yesterday", go_upload(1));
    let answer = app.root().put(&path, greeter(HELLO, "v1.0.0"));
    answer.expect_json(400, json!({ "error": "time is invalid" }));
}

#[test]
fn a_module_over_the_limit_is_413() {
    let app = Seeds::start_with_file("[limits]\ngolang = 100\n");
    let answer = app.root().put(&go_upload(201), greeter(HELLO, "v1.0.0"));
    let answer = answer.expect(413);
    assert!(answer.text().contains("File is too large"), "{answer:?}");
}

#[test]
fn a_protected_module_is_pushed_and_deleted_by_those_the_rule_names() {
    let seeds = Seeds::start();
    let (project, kind) = (crate::support::seeds::PUB, PackageType::Golang);
    seeds.protect(project, kind, "example.com/acme/*", Some(40), Some(50));
    let zip = greeter("example.com/Acme/tool", "v1.0.0");
    let refused = json!({ "message": "403 Forbidden - Package protected." });
    let developer = seeds.user("developer");
    developer
        .put(&go_upload(project), &zip)
        .expect_json(403, refused.clone());
    let put = format!("{}/example.com/!acme/tool/@v/v1.0.0.zip", go(project));
    developer.put(&put, &zip).expect_json(403, refused);
    developer
        .put(&go_upload(project), greeter(HELLO, "v1.0.0"))
        .expect(201);
    seeds
        .user("maintainer")
        .put(&go_upload(project), &zip)
        .expect(201);
    let version = format!("{}/example.com/!acme/tool/@v/v1.0.0", go(project));
    let refused = json!({ "message": "403 Forbidden - Package is deletion protected." });
    seeds
        .user("maintainer")
        .delete(&version)
        .expect_json(403, refused);
    seeds.user("owner").delete(&version).expect(204);
}
