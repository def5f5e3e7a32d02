//! GitLab's cleanup policy: of files of one name the newest few stay.

use packhouse::registry::PackageType;
use serde_json::json;

use crate::support::eventually;
use crate::support::seeds::{PRIV, PUB, Seeds, files, generic, packages};
use crate::support::shape::{each, ids};

fn policy(project: i64) -> String {
    format!("/api/v4/projects/{project}/-/packages/cleanup_policy")
}

/// Publishes so many different files under one name; the package's id.
fn pile(seeds: &Seeds, name: &str, count: usize) -> i64 {
    for number in 0..count {
        let path = generic(PUB, &format!("{name}/1.0/a.bin"));
        seeds
            .root()
            .put(&path, format!("number {number:03}"))
            .expect(201);
    }
    let found = seeds
        .root()
        .get(&format!("{}?package_name={name}", packages(PUB)));
    ids(&found)[0]
}

fn count(seeds: &Seeds, id: i64) -> String {
    let list = seeds.root().get(&files(PUB, id)).expect(200);
    list.header("x-total").to_owned()
}

#[test]
fn a_policy_is_shown_and_set_by_maintainers() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    let path = policy(PUB);
    let all = json!({ "keep_n_duplicated_package_files": "all", "next_run_at": null });
    maintainer.get(&path).expect_json(200, all.clone());
    let set = |value: serde_json::Value| {
        maintainer.put_json(&path, json!({ "keep_n_duplicated_package_files": value }))
    };
    let shown = set(json!("10")).expect(200).json();
    assert_eq!(shown["keep_n_duplicated_package_files"], "10");
    assert!(crate::support::shape::is_date_time(&shown["next_run_at"]));
    maintainer.get(&path).expect_json(200, shown.clone());
    maintainer
        .put_json(&path, json!({}))
        .expect_json(200, shown);
    set(json!(50)).expect(200);
    let invalid = json!({ "message": { "keep_n_duplicated_package_files": ["is invalid"] } });
    for wrong in [json!("2"), json!("none"), json!(""), json!(-1), json!(null)] {
        set(wrong).expect_json(400, invalid.clone());
    }
    set(json!("all")).expect_json(200, all);
    seeds.anonymous().get(&path).expect(401);
    seeds.user("developer").get(&path).expect(403);
    seeds
        .user("developer")
        .put_json(&path, json!({}))
        .expect(403);
    seeds.user("stranger").get(&policy(PRIV)).expect(404);
}

#[test]
fn the_newest_files_of_each_name_stay() {
    let seeds = Seeds::start();
    let root = seeds.root();
    let id = pile(&seeds, "tool", 12);
    root.put(&generic(PUB, "tool/1.0/other.bin"), "alone")
        .expect(201);
    root.put_json(
        &policy(PUB),
        json!({ "keep_n_duplicated_package_files": "10" }),
    )
    .expect(200);
    let run = root
        .post(&format!("{}/run", policy(PUB)), json!({}))
        .expect(200)
        .json();
    assert_eq!((&run["count"], &run["bytes"]), (&json!(2), &json!(20)));
    assert_eq!(run["files"][0]["file_name"], "a.bin");
    assert_eq!(count(&seeds, id), "11");
    assert_eq!(
        root.get(&generic(PUB, "tool/1.0/a.bin")).expect(200).body,
        b"number 011"
    );
    let removed = root
        .get(&format!("/api/v4/projects/{PUB}/-/packages/removals"))
        .expect(200);
    assert_eq!(
        each(&removed, "reason"),
        ["not among the 10 latest files of this name"; 2]
    );
    assert_eq!(each(&removed, "file_name"), ["a.bin"; 2]);
    root.put_json(
        &policy(PUB),
        json!({ "keep_n_duplicated_package_files": 1 }),
    )
    .expect(200);
    root.post(&format!("{}/run", policy(PUB)), json!({}))
        .expect(200);
    assert_eq!(count(&seeds, id), "2");
}

#[test]
fn without_a_policy_and_under_protection_every_file_stays() {
    let seeds = Seeds::start();
    let root = seeds.root();
    let id = pile(&seeds, "tool", 3);
    let run = format!("{}/run", policy(PUB));
    root.post(&run, json!({}))
        .expect_json(200, json!({ "files": [], "count": 0, "bytes": 0 }));
    seeds.protect(PUB, PackageType::Generic, "too*", None, Some(60));
    root.put_json(
        &policy(PUB),
        json!({ "keep_n_duplicated_package_files": 1 }),
    )
    .expect(200);
    root.post(&run, json!({}))
        .expect_json(200, json!({ "files": [], "count": 0, "bytes": 0 }));
    assert_eq!(count(&seeds, id), "3");
    seeds.unprotect(PUB);
    root.post(&run, json!({})).expect(200);
    assert_eq!(count(&seeds, id), "1");
}

#[test]
fn a_policy_runs_by_itself() {
    let seeds = Seeds::start();
    let id = pile(&seeds, "tool", 3);
    seeds
        .root()
        .put_json(
            &policy(PUB),
            json!({ "keep_n_duplicated_package_files": 1 }),
        )
        .expect(200);
    seeds.run(
        "UPDATE cleanup_policies SET next_run_at = '2026-01-01T00:00:00.000Z'",
        [],
    );
    eventually("the older files go", || count(&seeds, id) == "1");
    let shown = seeds.root().get(&policy(PUB)).expect(200).json();
    assert!(
        shown["next_run_at"].as_str().unwrap() > "2026-02",
        "{shown}"
    );
}
