//! What takes how much room: the administrators' figures.

use serde_json::{Value, json};

use crate::formats::npm;
use crate::support::seeds::{DEEP, PUB, Seeds, generic};

const PATH: &str = "/api/v4/-/storage";

#[test]
fn administrators_see_what_takes_how_much_room() {
    let seeds = Seeds::start();
    let root = seeds.root();
    for project in [PUB, DEEP] {
        root.put(&generic(project, "a/1/a"), "12345").expect(201);
    }
    root.put(&generic(PUB, "a/1/b"), "other").expect(201);
    let prefix = format!("/api/v4/projects/{PUB}/packages/npm");
    npm::release(&root, &prefix, "demo", "1.0.0").expect(200);
    let storage = root.get(PATH).expect(200).json();
    let tarball = storage["package_types"]["npm"]["bytes"].as_i64().unwrap();
    assert!(tarball > 0);
    assert_eq!(
        storage["package_types"]["generic"],
        json!({ "bytes": 15, "files": 3 })
    );
    assert_eq!(storage["bytes"], 15 + tarball);
    assert_eq!(storage["files"], 4);
    assert_eq!(
        storage["projects"],
        json!([
            {
                "id": PUB, "path_with_namespace": "acme/pub", "bytes": 10 + tarball, "files": 3,
                "package_types": { "npm": { "bytes": tarball, "files": 1 }, "generic": { "bytes": 10, "files": 2 } },
            },
            {
                "id": DEEP, "path_with_namespace": "acme/sub/deep", "bytes": 5, "files": 1,
                "package_types": { "generic": { "bytes": 5, "files": 1 } },
            },
        ])
    );
    assert_eq!(storage["blobs"], 3);
    assert_eq!(storage["stored_bytes"], 10 + tarball);
    assert_eq!(storage["deduplicated_bytes"], 5);
    assert_eq!(storage["reclaimable_bytes"], 0);
    for event in ["last_backup", "last_fsck", "last_gc"] {
        assert_eq!(storage[event], Value::Null, "{event}");
    }
    root.delete(&generic(PUB, "a/1/b")).expect(204);
    let storage = root.get(PATH).expect(200).json();
    assert_eq!(
        (&storage["reclaimable_blobs"], &storage["reclaimable_bytes"]),
        (&json!(1), &json!(5))
    );
    assert_eq!(storage["deduplicated_bytes"], 5);
    let page = root.get(&format!("{PATH}?per_page=1&page=2")).expect(200);
    assert_eq!(page.header("x-total"), "2");
    assert_eq!(page.json()["projects"][0]["id"], DEEP);
}

#[test]
fn nobody_else_does() {
    let seeds = Seeds::start();
    seeds
        .anonymous()
        .get(PATH)
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
    seeds
        .user("owner")
        .get(PATH)
        .expect_json(403, json!({ "message": "403 Forbidden" }));
}
