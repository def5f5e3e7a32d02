//! Projects: who sees which, how they are listed, made, changed and deleted.

use serde_json::{Value, json};

use crate::support::{Actor, TestApp, each, id_of, keys};

const PROJECTS: &str = "/api/v4/projects";

fn forbidden() -> Value {
    json!({ "message": "403 Forbidden" })
}

fn unauthorized() -> Value {
    json!({ "message": "401 Unauthorized" })
}

fn not_found() -> Value {
    json!({ "message": "404 Project Not Found" })
}

fn taken() -> Value {
    let taken = ["has already been taken"];
    json!({ "message": { "project_namespace.name": taken, "name": taken, "path": taken } })
}

fn paths(caller: &Actor, query: &str) -> Vec<String> {
    let list = caller
        .get(&format!("{PROJECTS}?{query}"))
        .expect(200)
        .json();
    each(&list, "path").into_iter().map(str::to_owned).collect()
}

#[test]
fn each_caller_sees_what_visibility_and_membership_show() {
    let app = TestApp::start();
    app.group("acme", "public");
    let secret = app.project("acme/secret", "private");
    let inner = app.project("acme/inner", "internal");
    let (stranger, member) = (app.user("stranger"), app.user("member"));
    let external = app.user_who_is("external", json!({ "external": true }));
    app.join(&format!("projects/{secret}"), &member, 10);
    assert_eq!(paths(&app.anonymous(), ""), ["packages"]);
    assert_eq!(paths(&external, ""), ["packages"]);
    assert_eq!(paths(&stranger, ""), ["inner", "packages"]);
    assert_eq!(paths(&member, ""), ["inner", "secret", "packages"]);
    assert_eq!(paths(&app.root(), ""), ["inner", "secret", "packages"]);

    let one = |caller: &Actor, id: i64| caller.get(&format!("{PROJECTS}/{id}"));
    one(&app.anonymous(), inner).expect_json(404, not_found());
    one(&external, inner).expect_json(404, not_found());
    one(&stranger, inner).expect(200);
    one(&stranger, secret).expect_json(404, not_found());
    one(&member, secret).expect(200);
    one(&app.anonymous(), 4711).expect_json(404, not_found());
    app.with_token("glpat-unknown")
        .get(&format!("{PROJECTS}/1"))
        .expect_json(401, unauthorized());
}

#[test]
fn a_path_names_a_project_encoded_and_in_any_case() {
    let app = TestApp::start();
    for path in ["1", "local%2Fpackages", "LOCAL%2fPackages"] {
        let project = app
            .anonymous()
            .get(&format!("{PROJECTS}/{path}"))
            .expect(200)
            .json();
        assert_eq!(project["path_with_namespace"], "local/packages");
    }
    app.anonymous()
        .get(&format!("{PROJECTS}/packages"))
        .expect_json(404, not_found());
    let no_route = json!({ "error": "404 Not Found" });
    app.anonymous()
        .get(&format!("{PROJECTS}/acme/tools"))
        .expect_json(404, no_route);
}

#[test]
fn anonymous_callers_get_the_basic_form() {
    let app = TestApp::start();
    let basic = app
        .anonymous()
        .get(&format!("{PROJECTS}/1"))
        .expect(200)
        .json();
    let names = [
        "id",
        "description",
        "name",
        "name_with_namespace",
        "path",
        "path_with_namespace",
        "created_at",
        "default_branch",
        "tag_list",
        "topics",
        "ssh_url_to_repo",
        "http_url_to_repo",
        "web_url",
        "readme_url",
        "forks_count",
        "avatar_url",
        "star_count",
        "last_activity_at",
        "visibility",
        "namespace",
    ];
    assert_eq!(keys(&basic), names);
    assert_eq!(basic["name_with_namespace"], "local / packages");
    assert_eq!(basic["web_url"], app.url("/local/packages"));
    assert_eq!(
        basic["namespace"],
        json!({
            "id": app.namespace_id("local"), "name": "local", "path": "local", "kind": "group", "full_path": "local",
            "parent_id": null, "avatar_url": null, "web_url": app.url("/groups/local"),
        })
    );
    let simple = app
        .root()
        .get(&format!("{PROJECTS}?simple=true"))
        .expect(200)
        .json();
    assert_eq!(keys(&simple[0]), names);
}

#[test]
fn signed_in_callers_get_the_full_form_with_their_permissions() {
    let app = TestApp::start();
    let group = app.group("acme", "public");
    app.group("acme/sub", "public");
    let id = app.project("acme/sub/tools", "public");
    let ann = app.user("ann");
    app.join(&format!("groups/{group}"), &ann, 20);
    app.join(&format!("projects/{id}"), &ann, 30);
    let project = ann.get(&format!("{PROJECTS}/{id}")).expect(200).json();
    assert_eq!(project["name_with_namespace"], "acme / sub / tools");
    assert_eq!(
        project["_links"]["self"],
        app.url(&format!("{PROJECTS}/{id}"))
    );
    assert_eq!(project["packages_enabled"], true);
    assert_eq!(project["package_registry_access_level"], "enabled");
    assert_eq!(project["archived"], false);
    assert_eq!(project.get("owner"), None);
    let level = |level: i64| json!({ "access_level": level, "notification_level": 3 });
    let permissions = json!({ "project_access": level(30), "group_access": level(20) });
    assert_eq!(project["permissions"], permissions);
    let listed = ann
        .get(&format!("{PROJECTS}?search=tools"))
        .expect(200)
        .json();
    assert_eq!(listed, json!([project]), "alone and in lists alike");
    let stranger = app
        .user("bob")
        .get(&format!("{PROJECTS}/{id}"))
        .expect(200)
        .json();
    let nothing = json!({ "project_access": null, "group_access": null });
    assert_eq!(stranger["permissions"], nothing);
}

#[test]
fn a_personal_project_shows_its_owner() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let project = ann
        .post(PROJECTS, json!({ "name": "My Notes" }))
        .expect(201)
        .json();
    assert_eq!(project["path_with_namespace"], "ann/my-notes");
    assert_eq!(project["visibility"], "private");
    assert_eq!(project["owner"]["username"], "ann");
    assert_eq!(project["namespace"]["kind"], "user");
    assert_eq!(project["creator_id"], ann.user_id());
    assert_eq!(project["permissions"]["project_access"]["access_level"], 50);
    let list = ann.get("/api/v4/users/ANN/projects").expect(200).json();
    assert_eq!(list, json!([project]));
    app.user("bob")
        .get("/api/v4/users/ann/projects")
        .expect_json(200, json!([]));
    app.anonymous()
        .get(&format!("/api/v4/users/{}/projects", ann.user_id()))
        .expect_json(200, json!([]));
    let missing = json!({ "message": "404 User Not Found" });
    app.anonymous()
        .get("/api/v4/users/nobody/projects")
        .expect_json(404, missing);
}

#[test]
fn lists_have_orders_and_filters() {
    let app = TestApp::start();
    app.group("acme", "public");
    let first = app.project("acme/zebra", "public");
    let second = app.project("acme/Ant", "private");
    let ann = app.user("ann");
    app.join(&format!("projects/{second}"), &ann, 40);
    app.root()
        .put_json(
            &format!("{PROJECTS}/{first}"),
            json!({ "description": "stripes", "topics": ["Wild", "big"] }),
        )
        .expect(200);
    let cases: &[(&str, &[&str])] = &[
        ("", &["Ant", "zebra", "packages"]),
        ("sort=asc", &["packages", "zebra", "Ant"]),
        ("order_by=name&sort=asc", &["Ant", "packages", "zebra"]),
        ("order_by=path", &["zebra", "packages", "Ant"]),
        (
            "order_by=star_count&sort=asc",
            &["packages", "zebra", "Ant"],
        ),
        ("order_by=last_activity_at", &["zebra", "Ant", "packages"]),
        ("visibility=private", &["Ant"]),
        ("archived=true", &[]),
        ("search=ZEB", &["zebra"]),
        ("search=stripes", &["zebra"]),
        ("search=an", &[]),
        ("search=acme", &[]),
        ("search=acme&search_namespaces=true", &["Ant", "zebra"]),
        ("membership=true", &["Ant"]),
        ("owned=true", &[]),
        ("starred=true", &[]),
        ("min_access_level=40", &["Ant"]),
        ("min_access_level=50", &[]),
        ("topic=wild,Big", &["zebra"]),
        ("topic=wild,small", &[]),
        ("updated_after=2999-01-01", &[]),
        (
            "last_activity_before=2999-01-01",
            &["Ant", "zebra", "packages"],
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(paths(&ann, query), *expected, "?{query}");
    }
    assert_eq!(paths(&ann, &format!("id_after={first}")), ["Ant"]);
    assert_eq!(paths(&ann, &format!("id_before={first}")), ["packages"]);
    assert_eq!(
        paths(&app.anonymous(), "membership=true"),
        ["zebra", "packages"]
    );
    assert_eq!(
        paths(&app.root(), "membership=true"),
        ["Ant", "zebra", "packages"]
    );
}

#[test]
fn wrong_parameters_of_a_list_are_told_together() {
    let app = TestApp::start();
    let text = "order_by does not have a valid value, sort does not have a valid value, min_access_level does not have a valid value";
    app.anonymous()
        .get(&format!(
            "{PROJECTS}?sort=up&order_by=size&min_access_level=7"
        ))
        .expect_json(400, json!({ "error": text }));
    app.anonymous()
        .get(&format!("{PROJECTS}?owned=perhaps"))
        .expect_json(400, json!({ "error": "owned is invalid" }));
    app.anonymous()
        .get(&format!("{PROJECTS}?per_page=0"))
        .expect_json(400, json!({ "error": "per_page has a value not allowed" }));
}

#[test]
fn lists_have_pages() {
    let app = TestApp::start();
    for path in ["a", "b", "c", "d"] {
        app.project(&format!("local/{path}"), "public");
    }
    let answer = app
        .anonymous()
        .get(&format!("{PROJECTS}?per_page=2&page=2"))
        .expect(200);
    assert_eq!(each(&answer.json(), "path"), ["b", "a"]);
    for (name, value) in [
        ("x-total", "5"),
        ("x-total-pages", "3"),
        ("x-page", "2"),
        ("x-per-page", "2"),
        ("x-next-page", "3"),
        ("x-prev-page", "1"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let link = answer.header("link");
    let next = link
        .split(", ")
        .find(|link| link.ends_with("rel=\"next\""))
        .unwrap();
    let query =
        "membership=false&order_by=created_at&owned=false&page=3&per_page=2&simple=false&sort=desc";
    assert!(next.contains(query), "{next}");
    let next = next.trim_start_matches('<').split('>').next().unwrap();
    let third = app
        .anonymous()
        .get(next.strip_prefix(&app.url("")).unwrap())
        .expect(200);
    assert_eq!(each(&third.json(), "path"), ["packages"]);
    assert_eq!(third.header("x-next-page"), "");
    let group = app
        .anonymous()
        .get("/api/v4/groups/local/projects?per_page=2")
        .expect(200);
    assert_eq!(group.header("x-total"), "5");
    assert!(
        group
            .header("link")
            .contains("id=local&include_subgroups=false")
    );
}

#[test]
fn a_group_lists_its_projects_with_or_without_those_below() {
    let app = TestApp::start();
    app.group("acme", "public");
    app.group("acme/sub", "public");
    app.project("acme/top", "public");
    app.project("acme/sub/deep", "public");
    app.project("acme/sub/secret", "private");
    let list = |caller: &Actor, query: &str| {
        let answer = caller
            .get(&format!("/api/v4/groups/ACME/projects?{query}"))
            .expect(200)
            .json();
        each(&answer, "path").join(" ")
    };
    assert_eq!(list(&app.anonymous(), ""), "top");
    assert_eq!(list(&app.anonymous(), "include_subgroups=true"), "deep top");
    assert_eq!(
        list(&app.root(), "include_subgroups=true"),
        "secret deep top"
    );
    let sub = app
        .anonymous()
        .get("/api/v4/groups/acme%2Fsub/projects")
        .expect(200)
        .json();
    assert_eq!(each(&sub, "path"), ["deep"]);
    let missing = json!({ "message": "404 Group Not Found" });
    app.anonymous()
        .get("/api/v4/groups/nothing/projects")
        .expect_json(404, missing);
}

#[test]
fn a_project_is_created_where_the_role_allows_it() {
    let app = TestApp::start();
    let group = app.group("acme", "private");
    let (developer, guest, stranger) = (
        app.user("developer"),
        app.user("guest"),
        app.user("stranger"),
    );
    app.join(&format!("groups/{group}"), &developer, 30);
    app.join(&format!("groups/{group}"), &guest, 10);
    let body = |path: &str| json!({ "path": path, "namespace_id": group });
    let created = developer.post(PROJECTS, body("Tools")).expect(201).json();
    assert_eq!(created["name"], "Tools");
    assert_eq!(created["path_with_namespace"], "acme/Tools");
    assert_eq!(
        created["permissions"]["project_access"]["access_level"], 40,
        "its creator maintains it"
    );
    let invalid = json!({ "message": { "namespace": ["is not valid"] } });
    guest
        .post(PROJECTS, body("other"))
        .expect_json(400, invalid.clone());
    stranger
        .post(PROJECTS, body("other"))
        .expect_json(400, invalid.clone());
    let nowhere = json!({ "path": "x", "namespace_id": 4711 });
    app.root()
        .post(PROJECTS, nowhere)
        .expect_json(400, invalid.clone());
    app.anonymous()
        .post(PROJECTS, body("other"))
        .expect_json(401, unauthorized());
    app.root()
        .put_json(
            &format!("/api/v4/groups/{group}"),
            json!({ "project_creation_level": "noone" }),
        )
        .expect(200);
    developer
        .post(PROJECTS, body("other"))
        .expect_json(400, invalid);
}

#[test]
fn what_a_project_is_given_is_kept() {
    let app = TestApp::start();
    let body = json!({
        "name": "Tools", "path": "t", "description": "sharp", "visibility": "public",
        "package_registry_access_level": "private", "default_branch": "trunk", "topics": ["a", "b"],
        "ci_job_token_scope_enabled": true, "public_jobs": false, "builds_access_level": "private",
        "wiki_enabled": true,
    });
    let project = app.user("ann").post(PROJECTS, body).expect(201).json();
    assert_eq!(project["name"], "Tools");
    assert_eq!(project["path"], "t");
    assert_eq!(project["description"], "sharp");
    assert_eq!(project["visibility"], "public");
    assert_eq!(project["package_registry_access_level"], "private");
    assert_eq!(project["packages_enabled"], true);
    assert_eq!(project["default_branch"], "trunk");
    assert_eq!(project["tag_list"], json!(["a", "b"]));
    assert_eq!(project["ci_job_token_scope_enabled"], true);
    assert_eq!(project["public_jobs"], false);
    assert_eq!(project["builds_access_level"], "private");
    assert_eq!(project["wiki_enabled"], false, "accepted and ignored");
}

#[test]
fn a_project_that_cannot_be_is_refused_with_the_reason() {
    let app = TestApp::start();
    let group = app.group("acme", "private");
    app.project("acme/tools", "private");
    app.group("acme/sub", "private");
    let refused = |body: Value, expected: Value| {
        app.root().post(PROJECTS, body).expect_json(400, expected);
    };
    let neither = "name, path are missing, at least one parameter must be provided";
    refused(json!({}), json!({ "error": neither }));
    refused(json!({ "path": "TOOLS", "namespace_id": group }), taken());
    refused(json!({ "path": "sub", "namespace_id": group }), taken());
    let rule = "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'";
    for path in ["a b", "-a", "a.git", "a.atom", "a/b", ".."] {
        let body = json!({ "path": path, "name": "fine" });
        refused(body, json!({ "message": { "path": [rule] } }));
    }
    let above =
        json!({ "message": { "visibility_level": ["public is not allowed in a private group."] } });
    refused(
        json!({ "path": "x", "namespace_id": group, "visibility": "public" }),
        above,
    );
    let word = json!({ "error": "visibility does not have a valid value" });
    refused(json!({ "path": "x", "visibility": "secret" }), word);
}

#[test]
fn external_users_have_no_projects_of_their_own() {
    let app = TestApp::start();
    let external = app.user_who_is("external", json!({ "external": true }));
    let text = "Your project limit is 0 projects! Please contact your administrator to increase it";
    external
        .post(PROJECTS, json!({ "path": "x" }))
        .expect_json(403, json!({ "error": [text] }));
    let group = app.group("acme", "private");
    app.join(&format!("groups/{group}"), &external, 30);
    external
        .post(PROJECTS, json!({ "path": "x", "namespace_id": group }))
        .expect(201);
}

#[test]
fn administrators_create_projects_for_others() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let path = format!("{PROJECTS}/user/{}", ann.user_id());
    let project = app
        .root()
        .post(&path, json!({ "name": "gift" }))
        .expect(201)
        .json();
    assert_eq!(project["path_with_namespace"], "ann/gift");
    assert_eq!(project["creator_id"], ann.user_id());
    ann.post(&path, json!({ "name": "more" }))
        .expect_json(403, forbidden());
    let missing = json!({ "message": "404 User Not Found" });
    app.root()
        .post(&format!("{PROJECTS}/user/4711"), json!({ "name": "x" }))
        .expect_json(404, missing);
}

#[test]
fn maintainers_change_a_project_and_owners_its_visibility() {
    let app = TestApp::start();
    app.group("acme", "public");
    let id = app.project("acme/tools", "private");
    let (maintainer, developer) = (app.user("maintainer"), app.user("developer"));
    app.join(&format!("projects/{id}"), &maintainer, 40);
    app.join(&format!("projects/{id}"), &developer, 30);
    let path = format!("{PROJECTS}/acme%2Ftools");
    let change = json!({ "name": "Better", "description": "", "packages_enabled": false });
    let changed = maintainer
        .put_json(&path, change.clone())
        .expect(200)
        .json();
    assert_eq!(changed["name"], "Better");
    assert_eq!(changed["path"], "tools");
    assert_eq!(changed["description"], "");
    assert_eq!(changed["package_registry_access_level"], "disabled");
    developer
        .put_json(&path, change.clone())
        .expect_json(403, forbidden());
    app.user("stranger")
        .put_json(&path, change.clone())
        .expect_json(404, not_found());
    app.anonymous()
        .put_json(&path, change)
        .expect_json(401, unauthorized());
    maintainer
        .put_json(&path, json!({ "visibility": "private" }))
        .expect(200);
    let shown = json!({ "visibility": "public" });
    maintainer
        .put_json(&path, shown.clone())
        .expect_json(403, forbidden());
    assert_eq!(
        app.root().put_json(&path, shown).expect(200).json()["visibility"],
        "public"
    );
}

#[test]
fn a_change_of_nothing_known_and_a_new_path_are_refused() {
    let app = TestApp::start();
    let path = format!("{PROJECTS}/1");
    let text = "name, path, description, visibility, packages_enabled, package_registry_access_level, default_branch, topics, tag_list, ci_job_token_scope_enabled, public_jobs, builds_access_level are missing, at least one parameter must be provided";
    app.root()
        .put_json(&path, json!({ "wiki_enabled": true }))
        .expect_json(400, json!({ "error": text }));
    let renamed = json!({ "message": { "path": ["cannot be changed: this registry does not rename projects"] } });
    app.root()
        .put_json(&path, json!({ "path": "other" }))
        .expect_json(400, renamed);
    app.root()
        .put_json(&path, json!({ "path": "packages" }))
        .expect(200);
}

#[test]
fn owners_delete_a_project_with_its_packages() {
    let app = TestApp::start();
    app.group("acme", "public");
    let id = app.project("acme/tools", "public");
    let (owner, maintainer) = (app.user("owner"), app.user("maintainer"));
    app.join(&format!("projects/{id}"), &owner, 50);
    app.join(&format!("projects/{id}"), &maintainer, 40);
    let path = format!("{PROJECTS}/{id}");
    let file = format!("{path}/packages/generic/tool/1.0.0/tool.bin");
    owner.put(&file, b"bytes").expect(201);
    maintainer.delete(&path).expect_json(403, forbidden());
    app.anonymous()
        .delete(&path)
        .expect_json(401, unauthorized());
    owner
        .delete(&path)
        .expect_json(202, json!({ "message": "202 Accepted" }));
    owner.get(&path).expect_json(404, not_found());
    owner.delete(&path).expect_json(404, not_found());
    let again = app.project("acme/tools", "public");
    assert!(again > id, "an id is never given twice");
    let body = app
        .root()
        .get(&format!("{PROJECTS}/{again}/packages"))
        .expect(200);
    assert_eq!(body.json(), json!([]));
    assert_eq!(
        id_of(&app.root().get(&format!("{PROJECTS}/acme%2Ftools")).json()),
        again
    );
}

#[test]
fn a_token_that_may_only_read_creates_nothing() {
    let app = TestApp::start();
    let id = app.user("ann").user_id();
    let reader = app.with_token(&app.token_of(id, &["read_api"]));
    reader.get(PROJECTS).expect(200);
    let refusal = reader
        .post(PROJECTS, json!({ "path": "x" }))
        .expect(403)
        .json();
    assert_eq!(refusal["error"], "insufficient_scope");
}

#[test]
fn head_answers_like_get_without_a_body() {
    let app = TestApp::start();
    let answer = app.anonymous().head(PROJECTS).expect(200);
    assert_eq!(answer.header("x-total"), "1");
    assert_eq!(answer.body, b"");
}

#[test]
fn other_methods_are_told_which_ones_there_are() {
    let app = TestApp::start();
    let answer = app
        .root()
        .patch(&format!("{PROJECTS}/1"), json!({}))
        .expect(405);
    assert_eq!(answer.header("allow"), "GET, PUT, DELETE, HEAD");
}
