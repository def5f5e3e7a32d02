//! Project and group access tokens: bots that are members, and GitLab's odd refusals.

use serde_json::{Value, json};

use crate::support::{Actor, Place, TestApp};

const TOKENS: &str = "/api/v4/projects/acme%2Ftools/access_tokens";
const OF_GROUP: &str = "/api/v4/groups/acme/access_tokens";
const FILE: &str = "/api/v4/projects/acme%2Ftools/packages/generic/tool/1.0/tool.bin";

/// A private project acme/tools, and a user of each role in it.
fn world() -> TestApp {
    let app = TestApp::start();
    app.group("acme", "private");
    app.project("acme/tools", "private");
    app
}

fn role(app: &TestApp, username: &str, level: i64) -> Actor {
    let actor = app.user(username);
    app.member(username, Place::Project("acme/tools"), level);
    actor
}

fn new(level: i64) -> Value {
    json!({ "name": "bot", "scopes": ["api"], "access_level": level })
}

#[test]
fn a_project_token_acts_with_the_role_of_its_bot() {
    let app = world();
    let maintainer = role(&app, "mia", 40);
    let made = maintainer.post(TOKENS, new(30)).expect(201).json();
    assert_eq!(made["access_level"], 30);
    assert_eq!(made["resource_type"], "project");
    let bot = app.with_token(made["token"].as_str().unwrap());
    bot.put(FILE, "x").expect(201);
    bot.delete(FILE).expect(403);
    let names: String = app
        .database()
        .query_row(
            "SELECT username FROM users WHERE id = ?1",
            [made["user_id"].as_i64()],
            |row| row.get(0),
        )
        .unwrap();
    let project: i64 = made["resource_id"].as_i64().unwrap();
    assert!(
        names.starts_with(&format!("project_{project}_bot_")),
        "{names}"
    );

    let id = &made["id"];
    let shown = maintainer.get(&format!("{TOKENS}/{id}")).expect(200).json();
    assert!(shown.get("token").is_none());
    assert_eq!(shown["access_level"], 30);
    assert_eq!(
        maintainer.get(TOKENS).expect(200).json(),
        json!([maintainer.get(&format!("{TOKENS}/{id}")).json()])
    );
}

#[test]
fn a_token_is_made_for_a_maintainer_and_a_year_unless_something_else_is_said() {
    let app = world();
    let maintainer = role(&app, "mia", 40);
    let made = maintainer
        .post(TOKENS, json!({ "name": "bot", "scopes": ["read_api"] }))
        .expect(201)
        .json();
    assert_eq!(made["access_level"], 40);
    let year = packhouse::registry::Timestamp::now()
        .plus_secs(365 * 86_400)
        .date();
    assert_eq!(made["expires_at"], json!(year));
    for (body, error) in [
        (json!({}), "name is missing, scopes is missing"),
        (json!({ "name": "x", "scopes": [] }), "scopes is empty"),
        (
            json!({ "name": "x", "scopes": ["sudo"] }),
            "scopes does not have a valid value",
        ),
        (
            json!({ "name": "x", "scopes": ["api"], "access_level": 35 }),
            "access_level does not have a valid value",
        ),
        (
            json!({ "name": "x", "scopes": ["api"], "access_level": 60 }),
            "access_level does not have a valid value",
        ),
        (
            json!({ "access_level": 1 }),
            "name is missing, scopes is missing, access_level does not have a valid value",
        ),
        (
            json!({ "name": "x", "scopes": ["api"], "access_level": "high" }),
            "access_level is invalid",
        ),
    ] {
        maintainer
            .post(TOKENS, body)
            .expect_json(400, json!({ "error": error }));
    }
}

#[test]
fn who_may_not_gets_401_for_reading_and_400_for_making() {
    let app = world();
    let made = app.root().post(TOKENS, new(30)).expect(201).json();
    let id = &made["id"];
    let developer = role(&app, "dev", 30);
    let unauthorized = json!({ "message": "401 Unauthorized" });
    developer.get(TOKENS).expect_json(401, unauthorized.clone());
    developer
        .get(&format!("{TOKENS}/{id}"))
        .expect_json(401, unauthorized.clone());
    developer
        .post(&format!("{TOKENS}/{id}/rotate"), json!({}))
        .expect_json(401, unauthorized.clone());
    developer
        .delete(&format!("{TOKENS}/{id}"))
        .expect_json(401, unauthorized.clone());
    developer.post(TOKENS, new(30)).expect_json(
        400,
        json!({ "message": "400 Bad request - User does not have permission to create project access token" }),
    );
    let stranger = app.user("sam");
    stranger
        .get(TOKENS)
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    stranger
        .get(OF_GROUP)
        .expect_json(404, json!({ "message": "404 Group Not Found" }));
    app.anonymous().get(TOKENS).expect_json(401, unauthorized);
}

#[test]
fn nobody_makes_or_rotates_a_token_above_their_own_role() {
    let app = world();
    let maintainer = role(&app, "mia", 40);
    maintainer.post(TOKENS, new(50)).expect_json(
        400,
        json!({ "message": "400 Bad request - Could not provision owner access to project access token" }),
    );
    let owners = app.root().post(TOKENS, new(50)).expect(201).json();
    let id = &owners["id"];
    maintainer
        .post(&format!("{TOKENS}/{id}/rotate"), json!({}))
        .expect(401);
    role(&app, "olga", 50)
        .post(&format!("{TOKENS}/{id}/rotate"), json!({}))
        .expect(200);
}

#[test]
fn an_unknown_token_is_missing_in_gitlabs_words() {
    let app = world();
    let maintainer = role(&app, "mia", 40);
    let missing =
        json!({ "message": "404 Could not find project access token with token_id: 99 Not Found" });
    maintainer
        .get(&format!("{TOKENS}/99"))
        .expect_json(404, missing.clone());
    maintainer
        .delete(&format!("{TOKENS}/99"))
        .expect_json(404, missing);
    maintainer
        .post(&format!("{TOKENS}/99/rotate"), json!({}))
        .expect(401);
    app.root()
        .post(&format!("{TOKENS}/99/rotate"), json!({}))
        .expect_json(404, json!({ "message": "404 Not Found" }));
    // Personal tokens are none of the project's.
    app.root().get(&format!("{TOKENS}/1")).expect(404);
    app.root().get(&format!("{OF_GROUP}/99")).expect_json(
        404,
        json!({ "message": "404 Could not find group access token with token_id: 99 Not Found" }),
    );
}

#[test]
fn a_rotated_bot_stays_a_member_as_long_as_its_new_token_lives() {
    let app = world();
    let maintainer = role(&app, "mia", 40);
    let days = |days: i64| {
        packhouse::registry::Timestamp::now()
            .plus_secs(days * 86_400)
            .date()
    };
    let body =
        json!({ "name": "bot", "scopes": ["api"], "access_level": 30, "expires_at": days(2) });
    let old = maintainer.post(TOKENS, body).expect(201).json();
    let new = maintainer
        .post(
            &format!("{TOKENS}/{}/rotate", old["id"]),
            json!({ "expires_at": days(90) }),
        )
        .expect(200)
        .json();
    assert_eq!(new["access_level"], 30);
    assert_eq!(new["user_id"], old["user_id"]);
    // The old one is not tried: its use would revoke the family.
    let ends: String = app
        .database()
        .query_row(
            "SELECT expires_at FROM members WHERE user_id = ?1",
            [new["user_id"].as_i64()],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(ends, days(90));
}

#[test]
fn revoking_a_token_ends_its_bot_and_revoking_its_forerunner_does_not() {
    let app = world();
    let maintainer = role(&app, "mia", 40);
    let old = maintainer.post(TOKENS, new(30)).expect(201).json();
    let new = maintainer
        .post(&format!("{TOKENS}/{}/rotate", old["id"]), json!({}))
        .expect(200)
        .json();
    let bot = app.with_token(new["token"].as_str().unwrap());
    maintainer
        .delete(&format!("{TOKENS}/{}", old["id"]))
        .expect(204);
    bot.put(FILE, "x").expect(201);
    maintainer
        .delete(&format!("{TOKENS}/{}", new["id"]))
        .expect(204);
    bot.get(FILE).expect(401);
    let active = maintainer
        .get(&format!("{TOKENS}?state=active"))
        .expect(200);
    assert_eq!(active.json(), json!([]));
    assert_eq!(active.header("x-total"), "0");
    assert_eq!(maintainer.get(TOKENS).json().as_array().unwrap().len(), 2);
}

#[test]
fn a_group_token_is_the_owners_and_reaches_every_project_below() {
    let app = world();
    let maintainer = app.user("mia");
    app.member("mia", Place::Group("acme"), 40);
    maintainer.get(OF_GROUP).expect(401);
    maintainer.post(OF_GROUP, new(30)).expect_json(
        400,
        json!({ "message": "400 Bad request - User does not have permission to create group access token" }),
    );
    let owner = app.user("olga");
    app.member("olga", Place::Group("acme"), 50);
    let made = owner.post(OF_GROUP, new(30)).expect(201).json();
    assert_eq!(made["resource_type"], "group");
    let bot = app.with_token(made["token"].as_str().unwrap());
    bot.put(FILE, "x").expect(201);
    assert_eq!(owner.get(OF_GROUP).expect(200).json()[0]["id"], made["id"]);
    // The project has no token of its own.
    assert_eq!(owner.get(TOKENS).expect(200).json(), json!([]));
    owner
        .delete(&format!("{OF_GROUP}/{}", made["id"]))
        .expect(204);
    bot.get(FILE).expect(401);
}

#[test]
fn a_bot_that_ends_itself_is_no_member_any_more() {
    let app = world();
    let made = app.root().post(TOKENS, new(30)).expect(201).json();
    let memberships = || -> i64 {
        let sql = "SELECT count(*) FROM members WHERE user_id = ?1";
        let bot = made["user_id"].as_i64();
        app.database()
            .query_row(sql, [bot], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(memberships(), 1);
    app.with_token(made["token"].as_str().unwrap())
        .delete("/api/v4/personal_access_tokens/self")
        .expect(204);
    assert_eq!(memberships(), 0);
}
