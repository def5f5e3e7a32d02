//! `/-/session`: what signing in with a token gives, and what it does not.

use packhouse::http::BaseUrl;
use serde_json::{Value, json};

use super::publish_generic;
use crate::support::{Actor, ROOT_TOKEN, TestApp, id_of};

const SESSION: &str = "/api/v4/-/session";

/// Signs in; answers the cookie as a browser sends it.
fn sign_in(actor: &Actor) -> String {
    let answer = actor.send("POST", SESSION, b"").expect(201);
    let cookie = answer.header("set-cookie");
    cookie.split(';').next().unwrap().to_owned()
}

fn browser(app: &TestApp, cookie: &str) -> Actor {
    app.with_header("Cookie", cookie)
}

fn who(actor: &Actor) -> Value {
    actor.get(SESSION).expect(200).json()["user"]["username"].clone()
}

#[test]
fn a_session_can_do_what_its_token_can_and_reading_needs_no_more() {
    let app = TestApp::start();
    let ann = app.user("ann");
    app.group("vault", "private");
    let vault = app.project("vault/one", "private");
    app.join(&format!("projects/{vault}"), &ann, 40);
    publish_generic(&app, vault, "tool", "1.0.0");
    let cookie = sign_in(&ann);
    assert!(!cookie.contains("glpat-"), "{cookie}");
    let browser = browser(&app, &cookie);
    assert_eq!(who(&browser), "ann");
    let packages = format!("/api/v4/projects/{vault}/packages");
    assert_eq!(browser.get(&packages).expect(200).json()[0]["name"], "tool");
    assert!(
        browser
            .get("/vault/one/-/packages")
            .expect(200)
            .text()
            .contains("tool")
    );

    let reader = app.user_with_scope("ann", "read_api");
    let reading = self::browser(&app, &sign_in(&reader)).with("X-Requested-With", "packhouse");
    reading.get(&packages).expect(200);
    reading
        .post("/api/v4/projects", json!({ "name": "x" }))
        .expect(403);
}

#[test]
fn a_write_must_come_from_the_page() {
    let app = TestApp::start();
    publish_generic(&app, 1, "tool", "1.0.0");
    let list = app
        .root()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json();
    let package = format!("/api/v4/projects/1/packages/{}", id_of(&list[0]));
    let browser = browser(&app, &sign_in(&app.root()));
    let refused = browser.delete(&package).expect(403);
    assert!(
        refused.text().contains("X-Requested-With"),
        "{}",
        refused.text()
    );
    browser
        .send(
            "POST",
            "/api/v4/projects/1/deploy_tokens",
            b"name=x&scopes[]=read_package_registry",
        )
        .expect(403);
    browser
        .with("X-Requested-With", "packhouse")
        .delete(&package)
        .expect(204);
}

#[test]
fn the_cookie_is_narrow() {
    let app = TestApp::start();
    let answer = app.root().send("POST", SESSION, b"").expect(201);
    let cookie = answer.header("set-cookie");
    for part in ["Path=/;", "HttpOnly", "SameSite=Strict", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");

    let app = TestApp::start_with(|config| {
        config.url = Some(BaseUrl::parse("https://example.com/tools/packhouse").unwrap());
    });
    let answer = app.root().send("POST", SESSION, b"").expect(201);
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; Secure"), "{cookie}");
    assert!(cookie.contains("Path=/tools/packhouse/;"), "{cookie}");
}

#[test]
fn package_clients_do_not_see_the_cookie() {
    let app = TestApp::start();
    let browser = browser(&app, &sign_in(&app.root())).with("X-Requested-With", "packhouse");
    browser
        .put("/api/v4/projects/1/packages/generic/tool/1.0.0/f.txt", b"x")
        .expect(401);
    browser
        .get("/api/v4/projects/1/packages/npm/-/whoami")
        .expect(401);
}

#[test]
fn every_other_credential_comes_first() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let browser = browser(&app, &sign_in(&ann));
    assert_eq!(who(&browser.with("PRIVATE-TOKEN", ROOT_TOKEN)), "root");
    browser
        .with("PRIVATE-TOKEN", "glpat-nobody-knows-this")
        .get(SESSION)
        .expect(401);
}

#[test]
fn a_session_ends_when_it_is_told_to_and_when_its_token_does() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let (first, second) = (sign_in(&ann), sign_in(&ann));
    let page = browser(&app, &first).with("X-Requested-With", "packhouse");
    let out = page.delete(SESSION).expect(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(who(&page), Value::Null, "a session that is over is nobody");
    page.post("/api/v4/projects", json!({ "name": "x" }))
        .expect(401);
    let other = browser(&app, &second);
    assert_eq!(who(&other), "ann", "the others go on");

    ann.delete("/api/v4/personal_access_tokens/self")
        .expect(204);
    assert_eq!(who(&other), Value::Null);
    let cookie = sign_in(&app.user("ben"));
    app.database()
        .execute(
            "UPDATE users SET state = 'blocked' WHERE username = 'ben'",
            [],
        )
        .unwrap();
    assert_eq!(who(&browser(&app, &cookie)), Value::Null);
}

#[test]
fn a_session_goes_on_while_pages_are_looked_at() {
    let app = TestApp::start();
    let cookie = sign_in(&app.root());
    let browser = browser(&app, &cookie);
    assert!(
        browser
            .get("/")
            .expect(200)
            .find_header("set-cookie")
            .is_none()
    );
    let set = |moment: &str| {
        let sql = format!(
            "UPDATE session_tokens SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '{moment}')"
        );
        app.database().execute(&sql, []).unwrap();
    };
    set("+1 hour");
    let prolonged = browser.get("/").expect(200);
    assert!(prolonged.header("set-cookie").starts_with(&cookie));
    assert!(
        browser
            .get("/")
            .expect(200)
            .find_header("set-cookie")
            .is_none()
    );
    set("-1 second");
    let over = browser.get("/").expect(200);
    assert!(over.find_header("set-cookie").is_none());
    assert!(over.text().contains("Sign in"));
}

#[test]
fn nobody_signs_in_with_nothing_or_with_what_is_no_access_token() {
    let app = TestApp::start();
    app.anonymous().send("POST", SESSION, b"").expect(401);
    let deploy = app
        .root()
        .post(
            "/api/v4/projects/1/deploy_tokens",
            json!({ "name": "x", "scopes": ["read_package_registry"] }),
        )
        .expect(201)
        .json();
    app.with_token(deploy["token"].as_str().unwrap())
        .send("POST", SESSION, b"")
        .expect(401);
    app.with_header("Cookie", "packhouse_session=phst-made-up")
        .with("X-Requested-With", "packhouse")
        .send("POST", SESSION, b"")
        .expect(401);
}

#[test]
fn no_session_stands_in_the_database() {
    let app = TestApp::start();
    let cookie = sign_in(&app.root());
    let secret = cookie.split_once('=').unwrap().1;
    let data = std::fs::read(app.data().join("packhouse.db-wal")).unwrap_or_default();
    let main = std::fs::read(app.data().join("packhouse.db")).unwrap();
    for bytes in [data, main] {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(secret));
    }
}
