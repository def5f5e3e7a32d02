//! `POST /-/personal_access_tokens`: tokens that a user makes for itself.

use serde_json::{Value, json};

use crate::support::{Actor, TestApp};

const PATH: &str = "/api/v4/-/personal_access_tokens";

fn make(actor: &Actor, body: Value) -> crate::support::Answer {
    actor.post(PATH, body)
}

fn in_days(days: i64) -> String {
    packhouse::registry::Timestamp::now()
        .plus_secs(days * 86_400)
        .date()
}

#[test]
fn a_user_makes_a_token_that_works() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let made = make(&ann, json!({ "name": "laptop", "scopes": ["read_api"] }))
        .expect(201)
        .json();
    assert_eq!(made["scopes"], json!(["read_api"]));
    assert_eq!(made["expires_at"], in_days(365));
    assert_eq!(made["user_id"], app.user_id("ann"));
    let reader = app.with_token(made["token"].as_str().unwrap());
    reader.get("/api/v4/user").expect(200);
    make(&reader, json!({ "name": "more", "scopes": ["api"] })).expect(403);
}

#[test]
fn a_token_does_not_outlive_the_one_that_makes_it() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let week = in_days(7);
    app.database()
        .execute(
            "UPDATE access_tokens SET expires_at = ?1 WHERE user_id = ?2",
            (&week, app.user_id("ann")),
        )
        .unwrap();
    let made = make(&ann, json!({ "name": "laptop", "scopes": ["api"] })).expect(201);
    assert_eq!(made.json()["expires_at"], week);
    let long = json!({ "name": "laptop", "scopes": ["api"], "expires_at": in_days(30) });
    let refused = make(&ann, long).expect(400);
    assert!(
        refused.text().contains("when the token that asks expires"),
        "{}",
        refused.text()
    );
}

#[test]
fn what_asks_must_be_a_user_with_leave_and_ask_for_what_there_is() {
    let app = TestApp::start();
    let body = json!({ "name": "x", "scopes": ["api"] });
    app.anonymous()
        .post(PATH, body.clone())
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
    app.user("ann");
    let reader = app.user_with_scope("ann", "read_api");
    make(&reader, body.clone()).expect(403);
    let ben = app.user("ben");
    make(&ben, json!({ "name": "x", "scopes": ["sudo"] })).expect(400);
    make(&ben, json!({ "scopes": ["api"] }))
        .expect_json(400, json!({ "error": "name is missing" }));

    let bot = app
        .root()
        .post(
            "/api/v4/projects/1/access_tokens",
            json!({ "name": "bot", "scopes": ["api"], "expires_at": in_days(9) }),
        )
        .expect(201)
        .json();
    let bot = app.with_token(bot["token"].as_str().unwrap());
    make(&bot, body).expect(403);
}
