//! Personal access tokens: who sees them, who makes them, and what becomes of them.

use serde_json::json;

use crate::support::{ROOT_TOKEN, TestApp};

const TOKENS: &str = "/api/v4/personal_access_tokens";

fn in_days(days: i64) -> String {
    use packhouse::registry::Timestamp;
    Timestamp::now().plus_secs(days * 86_400).date()
}

#[test]
fn an_administrator_makes_a_token_for_a_user_and_sees_its_value_once() {
    let app = TestApp::start();
    app.user("ann");
    let ann = app.user_id("ann");
    let made = app
        .root()
        .post(
            &format!("/api/v4/users/{ann}/personal_access_tokens"),
            json!({ "name": "ci", "scopes": ["api"], "description": "for CI" }),
        )
        .expect(201)
        .json();
    let secret = made["token"].as_str().unwrap();
    assert!(secret.starts_with("glpat-"));
    assert_eq!(made["expires_at"], json!(in_days(365)));
    let keys: Vec<&String> = made.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "name",
            "active",
            "revoked",
            "expired",
            "granular",
            "created_at",
            "description",
            "scopes",
            "user_id",
            "last_used_at",
            "expires_at",
            "token"
        ]
    );
    assert_eq!(
        (&made["user_id"], &made["active"], &made["granular"]),
        (&json!(ann), &json!(true), &json!(false))
    );
    let own = app
        .with_token(secret)
        .get(&format!("{TOKENS}/self"))
        .expect(200)
        .json();
    assert_eq!(own["id"], made["id"]);
    assert_eq!(own["last_used_ips"], json!([]));
    assert!(own.get("token").is_none());
}

#[test]
fn what_a_new_token_may_not_be() {
    let app = TestApp::start();
    let path = "/api/v4/users/1/personal_access_tokens";
    let root = app.root();
    root.post(path, json!({})).expect_json(
        400,
        json!({ "error": "name is missing, scopes is missing" }),
    );
    root.post(path, json!({ "name": "x", "scopes": ["everything"] }))
        .expect_json(
            400,
            json!({ "error": "scopes does not have a valid value" }),
        );
    root.post(
        path,
        json!({ "name": "x", "scopes": ["api"], "expires_at": "soon" }),
    )
    .expect_json(400, json!({ "error": "expires_at is invalid" }));
    for date in [in_days(366), in_days(-1)] {
        root.post(
            path,
            json!({ "name": "x", "scopes": ["api"], "expires_at": date }),
        )
        .expect(400);
    }
    root.post(
        path,
        json!({ "name": "x", "scopes": ["api"], "expires_at": in_days(365) }),
    )
    .expect(201);
    root.post(
        "/api/v4/users/99/personal_access_tokens",
        json!({ "name": "x", "scopes": ["api"] }),
    )
    .expect_json(404, json!({ "message": "404 User Not Found" }));
    app.user("ann")
        .post(path, json!({ "name": "x", "scopes": ["api"] }))
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    app.anonymous()
        .post(path, json!({ "name": "x", "scopes": ["api"] }))
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
}

#[test]
fn a_user_makes_only_tokens_of_few_scopes_for_themselves() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let path = "/api/v4/user/personal_access_tokens";
    let made = ann
        .post(path, json!({ "name": "x", "scopes": ["self_rotate"] }))
        .expect(201)
        .json();
    assert_eq!(made["user_id"], json!(app.user_id("ann")));
    ann.post(path, json!({ "name": "x", "scopes": ["api"] }))
        .expect_json(
            400,
            json!({ "error": "scopes does not have a valid value" }),
        );
}

#[test]
fn a_user_lists_their_own_tokens_and_an_administrator_everybodys() {
    let app = TestApp::start();
    let ann = app.user("ann");
    app.user("bob");
    let names = |answer: crate::support::Answer| -> Vec<String> {
        let list = answer.expect(200).json();
        let of = |token: &serde_json::Value| token["user_id"].to_string();
        list.as_array().unwrap().iter().map(of).collect()
    };
    let (ann_id, bob_id) = (app.user_id("ann"), app.user_id("bob"));
    assert_eq!(names(ann.get(TOKENS)), [ann_id.to_string()]);
    assert_eq!(
        names(ann.get(&format!("{TOKENS}?user_id={ann_id}"))),
        [ann_id.to_string()]
    );
    ann.get(&format!("{TOKENS}?user_id={bob_id}"))
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
    assert_eq!(names(app.root().get(TOKENS)).len(), 3);
    assert_eq!(
        names(app.root().get(&format!("{TOKENS}?user_id={bob_id}"))),
        [bob_id.to_string()]
    );
    app.root().get(&format!("{TOKENS}?user_id=99")).expect(404);
    app.anonymous()
        .get(TOKENS)
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
}

#[test]
fn the_list_is_filtered_sorted_and_paged() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let id = app.user_id("ann");
    for (name, days) in [("Alpha", 10), ("beta", 20), ("gamma", 30)] {
        app.root()
            .post(
                &format!("/api/v4/users/{id}/personal_access_tokens"),
                json!({ "name": name, "scopes": ["api"], "expires_at": in_days(days) }),
            )
            .expect(201);
    }
    let gone = ann.get(&format!("{TOKENS}?search=BETA")).json()[0]["id"].clone();
    ann.delete(&format!("{TOKENS}/{gone}")).expect(204);
    let names = |query: &str| -> Vec<String> {
        let list = ann.get(&format!("{TOKENS}?{query}")).expect(200).json();
        let name = |token: &serde_json::Value| token["name"].as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(name).collect()
    };
    assert_eq!(names("revoked=true"), ["beta"]);
    assert_eq!(names("state=inactive"), ["beta"]);
    assert_eq!(
        names("state=active&sort=name_desc"),
        ["gamma", "api", "Alpha"]
    );
    assert_eq!(
        names("search=a&sort=expires_desc"),
        ["gamma", "beta", "Alpha", "api"]
    );
    assert_eq!(names(&format!("expires_before={}", in_days(20))), ["Alpha"]);
    assert_eq!(names(&format!("expires_after={}", in_days(20))), ["gamma"]);
    assert_eq!(names("created_before=2026-01-03"), ["api"]);
    assert_eq!(names("sort=created_at_asc&per_page=2&page=2").len(), 2);
    ann.get(&format!("{TOKENS}?state=lost&sort=up")).expect_json(
        400,
        json!({ "error": "state does not have a valid value, sort does not have a valid value" }),
    );
    assert_eq!(
        ann.get(&format!("{TOKENS}?per_page=2")).header("x-total"),
        "4"
    );
}

#[test]
fn only_an_administrator_learns_that_a_token_does_not_exist() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let own = ann.get(&format!("{TOKENS}/self")).json()["id"].clone();
    assert_eq!(
        ann.get(&format!("{TOKENS}/{own}")).expect(200).json()["last_used_ips"],
        json!([])
    );
    for id in ["1", "99"] {
        ann.get(&format!("{TOKENS}/{id}"))
            .expect_json(401, json!({ "message": "401 Unauthorized" }));
        ann.post(&format!("{TOKENS}/{id}/rotate"), json!({}))
            .expect_json(401, json!({ "message": "401 Unauthorized" }));
    }
    let root = app.root();
    root.get(&format!("{TOKENS}/{own}")).expect(200);
    root.get(&format!("{TOKENS}/99"))
        .expect_json(404, json!({ "message": "404 Not Found" }));
    root.post(&format!("{TOKENS}/99/rotate"), json!({}))
        .expect_json(404, json!({ "message": "404 Not Found" }));
    root.get(&format!("{TOKENS}/x"))
        .expect_json(400, json!({ "error": "token_id is invalid" }));
    ann.delete(&format!("{TOKENS}/1"))
        .expect_json(400, json!({ "message": "400 Bad request" }));
    ann.delete(&format!("{TOKENS}/99"))
        .expect_json(404, json!({ "message": "404 Not found" }));
    app.with_token(ROOT_TOKEN)
        .get("/api/v4/version")
        .expect(200);
}

#[test]
fn a_rotated_token_gives_way_to_its_successor() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let old = ann.get(&format!("{TOKENS}/self")).json();
    let new = ann
        .post(&format!("{TOKENS}/self/rotate"), json!({}))
        .expect(200)
        .json();
    assert_eq!(new["expires_at"], json!(in_days(7)));
    assert_eq!(
        (&new["name"], &new["scopes"]),
        (&old["name"], &old["scopes"])
    );
    let successor = app.with_token(new["token"].as_str().unwrap());
    successor.get("/api/v4/version").expect(200);
    let date = in_days(30);
    let id = &new["id"];
    let third = successor
        .post(
            &format!("{TOKENS}/{id}/rotate"),
            json!({ "expires_at": date }),
        )
        .expect(200)
        .json();
    assert_eq!(third["expires_at"], json!(date));
    app.root()
        .post(&format!("{TOKENS}/{id}/rotate"), json!({}))
        .expect_json(
            400,
            json!({ "message": "400 Bad request - token already revoked" }),
        );
}

#[test]
fn using_a_rotated_token_again_revokes_the_newest_of_its_family() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let second = ann
        .post(&format!("{TOKENS}/self/rotate"), json!({}))
        .expect(200)
        .json();
    let second = app.with_token(second["token"].as_str().unwrap());
    let third = second
        .post(&format!("{TOKENS}/self/rotate"), json!({}))
        .expect(200)
        .json();
    let third = app.with_token(third["token"].as_str().unwrap());
    third.get("/api/v4/version").expect(200);

    let revoked = json!({
        "error": "invalid_token",
        "error_description": "Token was revoked. You have to re-authorize from the user.",
    });
    ann.get("/api/v4/version").expect_json(401, revoked.clone());

    let patience = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while third.get("/api/v4/version").status == 200 {
        assert!(
            std::time::Instant::now() < patience,
            "the newest token still lives"
        );
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    third.get("/api/v4/version").expect_json(401, revoked);
}

#[test]
fn a_token_of_any_scope_looks_at_itself_and_ends_itself() {
    let app = TestApp::start();
    app.user("ann");
    let small = app.user_with_scope("ann", "read_registry");
    small.get("/api/v4/version").expect(403);
    small.get(&format!("{TOKENS}/self")).expect(200);
    small
        .post(&format!("{TOKENS}/self/rotate"), json!({}))
        .expect(403);
    small.delete(&format!("{TOKENS}/self")).expect(204);
    small.get(&format!("{TOKENS}/self")).expect(401);
}

#[test]
fn self_rotate_is_good_for_no_other_token() {
    let app = TestApp::start();
    let other = app.user("ann").get(&format!("{TOKENS}/self")).json()["id"].clone();
    let small = app.user_with_scope("ann", "self_rotate");
    let refused = small
        .post(&format!("{TOKENS}/{other}/rotate"), json!({}))
        .expect(403);
    assert_eq!(refused.json()["error"], "insufficient_scope");
    small
        .post(&format!("{TOKENS}/self/rotate"), json!({}))
        .expect(200);
}

#[test]
fn a_token_is_dead_when_its_last_day_begins() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let expire = |date: String| {
        app.database()
            .execute(
                "UPDATE access_tokens SET expires_at = ?1 WHERE user_id > 1",
                [date],
            )
            .unwrap()
    };
    expire(in_days(1));
    ann.get("/api/v4/version").expect(200);
    expire(in_days(0));
    ann.get("/api/v4/version").expect_json(
        401,
        json!({
            "error": "invalid_token",
            "error_description": "Token is expired. You can either do re-authorization or token refresh.",
        }),
    );
}
