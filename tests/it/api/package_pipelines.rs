//! The pipelines of a package: keyset paging, and links made by uploads.

use data_encoding::{BASE64URL, BASE64URL_NOPAD};
use serde_json::{Value, json};

use crate::support::{Actor, Answer, Place, TestApp};

const PROJECT: &str = "/api/v4/projects/1";
const FILE: &str = "/api/v4/projects/1/packages/generic/tool/1.0/tool.bin";

/// A package with so many pipelines, and the path of their list.
fn with_pipelines(count: usize) -> (TestApp, String, Vec<i64>) {
    let app = TestApp::start();
    app.root().put(FILE, "x").expect(201);
    let id = app.root().get(&format!("{PROJECT}/packages")).json()[0]["id"]
        .as_i64()
        .unwrap();
    let pipelines = app.pipelines(1, id, count);
    (app, format!("{PROJECT}/packages/{id}/pipelines"), pipelines)
}

fn ids(answer: &Answer) -> Vec<i64> {
    answer
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|pipeline| pipeline["id"].as_i64().unwrap())
        .collect()
}

/// Path and query of the next page.
fn next(app: &TestApp, answer: &Answer) -> String {
    let link = answer.header("link");
    let url = link
        .strip_prefix('<')
        .unwrap()
        .strip_suffix(">; rel=\"next\"")
        .unwrap();
    url.strip_prefix(&app.url("")).unwrap().to_owned()
}

fn cursor(json: &str) -> String {
    BASE64URL_NOPAD.encode(json.as_bytes())
}

#[test]
fn twenty_pipelines_come_at_once_and_the_rest_after_the_link() {
    let (app, path, pipelines) = with_pipelines(21);
    let first = app.anonymous().get(&path).expect(200);
    let newest_first: Vec<i64> = pipelines.iter().rev().copied().collect();
    assert_eq!(ids(&first), newest_first[..20]);
    assert_eq!(first.find_header("x-total"), None);
    assert_eq!(first.find_header("x-next-page"), None);
    let second = app.anonymous().get(&next(&app, &first)).expect(200);
    assert_eq!(ids(&second), newest_first[20..]);
    assert_eq!(second.find_header("link"), None);
}

#[test]
fn the_link_repeats_every_parameter_in_alphabetical_order() {
    let (app, path, _) = with_pipelines(3);
    let first = app
        .anonymous()
        .get(&format!("{path}?per_page=2&page=7&private_thing=1"))
        .expect(200);
    let link = next(&app, &first);
    let (link_path, query) = link.split_once('?').unwrap();
    assert_eq!(link_path, path);
    let names: Vec<&str> = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap().0)
        .collect();
    assert_eq!(
        names,
        [
            "cursor",
            "id",
            "package_id",
            "page",
            "pagination",
            "per_page"
        ]
    );
    assert!(
        query.ends_with("&page=7&pagination=keyset&per_page=2"),
        "{query}"
    );
    let value = query
        .strip_prefix("cursor=")
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .replace("%3D", "=");
    let decoded: Value =
        serde_json::from_slice(&BASE64URL.decode(value.as_bytes()).unwrap()).unwrap();
    assert!(decoded["id"].as_str().unwrap().parse::<i64>().is_ok());
    assert_eq!(decoded["_kd"], "n");
    assert_eq!(ids(&app.anonymous().get(&link).expect(200)).len(), 1);
}

#[test]
fn a_cursor_leads_forward_and_back() {
    let (app, path, pipelines) = with_pipelines(6);
    // Links were made in one go, so their ids are those of the pipelines' order: 1 to 6.
    let at = |json: &str, per_page: usize| {
        app.anonymous()
            .get(&format!(
                "{path}?per_page={per_page}&cursor={}",
                cursor(json)
            ))
            .expect(200)
    };
    let forward = at(r#"{"id":"4","_kd":"n"}"#, 2);
    assert_eq!(ids(&forward), [pipelines[2], pipelines[1]]);
    assert_eq!(ids(&at(r#"{"id":4,"_kd":"n"}"#, 2)), ids(&forward));
    let back = at(r#"{"id":"2","_kd":"p"}"#, 2);
    assert_eq!(ids(&back), [pipelines[3], pipelines[2]]);
    assert_eq!(
        ids(&app.anonymous().get(&next(&app, &back))),
        [pipelines[1], pipelines[0]]
    );
    let end = at(r#"{"id":1,"_kd":"n"}"#, 2);
    assert_eq!((ids(&end), end.find_header("link")), (vec![], None));
    assert_eq!(at(r#"{"id":6,"_kd":"p"}"#, 2).json(), json!([]));
}

#[test]
fn a_page_that_ends_with_the_last_pipeline_has_no_link() {
    let (app, path, _) = with_pipelines(4);
    let first = app
        .anonymous()
        .get(&format!("{path}?per_page=2"))
        .expect(200);
    let second = app.anonymous().get(&next(&app, &first)).expect(200);
    assert_eq!(ids(&second).len(), 2);
    assert_eq!(second.find_header("link"), None);
}

#[test]
fn a_page_has_one_to_twenty_pipelines() {
    let (app, path, _) = with_pipelines(1);
    for bad in ["0", "21", "-2"] {
        app.anonymous()
            .get(&format!("{path}?per_page={bad}"))
            .expect_json(
                400,
                json!({ "error": "per_page does not have a valid value" }),
            );
    }
    app.anonymous()
        .get(&format!("{path}?per_page=x"))
        .expect_json(400, json!({ "error": "per_page is invalid" }));
    for good in [
        "per_page=1",
        "per_page=20",
        "per_page=",
        "pagination=offset",
        "page=9",
        "cursor=",
    ] {
        assert_eq!(
            ids(&app.anonymous().get(&format!("{path}?{good}")).expect(200)).len(),
            1,
            "{good}"
        );
    }
}

#[test]
fn a_broken_cursor_is_refused() {
    let (app, path, _) = with_pipelines(1);
    let broken = [
        "%21%21",
        "bm90IGpzb24",
        &cursor("{}"),
        &cursor(r#"{"id":"x","_kd":"n"}"#),
        &cursor(r#"{"id":1,"_kd":"z"}"#),
    ];
    for cursor in broken {
        app.anonymous()
            .get(&format!("{path}?cursor={cursor}"))
            .expect_json(400, json!({ "error": "cursor is invalid" }));
    }
}

#[test]
fn a_pipeline_is_shown_with_its_user() {
    let (app, path, pipelines) = with_pipelines(1);
    let id = pipelines[0];
    app.anonymous().get(&path).expect_json(
        200,
        json!([{
            "id": id, "iid": 1, "project_id": 1, "sha": "ab".repeat(20), "ref": "main", "status": "success",
            "source": "push", "created_at": "2026-01-02T03:04:05.678Z", "updated_at": "2026-01-02T03:04:05.678Z",
            "web_url": app.url(&format!("/local/packages/-/pipelines/{id}")),
            "user": {
                "id": 1, "username": "root", "public_email": "", "name": "Administrator", "state": "active",
                "locked": false, "avatar_url": null, "web_url": app.url("/root"),
            },
        }]),
    );
}

#[test]
fn a_package_without_pipelines_has_an_empty_list() {
    let (app, path, _) = with_pipelines(0);
    let answer = app.anonymous().get(&path).expect_json(200, json!([]));
    assert_eq!(answer.find_header("link"), None);
}

#[test]
fn what_is_not_there_is_told_in_gitlabs_three_ways() {
    let (app, path, _) = with_pipelines(1);
    let list = |id: &str| {
        app.anonymous()
            .get(&format!("{PROJECT}/packages/{id}/pipelines"))
    };
    for id in ["99", "0", "-1", "99999999999999999999"] {
        list(id).expect_json(404, json!({ "message": "404 Not found" }));
    }
    list("x").expect_json(400, json!({ "error": "package_id is invalid" }));
    let status = |status: i64| {
        app.database()
            .execute("UPDATE packages SET status = ?1", [status])
            .unwrap();
    };
    status(3);
    app.anonymous()
        .get(&path)
        .expect_json(404, json!({ "message": "404 Package not found Not Found" }));
    for hidden in [1, 2, 4] {
        status(hidden);
        app.anonymous()
            .get(&path)
            .expect_json(404, json!({ "message": "404 Not found" }));
    }
    status(5);
    app.anonymous().get(&path).expect(200);
}

#[test]
fn access_is_decided_before_parameters() {
    let (app, path, _) = with_pipelines(1);
    let set = |column: &str, value: &str| {
        app.database()
            .execute(&format!("UPDATE projects SET {column} = ?1"), [value])
            .unwrap();
    };
    let bad = format!("{path}?per_page=0");
    app.with_token("glpat-unknown")
        .get(&bad)
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
    set("builds_access_level", "disabled");
    app.root()
        .get(&bad)
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    set("builds_access_level", "private");
    app.anonymous()
        .get(&bad)
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    app.root().get(&path).expect(200);
    set("builds_access_level", "enabled");
    app.database()
        .execute("UPDATE projects SET public_jobs = 0", [])
        .unwrap();
    let guest = app.user("gus");
    app.member("gus", Place::Project("local/packages"), 10);
    guest.get(&path).expect(403);
    app.database()
        .execute("UPDATE projects SET visibility = 0, public_jobs = 1", [])
        .unwrap();
    guest.get(&path).expect(200);
    app.anonymous()
        .get(&bad)
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    app.user("sam")
        .get(&bad)
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
}

#[test]
fn a_pipeline_that_goes_takes_its_links_along() {
    let (app, path, pipelines) = with_pipelines(3);
    app.root()
        .delete(&format!("{PROJECT}/pipelines/{}", pipelines[1]))
        .expect(204);
    let first = app
        .anonymous()
        .get(&format!("{path}?per_page=1"))
        .expect(200);
    assert_eq!(ids(&first), [pipelines[2]]);
    assert_eq!(
        ids(&app.anonymous().get(&next(&app, &first))),
        [pipelines[0]]
    );
}

fn new_pipeline(actor: &Actor) -> Value {
    actor
        .post(&format!("{PROJECT}/pipeline"), json!({ "ref": "main" }))
        .expect(201)
        .json()["id"]
        .clone()
}

fn package(app: &TestApp) -> Value {
    let id = app.root().get(&format!("{PROJECT}/packages")).json()[0]["id"].clone();
    app.root()
        .get(&format!("{PROJECT}/packages/{id}"))
        .expect(200)
        .json()
}

#[test]
fn the_header_links_an_upload_to_a_pipeline() {
    let app = TestApp::start();
    let root = app.root();
    let (first, second) = (new_pipeline(&root), new_pipeline(&root));
    root.put(FILE, "plain").expect(201);
    assert!(package(&app).get("pipeline").is_none());
    assert!(package(&app).get("pipelines").is_none());
    root.with("X-Package-Pipeline", &first.to_string())
        .put(FILE, "one")
        .expect(201);
    let shown = package(&app);
    assert_eq!(shown["pipeline"]["id"], first);
    assert_eq!(shown["pipelines"], json!([]));
    assert_eq!(shown["creator_id"], json!(1));
    root.with("X-Package-Pipeline", &second.to_string())
        .put(FILE, "two")
        .expect(201);
    root.with("X-Package-Pipeline", &second.to_string())
        .put(FILE, "three")
        .expect(201);
    let shown = package(&app);
    assert_eq!(shown["pipeline"]["id"], second);
    let files = format!("{PROJECT}/packages/{}/package_files", shown["id"]);
    let files = root.get(&files).expect(200).json();
    assert!(files[0].get("pipelines").is_none());
    assert_eq!(files[1]["pipelines"][0]["id"], first);
    let list = root
        .get(&format!("{PROJECT}/packages/{}/pipelines", shown["id"]))
        .expect(200);
    assert_eq!(json!(ids(&list)), json!([second, first]));
}

#[test]
fn a_header_that_names_no_pipeline_of_the_project_is_refused() {
    let app = TestApp::start();
    app.project("local/other", "public");
    let elsewhere = app
        .root()
        .post(
            "/api/v4/projects/local%2Fother/pipeline",
            json!({ "ref": "main" }),
        )
        .expect(201)
        .json()["id"]
        .to_string();
    for bad in ["99", "x", "", "1.5", &elsewhere] {
        app.root()
            .with("X-Package-Pipeline", bad)
            .put(FILE, "x")
            .expect_json(
                400,
                json!({ "message": "400 Bad request - X-Package-Pipeline is invalid" }),
            );
    }
    assert_eq!(
        app.root().get(&format!("{PROJECT}/packages")).json(),
        json!([])
    );
}

#[test]
fn who_may_not_read_pipelines_sees_none_with_the_package() {
    let (app, path, _) = with_pipelines(1);
    let package = path.strip_suffix("/pipelines").unwrap();
    assert!(
        app.anonymous()
            .get(package)
            .json()
            .get("pipeline")
            .is_some()
    );
    app.database()
        .execute("UPDATE projects SET builds_access_level = 'private'", [])
        .unwrap();
    let shown = app.anonymous().get(package).expect(200).json();
    assert!(shown.get("pipeline").is_none() && shown.get("pipelines").is_none());
}
