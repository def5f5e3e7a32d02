//! Deploy tokens: their routes, and what they may do as publishers.

use serde_json::{Value, json};

use crate::support::{Place, TestApp};

const TOKENS: &str = "/api/v4/projects/acme%2Ftools/deploy_tokens";
const OF_GROUP: &str = "/api/v4/groups/acme/deploy_tokens";
const PROJECT: &str = "/api/v4/projects/acme%2Ftools";
const FILE: &str = "/api/v4/projects/acme%2Ftools/packages/generic/tool/1.0/tool.bin";

fn world() -> TestApp {
    let app = TestApp::start();
    app.group("acme", "private");
    app.project("acme/tools", "private");
    app
}

fn new(scope: &str) -> Value {
    json!({ "name": "ci", "scopes": [scope] })
}

#[test]
fn a_new_token_shows_its_value_once() {
    let app = world();
    let made = app
        .root()
        .post(TOKENS, new("write_package_registry"))
        .expect(201)
        .json();
    let id = made["id"].clone();
    assert!(made["token"].as_str().unwrap().starts_with("gldt-"));
    let shown = json!({
        "id": id, "name": "ci", "username": format!("gitlab+deploy-token-{id}"), "expires_at": null,
        "scopes": ["write_package_registry"], "revoked": false, "expired": false,
    });
    app.root()
        .get(&format!("{TOKENS}/{id}"))
        .expect_json(200, shown.clone());
    app.root().get(TOKENS).expect_json(200, json!([shown]));
    app.root()
        .get("/api/v4/deploy_tokens")
        .expect_json(200, json!([shown]));
}

#[test]
fn scopes_come_as_a_list_or_with_commas_and_the_user_name_is_free() {
    let app = world();
    let made = app
        .root()
        .post(TOKENS, json!({ "name": "ci", "scopes": "read_registry,read_package_registry", "username": "robot", "expires_at": "2099-01-01T00:00:00Z" }))
        .expect(201)
        .json();
    assert_eq!(
        made["scopes"],
        json!(["read_registry", "read_package_registry"])
    );
    assert_eq!(made["username"], "robot");
    assert_eq!(made["expires_at"], "2099-01-01T00:00:00.000Z");
    for (body, error) in [
        (json!({}), "name is missing, scopes is missing"),
        (
            json!({ "name": "x", "scopes": ["api"] }),
            "scopes does not have a valid value",
        ),
        (
            json!({ "name": "x", "scopes": ["read_registry"], "expires_at": "x" }),
            "expires_at is invalid",
        ),
    ] {
        app.root()
            .post(TOKENS, body)
            .expect_json(400, json!({ "error": error }));
    }
}

#[test]
fn a_deleted_token_is_gone_from_the_list_and_answers_401() {
    let app = world();
    let made = app
        .root()
        .post(TOKENS, new("read_package_registry"))
        .expect(201)
        .json();
    let path = format!("{TOKENS}/{}", made["id"]);
    app.root().delete(&path).expect(204);
    app.root()
        .get(&path)
        .expect_json(404, json!({ "message": "404 Not found" }));
    app.root()
        .delete(&path)
        .expect_json(404, json!({ "message": "404 Not found" }));
    app.root().get(TOKENS).expect_json(200, json!([]));
    app.with_header("Deploy-Token", made["token"].as_str().unwrap())
        .get(FILE)
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
}

#[test]
fn active_parts_the_living_from_the_expired() {
    let app = world();
    app.root()
        .post(
            TOKENS,
            json!({ "name": "old", "scopes": ["read_registry"], "expires_at": "2020-01-01" }),
        )
        .expect(201);
    app.root().post(TOKENS, new("read_registry")).expect(201);
    let names = |query: &str| {
        let list = app
            .root()
            .get(&format!("{TOKENS}?{query}"))
            .expect(200)
            .json();
        list.as_array()
            .unwrap()
            .iter()
            .map(|token| token["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("active=true"), ["ci"]);
    assert_eq!(names("active=false"), ["old"]);
    assert_eq!(names("per_page=1&page=2"), ["ci"]);
}

#[test]
fn roles_decide_who_sees_and_who_makes_them() {
    let app = world();
    let developer = app.user("dev");
    app.member("dev", Place::Group("acme"), 30);
    let maintainer = app.user("mia");
    app.member("mia", Place::Group("acme"), 40);
    let owner = app.user("olga");
    app.member("olga", Place::Group("acme"), 50);
    let forbidden = json!({ "message": "403 Forbidden" });
    developer.get(TOKENS).expect_json(403, forbidden.clone());
    developer
        .post(TOKENS, new("read_registry"))
        .expect_json(403, forbidden.clone());
    maintainer.post(TOKENS, new("read_registry")).expect(201);
    maintainer.get(OF_GROUP).expect(200);
    maintainer
        .post(OF_GROUP, new("read_registry"))
        .expect_json(403, forbidden.clone());
    let made = owner
        .post(OF_GROUP, new("read_registry"))
        .expect(201)
        .json();
    maintainer
        .get(&format!("{OF_GROUP}/{}", made["id"]))
        .expect(200);
    // A group's token is not found below its project.
    maintainer
        .get(&format!("{TOKENS}/{}", made["id"]))
        .expect(404);
    owner
        .delete(&format!("{OF_GROUP}/{}", made["id"]))
        .expect(204);
    owner
        .get("/api/v4/deploy_tokens")
        .expect_json(403, forbidden);
    app.user("sam")
        .get(TOKENS)
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    app.anonymous()
        .get(TOKENS)
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
}

#[test]
fn what_a_deploy_token_publishes_has_no_creator() {
    let app = world();
    let made = app
        .root()
        .post(TOKENS, new("write_package_registry"))
        .expect(201)
        .json();
    let secret = made["token"].as_str().unwrap();
    let (by_header, by_basic) = (
        app.with_header("Deploy-Token", secret),
        app.with_basic(made["username"].as_str().unwrap(), secret),
    );
    by_header.put(FILE, "x").expect(201);
    by_basic.get(FILE).expect(200);
    app.with_basic("somebody", secret).get(FILE).expect(401);
    let package = app.root().get(&format!("{PROJECT}/packages")).json()[0].clone();
    assert_eq!(package["creator_id"], Value::Null);
    assert!(package.get("pipeline").is_none());
    by_basic.delete(FILE).expect(204);
    // Core routes do not listen to it.
    by_header.get(&format!("{PROJECT}/packages")).expect(404);
    by_header.get(TOKENS).expect(401);
}

#[test]
fn a_reading_token_reads_and_no_more() {
    let app = world();
    app.root().put(FILE, "x").expect(201);
    let made = app
        .root()
        .post(TOKENS, new("read_package_registry"))
        .expect(201)
        .json();
    let reader = app.with_header("Deploy-Token", made["token"].as_str().unwrap());
    reader.get(FILE).expect(200);
    reader
        .put(FILE, "y")
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    reader
        .delete(FILE)
        .expect_json(403, json!({ "message": "403 Forbidden" }));
}

#[test]
fn a_groups_token_covers_its_subgroups_and_nothing_else() {
    let app = world();
    app.group("acme/sub", "private");
    app.project("acme/sub/deep", "private");
    app.group("other", "private");
    app.project("other/tools", "private");
    let made = app
        .root()
        .post(OF_GROUP, new("write_package_registry"))
        .expect(201)
        .json();
    let token = app.with_header("Deploy-Token", made["token"].as_str().unwrap());
    let file = |project: &str| format!("/api/v4/projects/{project}/packages/generic/tool/1.0/f");
    token.put(&file("acme%2Fsub%2Fdeep"), "x").expect(201);
    token
        .put(&file("other%2Ftools"), "x")
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    token
        .put(&file("1"), "x")
        .expect_json(403, json!({ "message": "403 Forbidden" }));
}
