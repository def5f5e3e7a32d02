//! The audit log: what is written down, who may read it, and how long it is kept.

use std::fs;

use packhouse::registry::PackageType;
use serde_json::{Value, json};

use crate::access::packages::{Home, publish_every_format};
use crate::support::seeds::{ACME, PRIV, PUB, Seeds, VAULT, generic, package, packages, user_id};
use crate::support::shape::ids;
use crate::support::{Actor, Raw, eventually, id_of, keys};

const PUBLISHED: &str = "package_registry_package_published";

/// The events that a path lists, oldest first.
fn events(actor: &Actor, path: &str) -> Vec<Value> {
    let answer = actor.get(&format!("{path}?per_page=100")).expect(200);
    let mut all = answer.json().as_array().unwrap().clone();
    all.reverse();
    all
}

fn of_project(seeds: &Seeds, project: i64) -> Vec<Value> {
    events(
        &seeds.root(),
        &format!("/api/v4/projects/{project}/audit_events"),
    )
}

fn names(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["event_name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_publish_tells_who_what_when_and_from_where_in_gitlabs_shape() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0/a.txt");
    seeds.user("developer").put(&path, b"bytes").expect(201);
    let found = of_project(&seeds, PUB);
    assert_eq!(names(&found), [PUBLISHED]);
    let event = &found[0];
    assert_eq!(
        keys(event),
        [
            "id",
            "author_id",
            "entity_id",
            "entity_type",
            "event_name",
            "details",
            "created_at"
        ]
    );
    assert_eq!(event["author_id"], user_id("developer"));
    assert_eq!(
        (&event["entity_id"], &event["entity_type"]),
        (&json!(PUB), &json!("Project"))
    );
    let details = &event["details"];
    assert_eq!(details["author_name"], "developer");
    assert_eq!(details["author_class"], "User");
    assert_eq!(details["ip_address"], "127.0.0.1");
    assert_eq!(details["entity_path"], "acme/pub");
    assert_eq!(details["target_details"], "tool 1.0");
    assert_eq!(details["files"], json!(["a.txt"]));
    assert_eq!(
        details["custom_message"],
        "Published a.txt of the generic package tool 1.0"
    );
    let token = details["credential"].as_str().unwrap();
    assert!(token.starts_with("access token "), "{token}");
    let one = format!("/api/v4/projects/{PUB}/audit_events/{}", event["id"]);
    assert_eq!(seeds.root().get(&one).expect(200).json(), *event);
    let elsewhere = format!("/api/v4/projects/{PRIV}/audit_events/{}", event["id"]);
    let missing = json!({ "message": "404 Not found" });
    seeds.root().get(&elsewhere).expect_json(404, missing);
}

#[test]
fn what_changes_nothing_leaves_no_event() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0/a.txt");
    seeds.user("developer").put(&path, b"bytes").expect(201);
    seeds.user("developer").put(&path, b"bytes").expect(201); // the row is kept
    seeds.user("guest").put(&path, b"other").expect(403);
    seeds.anonymous().get(&path).expect(200);
    assert_eq!(names(&of_project(&seeds, PUB)), [PUBLISHED]);
}

#[test]
fn deploy_tokens_and_jobs_are_named_as_what_they_are() {
    let seeds = Seeds::start();
    let secret = seeds.deploy_token(Some(PUB), None, &["write_package_registry"]);
    let path = generic(PUB, "tool/1.0/a.txt");
    seeds.deploy(&secret).put(&path, b"1").expect(201);
    seeds.job("developer", PUB).put(&path, b"2").expect(201);
    let found = of_project(&seeds, PUB);
    let of = |event: &Value| {
        let details = &event["details"];
        json!([
            event["author_id"],
            details["author_class"],
            details["author_name"]
        ])
    };
    assert_eq!(of(&found[0]), json!([-2, "DeployToken", "deployer"]));
    assert_eq!(
        of(&found[1]),
        json!([user_id("developer"), "User", "developer"])
    );
    let credential = found[1]["details"]["credential"].as_str().unwrap();
    assert!(credential.starts_with("job "), "{credential}");
}

#[test]
fn deletions_and_changes_of_status_are_written_down() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    for name in ["a.txt", "b.txt", "c.txt"] {
        owner
            .put(&generic(PUB, &format!("tool/1.0/{name}")), name)
            .expect(201);
    }
    let id = ids(&owner.get(&packages(PUB)).expect(200))[0];
    let file = owner
        .get(&format!("{}/package_files", package(PUB, id)))
        .expect(200)
        .json()[0]["id"]
        .clone();
    owner
        .delete(&format!("{}/package_files/{file}", package(PUB, id)))
        .expect(204);
    owner.delete(&generic(PUB, "tool/1.0/b.txt")).expect(204);
    owner
        .patch(&package(PUB, id), json!({ "status": "hidden" }))
        .expect(200);
    owner
        .patch(&package(PUB, id), json!({ "status": "hidden" }))
        .expect(200);
    owner
        .put(
            &format!("{}?status=default", generic(PUB, "tool/1.0/d.txt")),
            "d",
        )
        .expect(201);
    owner.delete(&package(PUB, id)).expect(204);
    let found = of_project(&seeds, PUB);
    assert_eq!(
        names(&found)[3..],
        [
            "package_registry_package_file_deleted",
            "package_registry_package_file_deleted",
            "package_registry_package_status_changed",
            "package_registry_package_status_changed",
            PUBLISHED,
            "package_registry_package_deleted",
        ]
    );
    assert_eq!(found[3]["details"]["files"], json!(["a.txt"]));
    assert_eq!(found[5]["details"]["from"], "default");
    assert_eq!(found[5]["details"]["to"], "hidden");
    assert_eq!(found[8]["details"]["target_details"], "tool 1.0");
}

#[test]
fn a_refusal_by_a_protection_rule_is_written_down_wherever_it_falls() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    let rules = format!("{}/protection/rules", packages(PUB));
    let rule = json!({
        "package_name_pattern": "tool*", "package_type": "generic",
        "minimum_access_level_for_push": "maintainer", "minimum_access_level_for_delete": "owner",
    });
    let rule = owner.post(&rules, rule).expect(201).json();
    let path = generic(PUB, "tool/1.0/a.txt");
    owner.put(&path, b"bytes").expect(201);
    let id = ids(&owner.get(&packages(PUB)).expect(200))[0];
    seeds.user("developer").put(&path, b"x").expect(403);
    // Before the body is sent, too.
    let token = seeds.token("developer");
    let headers = [
        ("PRIVATE-TOKEN", token.as_str()),
        ("Content-Length", "5"),
        ("Expect", "100-continue"),
    ];
    let mut raw = Raw::connect(seeds.address);
    raw.head(&format!("PUT {path}"), &headers);
    raw.send(b"bytes");
    raw.answer().expect(403);
    seeds
        .user("maintainer")
        .delete(&package(PUB, id))
        .expect(403);
    seeds.user("maintainer").delete(&path).expect(403);
    owner
        .patch(
            &format!("{rules}/{}", rule["id"]),
            json!({ "minimum_access_level_for_push": null }),
        )
        .expect(200);
    owner.delete(&format!("{rules}/{}", rule["id"])).expect(204);
    let found = of_project(&seeds, PUB);
    let refused = "package_protection_rule_refused";
    assert_eq!(
        names(&found),
        [
            "package_protection_rule_created",
            PUBLISHED,
            refused,
            refused,
            refused,
            refused,
            "package_protection_rule_updated",
            "package_protection_rule_deleted",
        ]
    );
    assert_eq!(found[2]["author_id"], user_id("developer"));
    assert_eq!(found[2]["details"]["ip_address"], "127.0.0.1");
    assert_eq!(found[2]["details"]["target_id"], rule["id"]);
    assert_eq!(
        found[4]["details"]["custom_message"],
        "Refused to delete the generic package tool: the rule `tool*` asks for owner at least"
    );
}

#[test]
fn tokens_members_and_settings_are_written_down_and_no_secret_is() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    let project = format!("/api/v4/projects/{PUB}");
    let group = format!("/api/v4/groups/{ACME}");
    let bot = json!({ "name": "bot", "scopes": ["api"], "access_level": 30 });
    let bot = owner
        .post(&format!("{project}/access_tokens"), bot)
        .expect(201)
        .json();
    let bot = owner
        .post(
            &format!("{project}/access_tokens/{}/rotate", bot["id"]),
            json!({}),
        )
        .expect(200)
        .json();
    owner
        .delete(&format!("{project}/access_tokens/{}", bot["id"]))
        .expect(204);
    let deploy = json!({ "name": "ci", "scopes": ["read_package_registry"] });
    let deploy = owner
        .post(&format!("{project}/deploy_tokens"), deploy)
        .expect(201)
        .json();
    owner
        .delete(&format!("{project}/deploy_tokens/{}", deploy["id"]))
        .expect(204);
    let stranger = user_id("stranger");
    let member = json!({ "user_id": stranger, "access_level": 20 });
    owner
        .post(&format!("{project}/members"), member)
        .expect(201);
    owner
        .put_json(
            &format!("{project}/members/{stranger}"),
            json!({ "access_level": 30 }),
        )
        .expect(200);
    owner
        .delete(&format!("{project}/members/{stranger}"))
        .expect(204);
    owner
        .put_json(
            &project,
            json!({ "description": "new", "public_jobs": false }),
        )
        .expect(200);
    owner
        .put_json(&project, json!({ "description": "new" }))
        .expect(200); // as it is
    owner
        .patch(
            &format!("{project}/job_token_scope"),
            json!({ "enabled": false }),
        )
        .expect(204);
    owner
        .post(
            &format!("{project}/job_token_scope/allowlist"),
            json!({ "target_project_id": PRIV }),
        )
        .expect(201);
    owner
        .delete(&format!("{project}/job_token_scope/allowlist/{PRIV}"))
        .expect(204);
    let found = of_project(&seeds, PUB);
    assert_eq!(
        names(&found),
        [
            "member_created",
            "project_access_token_created",
            "project_access_token_rotated",
            "member_destroyed",
            "project_access_token_revoked",
            "deploy_token_created",
            "deploy_token_destroyed",
            "member_created",
            "member_updated",
            "member_destroyed",
            "project_settings_updated",
            "secure_ci_job_token_inbound_disabled",
            "secure_ci_job_token_project_added",
            "secure_ci_job_token_project_removed",
        ]
    );
    assert_eq!(
        found[8]["details"]["custom_message"],
        "Changed stranger from reporter to developer"
    );
    assert_eq!(
        found[10]["details"]["from"],
        json!({ "description": null, "public_jobs": true })
    );
    assert_eq!(
        found[10]["details"]["to"],
        json!({ "description": "new", "public_jobs": false })
    );

    owner
        .put_json(
            &format!("{group}/-/packages/settings"),
            json!({ "generic_duplicates_allowed": false }),
        )
        .expect(200);
    owner
        .put_json(&group, json!({ "description": "new" }))
        .expect(200);
    let token = json!({ "name": "ci", "scopes": ["write_package_registry"] });
    owner
        .post(&format!("{group}/deploy_tokens"), token)
        .expect(201);
    assert_eq!(
        names(&events(&owner, &format!("{group}/audit_events"))),
        [
            "package_settings_updated",
            "group_settings_updated",
            "group_deploy_token_created"
        ]
    );

    let root = seeds.root();
    root.put_json(
        "/api/v4/application/settings",
        json!({ "default_project_visibility": "internal" }),
    )
    .expect(200);
    let user = json!({ "username": "new", "name": "New", "email": "new@example.com", "force_random_password": true });
    let user = id_of(&root.post("/api/v4/users", user).expect(201).json());
    let token = json!({ "name": "mine", "scopes": ["api"] });
    let made = root
        .post(
            &format!("/api/v4/users/{user}/personal_access_tokens"),
            token,
        )
        .expect(201)
        .json();
    let value = made["token"].as_str().unwrap();
    let own = seeds.with_token(value);
    own.post("/api/v4/personal_access_tokens/self/rotate", json!({}))
        .expect(200);
    root.delete(&format!("/api/v4/users/{user}")).expect(204);
    let instance = "/api/v4/audit_events";
    let of_users = format!("{instance}?entity_type=User&entity_id={user}");
    let listed = root.get(&of_users).expect(200).json();
    let listed: Vec<&str> = crate::support::each(&listed, "event_name");
    assert_eq!(
        listed,
        [
            "user_destroyed",
            "personal_access_token_rotated",
            "personal_access_token_issued",
            "user_created",
        ]
    );
    let scope = format!("{instance}?entity_type=Gitlab::Audit::InstanceScope");
    let scope = root.get(&scope).expect(200).json();
    assert_eq!(
        crate::support::each(&scope, "event_name"),
        ["application_setting_updated"]
    );
    let everything = root
        .get(&format!("{instance}?per_page=100"))
        .expect(200)
        .text();
    for secret in [
        value,
        bot["token"].as_str().unwrap(),
        deploy["token"].as_str().unwrap(),
    ] {
        assert!(!everything.contains(secret));
    }
}

#[test]
fn quotas_rules_and_policies_are_written_down_and_what_they_take() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    let below = format!("/api/v4/projects/{PUB}/-/packages");
    for (version, bytes) in [("1.0", "a"), ("2.0", "b"), ("2.0", "c")] {
        let path = generic(PUB, &format!("tool/{version}/a.bin"));
        owner.put(&path, bytes).expect(201);
    }
    let limits = json!({ "max_files": 100 });
    owner
        .put_json(&format!("{below}/quota"), limits)
        .expect(200);
    let rules = format!("{below}/retention_rules");
    let rule = json!({ "name_pattern": "t*", "keep_latest": 5 });
    let rule = owner.post(&rules, rule).expect(201).json();
    let rule = format!("{rules}/{}", rule["id"]);
    let changed = json!({ "keep_latest": 1 });
    owner.patch(&rule, changed).expect(200);
    owner.post(&format!("{rules}/run"), json!({})).expect(200);
    owner.delete(&rule).expect(204);
    let policy = format!("{below}/cleanup_policy");
    let one = json!({ "keep_n_duplicated_package_files": "1" });
    owner.put_json(&policy, one).expect(200);
    owner.post(&format!("{policy}/run"), json!({})).expect(200);
    let found: Vec<Value> = of_project(&seeds, PUB).split_off(3);
    let said: Vec<&str> = found
        .iter()
        .map(|event| event["details"]["custom_message"].as_str().unwrap())
        .collect();
    assert_eq!(
        said,
        [
            "Changed the storage quota",
            "Created the retention rule for t*",
            "Changed the retention rule for t*",
            "Deleted the generic package tool 1.0",
            "Deleted the retention rule for t*",
            "Changed the cleanup policy: of the files of one name, 1 stay",
            "Deleted a.bin of the generic package tool 2.0: a newer one has its name",
        ]
    );
    assert_eq!(
        names(&found)[..3],
        [
            "package_storage_quota_updated",
            "package_retention_rule_created",
            "package_retention_rule_updated",
        ]
    );
    assert_eq!(found[0]["details"]["max_files"], 100);
    assert_eq!(found[2]["details"]["keep_latest"], 1);
    let author = user_id("owner");
    assert!(found.iter().all(|event| event["author_id"] == author));
}

#[test]
fn what_is_made_and_deleted_whole_is_written_down() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    let group = json!({ "name": "new", "path": "new", "visibility": "public" });
    let group = id_of(&owner.post("/api/v4/groups", group).expect(201).json());
    let project = json!({ "path": "made", "namespace_id": group });
    let project = id_of(&owner.post("/api/v4/projects", project).expect(201).json());
    owner
        .delete(&format!("/api/v4/projects/{project}"))
        .expect(202);
    owner.delete(&format!("/api/v4/groups/{group}")).expect(202);
    let of = |kind: &str, id: i64| {
        let path = format!("/api/v4/audit_events?entity_type={kind}&entity_id={id}");
        let list = seeds.root().get(&path).expect(200).json();
        crate::support::each(&list, "event_name")
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("Project", project),
        ["project_destroyed", "project_created"]
    );
    assert_eq!(
        of("Group", group),
        ["group_destroyed", "member_created", "group_created"]
    );
}

#[test]
fn a_revoked_token_that_is_used_again_is_written_down_with_its_address() {
    let seeds = Seeds::start();
    let old = seeds.user("owner");
    let new = old
        .post("/api/v4/personal_access_tokens/self/rotate", json!({}))
        .expect(200)
        .json();
    let successor = seeds.with_token(new["token"].as_str().unwrap());
    successor.get("/api/v4/user").expect(200);
    old.get("/api/v4/user").expect(401);
    eventually("the family is revoked", || {
        successor.get("/api/v4/user").status == 401
    });
    let path = format!(
        "/api/v4/audit_events?entity_type=User&entity_id={}",
        user_id("owner")
    );
    let newest = seeds.root().get(&path).expect(200).json()[0].clone();
    assert_eq!(newest["event_name"], "personal_access_token_revoked");
    assert_eq!(newest["author_id"], -1);
    assert_eq!(newest["details"]["ip_address"], "127.0.0.1");
    assert_eq!(newest["details"]["target_id"], new["id"]);
}

#[test]
fn the_log_is_read_by_maintainers_owners_and_administrators_each_their_own() {
    let seeds = Seeds::start();
    let project = format!("/api/v4/projects/{PRIV}/audit_events");
    let group = format!("/api/v4/groups/{ACME}/audit_events");
    let instance = "/api/v4/audit_events";
    for (caller, statuses) in [
        ("stranger", [404, 403, 403]),
        ("guest", [403, 403, 403]),
        ("developer", [403, 403, 403]),
        ("maintainer", [200, 403, 403]),
        ("owner", [200, 200, 403]),
    ] {
        let actor = seeds.user(caller);
        for (path, status) in [&project, &group, instance].into_iter().zip(statuses) {
            assert_eq!(actor.get(path).status, status, "{caller} {path}");
        }
    }
    for path in [&project, &group, instance] {
        seeds.root().get(path).expect(200);
        seeds
            .anonymous()
            .get(path)
            .expect_json(401, json!({ "message": "401 Unauthorized" }));
    }
    seeds
        .user("owner")
        .get(&format!("/api/v4/groups/{VAULT}/audit_events"))
        .expect(404);
}

#[test]
fn events_are_paged_newest_first_and_cut_by_time() {
    let seeds = Seeds::start();
    for number in 0..5 {
        let path = generic(PUB, &format!("tool/1.{number}/a.txt"));
        seeds.user("developer").put(&path, b"x").expect(201);
    }
    let moment = |day: i64| format!("2026-01-0{day}T00:00:00.000Z");
    for day in 1..=5 {
        seeds.run(
            "UPDATE audit_events SET created_at = ?1 WHERE id = (SELECT id FROM audit_events WHERE entity_id = 201 ORDER BY id LIMIT 1 OFFSET ?2)",
            (moment(day), day - 1),
        );
    }
    let path = format!("/api/v4/projects/{PUB}/audit_events");
    let first = seeds.root().get(&format!("{path}?per_page=2")).expect(200);
    assert_eq!(first.header("x-total"), "5");
    assert_eq!(first.header("x-next-page"), "2");
    let listed = first.json();
    assert_eq!(
        crate::support::each(&listed, "created_at"),
        [moment(5), moment(4)]
    );
    let cut = format!(
        "{path}?created_after=2026-01-02&created_before={}",
        moment(4)
    );
    let cut = seeds.root().get(&cut).expect(200).json();
    assert_eq!(
        crate::support::each(&cut, "created_at"),
        [moment(4), moment(3), moment(2)]
    );
    let instance = seeds
        .root()
        .get("/api/v4/audit_events?created_before=2026-01-03")
        .expect(200)
        .json();
    assert_eq!(
        crate::support::each(&instance, "created_at"),
        [moment(3), moment(2), moment(1)]
    );
    for (query, text) in [
        ("created_after=yesterday", "created_after is invalid"),
        ("per_page=0", "per_page has a value not allowed"),
    ] {
        seeds
            .root()
            .get(&format!("{path}?{query}"))
            .expect_json(400, json!({ "error": text }));
    }
    for (query, text) in [
        (
            "entity_type=Package",
            "entity_type does not have a valid value",
        ),
        ("entity_id=1", "entity_type is missing"),
    ] {
        let path = format!("/api/v4/audit_events?{query}");
        seeds
            .root()
            .get(&path)
            .expect_json(400, json!({ "error": text }));
    }
}

#[test]
fn events_are_forgotten_after_their_days_and_not_before() {
    let seeds = Seeds::start_with(|config| config.audit_days = 30);
    let path = generic(PUB, "tool/1.0/a.txt");
    seeds.user("developer").put(&path, b"x").expect(201);
    let days_ago = |days: i64| packhouse::registry::Timestamp::now().plus_secs(-days * 86_400);
    for days in [29, 31, 400] {
        seeds.run(
            "INSERT INTO audit_events (entity_type, entity_id, author_id, event_name, details, created_at)
             VALUES ('Project', ?1, 1, 'planted', ?2, ?3)",
            (PUB, json!({ "days": days }).to_string(), days_ago(days)),
        );
    }
    eventually("the old ones are gone", || {
        of_project(&seeds, PUB).len() == 2
    });
    let left = of_project(&seeds, PUB);
    assert_eq!(left[0]["details"]["days"], 29);
    assert_eq!(names(&left), ["planted", PUBLISHED]);
}

#[test]
fn the_log_is_followed_by_a_file_of_json_lines_through_restarts_and_rotation() {
    let logs = tempfile::tempdir().unwrap();
    let file = logs.path().join("audit.jsonl");
    let configure = |config: &mut packhouse::config::Config| config.audit_log = Some(file.clone());
    let lines = || -> Vec<Value> {
        let text = fs::read_to_string(&file).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let app = crate::support::TestApp::start_with(configure);
    let put = |app: &crate::support::TestApp, version: &str| {
        app.root()
            .put(&generic(1, &format!("tool/{version}/a.txt")), version)
            .expect(201);
    };
    put(&app, "1.0");
    eventually("the line is there", || {
        lines().iter().any(|line| line["event_name"] == PUBLISHED)
    });
    let listed = events(&app.root(), "/api/v4/audit_events");
    assert_eq!(lines(), listed);
    let data = app.stop();
    fs::rename(&file, logs.path().join("audit.jsonl.1")).unwrap();
    let app = crate::support::TestApp::start_in(data, configure);
    put(&app, "2.0");
    eventually("a new file is begun", || !lines().is_empty());
    let after = lines();
    assert_eq!(names(&after), [PUBLISHED]);
    assert_eq!(after[0]["details"]["target_details"], "tool 2.0");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn every_format_leaves_the_event_of_its_publish() {
    let seeds = Seeds::start();
    let home = Home {
        project_id: PUB,
        project: "acme/pub".into(),
        group_id: ACME,
        group: "acme".into(),
    };
    publish_every_format(&seeds.user("owner"), &home, 1);
    let found = of_project(&seeds, PUB);
    for format in packhouse::formats::FORMATS {
        let kind = PackageType::as_str(format.package_type);
        let event = found
            .iter()
            .find(|event| {
                event["event_name"] == PUBLISHED && event["details"]["package_type"] == kind
            })
            .unwrap_or_else(|| panic!("no event for {kind}"));
        assert_eq!(event["author_id"], user_id("owner"), "{kind}");
        assert_eq!(event["details"]["ip_address"], "127.0.0.1", "{kind}");
    }
}
