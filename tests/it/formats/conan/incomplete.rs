//! A revision is there once its manifest is.

use serde_json::json;

use super::R;
use crate::support::conan::{PID, binary, conan, info, recipe, rev};
use crate::support::eventually;
use crate::support::seeds::{PUB, Seeds, files, packages};
use crate::support::{Actor, Raw};

/// What a client sees of a recipe without a single complete revision.
fn nothing_is_seen(seeds: &Seeds, reader: &Actor) {
    let base = conan(PUB);
    for path in [
        format!("{base}/v2/conans/{R}/latest"),
        format!("{base}/v2/conans/{R}/revisions"),
        format!("{base}/v2/conans/{R}/search"),
        format!("{}/files", recipe(&base, R, 'a')),
        format!("{}/files/conanfile.py", recipe(&base, R, 'a')),
        format!("{}/search", recipe(&base, R, 'a')),
    ] {
        reader.get(&path).expect(404);
    }
    let found = reader
        .get(&format!("{base}/v2/conans/search?q=*"))
        .expect(200)
        .json();
    assert_eq!(found, json!({ "results": [] }));
    assert_eq!(reader.get(&packages(PUB)).expect(200).json(), json!([]));
    let processing = seeds
        .user("developer")
        .get(&format!("{}?status=processing", packages(PUB)))
        .expect(200)
        .json();
    assert_eq!(processing[0]["name"], "hello/0.1");
}

#[test]
fn a_recipe_is_there_once_its_manifest_is() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let revision = recipe(&base, R, 'a');
    developer
        .put_file(&revision, "conanfile.py", b"x")
        .expect(200);
    developer
        .put_file(&revision, "conan_export.tgz", b"y")
        .expect(200);
    nothing_is_seen(&seeds, &developer);
    developer
        .put_file(&revision, "conanmanifest.txt", b"1\n")
        .expect(200);
    let latest = developer
        .get(&format!("{base}/v2/conans/{R}/latest"))
        .expect(200)
        .json();
    assert_eq!(latest["revision"], rev('a'));
    assert_eq!(
        developer.get(&packages(PUB)).expect(200).json()[0]["status"],
        "default"
    );
    developer
        .get(&format!("{revision}/files/conanfile.py"))
        .expect(200);
}

#[test]
fn an_unfinished_revision_beside_a_finished_one_shows_nothing_of_itself() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    developer.put_recipe(&recipe(&base, R, 'a'));
    let second = recipe(&base, R, 'b');
    developer
        .put_file(&second, "conanfile.py", b"new")
        .expect(200);
    let latest = developer
        .get(&format!("{base}/v2/conans/{R}/latest"))
        .expect(200)
        .json();
    assert_eq!(latest["revision"], rev('a'));
    developer
        .get(&format!("{second}/files/conanfile.py"))
        .expect(404);
    developer.delete(&second).expect(403);
    seeds.user("maintainer").delete(&second).expect(404);
    let id = developer.get(&packages(PUB)).expect(200).json()[0]["id"]
        .as_i64()
        .unwrap();
    let shown = developer.get(&files(PUB, id)).expect(200);
    assert_eq!(shown.json().as_array().map(Vec::len), Some(3));
    assert_eq!(shown.header("x-total"), "3");
}

#[test]
fn a_binary_waits_for_its_manifest_and_for_its_recipe() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let first = binary(&base, R, 'a', PID, '1');
    developer.put_binary(&first, &info("Release")); // before its recipe, which no client does
    nothing_is_seen(&seeds, &developer);
    developer.get(&format!("{first}/files")).expect(404);
    developer.put_recipe(&recipe(&base, R, 'a'));
    developer
        .get(&format!("{first}/files/conan_package.tgz"))
        .expect(200);

    let second = binary(&base, R, 'a', PID, '2');
    developer
        .put_file(&second, "conan_package.tgz", b"x")
        .expect(200);
    developer
        .put_file(&second, "conaninfo.txt", info("Debug"))
        .expect(200);
    let of = format!("{}/packages/{PID}", recipe(&base, R, 'a'));
    assert_eq!(
        developer.get(&format!("{of}/latest")).expect(200).json()["revision"],
        rev('1')
    );
    let found = developer
        .get(&format!("{}/search", recipe(&base, R, 'a')))
        .expect(200)
        .json();
    assert_eq!(found[PID]["content"], info("Release"));
    developer
        .put_file(&second, "conanmanifest.txt", b"1\n")
        .expect(200);
    assert_eq!(
        developer.get(&format!("{of}/latest")).expect(200).json()["revision"],
        rev('2')
    );
    let found = developer
        .get(&format!("{}/search", recipe(&base, R, 'a')))
        .expect(200)
        .json();
    assert_eq!(found[PID]["content"], info("Debug"));
}

#[test]
fn an_interrupted_upload_leaves_nothing_that_is_seen() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let revision = recipe(&base, R, 'a');
    developer
        .put_file(&revision, "conanfile.py", b"x")
        .expect(200);
    let token = seeds.token("developer");
    let mut raw = Raw::connect(seeds.address);
    let path = format!("PUT {revision}/files/conanmanifest.txt");
    raw.head(
        &path,
        &[("PRIVATE-TOKEN", &token), ("Content-Length", "1000")],
    )
    .send(b"1\nhalf of a manifest");
    drop(raw);
    eventually("the staging area is empty again", || {
        std::fs::read_dir(seeds.data().join("tmp")).unwrap().count() == 0
    });
    nothing_is_seen(&seeds, &developer);
}

#[test]
fn what_is_not_completed_within_a_day_is_removed() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    developer
        .put_file(&recipe(&base, R, 'a'), "conanfile.py", b"x")
        .expect(200);
    developer.put_recipe(&recipe(&base, "other/1.0/_/_", 'a'));
    developer.put_binary(
        &binary(&base, "other/1.0/_/_", 'a', PID, '1'),
        &info("Release"),
    );
    developer
        .put_file(
            &binary(&base, "other/1.0/_/_", 'a', PID, '2'),
            "conaninfo.txt",
            b"x",
        )
        .expect(200);
    developer
        .put_file(&recipe(&base, "fresh/1.0/_/_", 'a'), "conanfile.py", b"x")
        .expect(200);
    seeds.run(
        "UPDATE package_revisions SET updated_at = '2026-01-01T00:00:00.000Z'
          WHERE package_id NOT IN (SELECT id FROM packages WHERE name = 'fresh')",
        [],
    );
    let left = || -> i64 {
        let sql = "SELECT count(*) FROM package_revisions";
        seeds
            .database()
            .query_row(sql, [], |row| row.get(0))
            .unwrap()
    };
    eventually("what was abandoned is gone", || left() == 3);
    let status = |name: &str| -> i64 {
        let sql = "SELECT status FROM packages WHERE name = ?1";
        seeds
            .database()
            .query_row(sql, [name], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(
        (status("hello"), status("other"), status("fresh")),
        (4, 0, 2)
    );
    let of = format!("{}/packages/{PID}", recipe(&base, "other/1.0/_/_", 'a'));
    let revisions = developer.get(&format!("{of}/revisions")).expect(200).json();
    assert_eq!(revisions["revisions"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_revision_waits_for_what_was_begun_and_did_not_arrive() {
    let seeds = Seeds::start_with_file("[limits]\nconan = 1000\n");
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let revision = recipe(&base, R, 'a');
    // Clients go on with the next file, up to the manifest, and say in the end what has failed.
    developer
        .put_file(&revision, "conan_export.tgz", vec![0; 1001])
        .expect(413);
    developer
        .with("X-Checksum-Sha1", "wrong")
        .put_file(&revision, "conan_sources.tgz", b"x")
        .expect(400);
    developer
        .put_file(&revision, "metadata/x.log", vec![0; 1001])
        .expect(413);
    developer
        .put_file(&revision, "conanfile.py", b"x")
        .expect(200);
    developer
        .put_file(&revision, "conanmanifest.txt", b"1\n")
        .expect(200);
    nothing_is_seen(&seeds, &developer);
    developer
        .put_file(&revision, "conan_sources.tgz", b"x")
        .expect(200);
    nothing_is_seen(&seeds, &developer);
    developer
        .put_file(&revision, "conan_export.tzst", b"smaller")
        .expect(200);
    developer
        .get(&format!("{base}/v2/conans/{R}/latest"))
        .expect(200);
    // What is complete stays so, whatever fails later.
    developer
        .put_file(&revision, "conanfile.py", vec![0; 1001])
        .expect(413);
    developer
        .put_file(&revision, "conanmanifest.txt", b"1\n")
        .expect(200);
    assert_eq!(
        developer
            .get(&format!("{revision}/files/conanfile.py"))
            .expect(200)
            .text(),
        "x"
    );
}

#[test]
fn a_revision_waits_for_a_file_whose_client_hung_up() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let revision = recipe(&base, R, 'a');
    let token = seeds.token("developer");
    let mut raw = Raw::connect(seeds.address);
    let path = format!("PUT {revision}/files/conan_sources.tgz");
    raw.head(
        &path,
        &[("PRIVATE-TOKEN", &token), ("Content-Length", "1000")],
    )
    .send(b"half");
    drop(raw);
    eventually("the failure is noted", || {
        let sql = "SELECT count(*) FROM package_revisions WHERE failed <> '[]'";
        seeds
            .database()
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .unwrap()
            == 1
    });
    developer
        .put_file(&revision, "conanfile.py", b"x")
        .expect(200);
    developer
        .put_file(&revision, "conanmanifest.txt", b"1\n")
        .expect(200);
    nothing_is_seen(&seeds, &developer);
    developer.put_recipe(&revision);
    developer
        .get(&format!("{base}/v2/conans/{R}/latest"))
        .expect(200);
}
