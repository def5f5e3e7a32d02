//! Namespaces: groups and users as one kind of thing.

use serde_json::{Value, json};

use crate::support::{TestApp, each};

const NAMESPACES: &str = "/api/v4/namespaces";

fn not_found() -> Value {
    json!({ "message": "404 Namespace Not Found" })
}

#[test]
fn a_user_sees_its_own_and_those_it_belongs_to() {
    let app = TestApp::start();
    let acme = app.group("acme", "public");
    app.group("acme/sub", "public");
    let (ann, bob) = (app.user("ann"), app.user("bob"));
    app.join(&format!("groups/{acme}"), &ann, 10);
    let list = |query: &str| {
        let answer = ann.get(&format!("{NAMESPACES}?{query}")).expect(200).json();
        each(&answer, "full_path").join(" ")
    };
    assert_eq!(list(""), "acme acme/sub ann");
    assert_eq!(list("search=ACME"), "acme");
    assert_eq!(list("owned_only=true"), "ann");
    assert_eq!(list("top_level_only=true"), "acme ann");
    let all = app
        .root()
        .get(&format!("{NAMESPACES}?per_page=2"))
        .expect(200);
    assert_eq!(each(&all.json(), "full_path"), ["root", "local"]);
    assert_eq!(all.header("x-total"), "6");
    assert_eq!(all.header("x-next-page"), "2");
    assert_eq!(each(&bob.get(NAMESPACES).json(), "full_path"), ["bob"]);
    let unauthorized = json!({ "message": "401 Unauthorized" });
    app.anonymous()
        .get(NAMESPACES)
        .expect_json(401, unauthorized);
}

#[test]
fn a_namespace_is_shown_to_its_members_alone() {
    let app = TestApp::start();
    let acme = app.group("acme", "public");
    let (ann, bob) = (app.user("ann"), app.user("bob"));
    app.join(&format!("groups/{acme}"), &ann, 50);
    app.join(&format!("groups/{acme}"), &bob, 10);
    let mut view = json!({
        "id": acme, "name": "acme", "path": "acme", "kind": "group", "full_path": "acme", "parent_id": null,
        "avatar_url": null, "web_url": app.url("/groups/acme"),
    });
    bob.get(&format!("{NAMESPACES}/ACME"))
        .expect_json(200, view.clone());
    view["members_count_with_descendants"] = json!(3); // root, who made the group, ann and bob
    ann.get(&format!("{NAMESPACES}/{acme}"))
        .expect_json(200, view);
    let own = bob.get(&format!("{NAMESPACES}/bob")).expect(200).json();
    assert_eq!(own["kind"], "user");
    assert_eq!(own["web_url"], app.url("/bob"));
    bob.get(&format!("{NAMESPACES}/ann"))
        .expect_json(404, not_found());
    bob.get(&format!("{NAMESPACES}/local"))
        .expect_json(404, not_found());
    bob.get(&format!("{NAMESPACES}/4711"))
        .expect_json(404, not_found());
    app.root().get(&format!("{NAMESPACES}/ann")).expect(200);
}

#[test]
fn a_path_that_is_taken_is_told_with_one_that_is_free() {
    let app = TestApp::start();
    let acme = app.group("acme", "private");
    app.group("acme/sub", "private");
    app.group("acme1", "private");
    let ann = app.user("ann");
    let free = json!({ "exists": false, "suggests": [] });
    let exists = |path: &str| format!("{NAMESPACES}/{path}");
    ann.get(&exists("ACME/exists"))
        .expect_json(200, json!({ "exists": true, "suggests": ["ACME2"] }));
    ann.get(&exists("ann/exists"))
        .expect_json(200, json!({ "exists": true, "suggests": ["ann1"] }));
    ann.get(&exists("nothing/exists"))
        .expect_json(200, free.clone());
    let below = exists(&format!("sub/exists?parent_id={acme}"));
    app.root()
        .get(&below)
        .expect_json(200, json!({ "exists": true, "suggests": ["sub1"] }));
    ann.get(&below).expect_json(200, free);
    let unauthorized = json!({ "message": "401 Unauthorized" });
    app.anonymous()
        .get(&exists("acme/exists"))
        .expect_json(401, unauthorized);
}
