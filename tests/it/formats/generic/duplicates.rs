//! The same file name again: rows, settings, status, and many at once.

use packhouse::registry::PackageStatus::{Deprecated, Error, PendingDestruction, Processing};
use serde_json::json;

use super::{only_package, uploaded};
use crate::support::seeds::{
    ACME, DEEP, PUB, Planted, SUB, Seeds, files, generic, package, packages, sha256,
};
use crate::support::shape::{each, ids};

const PATH: &str = "tool/1.0/a.txt";

#[test]
fn other_bytes_make_a_second_row_and_the_newest_is_served() {
    let seeds = Seeds::start();
    let path = generic(PUB, PATH);
    let developer = seeds.user("developer");
    for bytes in ["first bytes", "second", "a third time"] {
        developer.put(&path, bytes).expect_json(201, uploaded());
    }
    let anonymous = seeds.anonymous();
    assert_eq!(anonymous.get(&path).expect(200).body, b"a third time");
    let head = anonymous.head(&path).expect(200);
    assert_eq!(head.header("content-length"), "12");
    assert_eq!(
        head.header("etag"),
        format!("\"{}\"", sha256("a third time"))
    );
    assert_eq!(
        anonymous
            .with("Range", "bytes=2-6")
            .get(&path)
            .expect(206)
            .body,
        b"third"
    );
    let list = anonymous.get(&files(PUB, only_package(&seeds))).expect(200);
    assert_eq!(
        each(&list, "file_sha256"),
        ["first bytes", "second", "a third time"].map(sha256)
    );
    // The old rows keep their bytes.
    let first = format!(
        "{}/{}/download",
        files(PUB, only_package(&seeds)),
        ids(&list)[0]
    );
    assert_eq!(anonymous.get(&first).expect(200).body, b"first bytes");
}

#[test]
fn the_same_bytes_again_keep_one_row() {
    let seeds = Seeds::start();
    let path = generic(PUB, PATH);
    for _ in 0..3 {
        seeds
            .user("developer")
            .put(&path, b"bytes")
            .expect_json(201, uploaded());
    }
    let id = only_package(&seeds);
    assert_eq!(
        seeds
            .anonymous()
            .get(&files(PUB, id))
            .expect(200)
            .header("x-total"),
        "1"
    );
    // Going back to older bytes is a change, and a row.
    seeds.user("developer").put(&path, b"other").expect(201);
    seeds.user("developer").put(&path, b"bytes").expect(201);
    assert_eq!(seeds.anonymous().get(&path).expect(200).body, b"bytes");
    assert_eq!(
        seeds
            .anonymous()
            .get(&files(PUB, id))
            .expect(200)
            .header("x-total"),
        "3"
    );
    assert_eq!(seeds.stored_files().len(), 2, "content is stored once");
}

#[test]
fn the_four_cells_of_the_duplicate_settings() {
    let seeds = Seeds::start();
    let duplicate = json!({ "message": "400 Bad request - Duplicate package is not allowed" });
    // (allowed, pattern, name, version) and whether the same file name may come again
    let cells = [
        ("true", "", "t1", "1.0", true),
        ("true", "beta-.*", "t2", "1.0", true),
        ("true", "t3", "t3", "1.0", false),
        ("true", ".*-snap", "t4", "1-snap", false),
        ("false", "", "t5", "1.0", false),
        ("false", "nothing", "t6", "1.0", false),
        ("false", "t[0-9]", "t7", "1.0", true),
        ("false", "1\\\\.0", "t8", "1.0", true),
        ("false", "t", "t9", "1.0", false), // the whole name must match
    ];
    for (allowed, pattern, name, version, again) in cells {
        seeds.set(ACME, "generic_duplicates_allowed", allowed);
        seeds.set(
            ACME,
            "generic_duplicate_exception_regex",
            &format!("\"{pattern}\""),
        );
        let path = generic(PUB, &format!("{name}/{version}/a.txt"));
        let developer = seeds.user("developer");
        developer.put(&path, b"one").expect(201);
        let answer = developer.put(&path, b"two");
        match again {
            true => answer.expect_json(201, uploaded()),
            false => answer.expect_json(400, duplicate.clone()),
        };
        let served = seeds.anonymous().get(&path).expect(200).body;
        assert_eq!(served, if again { b"two" } else { b"one" }, "{name}");
        // Another file of the package is no duplicate.
        developer
            .put(&generic(PUB, &format!("{name}/{version}/b.txt")), b"b")
            .expect(201);
    }
}

#[test]
fn the_nearest_group_that_sets_the_rule_decides() {
    let seeds = Seeds::start();
    let path = generic(DEEP, PATH);
    seeds.set(ACME, "generic_duplicates_allowed", "false");
    let owner = seeds.user("owner");
    owner.put(&path, b"one").expect(201);
    owner.put(&path, b"two").expect(400);
    seeds.set(SUB, "generic_duplicates_allowed", "true");
    owner.put(&path, b"two").expect(201);
}

#[test]
fn a_refused_duplicate_leaves_nothing_behind() {
    let seeds = Seeds::start();
    seeds.set(ACME, "generic_duplicates_allowed", "false");
    let path = generic(PUB, PATH);
    seeds.user("developer").put(&path, b"one").expect(201);
    seeds.user("developer").put(&path, b"two").expect(400);
    assert_eq!(seeds.stored_files().len(), 1);
}

#[test]
fn select_answers_with_the_package_file() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0/dir/a.txt");
    let answer = seeds
        .user("developer")
        .put(&format!("{path}?select=package_file"), b"bytes")
        .expect(200)
        .json();
    let file = seeds
        .anonymous()
        .get(&files(PUB, only_package(&seeds)))
        .expect(200)
        .json()[0]
        .clone();
    for key in [
        "id",
        "package_id",
        "created_at",
        "file_name",
        "size",
        "file_md5",
        "file_sha1",
        "file_sha256",
    ] {
        assert_eq!(answer[key], file[key], "{key}");
    }
    assert_eq!(answer["file_name"], "dir%2Fa.txt");
    assert_eq!(
        (&answer["status"], &answer["file_store"]),
        (&json!("default"), &json!(1))
    );
    assert_eq!(answer["file"]["url"], path);
    assert_eq!(
        seeds
            .anonymous()
            .get(answer["file"]["url"].as_str().unwrap())
            .expect(200)
            .body,
        b"bytes"
    );
    // Again: the same row.
    let again = seeds
        .user("developer")
        .put(&format!("{path}?select=package_file"), b"bytes")
        .expect(200)
        .json();
    assert_eq!(again["id"], answer["id"]);
}

#[test]
fn select_and_status_know_their_words() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let path = generic(PUB, PATH);
    let wrong = [
        ("select=foo", "select does not have a valid value"),
        ("select=", "select does not have a valid value"),
        ("status=foo", "status does not have a valid value"),
        ("status=", "status does not have a valid value"),
        ("status=deprecated", "status does not have a valid value"),
        ("status=error", "status does not have a valid value"),
        (
            "status=x&select=y",
            "status does not have a valid value, select does not have a valid value",
        ),
    ];
    for (query, text) in wrong {
        developer
            .put(&format!("{path}?{query}"), b"x")
            .expect_json(400, json!({ "error": text }));
    }
    assert!(seeds.stored_files().is_empty());
    developer
        .put(&format!("{path}?status=default&colour=red"), b"x")
        .expect_json(201, uploaded());
}

#[test]
fn a_hidden_package_is_not_listed_and_still_downloads() {
    let seeds = Seeds::start();
    let path = generic(PUB, PATH);
    seeds
        .user("developer")
        .put(&format!("{path}?status=hidden"), b"bytes")
        .expect(201);
    assert_eq!(
        seeds.user("owner").get(&packages(PUB)).expect(200).json(),
        json!([])
    );
    let hidden = seeds
        .anonymous()
        .get(&format!("{}?status=hidden", packages(PUB)))
        .expect(200);
    assert_eq!(each(&hidden, "name"), ["tool"]);
    assert_eq!(seeds.anonymous().get(&path).expect(200).body, b"bytes");
    // Another file does not bring it back into the lists.
    seeds
        .user("developer")
        .put(&generic(PUB, "tool/1.0/b.txt"), b"b")
        .expect(201);
    seeds
        .user("developer")
        .put(&format!("{path}?status=hidden"), b"c")
        .expect(201);
    assert_eq!(
        seeds.user("owner").get(&packages(PUB)).expect(200).json(),
        json!([])
    );
}

#[test]
fn the_status_of_an_existing_package_is_a_maintainers() {
    let seeds = Seeds::start();
    let path = generic(PUB, PATH);
    seeds.user("developer").put(&path, b"one").expect(201);
    let hide = format!("{path}?status=hidden");
    let forbidden = json!({ "message": "403 Forbidden" });
    seeds
        .user("developer")
        .put(&hide, b"two")
        .expect_json(403, forbidden.clone());
    seeds
        .job("developer", PUB)
        .put(&hide, b"two")
        .expect_json(403, forbidden.clone());
    let deploy = seeds.deploy_token(Some(PUB), None, &["write_package_registry"]);
    seeds
        .deploy(&deploy)
        .put(&hide, b"two")
        .expect_json(403, forbidden.clone());
    assert_eq!(seeds.anonymous().get(&path).expect(200).body, b"one");
    seeds
        .anonymous()
        .get(&package(PUB, only_package(&seeds)))
        .expect(200);
    seeds.user("maintainer").put(&hide, b"two").expect(201);
    assert_eq!(
        seeds.anonymous().get(&packages(PUB)).expect(200).json(),
        json!([])
    );
    seeds
        .user("developer")
        .put(&format!("{path}?status=default"), b"three")
        .expect_json(403, forbidden);
    seeds
        .user("maintainer")
        .put(&format!("{path}?status=default"), b"three")
        .expect(201);
    only_package(&seeds);
}

#[test]
fn what_a_client_may_not_install_is_not_served() {
    let seeds = Seeds::start();
    for status in [Error, Processing, PendingDestruction, Deprecated] {
        let id = seeds.plant(
            PUB,
            &Planted::generic(&format!("is-{status}")).status(status),
        );
        seeds.plant_file(id, "a.txt", b"bytes");
        let answer = seeds
            .anonymous()
            .get(&generic(PUB, &format!("is-{status}/1.0/a.txt")));
        if status == Deprecated {
            answer.expect(200);
        } else {
            answer.expect_json(404, json!({ "message": "404 Not Found" }));
        }
    }
}

#[test]
fn a_package_on_its_way_out_does_not_stand_in_the_way() {
    let seeds = Seeds::start();
    let path = generic(PUB, PATH);
    let maintainer = seeds.user("maintainer");
    seeds.set(ACME, "generic_duplicates_allowed", "false");
    maintainer.put(&path, b"old").expect(201);
    let old = only_package(&seeds);
    maintainer.delete(&package(PUB, old)).expect(204);
    maintainer.put(&path, b"new").expect(201);
    assert_ne!(only_package(&seeds), old);
    assert_eq!(seeds.anonymous().get(&path).expect(200).body, b"new");
}

#[test]
fn a_hundred_first_files_at_once_make_one_package_of_a_hundred_files() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let uploads: Vec<_> = (0..100)
            .map(|number| {
                let (developer, path) = (
                    developer.clone(),
                    generic(PUB, &format!("tool/1.0/{number}.txt")),
                );
                scope.spawn(move || developer.put(&path, format!("file {number}")).status)
            })
            .collect();
        uploads
            .into_iter()
            .map(|upload| upload.join().unwrap())
            .collect()
    });
    assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
    let id = only_package(&seeds);
    let list = seeds
        .anonymous()
        .get(&format!("{}?per_page=100", files(PUB, id)))
        .expect(200);
    assert_eq!(list.header("x-total"), "100");
    for number in 0..100 {
        let path = generic(PUB, &format!("tool/1.0/{number}.txt"));
        assert_eq!(
            seeds.anonymous().get(&path).expect(200).text(),
            format!("file {number}")
        );
    }
}

#[test]
fn the_same_file_at_once_by_many_ends_with_one_of_theirs() {
    let seeds = Seeds::start();
    let (developer, path) = (seeds.user("developer"), generic(PUB, PATH));
    std::thread::scope(|scope| {
        for number in 0..20 {
            let (developer, path) = (developer.clone(), path.clone());
            scope.spawn(move || {
                developer
                    .put(&path, format!("bytes {}", number % 4))
                    .expect(201)
            });
        }
    });
    let served = seeds.anonymous().get(&path).expect(200);
    assert_eq!(served.header("x-checksum-sha256"), sha256(&served.body));
    let newest = seeds
        .anonymous()
        .get(&format!("{}?sort=desc", files(PUB, only_package(&seeds))))
        .expect(200);
    assert_eq!(newest.json()[0]["file_sha256"], sha256(&served.body));
    assert_eq!(seeds.stored_files().len(), 4);
}
