//! Retention rules: what they find, why, what they take, and what they never touch.

use packhouse::registry::{PackageStatus, PackageType, Timestamp};
use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::seeds::{ACME, DEEP, PRIV, PUB, Planted, SUB, Seeds, VAULT, generic, packages};
use crate::support::shape::sorted;

const DAY: i64 = 86_400;

fn rules(project: i64) -> String {
    format!("/api/v4/projects/{project}/-/packages/retention_rules")
}

fn group_rules(group: i64) -> String {
    format!("/api/v4/groups/{group}/-/packages/retention_rules")
}

fn days_ago(days: i64) -> String {
    Timestamp::now().plus_secs(-days * DAY - 60).to_string()
}

/// A version of a generic package that was published so long ago.
fn old(seeds: &Seeds, project: i64, name: &str, version: &str, days: i64) -> i64 {
    let planted = Planted::new(PackageType::Generic, name)
        .version(version)
        .created_at(&days_ago(days));
    let id = seeds.plant(project, &planted);
    seeds.plant_file(id, "a.bin", b"12345");
    seeds.run(
        "UPDATE package_files SET created_at = ?2 WHERE package_id = ?1",
        (id, days_ago(days)),
    );
    id
}

/// A new rule; answers its id.
fn rule(seeds: &Seeds, path: &str, rule: Value) -> i64 {
    let made = seeds.root().post(path, rule).expect(201).json();
    made["id"].as_i64().unwrap()
}

fn preview(seeds: &Seeds, path: &str) -> Value {
    let answer = seeds.root().post(&format!("{path}/preview"), json!({}));
    answer.expect(200).json()
}

fn run(seeds: &Seeds, path: &str) -> Value {
    let answer = seeds.root().post(&format!("{path}/run"), json!({}));
    answer.expect(200).json()
}

/// `name version` of everything in a preview or a run, sorted.
fn names(findings: &Value) -> Vec<String> {
    let text = |item: &Value| {
        format!(
            "{} {}",
            item["name"].as_str().unwrap(),
            item["version"].as_str().unwrap()
        )
    };
    sorted(
        findings["packages"]
            .as_array()
            .unwrap()
            .iter()
            .map(text)
            .collect(),
    )
}

#[test]
fn rules_are_made_shown_changed_and_deleted() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    let path = rules(PUB);
    maintainer.get(&path).expect_json(200, json!([]));
    let made = maintainer
        .post(
            &path,
            json!({ "older_than_days": 30, "package_type": "npm", "name_pattern": "@acme/*" }),
        )
        .expect(201)
        .json();
    let id = made["id"].as_i64().unwrap();
    let mut rule = json!({
        "id": id,
        "package_type": "npm",
        "name_pattern": "@acme/*",
        "version_pattern": null,
        "keep_latest": null,
        "older_than_days": 30,
        "not_downloaded_for_days": null,
        "enabled": true,
        "next_run_at": made["next_run_at"],
    });
    assert_eq!(made, rule);
    let next = Timestamp::parse(made["next_run_at"].as_str().unwrap()).unwrap();
    let hours = (next.as_millis() - Timestamp::now().as_millis()) / 3_600_000;
    assert!((11..=12).contains(&hours), "{hours}");
    maintainer.get(&path).expect_json(200, json!([rule]));
    let one = format!("{path}/{id}");
    let change = json!({ "package_type": null, "keep_latest": 3, "older_than_days": null, "enabled": false });
    let changed = maintainer.patch(&one, change).expect(200).json();
    for (key, value) in [
        ("package_type", Value::Null),
        ("keep_latest", json!(3)),
        ("older_than_days", Value::Null),
        ("enabled", json!(false)),
        ("next_run_at", Value::Null),
    ] {
        rule[key] = value;
    }
    assert_eq!(changed, rule);
    maintainer.delete(&one).expect(204);
    maintainer.get(&path).expect_json(200, json!([]));
    let gone = json!({ "message": "404 Not found" });
    maintainer.delete(&one).expect_json(404, gone.clone());
    maintainer.patch(&one, json!({})).expect_json(404, gone);
}

#[test]
fn wrong_rules_are_refused_in_words() {
    let seeds = Seeds::start();
    let root = seeds.root();
    let none = "keep_latest, older_than_days, not_downloaded_for_days are missing, at least one parameter must be provided";
    let long = "x".repeat(256);
    for (rule, text) in [
        (json!({}), none),
        (json!({ "name_pattern": "a*" }), none),
        (json!({ "keep_latest": null }), none),
        (
            json!({ "keep_latest": -1 }),
            "keep_latest does not have a valid value",
        ),
        (
            json!({ "older_than_days": "old" }),
            "older_than_days is invalid",
        ),
        (
            json!({ "keep_latest": 1, "package_type": "floppy" }),
            "package_type does not have a valid value",
        ),
        (
            json!({ "keep_latest": 1, "enabled": "perhaps" }),
            "enabled is invalid",
        ),
        (
            json!({ "keep_latest": 1, "name_pattern": long }),
            "name_pattern is too long (maximum is 255 characters)",
        ),
    ] {
        root.post(&rules(PUB), rule)
            .expect_json(400, json!({ "error": text }));
    }
    let id = rule(&seeds, &rules(PUB), json!({ "keep_latest": 1 }));
    root.patch(
        &format!("{}/{id}", rules(PUB)),
        json!({ "keep_latest": null }),
    )
    .expect_json(400, json!({ "error": none }));
    root.patch(&format!("{}/nine", rules(PUB)), json!({}))
        .expect_json(400, json!({ "error": "rule_id is invalid" }));
    // Another place's rule is not there.
    root.patch(&format!("{}/{id}", rules(PRIV)), json!({}))
        .expect(404);
    root.delete(&format!("{}/{id}", group_rules(ACME)))
        .expect(404);
}

#[test]
fn rules_are_for_maintainers() {
    let seeds = Seeds::start();
    for path in [
        rules(PUB),
        format!("/api/v4/projects/{PUB}/-/packages/removals"),
    ] {
        seeds.anonymous().get(&path).expect(401);
        seeds.user("stranger").get(&path).expect(403);
        seeds.user("developer").get(&path).expect(403);
        seeds.user("maintainer").get(&path).expect(200);
    }
    seeds
        .user("stranger")
        .get(&rules(PRIV))
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    for path in ["preview", "run"] {
        let path = format!("{}/{path}", rules(PUB));
        seeds.anonymous().post(&path, json!({})).expect(401);
        seeds.user("developer").post(&path, json!({})).expect(403);
        seeds.user("maintainer").post(&path, json!({})).expect(200);
    }
    seeds.user("maintainer").get(&group_rules(ACME)).expect(403);
    seeds.user("owner").get(&group_rules(ACME)).expect(200);
    seeds.user("owner").get(&group_rules(VAULT)).expect(404);
}

#[test]
fn a_preview_says_what_would_go_and_why_and_takes_nothing() {
    let seeds = Seeds::start();
    let id = old(&seeds, PUB, "tool", "1.0", 40);
    old(&seeds, PUB, "tool", "2.0", 10);
    let rule = rule(&seeds, &rules(PUB), json!({ "older_than_days": 30 }));
    let expected = json!({
        "packages": [{
            "id": id, "project_id": PUB, "name": "tool", "version": "1.0", "package_type": "generic", "bytes": 5,
            "rule_id": rule, "reason": "published 40 days ago, and 30 days is the limit",
        }],
        "bytes": 5,
        "rules": [{ "id": rule, "packages": 1, "bytes": 5, "failed": false, "message": null }],
        "truncated": false,
    });
    assert_eq!(preview(&seeds, &rules(PUB)), expected);
    let all = seeds.root().get(&packages(PUB)).expect(200);
    assert_eq!(all.json().as_array().unwrap().len(), 2);
    assert_eq!(run(&seeds, &rules(PUB)), expected);
    let left = seeds.root().get(&packages(PUB)).expect(200).json();
    assert_eq!(left.as_array().unwrap().len(), 1);
    let nothing = run(&seeds, &rules(PUB));
    assert_eq!(nothing["packages"], json!([]));
    assert_eq!(nothing["rules"][0]["message"], "The rule matches nothing.");
}

#[test]
fn the_latest_of_each_name_and_type_are_kept() {
    let seeds = Seeds::start();
    for version in ["1.0", "1.1", "1.2", "1.3"] {
        old(&seeds, PUB, "tool", version, 5);
    }
    old(&seeds, PUB, "other", "1.0", 5);
    seeds.plant(
        PUB,
        &Planted::new(PackageType::Npm, "tool").version("1.0.0"),
    );
    rule(&seeds, &rules(PUB), json!({ "keep_latest": 2 }));
    let found = preview(&seeds, &rules(PUB));
    assert_eq!(names(&found), ["tool 1.0", "tool 1.1"]);
    assert_eq!(
        found["packages"][0]["reason"],
        "not among the 2 latest versions"
    );
    // Only what the rule matches is counted.
    let seeds = Seeds::start();
    for version in ["1.0", "1.1-rc1", "1.1-rc2", "1.1", "1.2"] {
        old(&seeds, PUB, "tool", version, 5);
    }
    rule(
        &seeds,
        &rules(PUB),
        json!({ "keep_latest": 1, "version_pattern": "*-rc*" }),
    );
    assert_eq!(names(&run(&seeds, &rules(PUB))), ["tool 1.1-rc1"]);
}

#[test]
fn several_limits_must_all_agree() {
    let seeds = Seeds::start();
    for (version, days) in [("1.0", 50), ("1.1", 40), ("1.2", 20), ("1.3", 10)] {
        old(&seeds, PUB, "tool", version, days);
    }
    rule(
        &seeds,
        &rules(PUB),
        json!({ "keep_latest": 1, "older_than_days": 30 }),
    );
    let found = preview(&seeds, &rules(PUB));
    assert_eq!(names(&found), ["tool 1.0", "tool 1.1"]);
    let reason = "not the latest version; published 40 days ago, and 30 days is the limit";
    assert_eq!(found["packages"][0]["reason"], reason);
}

#[test]
fn patterns_and_types_choose_what_is_asked() {
    let seeds = Seeds::start();
    for name in ["nightly-a", "NIGHTLY-b", "release"] {
        old(&seeds, PUB, name, "1.0", 9);
    }
    let python = Planted::new(PackageType::Pypi, "Nightly.C")
        .version("1.0")
        .created_at(&days_ago(9));
    seeds.plant(PUB, &python);
    let path = rules(PUB);
    let one = rule(
        &seeds,
        &path,
        json!({ "older_than_days": 1, "name_pattern": "nightly-*" }),
    );
    // Letter case does not count, and Python's names are compared in their normal form.
    assert_eq!(
        names(&preview(&seeds, &path)),
        ["NIGHTLY-b 1.0", "Nightly.C 1.0", "nightly-a 1.0"]
    );
    seeds
        .root()
        .patch(&format!("{path}/{one}"), json!({ "package_type": "pypi" }))
        .expect(200);
    assert_eq!(names(&preview(&seeds, &path)), ["Nightly.C 1.0"]);
}

#[test]
fn what_is_still_downloaded_or_added_to_stays() {
    let seeds = Seeds::start();
    let root = seeds.root();
    for name in ["idle", "never", "used", "young"] {
        old(&seeds, PUB, name, "1.0", 90);
    }
    seeds.run(
        "UPDATE packages SET last_downloaded_at = ?1 WHERE name = 'idle'",
        [days_ago(70)],
    );
    seeds.run(
        "UPDATE packages SET last_downloaded_at = ?1 WHERE name = 'used'",
        [days_ago(70)],
    );
    root.get(&generic(PUB, "used/1.0/a.bin")).expect(200);
    root.put(&generic(PUB, "young/1.0/b.bin"), "new")
        .expect(201);
    rule(
        &seeds,
        &rules(PUB),
        json!({ "not_downloaded_for_days": 60 }),
    );
    let found = preview(&seeds, &rules(PUB));
    assert_eq!(names(&found), ["idle 1.0", "never 1.0"]);
    let reasons: Vec<&str> = found["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        reasons,
        [
            "not downloaded for 70 days, and 60 days is the limit",
            "never downloaded since it was published 90 days ago, and 60 days is the limit",
        ]
    );
    let by_age = rules(PUB);
    rule(&seeds, &by_age, json!({ "older_than_days": 80 }));
    assert!(
        !names(&preview(&seeds, &by_age)).contains(&"young 1.0".to_owned()),
        "it was added to today"
    );
}

#[test]
fn what_is_hidden_has_no_version_or_is_protected_stays() {
    let seeds = Seeds::start();
    let root = seeds.root();
    for name in ["plain", "kept", "hidden"] {
        old(&seeds, PUB, name, "1.0", 9);
    }
    seeds.run("UPDATE packages SET status = 1 WHERE name = 'hidden'", []);
    seeds.plant(
        PUB,
        &Planted::new(PackageType::Maven, "com/acme/demo").created_at(&days_ago(9)),
    );
    seeds.plant(
        PUB,
        &Planted::generic("broken")
            .status(PackageStatus::Error)
            .created_at(&days_ago(9)),
    );
    seeds.plant(
        PUB,
        &Planted::generic("busy")
            .status(PackageStatus::Processing)
            .created_at(&days_ago(9)),
    );
    seeds.protect(PUB, PackageType::Generic, "kept", None, Some(50));
    rule(&seeds, &rules(PUB), json!({ "older_than_days": 1 }));
    assert_eq!(
        names(&preview(&seeds, &rules(PUB))),
        ["broken 1.0", "plain 1.0"]
    );
    assert_eq!(
        names(&run(&seeds, &rules(PUB))),
        ["broken 1.0", "plain 1.0"]
    );
    root.get(&generic(PUB, "kept/1.0/a.bin")).expect(200);
    root.get(&generic(PUB, "hidden/1.0/a.bin")).expect(200);
}

#[test]
fn a_rule_of_a_group_holds_for_every_project_below_and_for_no_other() {
    let seeds = Seeds::start();
    for project in [PUB, PRIV, DEEP] {
        old(&seeds, project, &format!("in-{project}"), "1.0", 9);
    }
    let of_group = rule(&seeds, &group_rules(SUB), json!({ "older_than_days": 1 }));
    assert_eq!(
        names(&preview(&seeds, &group_rules(SUB))),
        [format!("in-{DEEP} 1.0")]
    );
    assert_eq!(names(&preview(&seeds, &rules(PUB))), [""; 0]);
    // A project's preview tells of the rules above it, too: they will take its packages.
    let found = preview(&seeds, &rules(DEEP));
    assert_eq!(found["packages"][0]["rule_id"], of_group);
    seeds.root().get(&rules(DEEP)).expect_json(200, json!([]));
    rule(&seeds, &group_rules(ACME), json!({ "older_than_days": 1 }));
    let all = run(&seeds, &group_rules(ACME));
    assert_eq!(all["packages"].as_array().unwrap().len(), 3);
    assert_eq!(all["bytes"], 15);
}

#[test]
fn a_rule_that_fails_or_is_switched_off_does_not_stop_the_others() {
    let seeds = Seeds::start();
    old(&seeds, PUB, "tool", "1.0", 9);
    let path = rules(PUB);
    let broken = rule(&seeds, &path, json!({ "older_than_days": 1 }));
    let off = rule(
        &seeds,
        &path,
        json!({ "older_than_days": 1, "enabled": false }),
    );
    let good = rule(&seeds, &path, json!({ "older_than_days": 1 }));
    // A type that no release knows: what a database of the future might hold.
    seeds.run(
        "UPDATE retention_rules SET package_type = 999 WHERE id = ?1",
        [broken],
    );
    let ran = run(&seeds, &path);
    assert_eq!(names(&ran), ["tool 1.0"]);
    let of = |id: i64| {
        ran["rules"]
            .as_array()
            .unwrap()
            .iter()
            .find(|rule| rule["id"] == id)
            .unwrap()
    };
    assert_eq!(of(broken)["failed"], true);
    assert_eq!(of(broken)["message"], "The rule failed; the log says why.");
    assert_eq!(of(off)["message"], "The rule is not enabled.");
    assert_eq!(of(good)["packages"], 1);
}

#[test]
fn what_was_removed_can_be_listed() {
    let seeds = Seeds::start();
    let root = seeds.root();
    for version in ["1.0", "1.1", "1.2"] {
        old(&seeds, PUB, "tool", version, 40);
    }
    let id = rule(&seeds, &rules(PUB), json!({ "keep_latest": 1 }));
    run(&seeds, &rules(PUB));
    let removals = format!("/api/v4/projects/{PUB}/-/packages/removals");
    let listed = root.get(&format!("{removals}?per_page=1")).expect(200);
    assert_eq!(listed.header("x-total"), "2");
    let first = &listed.json()[0];
    assert_eq!(
        (
            &first["version"],
            &first["bytes"],
            &first["rule_id"],
            &first["reason"],
            &first["file_name"]
        ),
        (
            &json!("1.0"),
            &json!(5),
            &json!(id),
            &json!("not the latest version"),
            &Value::Null
        )
    );
    let of_group = root
        .get(&format!("/api/v4/groups/{ACME}/-/packages/removals"))
        .expect(200);
    assert_eq!(of_group.json().as_array().unwrap().len(), 2);
    let elsewhere = root
        .get(&format!("/api/v4/groups/{VAULT}/-/packages/removals"))
        .expect(200);
    assert_eq!(elsewhere.json(), json!([]));
}

#[test]
fn a_removed_version_is_deleted_as_by_hand() {
    let seeds = Seeds::start();
    let root = seeds.root();
    let prefix = format!("/api/v4/projects/{PUB}/packages/npm");
    crate::formats::npm::release(&root, &prefix, "demo", "1.0.0").expect(200);
    let maven = format!("/api/v4/projects/{PUB}/packages/maven/com/acme/demo");
    root.put(&format!("{maven}/1.0/demo-1.0.jar"), "jar")
        .expect(200);
    root.put(
        &format!("{maven}/maven-metadata.xml"),
        "<metadata><versioning/></metadata>",
    )
    .expect(200);
    rule(&seeds, &rules(PUB), json!({ "keep_latest": 0 }));
    assert_eq!(
        names(&run(&seeds, &rules(PUB))),
        ["com/acme/demo 1.0", "demo 1.0.0"]
    );
    // npm: other bytes must not come under the name and version that lock files know.
    let other = json!({ "name": "demo", "version": "1.0.0", "description": "other" });
    crate::formats::npm::publish(&root, &prefix, &other).expect(403);
    // Maven: nothing is left to describe.
    let left = root
        .get(&format!("{}?include_versionless=true", packages(PUB)))
        .expect(200);
    assert_eq!(left.json(), json!([]));
}

#[test]
fn rules_run_by_themselves_when_their_time_has_come() {
    let seeds = Seeds::start();
    old(&seeds, PUB, "tool", "1.0", 9);
    let failing = rule(&seeds, &rules(PUB), json!({ "older_than_days": 1 }));
    seeds.run(
        "UPDATE retention_rules SET package_type = 999 WHERE id = ?1",
        [failing],
    );
    let id = rule(&seeds, &rules(PUB), json!({ "older_than_days": 1 }));
    std::thread::sleep(std::time::Duration::from_millis(1_100)); // a tick, in which nothing is due
    seeds
        .root()
        .get(&generic(PUB, "tool/1.0/a.bin"))
        .expect(200);
    let due = days_ago(0);
    seeds.run("UPDATE packages SET last_downloaded_at = NULL", []);
    seeds.run("UPDATE retention_rules SET next_run_at = ?1", [&due]);
    eventually("the package goes", || {
        seeds.root().get(&packages(PUB)).expect(200).json() == json!([])
    });
    eventually("the rules are planned again", || {
        let conn = seeds.database();
        let sql = "SELECT count(*) FROM retention_rules WHERE next_run_at > ?1";
        let planned: i64 = conn
            .query_row(sql, [Timestamp::now().to_string()], |row| row.get(0))
            .unwrap();
        planned == 2
    });
    let removed = seeds
        .root()
        .get(&format!("/api/v4/projects/{PUB}/-/packages/removals"))
        .expect(200);
    assert_eq!(removed.json()[0]["rule_id"], id);
}
