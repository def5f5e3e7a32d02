//! Users: who there is, and who one is.

use serde_json::{Value, json};

use crate::support::{TestApp, each, id_of, keys};

fn forbidden() -> Value {
    json!({ "message": "403 Forbidden" })
}

fn unauthorized() -> Value {
    json!({ "message": "401 Unauthorized" })
}

fn ann() -> Value {
    json!({ "username": "ann", "name": "Ann", "email": "ann@example.com", "password": "ignored" })
}

#[test]
fn a_user_sees_itself_and_learns_nothing_of_administrators() {
    let app = TestApp::start();
    let user = app.user("ann").get("/api/v4/user").expect(200).json();
    assert_eq!(user["username"], "ann");
    assert_eq!(user["email"], "ann@example.com");
    assert_eq!(user["state"], "active");
    assert_eq!(user["bot"], false);
    assert_eq!(user["identities"], json!([]));
    assert_eq!(user["can_create_group"], true);
    assert_eq!(user["can_create_project"], true);
    assert_eq!(user["external"], false);
    assert_eq!(user["namespace_id"], app.namespace_id("ann"));
    assert_eq!(user["web_url"], app.url("/ann"));
    assert_eq!(user.get("is_admin"), None);
    let root = app.root().get("/api/v4/user").expect(200).json();
    assert_eq!(root["is_admin"], true);
}

#[test]
fn whoever_may_only_read_users_may_ask_who_it_is_and_nothing_else() {
    let app = TestApp::start();
    let id = app.user("ann").user_id();
    let reader = app.with_token(&app.token_of(id, &["read_user"]));
    reader.get("/api/v4/user").expect(200);
    let refusal = reader.get("/api/v4/users").expect(403).json();
    assert_eq!(refusal["error"], "insufficient_scope");
    app.anonymous()
        .get("/api/v4/user")
        .expect_json(401, unauthorized());
}

#[test]
fn users_are_found_by_their_whole_name_or_a_part_of_it() {
    let app = TestApp::start();
    let bob = app.user("bob");
    app.user("bobby");
    let find = |query: &str| {
        bob.get(&format!("/api/v4/users?{query}"))
            .expect(200)
            .json()
    };
    assert_eq!(each(&find("username=BOB"), "username"), ["bob"]);
    assert_eq!(each(&find("search=bob"), "username"), ["bobby", "bob"]);
    assert_eq!(find("username=nobody"), json!([]));
    assert_eq!(
        keys(&find("username=bob")[0]),
        [
            "id",
            "username",
            "public_email",
            "name",
            "state",
            "locked",
            "avatar_url",
            "web_url"
        ]
    );
    app.anonymous()
        .get("/api/v4/users")
        .expect_json(401, unauthorized());
}

#[test]
fn only_administrators_find_people_by_their_email() {
    let app = TestApp::start();
    let bob = app.user("bob");
    app.user_who_is("ann", json!({ "email": "secret@example.org" }));
    let path = "/api/v4/users?search=secret@example.org";
    bob.get(path).expect_json(200, json!([]));
    assert_eq!(each(&app.root().get(path).json(), "username"), ["ann"]);
}

#[test]
fn the_list_of_users_has_pages() {
    let app = TestApp::start();
    app.user("ann");
    app.user("bob");
    let answer = app
        .root()
        .get("/api/v4/users?per_page=2&search=")
        .expect(200);
    assert_eq!(each(&answer.json(), "username"), ["bob", "ann"]);
    assert_eq!(answer.header("x-total"), "3");
    assert_eq!(answer.header("x-total-pages"), "2");
    assert_eq!(answer.header("x-next-page"), "2");
    let next = app.url("/api/v4/users?page=2&per_page=2");
    assert!(
        answer
            .header("link")
            .contains(&format!("<{next}>; rel=\"next\"")),
        "{answer:?}"
    );
}

#[test]
fn anybody_may_look_at_a_user_and_administrators_see_more() {
    let app = TestApp::start();
    let id = app.user("ann").user_id();
    let path = format!("/api/v4/users/{id}");
    let shown = app.anonymous().get(&path).expect(200).json();
    assert_eq!(shown["username"], "ann");
    assert_eq!(shown.get("email"), None);
    assert_eq!(app.root().get(&path).json()["email"], "ann@example.com");
    let missing = json!({ "message": "404 User Not Found" });
    app.anonymous()
        .get("/api/v4/users/4711")
        .expect_json(404, missing);
    let invalid = json!({ "error": "id is invalid" });
    app.anonymous()
        .get("/api/v4/users/ann")
        .expect_json(400, invalid);
}

#[test]
fn administrators_alone_create_users() {
    let app = TestApp::start();
    let created = app.root().post("/api/v4/users", ann()).expect(201).json();
    assert_eq!(created["username"], "ann");
    assert_eq!(created["is_admin"], false);
    assert_eq!(created["namespace_id"], app.namespace_id("ann"));
    let bob = app.user("bob");
    bob.post("/api/v4/users", ann())
        .expect_json(403, forbidden());
    app.anonymous()
        .post("/api/v4/users", ann())
        .expect_json(401, unauthorized());
    let missing = json!({ "error": "email is missing, name is missing, username is missing" });
    app.root()
        .post("/api/v4/users", json!({}))
        .expect_json(400, missing);
}

#[test]
fn names_and_emails_are_given_once_without_regard_to_case() {
    let app = TestApp::start();
    app.root().post("/api/v4/users", ann()).expect(201);
    app.group("acme", "private");
    let refused = |username: &str, email: &str, status: u16, body: Value| {
        let new = json!({ "username": username, "name": "x", "email": email });
        app.root()
            .post("/api/v4/users", new)
            .expect_json(status, body);
    };
    let name_taken = json!({ "message": "Username has already been taken" });
    let email_taken = json!({ "message": "Email has already been taken" });
    refused("ANN", "other@example.com", 409, name_taken.clone());
    refused("Acme", "other@example.com", 409, name_taken);
    refused("other", "ANN@example.com", 409, email_taken);
    refused(
        "other",
        "no email",
        400,
        json!({ "message": { "email": ["is invalid"] } }),
    );
    let reserved = json!({ "message": { "username": ["api is a reserved name"] } });
    refused("api", "other@example.com", 400, reserved);
    let rule = "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'";
    refused(
        "a b",
        "other@example.com",
        400,
        json!({ "message": { "username": [rule] } }),
    );
}

#[test]
fn a_deleted_user_is_gone_with_its_token_and_its_personal_projects() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let (id, project) = (ann.user_id(), app.project("ann/notes", "public"));
    let path = format!("/api/v4/users/{id}");
    ann.delete(&path).expect_json(403, forbidden());
    assert_eq!(app.root().delete(&path).expect(204).body, b"");
    ann.get("/api/v4/user").expect_json(401, unauthorized());
    app.root()
        .get(&format!("/api/v4/projects/{project}"))
        .expect(404);
    let missing = json!({ "message": "404 User Not Found" });
    app.root().delete(&path).expect_json(404, missing);
}

#[test]
fn a_new_user_is_not_taken_for_a_deleted_one() {
    let app = TestApp::start();
    let first = id_of(&app.root().post("/api/v4/users", ann()).expect(201).json());
    app.root()
        .delete(&format!("/api/v4/users/{first}"))
        .expect(204);
    let second = id_of(&app.root().post("/api/v4/users", ann()).expect(201).json());
    assert!(second > first);
}

#[test]
fn the_last_administrator_is_not_deleted() {
    let app = TestApp::start();
    let root = app.root();
    let own = format!("/api/v4/users/{}", root.user_id());
    let text = "root is the last administrator, and the registry needs one: make another one first";
    root.delete(&own)
        .expect_json(409, json!({ "message": text }));
    let other = app.user_who_is("other", json!({ "admin": true }));
    app.database()
        .execute(
            "UPDATE users SET state = 'blocked' WHERE username = 'other'",
            [],
        )
        .unwrap();
    root.delete(&own).expect(409); // who is blocked cannot help
    app.database()
        .execute("UPDATE users SET state = 'active'", [])
        .unwrap();
    other.delete(&own).expect(204);
    other
        .delete(&format!("/api/v4/users/{}", other.user_id()))
        .expect(409);
}
