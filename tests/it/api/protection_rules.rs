//! Package protection rules: their routes, and whom they stop.

use serde_json::{Value, json};

use crate::support::{Actor, Place, TestApp};

const PROJECT: &str = "/api/v4/projects/acme%2Ftools";
const RULES: &str = "/api/v4/projects/acme%2Ftools/packages/protection/rules";

/// A private project, and one user of each role in it: dev, mia, olga.
struct World {
    app: TestApp,
    developer: Actor,
    maintainer: Actor,
    owner: Actor,
}

impl World {
    fn new() -> World {
        let app = TestApp::start();
        app.group("acme", "private");
        app.project("acme/tools", "private");
        let role = |username: &str, level| {
            let actor = app.user(username);
            app.member(username, Place::Project("acme/tools"), level);
            actor
        };
        World {
            developer: role("dev", 30),
            maintainer: role("mia", 40),
            owner: role("olga", 50),
            app,
        }
    }

    fn protect(&self, pattern: &str, push: Value, delete: Value) -> Value {
        self.app
            .root()
            .post(RULES, rule(pattern, push, delete))
            .expect(201)
            .json()
    }
}

fn rule(pattern: &str, push: Value, delete: Value) -> Value {
    json!({
        "package_name_pattern": pattern, "package_type": "generic",
        "minimum_access_level_for_push": push, "minimum_access_level_for_delete": delete,
    })
}

fn file(name: &str) -> String {
    format!("{PROJECT}/packages/generic/{name}/1.0/{name}.bin")
}

const NULL: Value = Value::Null;

#[test]
fn a_rule_is_made_listed_changed_and_deleted() {
    let world = World::new();
    let made = world
        .maintainer
        .post(RULES, rule("tool-*", json!("maintainer"), NULL))
        .expect(201)
        .json();
    let (id, project_id) = (&made["id"], &made["project_id"]);
    assert_eq!(
        made.to_string(),
        format!(
            r#"{{"id":{id},"project_id":{project_id},"package_name_pattern":"tool-*","package_type":"generic","minimum_access_level_for_delete":null,"minimum_access_level_for_push":"maintainer"}}"#
        )
    );
    world.maintainer.get(RULES).expect_json(200, json!([made]));
    let path = format!("{RULES}/{id}");
    let changed = world
        .maintainer
        .patch(
            &path,
            json!({ "package_name_pattern": "lib-*", "minimum_access_level_for_delete": "admin" }),
        )
        .expect(200)
        .json();
    assert_eq!(changed["package_name_pattern"], "lib-*");
    assert_eq!(changed["minimum_access_level_for_push"], "maintainer");
    let cleared = world
        .maintainer
        .patch(&path, json!({ "minimum_access_level_for_push": null }))
        .expect(200)
        .json();
    assert_eq!(cleared["minimum_access_level_for_push"], NULL);
    assert_eq!(cleared["minimum_access_level_for_delete"], "admin");
    world.maintainer.delete(&path).expect(204);
    world
        .maintainer
        .delete(&path)
        .expect_json(404, json!({ "message": "404 Not found" }));
    world
        .maintainer
        .patch(&path, json!({}))
        .expect_json(404, json!({ "message": "404 Not found" }));
    world.maintainer.get(RULES).expect_json(200, json!([]));
}

#[test]
fn the_list_is_whole_unless_a_page_is_asked_for() {
    let world = World::new();
    for number in 0..25 {
        world.protect(&format!("tool-{number}"), json!("owner"), NULL);
    }
    let all = world.maintainer.get(RULES).expect(200);
    assert_eq!(all.json().as_array().unwrap().len(), 25);
    assert_eq!(all.find_header("x-total"), None);
    let page = world
        .maintainer
        .get(&format!("{RULES}?per_page=10&page=3"))
        .expect(200);
    assert_eq!(page.json().as_array().unwrap().len(), 5);
    assert_eq!(page.header("x-total"), "25");
}

#[test]
fn wrong_parameters_are_refused_in_gitlabs_words() {
    let world = World::new();
    let neither = "minimum_access_level_for_push, minimum_access_level_for_delete are missing, at least one parameter must be provided";
    for (body, error) in [
        (
            json!({ "package_type": "npm", "minimum_access_level_for_push": "owner" }),
            "package_name_pattern is missing",
        ),
        (
            json!({ "package_name_pattern": "x", "minimum_access_level_for_push": "owner" }),
            "package_type is missing",
        ),
        (
            json!({ "package_name_pattern": "x", "package_type": "golang", "minimum_access_level_for_push": "owner" }),
            "package_type does not have a valid value",
        ),
        (
            json!({ "package_name_pattern": "x", "package_type": "npm" }),
            neither,
        ),
        (
            rule("x", json!("developer"), NULL),
            "minimum_access_level_for_push does not have a valid value",
        ),
        (
            rule("x", json!(""), NULL),
            "minimum_access_level_for_push does not have a valid value",
        ),
        (
            rule("x", NULL, json!("maintainer")),
            "minimum_access_level_for_delete does not have a valid value",
        ),
        (
            json!({}),
            &format!("package_name_pattern is missing, package_type is missing, {neither}"),
        ),
    ] {
        world
            .maintainer
            .post(RULES, body)
            .expect_json(400, json!({ "error": error }));
    }
    for method in ["PATCH", "DELETE"] {
        world
            .maintainer
            .send_json(method, &format!("{RULES}/x"), json!({}))
            .expect_json(
                400,
                json!({ "error": "package_protection_rule_id is invalid" }),
            );
    }
}

#[test]
fn a_rule_that_makes_no_sense_is_unprocessable() {
    let world = World::new();
    let error = |text: &str| json!({ "message": { "error": [text] } });
    let no_level = error("A rule must have at least a minimum access role for push or delete.");
    world
        .maintainer
        .post(RULES, rule("x", NULL, NULL))
        .expect_json(422, no_level.clone());
    let made = world.protect("x", json!("owner"), NULL);
    let path = format!("{RULES}/{}", made["id"]);
    world
        .maintainer
        .patch(&path, json!({ "minimum_access_level_for_push": null }))
        .expect_json(422, no_level);
    let taken = error("Package name pattern has already been taken");
    world
        .maintainer
        .post(RULES, rule("x", json!("admin"), NULL))
        .expect_json(422, taken.clone());
    world.protect("y", json!("owner"), NULL);
    world
        .maintainer
        .patch(&path, json!({ "package_name_pattern": "y" }))
        .expect_json(422, taken);
    for (kind, word) in [
        ("npm", "NPM"),
        ("pypi", "PyPI"),
        ("terraform_module", "Terraform module"),
    ] {
        let body = json!({ "package_name_pattern": "no name!", "package_type": kind, "minimum_access_level_for_push": "owner" });
        let text = format!(
            "Package name pattern should be a valid {word} package name with optional wildcard characters."
        );
        world
            .maintainer
            .post(RULES, body)
            .expect_json(422, error(&text));
    }
    world
        .maintainer
        .post(RULES, rule(&"x".repeat(256), json!("owner"), NULL))
        .expect(422);
    // What failed changed nothing.
    assert_eq!(
        world.maintainer.get(RULES).json()[0]["package_name_pattern"],
        "x"
    );
}

#[test]
fn parameters_are_checked_before_the_project_and_credentials_before_both() {
    let world = World::new();
    let good = rule("x", json!("owner"), NULL);
    let unauthorized = json!({ "message": "401 Unauthorized" });
    let nowhere = "/api/v4/projects/99/packages/protection/rules";
    for path in [
        RULES,
        nowhere,
        "/api/v4/projects/1/packages/protection/rules",
    ] {
        world
            .app
            .anonymous()
            .get(path)
            .expect_json(401, unauthorized.clone());
        world
            .app
            .anonymous()
            .post(path, good.clone())
            .expect_json(401, unauthorized.clone());
    }
    world
        .app
        .with_basic("any", crate::support::ROOT_TOKEN)
        .get(RULES)
        .expect_json(401, unauthorized.clone());
    world
        .app
        .with_header("JOB-TOKEN", "glcbt-x")
        .get(RULES)
        .expect_json(401, unauthorized);

    let stranger = world.app.user("sam");
    stranger
        .post(RULES, good.clone())
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    stranger
        .get(nowhere)
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    stranger.post(RULES, json!({})).expect(400);
    stranger.delete(&format!("{RULES}/x")).expect(400);
    world.developer.post(RULES, json!({})).expect(400);
    world
        .developer
        .post(RULES, good.clone())
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    world
        .developer
        .get(RULES)
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    let reading = world.app.user_with_scope("mia", "read_api");
    reading.get(RULES).expect(200);
    assert_eq!(
        reading.post(RULES, json!({})).expect(403).json()["error"],
        "insufficient_scope"
    );
}

#[test]
fn another_projects_rule_is_not_there() {
    let world = World::new();
    let made = world.protect("x", json!("owner"), NULL);
    world
        .app
        .root()
        .delete(&format!(
            "/api/v4/projects/1/packages/protection/rules/{}",
            made["id"]
        ))
        .expect_json(404, json!({ "message": "404 Not found" }));
}

#[test]
fn a_rule_that_has_changed_since_is_not_deleted() {
    let world = World::new();
    let path = format!("{RULES}/{}", world.protect("x", json!("owner"), NULL)["id"]);
    let since = |date: &str| {
        world
            .maintainer
            .with("If-Unmodified-Since", date)
            .delete(&path)
    };
    since("Wed, 01 Jan 2020 00:00:00 GMT")
        .expect_json(412, json!({ "message": "412 Precondition Failed" }));
    since("Fri, 01 Jan 2100 00:00:00 GMT").expect(204);
}

#[test]
fn a_push_rule_stops_everybody_below_its_level() {
    let world = World::new();
    world.developer.put(&file("tool"), "before").expect(201);
    let refused = json!({ "message": "403 Forbidden - Package protected." });
    let made = world.protect("tool", json!("maintainer"), NULL);
    world
        .developer
        .put(&file("tool"), "x")
        .expect_json(403, refused.clone());
    world.maintainer.put(&file("tool"), "m").expect(201);
    let path = format!("{RULES}/{}", made["id"]);
    world
        .owner
        .patch(&path, json!({ "minimum_access_level_for_push": "owner" }))
        .expect(200);
    world
        .maintainer
        .put(&file("tool"), "x")
        .expect_json(403, refused.clone());
    world.owner.put(&file("tool"), "o").expect(201);
    world
        .owner
        .patch(&path, json!({ "minimum_access_level_for_push": "admin" }))
        .expect(200);
    world
        .owner
        .put(&file("tool"), "x")
        .expect_json(403, refused);
    world.app.root().put(&file("tool"), "r").expect(201);
    // It says nothing of deletion.
    world.maintainer.delete(&file("tool")).expect(204);
}

#[test]
fn a_delete_rule_stops_packages_files_and_paths_alike() {
    let world = World::new();
    world.developer.put(&file("tool"), "x").expect(201);
    world.protect("tool", NULL, json!("owner"));
    world.developer.put(&file("tool"), "y").expect(201); // it says nothing of publishing
    let package = world.owner.get(&format!("{PROJECT}/packages")).json()[0].clone();
    assert!(package["_links"]["delete_api_path"].is_string());
    let package = format!("{PROJECT}/packages/{}", package["id"]);
    let first_file = world.owner.get(&format!("{package}/package_files")).json()[0]["id"].clone();
    let first_file = format!("{package}/package_files/{first_file}");
    let refused = json!({ "message": "403 Forbidden - Package is deletion protected." });
    for path in [&package, &first_file, &file("tool")] {
        world
            .maintainer
            .delete(path)
            .expect_json(403, refused.clone());
    }
    world
        .developer
        .delete(&package)
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    world.owner.delete(&first_file).expect(204);
    world.owner.delete(&file("tool")).expect(204);
    world.owner.delete(&package).expect(204);
}

#[test]
fn a_delete_rule_for_administrators_stops_owners() {
    let world = World::new();
    world.developer.put(&file("tool"), "x").expect(201);
    world.protect("tool", NULL, json!("admin"));
    world.owner.delete(&file("tool")).expect_json(
        403,
        json!({ "message": "403 Forbidden - Package is deletion protected." }),
    );
    world.app.root().delete(&file("tool")).expect(204);
}

#[test]
fn patterns_match_the_whole_name_in_any_case() {
    let world = World::new();
    world.protect("Tool-*-cli", json!("owner"), NULL);
    for stopped in ["tool-x-cli", "TOOL-x-CLI", "tool--cli", "tool-a.b-c-cli"] {
        world.developer.put(&file(stopped), "x").expect(403);
    }
    for free in ["tool-cli", "my-tool-x-cli", "tool-x-cli2", "tool"] {
        world.developer.put(&file(free), "x").expect(201);
    }
    world.protect("a.c", json!("owner"), NULL);
    world.developer.put(&file("abc"), "x").expect(201);
    world.developer.put(&file("a.c"), "x").expect(403);
    world.protect("*", json!("admin"), NULL);
    world.developer.put(&file("free"), "x").expect(403);
}

#[test]
fn of_several_rules_the_highest_level_wins() {
    let world = World::new();
    world.protect("tool*", json!("owner"), NULL);
    world.protect("*", json!("maintainer"), NULL);
    world.maintainer.put(&file("tool"), "x").expect(403);
    world.maintainer.put(&file("other"), "x").expect(201);
    world.developer.put(&file("other"), "y").expect(403);
    world.owner.put(&file("tool"), "x").expect(201);
}

#[test]
fn a_rule_for_another_type_protects_nothing_here() {
    let world = World::new();
    let npm = json!({ "package_name_pattern": "*", "package_type": "npm", "minimum_access_level_for_push": "admin" });
    world.maintainer.post(RULES, npm).expect(201);
    world.developer.put(&file("tool"), "x").expect(201);
}

#[test]
fn a_deploy_token_is_stopped_by_any_rule_that_matches() {
    let world = World::new();
    let made = world
        .maintainer
        .post(
            &format!("{PROJECT}/deploy_tokens"),
            json!({ "name": "ci", "scopes": ["write_package_registry"] }),
        )
        .expect(201)
        .json();
    let token = world
        .app
        .with_header("Deploy-Token", made["token"].as_str().unwrap());
    token.put(&file("tool"), "x").expect(201);
    world.protect("tool", json!("maintainer"), json!("owner"));
    token.put(&file("tool"), "y").expect_json(
        403,
        json!({ "message": "403 Forbidden - Package protected." }),
    );
    token.delete(&file("tool")).expect_json(
        403,
        json!({ "message": "403 Forbidden - Package is deletion protected." }),
    );
    token.put(&file("other"), "x").expect(201);
}

#[test]
fn a_job_is_held_to_the_level_of_its_user() {
    let world = World::new();
    world.protect("tool", json!("maintainer"), NULL);
    let job_of = |user: &Actor| {
        let pipeline = user
            .post(&format!("{PROJECT}/pipeline"), json!({ "ref": "main" }))
            .expect(201)
            .json();
        let job = user
            .post(
                &format!("{PROJECT}/pipelines/{}/jobs", pipeline["id"]),
                json!({}),
            )
            .expect(201)
            .json();
        world
            .app
            .with_header("JOB-TOKEN", job["token"].as_str().unwrap())
    };
    job_of(&world.developer).put(&file("tool"), "x").expect(403);
    job_of(&world.maintainer)
        .put(&file("tool"), "x")
        .expect(201);
}
