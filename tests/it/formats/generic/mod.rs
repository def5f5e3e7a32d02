//! Generic packages: any file under a name and a version.

mod access;
mod downloads;
mod duplicates;
mod paths;
mod uploads;

use serde_json::json;

use crate::support::seeds::{PUB, Seeds, files, generic, packages};
use crate::support::shape::ids;

/// The id of the only package in `acme/pub`.
fn only_package(seeds: &Seeds) -> i64 {
    let found = ids(&seeds.user("owner").get(&packages(PUB)).expect(200));
    assert_eq!(found.len(), 1, "{found:?}");
    found[0]
}

fn uploaded() -> serde_json::Value {
    json!({ "message": "201 Created" })
}

#[test]
fn what_is_published_comes_back() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0.0/tool.bin");
    seeds
        .user("developer")
        .put(&path, b"bytes")
        .expect_json(201, uploaded());
    let answer = seeds.anonymous().get(&path).expect(200);
    assert_eq!(answer.body, b"bytes");
    assert_eq!(answer.header("content-type"), "application/octet-stream");
}

#[test]
fn a_deleted_file_is_gone_with_all_its_rows_and_the_package_stays() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0.0/a.txt");
    let maintainer = seeds.user("maintainer");
    maintainer.put(&path, b"one").expect(201);
    maintainer.put(&path, b"two").expect(201);
    maintainer
        .put(&generic(PUB, "tool/1.0.0/b.txt"), b"b")
        .expect(201);
    assert!(maintainer.delete(&path).expect(204).body.is_empty());
    let missing = json!({ "message": "404 Not Found" });
    maintainer.get(&path).expect_json(404, missing.clone());
    maintainer.delete(&path).expect_json(404, missing.clone());
    maintainer
        .delete(&generic(PUB, "none/1.0/x"))
        .expect_json(404, missing);
    let id = only_package(&seeds);
    assert_eq!(ids(&maintainer.get(&files(PUB, id)).expect(200)).len(), 1);
    maintainer
        .get(&generic(PUB, "tool/1.0.0/b.txt"))
        .expect(200);
}

#[test]
fn a_rule_keeps_pushes_and_deletes_below_its_level_out() {
    use packhouse::registry::PackageType::Generic;
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0.0/a.txt");
    seeds.user("developer").put(&path, b"a").expect(201);
    seeds.protect(PUB, Generic, "TO*", Some(40), Some(50));
    let before = seeds.stored_files().len();
    let protected = json!({ "message": "403 Forbidden - Package protected." });
    seeds
        .user("developer")
        .put(&path, b"b")
        .expect_json(403, protected.clone());
    seeds
        .user("developer")
        .put(&generic(PUB, "tool/2.0/a.txt"), b"b")
        .expect_json(403, protected.clone());
    let deploy = seeds.deploy_token(Some(PUB), None, &["write_package_registry"]);
    seeds
        .deploy(&deploy)
        .put(&path, b"b")
        .expect_json(403, protected);
    assert_eq!(seeds.stored_files().len(), before);
    seeds.user("maintainer").put(&path, b"b").expect(201);
    seeds
        .user("developer")
        .put(&generic(PUB, "other/1.0/a.txt"), b"b")
        .expect(201);
    let kept = json!({ "message": "403 Forbidden - Package is deletion protected." });
    seeds
        .user("maintainer")
        .delete(&path)
        .expect_json(403, kept.clone());
    seeds.deploy(&deploy).delete(&path).expect_json(403, kept);
    seeds.user("owner").delete(&path).expect(204);
}
