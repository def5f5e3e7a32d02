//! Groups: who sees which, how they are listed, made, changed and deleted.

use serde_json::{Value, json};

use crate::support::{Actor, TestApp, each, id_of, keys};

const GROUPS: &str = "/api/v4/groups";

fn forbidden() -> Value {
    json!({ "message": "403 Forbidden" })
}

fn unauthorized() -> Value {
    json!({ "message": "401 Unauthorized" })
}

fn not_found() -> Value {
    json!({ "message": "404 Group Not Found" })
}

fn new(path: &str) -> Value {
    json!({ "name": path, "path": path })
}

fn below(path: &str, parent: i64) -> Value {
    json!({ "name": path, "path": path, "parent_id": parent })
}

fn paths(caller: &Actor, path: &str) -> String {
    each(&caller.get(path).expect(200).json(), "full_path").join(" ")
}

#[test]
fn each_caller_sees_what_visibility_and_membership_show() {
    let app = TestApp::start();
    let secret = app.group("secret", "private");
    app.group("secret/sub", "private");
    let project = app.project("secret/sub/tools", "private");
    let inner = app.group("inner", "internal");
    let (stranger, member, below) = (app.user("stranger"), app.user("member"), app.user("below"));
    let external = app.user_who_is("external", json!({ "external": true }));
    app.join(&format!("groups/{secret}"), &member, 10);
    app.join(&format!("projects/{project}"), &below, 10);
    let one = |caller: &Actor, id: i64| caller.get(&format!("{GROUPS}/{id}"));
    one(&app.anonymous(), inner).expect_json(404, not_found());
    one(&external, inner).expect_json(404, not_found());
    one(&stranger, inner).expect(200);
    one(&stranger, secret).expect_json(404, not_found());
    one(&member, secret).expect(200);
    one(&below, secret).expect(200);
    one(&stranger, 4711).expect_json(404, not_found());
    app.anonymous()
        .get(&format!("{GROUPS}/stranger"))
        .expect_json(404, not_found());

    let all = format!("{GROUPS}?all_available=true");
    assert_eq!(paths(&app.anonymous(), GROUPS), "local");
    assert_eq!(paths(&external, &all), "local");
    assert_eq!(paths(&stranger, &all), "inner local");
    assert_eq!(paths(&member, &all), "inner local secret secret/sub");
    assert_eq!(paths(&below, &all), "inner local secret secret/sub");
    assert_eq!(paths(&app.root(), GROUPS), "inner local secret secret/sub");
    assert_eq!(
        paths(&stranger, GROUPS),
        "",
        "without the parameter: groups of one's own"
    );
    assert_eq!(paths(&member, GROUPS), "secret secret/sub");
}

#[test]
fn a_group_shows_its_keys_and_its_projects() {
    let app = TestApp::start();
    app.group("acme", "public");
    app.group("acme/sub", "public");
    app.project("acme/sub/tools", "public");
    app.project("acme/sub/secret", "private");
    let group = app
        .anonymous()
        .get(&format!("{GROUPS}/ACME%2Fsub"))
        .expect(200)
        .json();
    assert_eq!(
        keys(&group),
        [
            "id",
            "web_url",
            "name",
            "path",
            "description",
            "visibility",
            "share_with_group_lock",
            "require_two_factor_authentication",
            "two_factor_grace_period",
            "project_creation_level",
            "auto_devops_enabled",
            "subgroup_creation_level",
            "emails_disabled",
            "emails_enabled",
            "mentions_disabled",
            "lfs_enabled",
            "default_branch",
            "default_branch_protection",
            "avatar_url",
            "request_access_enabled",
            "full_name",
            "full_path",
            "created_at",
            "parent_id",
            "organization_id",
            "shared_with_groups",
            "projects",
            "shared_projects",
        ]
    );
    assert_eq!(group["full_name"], "acme / sub");
    assert_eq!(group["web_url"], app.url("/groups/acme/sub"));
    assert_eq!(group["parent_id"], app.namespace_id("acme"));
    assert_eq!(each(&group["projects"], "path"), ["tools"]);
    let root = app
        .root()
        .get(&format!("{GROUPS}/acme%2Fsub"))
        .expect(200)
        .json();
    assert_eq!(each(&root["projects"], "path"), ["secret", "tools"]);
    let bare = app
        .root()
        .get(&format!("{GROUPS}/acme%2Fsub?with_projects=false"))
        .expect(200)
        .json();
    assert_eq!(bare.get("projects"), None);
}

#[test]
fn lists_have_orders_filters_and_pages() {
    let app = TestApp::start();
    let zebra = app.group("zebra", "private");
    let ant = app.group("Ant", "public");
    app.group("Ant/zoo", "public");
    let ann = app.user("ann");
    app.join(&format!("groups/{zebra}"), &ann, 30);
    app.join(&format!("groups/{ant}"), &ann, 50);
    let cases = [
        ("", "Ant zebra Ant/zoo"),
        ("sort=desc", "Ant/zoo zebra Ant"),
        ("order_by=path", "Ant zebra Ant/zoo"),
        ("order_by=id", "zebra Ant Ant/zoo"),
        ("order_by=id&sort=desc", "Ant/zoo Ant zebra"),
        ("search=ZEB", "zebra"),
        ("owned=true", "Ant Ant/zoo"),
        ("min_access_level=30", "Ant zebra Ant/zoo"),
        ("min_access_level=40", "Ant Ant/zoo"),
        ("top_level_only=true", "Ant zebra"),
        ("visibility=private", "zebra"),
        ("all_available=true", "Ant local zebra Ant/zoo"),
    ];
    for (query, expected) in cases {
        assert_eq!(
            paths(&ann, &format!("{GROUPS}?{query}")),
            expected,
            "?{query}"
        );
    }
    assert_eq!(
        paths(&ann, &format!("{GROUPS}?skip_groups[]={ant}")),
        "zebra Ant/zoo"
    );
    let page = ann.get(&format!("{GROUPS}?per_page=1&page=2")).expect(200);
    assert_eq!(each(&page.json(), "path"), ["zebra"]);
    assert_eq!(page.header("x-total"), "3");
    assert_eq!(page.header("x-prev-page"), "1");
    assert!(
        page.header("link")
            .contains("order_by=name&owned=false&page=3&per_page=1&sort=asc")
    );
    let wrong = json!({ "error": "order_by does not have a valid value" });
    ann.get(&format!("{GROUPS}?order_by=size"))
        .expect_json(400, wrong);
}

#[test]
fn the_groups_below_are_listed_one_level_or_all() {
    let app = TestApp::start();
    app.group("acme", "public");
    app.group("acme/b", "public");
    app.group("acme/a", "private");
    app.group("acme/b/deep", "public");
    let at = |caller: &Actor, what: &str| paths(caller, &format!("{GROUPS}/acme/{what}"));
    assert_eq!(at(&app.anonymous(), "subgroups"), "acme/b");
    assert_eq!(at(&app.user("stranger"), "subgroups"), "acme/b");
    assert_eq!(at(&app.root(), "subgroups"), "acme/a acme/b");
    assert_eq!(at(&app.root(), "subgroups?order_by=id"), "acme/b acme/a");
    assert_eq!(
        at(&app.anonymous(), "descendant_groups"),
        "acme/b acme/b/deep"
    );
    assert_eq!(
        at(&app.root(), "descendant_groups"),
        "acme/a acme/b acme/b/deep"
    );
    let page = app
        .root()
        .get(&format!("{GROUPS}/acme/descendant_groups?per_page=2"))
        .expect(200);
    assert_eq!(page.header("x-total"), "3");
    assert_eq!(page.header("x-next-page"), "2");
    for list in ["subgroups", "descendant_groups"] {
        app.anonymous()
            .get(&format!("{GROUPS}/acme%2Fa/{list}"))
            .expect_json(404, not_found());
    }
}

#[test]
fn whoever_creates_a_group_owns_it() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let body = json!({
        "name": "Acme Inc", "path": "acme", "description": "tools", "visibility": "internal",
        "project_creation_level": "maintainer", "subgroup_creation_level": "owner",
    });
    let group = ann.post(GROUPS, body).expect(201).json();
    assert_eq!(group["name"], "Acme Inc");
    assert_eq!(group["full_path"], "acme");
    assert_eq!(group["visibility"], "internal");
    assert_eq!(group["description"], "tools");
    assert_eq!(group["project_creation_level"], "maintainer");
    assert_eq!(group["subgroup_creation_level"], "owner");
    let me = ann
        .get(&format!("{GROUPS}/acme/members/{}", ann.user_id()))
        .expect(200)
        .json();
    assert_eq!(me["access_level"], 50);
    assert_eq!(
        ann.post(GROUPS, new("plain")).expect(201).json()["visibility"],
        "private"
    );
    app.anonymous()
        .post(GROUPS, new("x"))
        .expect_json(401, unauthorized());
    let external = app.user_who_is("external", json!({ "external": true }));
    external
        .post(GROUPS, new("x"))
        .expect_json(403, forbidden());
    let missing = json!({ "error": "name is missing, path is missing" });
    ann.post(GROUPS, json!({})).expect_json(400, missing);
}

#[test]
fn a_subgroup_needs_a_maintainer_above_or_an_owner_where_the_group_says_so() {
    let app = TestApp::start();
    let group = app.group("acme", "public");
    let (maintainer, developer, stranger) = (
        app.user("maintainer"),
        app.user("developer"),
        app.user("stranger"),
    );
    app.join(&format!("groups/{group}"), &maintainer, 40);
    app.join(&format!("groups/{group}"), &developer, 30);
    let sub = maintainer
        .post(GROUPS, below("sub", group))
        .expect(201)
        .json();
    assert_eq!(sub["full_path"], "acme/sub");
    assert_eq!(sub["parent_id"], group);
    developer
        .post(GROUPS, below("x", group))
        .expect_json(403, forbidden());
    stranger
        .post(GROUPS, below("x", group))
        .expect_json(403, forbidden());
    let hidden = id_of(&app.root().post(GROUPS, new("hidden")).expect(201).json());
    stranger
        .post(GROUPS, below("x", hidden))
        .expect_json(404, not_found());
    stranger
        .post(GROUPS, below("x", 4711))
        .expect_json(404, not_found());
    app.root()
        .put_json(
            &format!("{GROUPS}/acme"),
            json!({ "subgroup_creation_level": "owner" }),
        )
        .expect(200);
    maintainer
        .post(GROUPS, below("x", group))
        .expect_json(403, forbidden());
}

#[test]
fn users_groups_and_projects_share_one_name_space() {
    let app = TestApp::start();
    app.user("ann");
    let group = app.group("acme", "private");
    app.project("acme/tools", "private");
    app.project("ann/notes", "private");
    let refused = |body: Value, text: &str| {
        let message = format!("Failed to save group {{:path=>[{text:?}]}}");
        app.root()
            .post(GROUPS, body)
            .expect_json(400, json!({ "message": message }));
    };
    refused(new("Ann"), "has already been taken");
    refused(new("ACME"), "has already been taken");
    refused(below("Tools", group), "has already been taken");
    for reserved in [
        "api",
        "-",
        "groups",
        "static",
        "v1",
        "v2",
        "Users",
        "admin",
        ".well-known",
    ] {
        let answer = app
            .root()
            .post(GROUPS, json!({ "name": "x", "path": reserved }));
        let text = answer.expect(400).json()["message"].to_string();
        assert!(text.contains("Failed to save group"), "{reserved}: {text}");
    }
    refused(
        json!({ "name": "x", "path": "api" }),
        "api is a reserved name",
    );
    app.root().post(GROUPS, below("api", group)).expect(201);
    let message = "Failed to save group {:visibility_level=>[\"public is not allowed since the parent group has a private visibility.\"]}";
    let mut public = below("open", group);
    public["visibility"] = json!("public");
    app.root()
        .post(GROUPS, public)
        .expect_json(400, json!({ "message": message }));
}

#[test]
fn owners_change_a_group() {
    let app = TestApp::start();
    let group = app.group("acme", "public");
    let (owner, maintainer) = (app.user("owner"), app.user("maintainer"));
    app.join(&format!("groups/{group}"), &owner, 50);
    app.join(&format!("groups/{group}"), &maintainer, 40);
    let path = format!("{GROUPS}/acme");
    let change = json!({ "name": "Acme Inc", "description": "tools", "visibility": "private" });
    maintainer
        .put_json(&path, change.clone())
        .expect_json(403, forbidden());
    app.user("stranger")
        .put_json(&path, change.clone())
        .expect_json(403, forbidden());
    app.anonymous()
        .put_json(&path, change.clone())
        .expect_json(401, unauthorized());
    let changed = owner.put_json(&path, change.clone()).expect(200).json();
    assert_eq!(changed["name"], "Acme Inc");
    assert_eq!(changed["path"], "acme");
    assert_eq!(changed["description"], "tools");
    assert_eq!(changed["visibility"], "private");
    app.user("other")
        .put_json(&path, change)
        .expect_json(404, not_found());
    let renamed = json!({ "message": { "path": ["cannot be changed: this registry does not rename groups"] } });
    owner
        .put_json(&path, json!({ "path": "other" }))
        .expect_json(400, renamed);
}

#[test]
fn a_group_is_never_less_visible_than_what_lies_in_it() {
    let app = TestApp::start();
    app.group("acme", "public");
    app.group("acme/sub", "internal");
    let refused = |path: &str, visibility: &str, text: &str| {
        let body = json!({ "message": { "visibility_level": [text] } });
        let change = json!({ "visibility": visibility });
        app.root()
            .put_json(&format!("{GROUPS}/{path}"), change)
            .expect_json(400, body);
    };
    let sub = "private is not allowed since there are sub-groups with higher visibility.";
    refused("acme", "private", sub);
    app.project("acme/tools", "public");
    let project =
        "internal is not allowed since this group contains projects with higher visibility.";
    refused("acme", "internal", project);
    app.root()
        .put_json(
            &format!("{GROUPS}/acme%2Fsub"),
            json!({ "visibility": "public" }),
        )
        .expect(200);
    app.group("closed", "private");
    app.group("closed/sub", "private");
    let above = "internal is not allowed since the parent group has a private visibility.";
    refused("closed%2Fsub", "internal", above);
}

#[test]
fn owners_delete_a_group_with_all_that_is_below() {
    let app = TestApp::start();
    let group = app.group("acme", "public");
    app.group("acme/sub", "public");
    app.project("acme/sub/tools", "public");
    let (owner, maintainer) = (app.user("owner"), app.user("maintainer"));
    app.join(&format!("groups/{group}"), &owner, 50);
    app.join(&format!("groups/{group}"), &maintainer, 40);
    let path = format!("{GROUPS}/acme");
    maintainer.delete(&path).expect_json(403, forbidden());
    app.anonymous()
        .delete(&path)
        .expect_json(401, unauthorized());
    owner
        .delete(&path)
        .expect_json(202, json!({ "message": "202 Accepted" }));
    owner.get(&path).expect_json(404, not_found());
    app.root()
        .get(&format!("{GROUPS}/acme%2Fsub"))
        .expect_json(404, not_found());
    app.root()
        .get("/api/v4/projects/acme%2Fsub%2Ftools")
        .expect(404);
}
