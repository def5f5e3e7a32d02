//! A deleted version: gone, and never back with other bytes.

use crate::support::golang::{go, go_upload, greeter, module_zip};
use crate::support::seeds::{ACME, PUB, Seeds};
use crate::support::{Actor, TestApp, id_of};

const HELLO: &str = "example.com/Hello";
const ESCAPED: &str = "example.com/!hello";

fn other_bytes() -> Vec<u8> {
    module_zip(HELLO, "v1.0.0", &[("go.mod", "module example.com/Hello\n")])
}

fn only_package(root: &Actor) -> String {
    let list = root.get("/api/v4/projects/1/packages").expect(200).json();
    format!("/api/v4/projects/1/packages/{}", id_of(&list[0]))
}

#[test]
fn a_deleted_version_is_gone_and_comes_back_only_with_its_own_bytes() {
    let app = TestApp::start();
    let root = app.root();
    let base = format!("{}/{ESCAPED}/@v", go(1));
    for (version, way) in [("v1.0.0", "route"), ("v1.1.0", "core")] {
        root.put(&go_upload(1), greeter(HELLO, version)).expect(201);
        match way {
            "route" => root.delete(&format!("{base}/{version}")).expect(204),
            _ => root.delete(&only_package(&root)).expect(204),
        };
        for file in ["zip", "mod", "info", "sum"] {
            root.get(&format!("{base}/{version}.{file}")).expect(404);
        }
        let other = module_zip(HELLO, version, &[("go.mod", "module example.com/Hello\n")]);
        let refused = root.put(&go_upload(1), other).expect(409);
        assert!(
            refused.text().contains("This version was deleted"),
            "{refused:?}"
        );
        root.get(&format!("{base}/{version}.zip")).expect(404);
    }
    root.put(&go_upload(1), greeter(HELLO, "v1.0.0"))
        .expect(201);
    let list = root.get(&format!("{base}/list")).expect(200);
    assert_eq!(list.text(), "v1.0.0\n");
    root.delete(&format!("{base}/v9.0.0")).expect(404);
    root.delete(&format!("{base}/main")).expect(404);
    root.delete(&format!("{base}/v1.0.0.zip")).expect(404);
}

#[test]
fn a_version_that_lost_its_zip_takes_no_other() {
    let app = TestApp::start();
    let root = app.root();
    root.put(&go_upload(1), greeter(HELLO, "v1.0.0"))
        .expect(201);
    root.put(&go_upload(1), greeter(HELLO, "v0.9.0"))
        .expect(201);
    let list = root.get("/api/v4/projects/1/packages").expect(200).json();
    let package = format!("/api/v4/projects/1/packages/{}", id_of(&list[0]));
    let files = root
        .get(&format!("{package}/package_files"))
        .expect(200)
        .json();
    let name = files[0]["file_name"].as_str().unwrap();
    let zip = format!("{package}/package_files/{}", id_of(&files[0]));
    assert_eq!(name, "v1.0.0.zip");
    root.delete(&zip).expect(204);
    let base = format!("{}/{ESCAPED}", go(1));
    assert_eq!(
        root.get(&format!("{base}/@v/list")).expect(200).text(),
        "v0.9.0\n"
    );
    assert!(
        root.get(&format!("{base}/@latest"))
            .expect(200)
            .text()
            .contains("v0.9.0")
    );
    root.get(&format!("{base}/@v/v1.0.0.info")).expect(404);
    root.put(&go_upload(1), other_bytes()).expect(409);
    root.put(&go_upload(1), greeter(HELLO, "v1.0.0"))
        .expect(201);
    root.get(&format!("{base}/@v/v1.0.0.zip")).expect(200);
}

#[test]
fn a_group_may_allow_what_was_deleted_to_come_back() {
    let seeds = Seeds::start();
    let root = seeds.root();
    root.put(&go_upload(PUB), greeter(HELLO, "v1.0.0"))
        .expect(201);
    root.delete(&format!("{}/{ESCAPED}/@v/v1.0.0", go(PUB)))
        .expect(204);
    root.put(&go_upload(PUB), other_bytes()).expect(409);
    seeds.set(ACME, "golang_republish_allowed", "true");
    root.put(&go_upload(PUB), other_bytes()).expect(201);
}
