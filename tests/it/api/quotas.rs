//! Quotas: what is counted, what is refused, and that no two uploads share the last byte.

use std::thread;

use serde_json::{Value, json};

use crate::formats::npm;
use crate::support::seeds::{
    ACME, DEEP, PRIV, PUB, Planted, SUB, Seeds, VAULT, files, generic, package,
};
use crate::support::shape::ids;
use crate::support::{Raw, eventually};

fn of_project(project: i64) -> String {
    format!("/api/v4/projects/{project}/-/packages/quota")
}

fn of_group(group: i64) -> String {
    format!("/api/v4/groups/{group}/-/packages/quota")
}

/// Bytes and files that are used, by the answer of the server.
fn used(seeds: &Seeds, path: &str) -> (i64, i64) {
    let quota = seeds.root().get(path).expect(200).json();
    let number = |key: &str| quota[key].as_i64().unwrap();
    (number("used_bytes"), number("used_files"))
}

fn set(seeds: &Seeds, path: &str, quota: Value) {
    seeds.root().put_json(path, quota).expect(200);
}

fn refusal(text: &str) -> Value {
    json!({ "message": format!("403 Forbidden - Storage quota of {text}") })
}

#[test]
fn a_quota_starts_without_limits_and_shows_what_is_used() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    owner.put(&generic(PUB, "a/1/a.bin"), "12345").expect(201);
    owner.put(&generic(DEEP, "a/1/a.bin"), "12345").expect(201);
    let mut shown = json!({
        "max_bytes": null,
        "max_files": null,
        "max_bytes_per_type": {},
        "used_bytes": 5,
        "used_files": 1,
        "used_bytes_per_type": { "generic": 5 },
    });
    owner.get(&of_project(PUB)).expect_json(200, shown.clone());
    for (key, value) in [
        ("used_bytes", json!(10)),
        ("used_files", json!(2)),
        ("used_bytes_per_type", json!({ "generic": 10 })),
    ] {
        shown[key] = value;
    }
    owner.get(&of_group(ACME)).expect_json(200, shown.clone());
    for (key, value) in [
        ("max_bytes", json!(100)),
        ("max_files", json!(7)),
        ("max_bytes_per_type", json!({ "generic": 50, "npm": 0 })),
    ] {
        shown[key] = value;
    }
    let limits = json!({ "max_bytes": 100, "max_files": 7, "max_bytes_per_type": { "generic": 50, "npm": 0 } });
    owner
        .put_json(&of_group(ACME), limits)
        .expect_json(200, shown.clone());
    owner.get(&of_group(ACME)).expect_json(200, shown.clone());
    // What is not named stays, null takes away.
    shown["max_files"] = Value::Null;
    shown["max_bytes_per_type"] = json!({ "npm": 0 });
    let change = json!({ "max_files": null, "max_bytes_per_type": { "generic": null } });
    owner
        .put_json(&of_group(ACME), change)
        .expect_json(200, shown.clone());
    shown["max_bytes_per_type"] = json!({});
    let change = json!({ "max_bytes_per_type": null });
    owner
        .put_json(&of_group(ACME), change)
        .expect_json(200, shown);
}

#[test]
fn limits_come_as_a_form_too() {
    let seeds = Seeds::start();
    let form = seeds
        .root()
        .with("Content-Type", "application/x-www-form-urlencoded");
    let body = b"max_bytes=10&max_bytes_per_type[npm]=4";
    let quota = form.send("PUT", &of_project(PUB), body).expect(200).json();
    assert_eq!(quota["max_bytes"], 10);
    assert_eq!(quota["max_bytes_per_type"], json!({ "npm": 4 }));
}

#[test]
fn an_upload_over_the_quota_is_told_whose_it_is_and_how_much_is_left() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    developer
        .put(&generic(PUB, "a/1/a.bin"), "12345")
        .expect(201);
    set(&seeds, &of_project(PUB), json!({ "max_bytes": 10 }));
    let too_much = "acme/pub exceeded: 5 bytes left of 10 bytes";
    developer
        .put(&generic(PUB, "a/1/b.bin"), "123456")
        .expect_json(403, refusal(too_much));
    developer
        .put(&generic(PUB, "a/1/b.bin"), "12345")
        .expect(201);
    let full = "acme/pub exceeded: 0 bytes left of 10 bytes";
    developer
        .put(&generic(PUB, "a/1/c.bin"), "1")
        .expect_json(403, refusal(full));
    // Nothing of it stays: no row, no package, no bytes.
    assert_eq!(used(&seeds, &of_project(PUB)), (10, 2));
    assert_eq!(seeds.stored_files().len(), 1, "the same content, once");
    developer.put(&generic(PUB, "new/1/c.bin"), "1").expect(403);
    developer
        .get(&format!("/api/v4/projects/{PUB}/packages?package_name=new"))
        .expect_json(200, json!([]));
    // What takes no room is none of the quota's business.
    developer
        .put(&generic(PUB, "a/1/empty.bin"), "")
        .expect(201);
    developer
        .put(&generic(PUB, "a/1/a.bin"), "12345")
        .expect(201);
}

#[test]
fn the_nearest_quota_that_is_exceeded_is_named() {
    let seeds = Seeds::start();
    let root = seeds.root();
    set(&seeds, &of_group(ACME), json!({ "max_bytes": 4 }));
    root.put(&generic(DEEP, "a/1/a.bin"), "12345")
        .expect_json(403, refusal("acme exceeded: 4 bytes left of 4 bytes"));
    set(&seeds, &of_group(SUB), json!({ "max_files": 0 }));
    root.put(&generic(DEEP, "a/1/a.bin"), "12345")
        .expect_json(403, refusal("acme/sub exceeded: 0 files left of 0 files"));
    set(
        &seeds,
        &of_project(DEEP),
        json!({ "max_bytes_per_type": { "generic": 1024 } }),
    );
    root.put(&generic(DEEP, "a/1/a.bin"), "1".repeat(1025))
        .expect_json(
            403,
            refusal("acme/sub/deep exceeded: 1 KiB left of 1 KiB for generic"),
        );
    // Elsewhere nothing is refused, and another type is another matter.
    root.put(&generic(PUB, "a/1/a.bin"), "1234").expect(201);
    root.put(&generic(PUB, "a/1/b.bin"), "1")
        .expect_json(403, refusal("acme exceeded: 0 bytes left of 4 bytes"));
    set(
        &seeds,
        &of_group(ACME),
        json!({ "max_bytes": null, "max_bytes_per_type": { "npm": 0 } }),
    );
    root.put(&generic(PUB, "a/1/b.bin"), "1").expect(201);
}

#[test]
fn every_format_is_refused_in_the_words_of_its_client() {
    let seeds = Seeds::start();
    let root = seeds.root();
    set(&seeds, &of_project(PUB), json!({ "max_files": 0 }));
    let text = "Storage quota of acme/pub exceeded: 0 files left of 0 files";
    let prefix = format!("/api/v4/projects/{PUB}/packages/npm");
    npm::release(&root, &prefix, "demo", "1.0.0").expect_json(403, npm::refusal(text));
    root.put(
        &format!("/api/v4/projects/{PUB}/packages/maven/com/acme/demo/1.0/demo-1.0.jar"),
        "jar",
    )
    .expect_json(403, refusal("acme/pub exceeded: 0 files left of 0 files"));
    assert_eq!(used(&seeds, &of_project(PUB)), (0, 0));
}

#[test]
fn who_is_over_the_quota_is_told_before_the_body() {
    let seeds = Seeds::start();
    set(&seeds, &of_project(PUB), json!({ "max_bytes": 1_000 }));
    let token = seeds.token("developer");
    let mut raw = Raw::connect(seeds.address);
    let path = generic(PUB, "a/1/a.bin");
    raw.head(
        &format!("PUT {path}"),
        &[
            ("PRIVATE-TOKEN", &token),
            ("Expect", "100-continue"),
            ("Content-Length", "1000000"),
        ],
    );
    let head = raw.read_head();
    let head = match head.contains("100 Continue") {
        true => raw.read_head(),
        false => head,
    };
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
}

#[test]
fn of_many_uploads_that_race_for_the_last_bytes_only_those_win_that_fit() {
    let seeds = Seeds::start();
    set(
        &seeds,
        &of_group(ACME),
        json!({ "max_bytes": 25, "max_files": 100 }),
    );
    let statuses: Vec<u16> = thread::scope(|scope| {
        let upload = |number: usize| {
            // Two projects and a chunked body, so that no advice comes in the way.
            let project = [PUB, DEEP][number % 2];
            let path = generic(project, &format!("race/{number}/a.bin"));
            let token = crate::support::ROOT_TOKEN;
            let address = seeds.address;
            scope.spawn(move || {
                let mut raw = Raw::connect(address);
                raw.head(
                    &format!("PUT {path}"),
                    &[("PRIVATE-TOKEN", token), ("Transfer-Encoding", "chunked")],
                );
                raw.chunk(format!("{number:010}").as_bytes()).chunk(b"");
                raw.answer().status
            })
        };
        let running: Vec<_> = (0..16).map(upload).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let won = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(won, 2, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 403)));
    assert_eq!(used(&seeds, &of_group(ACME)), (20, 2));
}

#[test]
fn what_is_used_follows_every_change() {
    let seeds = Seeds::start();
    let root = seeds.root();
    let [one, two] = ["one", "two"].map(|name| {
        for file in ["a", "b"] {
            let path = generic(DEEP, &format!("{name}/1/{file}"));
            root.put(&path, "12345").expect(201);
        }
        let listed = root.get(&format!(
            "/api/v4/projects/{DEEP}/packages?package_name={name}"
        ));
        ids(&listed)[0]
    });
    let both = |expected| {
        assert_eq!(used(&seeds, &of_project(DEEP)), expected);
        assert_eq!(used(&seeds, &of_group(SUB)), expected);
        assert_eq!(used(&seeds, &of_group(ACME)), expected);
    };
    both((20, 4));
    // A second row of one name counts, with its full size although the content is stored once.
    root.put(&generic(DEEP, "one/1/a"), "1234567").expect(201);
    root.put(&generic(DEEP, "one/1/a"), "12345").expect(201);
    both((32, 6));
    let listed = root.get(&files(DEEP, one)).expect(200);
    root.delete(&format!("{}/{}", files(DEEP, one), ids(&listed)[2]))
        .expect(204);
    both((25, 5));
    // Hidden, deprecated and shown again: it is there all the same.
    for status in ["hidden", "deprecated", "default"] {
        root.patch(&package(DEEP, one), json!({ "status": status }))
            .expect(200);
        both((25, 5));
    }
    root.delete(&generic(DEEP, "one/1/a")).expect(204);
    both((15, 3));
    // Deleting frees at once; being destroyed a minute later changes nothing.
    root.delete(&package(DEEP, one)).expect(204);
    both((10, 2));
    seeds.run(
        "UPDATE packages SET updated_at = '2026-01-01T00:00:00.000Z' WHERE id = ?1",
        [one],
    );
    let count = || -> i64 {
        let conn = seeds.database();
        conn.query_row(
            "SELECT count(*) FROM packages WHERE id = ?1",
            [one],
            |row| row.get(0),
        )
        .unwrap()
    };
    eventually("the package is destroyed", || count() == 0);
    both((10, 2));
    // A project and a group take along what they hold.
    root.put(&generic(PUB, "x/1/a"), "123").expect(201);
    assert_eq!(used(&seeds, &of_group(ACME)), (13, 3));
    root.delete(&format!("/api/v4/projects/{DEEP}")).expect(202);
    assert_eq!(used(&seeds, &of_group(SUB)), (0, 0));
    assert_eq!(used(&seeds, &of_group(ACME)), (3, 1));
    let _ = two;
}

#[test]
fn a_group_that_is_deleted_counts_no_more_above() {
    let seeds = Seeds::start();
    let root = seeds.root();
    root.put(&generic(DEEP, "a/1/a"), "12345").expect(201);
    root.put(&generic(PUB, "a/1/a"), "123").expect(201);
    assert_eq!(used(&seeds, &of_group(ACME)), (8, 2));
    root.delete(&format!("/api/v4/groups/{SUB}")).expect(202);
    assert_eq!(used(&seeds, &of_group(ACME)), (3, 1));
    let wrong =
        seeds
            .database()
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
                row.get::<_, i64>(0)
            });
    assert_eq!(wrong, Ok(0));
}

#[test]
fn a_failed_upload_is_not_counted_and_a_replaced_file_counts_once() {
    let seeds = Seeds::start();
    let root = seeds.root();
    let metadata =
        format!("/api/v4/projects/{PUB}/packages/maven/com/acme/demo/maven-metadata.xml");
    root.put(&metadata, "<metadata><versioning/></metadata>")
        .expect(200);
    let first = used(&seeds, &of_project(PUB));
    root.put(&metadata, "<metadata><versioning></versioning></metadata>")
        .expect(200);
    let second = used(&seeds, &of_project(PUB));
    assert_eq!((first.1, second.1), (1, 1));
    assert_eq!(second.0 - first.0, 12);
    seeds.set(ACME, "generic_duplicates_allowed", "false");
    root.put(&generic(PUB, "a/1/a"), "12345").expect(201);
    root.put(&generic(PUB, "a/1/a"), "other").expect(400);
    assert_eq!(used(&seeds, &of_project(PUB)), (second.0 + 5, 2));
}

#[test]
fn quotas_are_shown_to_maintainers_and_set_from_above() {
    let seeds = Seeds::start();
    let forbidden = json!({ "message": "403 Forbidden" });
    let limit = || json!({ "max_bytes": 1 });
    seeds
        .anonymous()
        .get(&of_project(PUB))
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
    seeds
        .user("stranger")
        .get(&of_project(PRIV))
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    seeds
        .user("stranger")
        .get(&of_group(VAULT))
        .expect_json(404, json!({ "message": "404 Group Not Found" }));
    seeds
        .user("developer")
        .get(&of_project(PUB))
        .expect_json(403, forbidden.clone());
    seeds
        .user("developer")
        .put_json(&of_project(PUB), limit())
        .expect_json(403, forbidden.clone());
    seeds.user("maintainer").get(&of_project(PUB)).expect(200);
    seeds
        .user("maintainer")
        .put_json(&of_project(PUB), limit())
        .expect_json(403, forbidden.clone());
    seeds
        .user("maintainer")
        .get(&of_group(ACME))
        .expect_json(403, forbidden.clone());
    seeds
        .user("owner")
        .put_json(&of_project(PUB), limit())
        .expect(200);
    seeds
        .user("owner")
        .put_json(&of_group(SUB), limit())
        .expect(200);
    // Owning the project alone is not owning its group.
    seeds.join_project("stranger", PUB, 50);
    seeds.user("stranger").get(&of_project(PUB)).expect(200);
    seeds
        .user("stranger")
        .put_json(&of_project(PUB), limit())
        .expect_json(403, forbidden);
}

#[test]
fn what_is_no_limit_is_refused() {
    let seeds = Seeds::start();
    let root = seeds.root();
    for (limits, text) in [
        (
            json!({ "max_bytes": -1 }),
            "max_bytes does not have a valid value",
        ),
        (json!({ "max_bytes": "many" }), "max_bytes is invalid"),
        (json!({ "max_files": 1.5 }), "max_files is invalid"),
        (
            json!({ "max_bytes": 9223372036854775808_u64 }),
            "max_bytes is invalid",
        ),
        (
            json!({ "max_bytes_per_type": { "floppy": 1 } }),
            "max_bytes_per_type does not have a valid value",
        ),
        (
            json!({ "max_bytes_per_type": { "npm": -1 } }),
            "max_bytes_per_type does not have a valid value",
        ),
        (
            json!({ "max_bytes_per_type": { "npm": "1" } }),
            "max_bytes_per_type does not have a valid value",
        ),
        (
            json!({ "max_bytes_per_type": 5 }),
            "max_bytes_per_type does not have a valid value",
        ),
    ] {
        root.put_json(&of_project(PUB), limits)
            .expect_json(400, json!({ "error": text }));
    }
    root.put_json(&of_project(PUB), json!({ "max_bytes": i64::MAX }))
        .expect(200);
    root.put(&generic(PUB, "a/1/a"), "12345").expect(201);
}

/// The rows of packages that no client made are counted as well: it is the database that counts.
#[test]
fn the_database_counts_by_itself() {
    let seeds = Seeds::start();
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    seeds.plant_file(id, "a", b"12345");
    assert_eq!(used(&seeds, &of_project(PUB)), (5, 1));
    seeds.run("UPDATE packages SET status = 4 WHERE id = ?1", [id]);
    assert_eq!(used(&seeds, &of_project(PUB)), (0, 0));
    seeds.run("UPDATE packages SET status = 0 WHERE id = ?1", [id]);
    assert_eq!(used(&seeds, &of_project(PUB)), (5, 1));
    seeds.run(
        "UPDATE package_files SET status = 4 WHERE package_id = ?1",
        [id],
    );
    assert_eq!(used(&seeds, &of_project(PUB)), (0, 0));
    seeds.run("DELETE FROM package_files WHERE package_id = ?1", [id]);
    assert_eq!(used(&seeds, &of_project(PUB)), (0, 0));
}
