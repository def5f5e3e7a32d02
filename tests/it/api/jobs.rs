//! Jobs and their tokens: what they publish, how long they live, and whom they may reach.

use serde_json::{Value, json};

use crate::support::{Actor, Place, TestApp};

const PROJECT: &str = "/api/v4/projects/acme%2Ftools";
const FILE: &str = "/api/v4/projects/acme%2Ftools/packages/generic/tool/1.0/tool.bin";
const SCOPE: &str = "/api/v4/projects/acme%2Ftools/job_token_scope";

/// Private projects acme/tools and acme/other, and a developer of both.
fn world() -> (TestApp, Actor) {
    let app = TestApp::start();
    app.group("acme", "private");
    app.project("acme/tools", "private");
    app.project("acme/other", "private");
    let developer = app.user("dev");
    app.member("dev", Place::Group("acme"), 30);
    (app, developer)
}

fn pipeline(actor: &Actor, project: &str) -> Value {
    actor
        .post(&format!("{project}/pipeline"), json!({ "ref": "main" }))
        .expect(201)
        .json()["id"]
        .clone()
}

fn job(actor: &Actor, project: &str) -> Value {
    let pipeline = pipeline(actor, project);
    actor
        .post(&format!("{project}/pipelines/{pipeline}/jobs"), json!({}))
        .expect(201)
        .json()
}

fn speaks(app: &TestApp, job: &Value) -> Actor {
    app.with_header("JOB-TOKEN", job["token"].as_str().unwrap())
}

#[test]
fn a_job_publishes_for_its_pipeline_and_has_no_creator() {
    let (app, developer) = world();
    let made = job(&developer, PROJECT);
    assert_eq!(
        (&made["name"], &made["status"]),
        (&json!("publish"), &json!("running"))
    );
    assert!(made["token"].as_str().unwrap().starts_with("glcbt-"));
    assert!(made["pipeline"].get("user").is_none());
    // The header of another pipeline is ignored: a job has its own.
    speaks(&app, &made)
        .with("X-Package-Pipeline", "99")
        .put(FILE, "x")
        .expect(201);
    let package = developer.get(&format!("{PROJECT}/packages")).json()[0].clone();
    assert_eq!(package["creator_id"], Value::Null);
    assert_eq!(package["pipeline"]["id"], made["pipeline"]["id"]);
    assert_eq!(package["pipelines"], json!([]));
    let path = format!("{PROJECT}/packages/{}", package["id"]);
    let linked = developer
        .get(&format!("{path}/pipelines"))
        .expect(200)
        .json();
    assert_eq!(linked[0]["id"], made["pipeline"]["id"]);
    assert_eq!(linked[0]["user"]["username"], "dev");
    let files = developer
        .get(&format!("{path}/package_files"))
        .expect(200)
        .json();
    assert_eq!(files[0]["pipelines"][0]["id"], made["pipeline"]["id"]);
}

#[test]
fn every_carrier_of_a_job_token_is_honoured() {
    let (app, developer) = world();
    let made = job(&developer, PROJECT);
    let token = made["token"].as_str().unwrap();
    app.with_basic("gitlab-ci-token", token)
        .put(FILE, "x")
        .expect(201);
    app.with_header("Authorization", &format!("Bearer {token}"))
        .get(FILE)
        .expect(200);
    app.anonymous()
        .get(&format!("{FILE}?job_token={token}"))
        .expect(200);
    app.with_header("JOB-TOKEN", token)
        .get(&format!("{PROJECT}/packages"))
        .expect(200);
    app.with_basic("gitlab-ci-token", token)
        .get(&format!("{PROJECT}/packages"))
        .expect(404);
    app.with_basic("somebody", token).put(FILE, "y").expect(401);
}

#[test]
fn a_canceled_job_is_nobody_any_more() {
    let (app, developer) = world();
    let made = job(&developer, PROJECT);
    let by_job = speaks(&app, &made);
    by_job.put(FILE, "x").expect(201);
    let canceled = developer
        .post(&format!("{PROJECT}/jobs/{}/cancel", made["id"]), json!({}))
        .expect(201)
        .json();
    assert_eq!(canceled["status"], "canceled");
    by_job
        .get(FILE)
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
    by_job
        .get(&format!("{PROJECT}/packages"))
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
    developer
        .post(&format!("{PROJECT}/jobs/99/cancel"), json!({}))
        .expect_json(404, json!({ "message": "404 Not found" }));
}

#[test]
fn a_pipeline_that_is_over_takes_its_jobs_along_and_gets_no_more() {
    let (app, developer) = world();
    let sha = "ab".repeat(20);
    let status = |state: &str| {
        let path = format!("{PROJECT}/statuses/{sha}");
        developer
            .post(&path, json!({ "state": state }))
            .expect(201)
            .json()["pipeline_id"]
            .clone()
    };
    let jobs = format!("{PROJECT}/pipelines/{}/jobs", status("running"));
    let by_job = speaks(&app, &developer.post(&jobs, json!({})).expect(201).json());
    by_job.put(FILE, "x").expect(201);
    status("success");
    by_job.put(FILE, "y").expect(401);
    developer.post(&jobs, json!({})).expect_json(
        400,
        json!({ "message": "400 Bad request - the pipeline is over: its status is success" }),
    );
}

#[test]
fn a_token_dies_at_its_time() {
    let (app, developer) = world();
    let made = job(&developer, PROJECT);
    speaks(&app, &made).get("/api/v4/job").expect(200);
    app.database()
        .execute(
            "UPDATE jobs SET expires_at = '2020-01-01T00:00:00.000Z'",
            [],
        )
        .unwrap();
    speaks(&app, &made)
        .get("/api/v4/job")
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
}

#[test]
fn a_job_lives_a_day_at_most() {
    let (app, developer) = world();
    let jobs = format!("{PROJECT}/pipelines/{}/jobs", pipeline(&developer, PROJECT));
    let made = developer
        .post(&jobs, json!({ "name": "release", "expires_in": 86_400 }))
        .expect(201)
        .json();
    assert_eq!(made["name"], "release");
    for bad in [0, -1, 86_401] {
        developer
            .post(&jobs, json!({ "expires_in": bad }))
            .expect_json(
                400,
                json!({ "error": "expires_in does not have a valid value" }),
            );
    }
    developer
        .post(&jobs, json!({ "expires_in": "long" }))
        .expect_json(400, json!({ "error": "expires_in is invalid" }));
    let unknown = format!("{PROJECT}/pipelines/99/jobs");
    developer
        .post(&unknown, json!({}))
        .expect_json(404, json!({ "message": "404 Not found" }));
    let reporter = app.user("rob");
    app.member("rob", Place::Group("acme"), 20);
    reporter
        .post(&jobs, json!({}))
        .expect_json(403, json!({ "message": "403 Forbidden" }));
}

#[test]
fn a_job_reports_and_makes_pipelines_but_no_jobs() {
    let (app, developer) = world();
    let made = job(&developer, PROJECT);
    let by_job = speaks(&app, &made);
    by_job
        .post(&format!("{PROJECT}/pipeline"), json!({ "ref": "main" }))
        .expect(201);
    by_job
        .post(
            &format!("{PROJECT}/statuses/{}", "cd".repeat(20)),
            json!({ "state": "running" }),
        )
        .expect(201);
    by_job.get(&format!("{PROJECT}/pipelines")).expect(200);
    let unauthorized = json!({ "message": "401 Unauthorized" });
    let jobs = format!("{PROJECT}/pipelines/{}/jobs", made["pipeline"]["id"]);
    by_job
        .post(&jobs, json!({}))
        .expect_json(401, unauthorized.clone());
    by_job.get(SCOPE).expect_json(401, unauthorized);
}

#[test]
fn a_job_asks_about_itself() {
    let (app, developer) = world();
    let made = job(&developer, PROJECT);
    let shown = speaks(&app, &made).get("/api/v4/job").expect(200).json();
    for key in [
        "id",
        "name",
        "status",
        "stage",
        "ref",
        "tag",
        "created_at",
        "started_at",
        "user",
        "commit",
        "pipeline",
        "project",
        "web_url",
    ] {
        assert!(shown.get(key).is_some(), "{key}");
    }
    assert_eq!(shown["id"], made["id"]);
    assert_eq!(shown["user"]["username"], "dev");
    assert_eq!(shown["pipeline"]["id"], made["pipeline"]["id"]);
    developer
        .get("/api/v4/job")
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
    app.anonymous()
        .get("/api/v4/job")
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
}

#[test]
fn a_job_of_another_project_needs_the_allowlist() {
    let (app, developer) = world();
    let elsewhere = speaks(&app, &job(&developer, "/api/v4/projects/acme%2Fother"));
    let refused = json!({
        "message": "403 Forbidden - Authentication by CI/CD job token not allowed from other to tools.",
    });
    elsewhere.put(FILE, "x").expect_json(403, refused.clone());
    elsewhere
        .get(&format!("{PROJECT}/packages"))
        .expect_json(403, refused.clone());
    let other = app
        .root()
        .post(
            &format!("{SCOPE}/allowlist"),
            json!({ "target_project_id": 3 }),
        )
        .expect(201)
        .json();
    assert_eq!(other["target_project_id"], 3);
    elsewhere.put(FILE, "x").expect(201);
    elsewhere.get(&format!("{PROJECT}/packages")).expect(200);
    app.root()
        .delete(&format!("{SCOPE}/allowlist/3"))
        .expect(204);
    elsewhere.put(FILE, "y").expect_json(403, refused.clone());
    let group = app
        .database()
        .query_row(
            "SELECT id FROM namespaces WHERE full_path = 'acme'",
            [],
            |row| row.get::<_, i64>(0),
        )
        .unwrap();
    app.root()
        .post(
            &format!("{SCOPE}/groups_allowlist"),
            json!({ "target_group_id": group }),
        )
        .expect(201);
    elsewhere.put(FILE, "y").expect(201);
    app.root()
        .delete(&format!("{SCOPE}/groups_allowlist/{group}"))
        .expect(204);
    elsewhere.put(FILE, "z").expect_json(403, refused);
    app.root()
        .patch(SCOPE, json!({ "enabled": false }))
        .expect(204);
    elsewhere.put(FILE, "z").expect(201);
}

#[test]
fn public_projects_are_read_by_any_job() {
    let (app, developer) = world();
    let by_job = speaks(&app, &job(&developer, PROJECT));
    app.root()
        .put("/api/v4/projects/1/packages/generic/tool/1.0/f", "x")
        .expect(201);
    by_job
        .get("/api/v4/projects/1/packages/generic/tool/1.0/f")
        .expect(200);
    by_job.get("/api/v4/projects/1/packages").expect(200);
    by_job
        .put("/api/v4/projects/1/packages/generic/tool/1.0/f", "y")
        .expect(403);
}

#[test]
fn a_job_of_a_stranger_learns_why_it_is_refused_on_core_routes_alone() {
    let (app, _) = world();
    let stranger = app.user("sam");
    app.project("sam/own", "private");
    let by_job = speaks(&app, &job(&stranger, "/api/v4/projects/sam%2Fown"));
    let refused = json!({
        "message": "403 Forbidden - Authentication by CI/CD job token not allowed from own to tools.",
    });
    by_job
        .get(&format!("{PROJECT}/packages"))
        .expect_json(403, refused);
    by_job
        .get(FILE)
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
}

#[test]
fn the_scope_shows_and_changes_its_switch() {
    let (app, developer) = world();
    let maintainer = app.user("mia");
    app.member("mia", Place::Project("acme/tools"), 40);
    maintainer.get(SCOPE).expect_json(
        200,
        json!({ "inbound_enabled": true, "outbound_enabled": false }),
    );
    maintainer
        .patch(SCOPE, json!({ "enabled": false }))
        .expect(204);
    maintainer.get(SCOPE).expect_json(
        200,
        json!({ "inbound_enabled": false, "outbound_enabled": false }),
    );
    maintainer
        .patch(SCOPE, json!({}))
        .expect_json(400, json!({ "error": "enabled is missing" }));
    maintainer
        .patch(SCOPE, json!({ "enabled": "maybe" }))
        .expect(400);
    developer
        .get(SCOPE)
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    developer
        .patch(SCOPE, json!({ "enabled": true }))
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    app.user("sam")
        .get(SCOPE)
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    app.anonymous()
        .get(SCOPE)
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
}

#[test]
fn the_allowlist_holds_each_project_once_and_only_what_its_maintainer_sees() {
    let (app, _) = world();
    let maintainer = app.user("mia");
    app.member("mia", Place::Project("acme/tools"), 40);
    let list = format!("{SCOPE}/allowlist");
    let tools = app
        .root()
        .post(&list, json!({ "target_project_id": 1 }))
        .expect(201)
        .json();
    assert_eq!(
        tools,
        json!({ "source_project_id": 2, "target_project_id": 1 })
    );
    maintainer.post(&list, json!({ "target_project_id": 1 })).expect_json(
        400,
        json!({ "message": "400 Bad request - This project is already in the job token allowlist." }),
    );
    let shown = maintainer.get(&list).expect(200);
    assert_eq!(shown.json()[0]["path_with_namespace"], "local/packages");
    assert_eq!(shown.header("x-total"), "1");
    for unseen in [3, 99] {
        maintainer
            .post(&list, json!({ "target_project_id": unseen }))
            .expect_json(404, json!({ "message": "404 Project Not Found" }));
    }
    maintainer
        .post(&list, json!({}))
        .expect_json(400, json!({ "error": "target_project_id is missing" }));
    maintainer
        .delete(&format!("{list}/99"))
        .expect_json(404, json!({ "message": "404 Not found" }));
    maintainer.delete(&format!("{list}/1")).expect(204);
    maintainer.get(&list).expect_json(200, json!([]));

    let groups = format!("{SCOPE}/groups_allowlist");
    let unknown = maintainer.post(&groups, json!({ "target_group_id": 99 }));
    unknown.expect_json(404, json!({ "message": "404 Group Not Found" }));
    let local = app.group("open", "public");
    maintainer
        .post(&groups, json!({ "target_group_id": local }))
        .expect_json(
            201,
            json!({ "source_project_id": 2, "target_group_id": local }),
        );
    assert_eq!(
        maintainer.get(&groups).expect(200).json()[0]["name"],
        "open"
    );
    maintainer.delete(&format!("{groups}/{local}")).expect(204);
}
