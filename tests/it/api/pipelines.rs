//! Pipelines that register themselves: commit statuses, creation, lists.

use serde_json::{Value, json};

use crate::support::{Actor, Place, TestApp};

const PROJECT: &str = "/api/v4/projects/1";
const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

fn report(actor: &Actor, body: Value) -> Value {
    actor
        .post(&format!("{PROJECT}/statuses/{SHA}"), body)
        .expect(201)
        .json()
}

fn pipeline(app: &TestApp, id: &Value) -> Value {
    app.root()
        .get(&format!("{PROJECT}/pipelines/{id}"))
        .expect(200)
        .json()
}

#[test]
fn the_first_status_of_a_commit_makes_its_pipeline_and_the_next_moves_it() {
    let app = TestApp::start();
    let root = app.root();
    let first = report(
        &root,
        json!({ "state": "running", "target_url": "https://ci.example.org/1" }),
    );
    assert_eq!(first["ref"], "main");
    assert_eq!(first["name"], "default");
    assert_eq!(first["finished_at"], Value::Null);
    let made = pipeline(&app, &first["pipeline_id"]);
    assert_eq!(
        (&made["source"], &made["status"], &made["sha"]),
        (&json!("external"), &json!("running"), &json!(SHA))
    );
    let second = report(
        &root,
        json!({ "state": "success", "description": "done", "coverage": 81.5 }),
    );
    assert_eq!(second["pipeline_id"], first["pipeline_id"]);
    assert_eq!(second["id"], first["id"]);
    assert_eq!(second["target_url"], "https://ci.example.org/1");
    assert!(second["finished_at"].is_string());
    let keys: Vec<&String> = second.as_object().unwrap().keys().collect();
    let expected = [
        "id",
        "sha",
        "ref",
        "status",
        "name",
        "target_url",
        "description",
        "created_at",
        "started_at",
        "finished_at",
        "allow_failure",
        "coverage",
        "pipeline_id",
        "author",
    ];
    assert_eq!(keys, expected);
    assert_eq!(second["author"]["username"], "root");
    let after = pipeline(&app, &first["pipeline_id"]);
    assert_eq!(after["status"], "success");
    assert_eq!(after["coverage"], "81.50");
    assert_eq!(
        root.get(&format!("{PROJECT}/pipelines")).header("x-total"),
        "1"
    );
    let elsewhere = report(&root, json!({ "state": "pending", "ref": "v1.0" }));
    assert_ne!(elsewhere["pipeline_id"], first["pipeline_id"]);
    assert_eq!(pipeline(&app, &elsewhere["pipeline_id"])["iid"], 2);
}

#[test]
fn a_pipelines_status_follows_from_the_latest_of_each_name() {
    let app = TestApp::start();
    let root = app.root();
    let id = report(&root, json!({ "state": "skipped", "name": "a" }))["pipeline_id"].clone();
    let status = |name: &str, state: &str| {
        report(&root, json!({ "state": state, "context": name }));
        pipeline(&app, &id)["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status("b", "skipped"), "skipped");
    assert_eq!(status("b", "success"), "success");
    assert_eq!(status("c", "canceled"), "canceled");
    assert_eq!(status("d", "failed"), "failed");
    assert_eq!(status("e", "pending"), "pending");
    assert_eq!(status("f", "running"), "running");
    assert_eq!(status("f", "success"), "pending");
    assert_eq!(status("e", "success"), "failed");
    assert_eq!(status("d", "success"), "canceled");
}

#[test]
fn what_a_status_may_not_be() {
    let app = TestApp::start();
    let root = app.root();
    let path = format!("{PROJECT}/statuses/{SHA}");
    root.post(&path, json!({}))
        .expect_json(400, json!({ "error": "state is missing" }));
    root.post(&path, json!({ "state": "created" }))
        .expect_json(400, json!({ "error": "state does not have a valid value" }));
    root.post(&path, json!({ "state": "failed", "coverage": "much" }))
        .expect_json(400, json!({ "error": "coverage is invalid" }));
    for bad in ["main", "0123", &SHA.replace('0', "g")] {
        root.post(
            &format!("{PROJECT}/statuses/{bad}"),
            json!({ "state": "failed" }),
        )
        .expect_json(404, json!({ "message": "404 Commit Not Found" }));
    }
    root.post(&path, json!({ "state": "failed", "pipeline_id": 99 }))
        .expect_json(404, json!({ "message": "404 Pipeline Not Found" }));
    assert_eq!(root.get(&format!("{PROJECT}/pipelines")).json(), json!([]));
}

#[test]
fn a_pipeline_is_created_with_a_detail_view() {
    let app = TestApp::start();
    let root = app.root();
    let made = root
        .post(
            &format!("{PROJECT}/pipeline"),
            json!({ "ref": "main", "name": "nightly", "variables": [{ "key": "A", "value": "b" }] }),
        )
        .expect(201)
        .json();
    let id = &made["id"];
    assert_eq!(made["status"], "running");
    assert_eq!(made["source"], "api");
    assert_eq!(made["sha"], "0".repeat(40));
    assert_eq!(made["name"], "nightly");
    assert_eq!(made["user"]["username"], "root");
    assert_eq!(
        made["detailed_status"],
        json!({
            "icon": "status_running", "text": "Running", "label": "running", "group": "running", "tooltip": "running",
            "has_details": true, "details_path": format!("/local/packages/-/pipelines/{id}"),
        })
    );
    for key in [
        "before_sha",
        "tag",
        "yaml_errors",
        "started_at",
        "finished_at",
        "committed_at",
        "duration",
        "queued_duration",
        "coverage",
    ] {
        assert!(made.get(key).is_some(), "{key}");
    }
    assert_eq!(pipeline(&app, id), made);
    let chosen = root
        .post(&format!("{PROJECT}/pipeline"), json!({ "ref": "v1", "sha": SHA.to_uppercase(), "status": "success", "source": "push" }))
        .expect(201)
        .json();
    assert_eq!(
        (&chosen["sha"], &chosen["status"], &chosen["source"]),
        (&json!(SHA), &json!("success"), &json!("push"))
    );
    for (body, error) in [
        (json!({}), "ref is missing"),
        (json!({ "ref": "x", "sha": "12" }), "sha is invalid"),
        (
            json!({ "ref": "x", "status": "lost" }),
            "status does not have a valid value",
        ),
        (
            json!({ "ref": "x", "source": "thin air" }),
            "source does not have a valid value",
        ),
    ] {
        root.post(&format!("{PROJECT}/pipeline"), body)
            .expect_json(400, json!({ "error": error }));
    }
}

#[test]
fn the_list_is_filtered_sorted_and_paged_and_has_no_users() {
    let app = TestApp::start();
    let root = app.root();
    let new = |ref_name: &str, status: &str| {
        let body = json!({ "ref": ref_name, "status": status, "sha": SHA });
        root.post(&format!("{PROJECT}/pipeline"), body)
            .expect(201)
            .json()["id"]
            .as_i64()
            .unwrap()
    };
    let (one, two, three) = (
        new("main", "success"),
        new("dev", "failed"),
        new("main", "running"),
    );
    let list = |query: &str| -> Vec<i64> {
        let list = root
            .get(&format!("{PROJECT}/pipelines?{query}"))
            .expect(200)
            .json();
        list.as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(list(""), [three, two, one]);
    assert_eq!(list("sort=asc"), [one, two, three]);
    assert_eq!(list("ref=main"), [three, one]);
    assert_eq!(list("status=failed"), [two]);
    assert_eq!(
        list(&format!("sha={SHA}&source=api&username=ROOT")),
        [three, two, one]
    );
    assert_eq!(list("username=nobody"), [] as [i64; 0]);
    assert_eq!(list("source=push"), [] as [i64; 0]);
    assert_eq!(list("order_by=ref&sort=asc"), [two, one, three]);
    assert_eq!(list("order_by=status&sort=asc"), [two, three, one]);
    assert_eq!(list("updated_after=2100-01-01"), [] as [i64; 0]);
    assert_eq!(list("updated_before=2100-01-01&per_page=2&page=2"), [one]);
    let first = root.get(&format!("{PROJECT}/pipelines")).json()[0].clone();
    let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    let expected = [
        "id",
        "iid",
        "project_id",
        "sha",
        "ref",
        "status",
        "source",
        "created_at",
        "updated_at",
        "web_url",
        "name",
    ];
    assert_eq!(keys, expected);
    root.get(&format!("{PROJECT}/pipelines?order_by=sha&sort=up&status=x")).expect_json(
        400,
        json!({ "error": "status does not have a valid value, order_by does not have a valid value, sort does not have a valid value" }),
    );
}

#[test]
fn the_latest_of_a_ref_is_found() {
    let app = TestApp::start();
    let root = app.root();
    let latest = |query: &str| root.get(&format!("{PROJECT}/pipelines/latest{query}"));
    latest("").expect_json(404, json!({ "message": "404 Not Found" }));
    for (ref_name, name) in [("main", "a"), ("main", "b"), ("dev", "c")] {
        root.post(
            &format!("{PROJECT}/pipeline"),
            json!({ "ref": ref_name, "name": name }),
        )
        .expect(201);
    }
    assert_eq!(latest("").expect(200).json()["name"], "b");
    assert_eq!(latest("?ref=dev").expect(200).json()["name"], "c");
    latest("?ref=none").expect_json(404, json!({ "message": "404 Not Found" }));
}

#[test]
fn only_owners_delete_and_only_developers_create() {
    let app = TestApp::start();
    let id = app
        .root()
        .post(&format!("{PROJECT}/pipeline"), json!({ "ref": "main" }))
        .expect(201)
        .json()["id"]
        .clone();
    let path = format!("{PROJECT}/pipelines/{id}");
    let role = |username: &str, level| {
        let actor = app.user(username);
        app.member(username, Place::Project("local/packages"), level);
        actor
    };
    let forbidden = json!({ "message": "403 Forbidden" });
    let (reporter, developer, maintainer, owner) = (
        role("rob", 20),
        role("dev", 30),
        role("mia", 40),
        role("olga", 50),
    );
    reporter
        .post(&format!("{PROJECT}/pipeline"), json!({ "ref": "x" }))
        .expect_json(403, forbidden.clone());
    reporter
        .post(
            &format!("{PROJECT}/statuses/{SHA}"),
            json!({ "state": "failed" }),
        )
        .expect_json(403, forbidden.clone());
    developer
        .post(&format!("{PROJECT}/pipeline"), json!({ "ref": "x" }))
        .expect(201);
    maintainer.delete(&path).expect_json(403, forbidden);
    owner
        .with("If-Unmodified-Since", "Wed, 01 Jan 2020 00:00:00 GMT")
        .delete(&path)
        .expect(412);
    owner.delete(&path).expect(204);
    owner
        .delete(&path)
        .expect_json(404, json!({ "message": "404 Not found" }));
    owner
        .get(&path)
        .expect_json(404, json!({ "message": "404 Not found" }));
    owner
        .get(&format!("{PROJECT}/pipelines/x"))
        .expect_json(400, json!({ "error": "pipeline_id is invalid" }));
    app.anonymous()
        .get(&format!("{PROJECT}/pipelines"))
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
    let sam = app.user("sam");
    sam.get(&format!("{PROJECT}/pipelines")).expect(200);
    app.database()
        .execute("UPDATE projects SET builds_access_level = 'private'", [])
        .unwrap();
    sam.get(&format!("{PROJECT}/pipelines"))
        .expect_json(403, json!({ "message": "403 Forbidden" }));
}
