//! Package settings of groups, and what they mean for generic uploads.

use serde_json::{Value, json};

use crate::support::{Place, TestApp};

const SETTINGS: &str = "/api/v4/groups/acme/-/packages/settings";

fn world() -> TestApp {
    let app = TestApp::start();
    app.group("acme", "private");
    app.group("acme/sub", "private");
    app.project("acme/sub/tools", "private");
    app
}

fn file(name: &str, version: &str) -> String {
    format!("/api/v4/projects/acme%2Fsub%2Ftools/packages/generic/{name}/{version}/f.bin")
}

fn set(app: &TestApp, group: &str, allowed: bool, exception: &str) {
    app.root()
        .put_json(
            &format!("/api/v4/groups/{group}/-/packages/settings"),
            json!({ "generic_duplicates_allowed": allowed, "generic_duplicate_exception_regex": exception }),
        )
        .expect(200);
}

/// Publishes two different files under one name; the status of the second.
fn second_upload(app: &TestApp, name: &str, version: &str) -> u16 {
    let root = app.root();
    root.put(&file(name, version), "one").expect(201);
    let second = root.put(&file(name, version), "two");
    if second.status == 400 {
        assert_eq!(
            second.json(),
            json!({ "message": "400 Bad request - Duplicate package is not allowed" })
        );
        assert_eq!(root.get(&file(name, version)).body, b"one");
    } else {
        assert_eq!(root.get(&file(name, version)).body, b"two");
    }
    second.status
}

#[test]
fn settings_start_with_gitlabs_defaults() {
    let app = world();
    let settings = app.root().get(SETTINGS).expect(200).json();
    for (name, value) in [
        ("maven_duplicates_allowed", json!(true)),
        ("generic_duplicates_allowed", json!(true)),
        ("nuget_duplicates_allowed", json!(true)),
        ("helm_duplicates_allowed", json!(true)),
        ("composer_duplicates_allowed", json!(false)),
        ("terraform_module_duplicates_allowed", json!(false)),
        ("generic_duplicate_exception_regex", json!("")),
    ] {
        assert_eq!(settings[name], value, "{name}");
    }
}

#[test]
fn only_what_is_named_changes() {
    let app = world();
    let after = app
        .root()
        .put_json(SETTINGS, json!({ "maven_duplicates_allowed": false }))
        .expect(200)
        .json();
    assert_eq!(after["maven_duplicates_allowed"], json!(false));
    assert_eq!(after["generic_duplicates_allowed"], json!(true));
    app.root().get(SETTINGS).expect_json(200, after);
    app.root()
        .put_json(SETTINGS, json!({ "maven_duplicates_allowed": "perhaps" }))
        .expect_json(
            400,
            json!({ "error": "maven_duplicates_allowed is invalid" }),
        );
}

#[test]
fn a_pattern_must_be_one_and_short() {
    let app = world();
    let put = |pattern: &str| {
        app.root().put_json(
            SETTINGS,
            json!({ "maven_duplicate_exception_regex": pattern }),
        )
    };
    let refused = put("a(").expect(400).json();
    let text = refused["message"]["maven_duplicate_exception_regex"][0]
        .as_str()
        .unwrap();
    assert!(text.starts_with("not valid RE2 syntax: "), "{text}");
    put(&"x".repeat(255)).expect(200);
    put(&"x".repeat(256)).expect_json(
        400,
        json!({ "message": { "maven_duplicate_exception_regex": ["is too long (maximum is 255 characters)"] } }),
    );
    put("").expect(200);
}

#[test]
fn maintainers_alone_see_and_change_them() {
    let app = world();
    let developer = app.user("dev");
    app.member("dev", Place::Group("acme"), 30);
    let maintainer = app.user("mia");
    app.member("mia", Place::Group("acme"), 40);
    developer
        .get(SETTINGS)
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    developer
        .put_json(SETTINGS, json!({}))
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    maintainer.get(SETTINGS).expect(200);
    maintainer
        .put_json(SETTINGS, json!({ "generic_duplicates_allowed": false }))
        .expect(200);
    app.user("sam")
        .get(SETTINGS)
        .expect_json(404, json!({ "message": "404 Group Not Found" }));
    app.anonymous()
        .get(SETTINGS)
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
}

#[test]
fn duplicates_follow_the_switch_and_the_exception_turns_it_round() {
    let app = world();
    assert_eq!(second_upload(&app, "plain", "1"), 201);
    set(&app, "acme%2Fsub", true, ".*-final");
    assert_eq!(second_upload(&app, "open", "1"), 201);
    assert_eq!(second_upload(&app, "tool-final", "1"), 400);
    assert_eq!(second_upload(&app, "open", "2-final"), 400);
    set(&app, "acme%2Fsub", false, "");
    assert_eq!(second_upload(&app, "shut", "1"), 400);
    set(&app, "acme%2Fsub", false, ".*-dev");
    assert_eq!(second_upload(&app, "shut", "2"), 400);
    assert_eq!(second_upload(&app, "tool-dev", "1"), 201);
    assert_eq!(second_upload(&app, "shut", "3-dev"), 201);
    assert_eq!(second_upload(&app, "tool-dev-2", "1"), 400); // the whole name must match
}

#[test]
fn another_file_of_the_same_version_is_no_duplicate() {
    let app = world();
    set(&app, "acme%2Fsub", false, "");
    app.root().put(&file("tool", "1"), "x").expect(201);
    app.root()
        .put(&file("tool", "1").replace("f.bin", "g.bin"), "x")
        .expect(201);
    app.root().put(&file("tool", "1"), "x").expect(400);
}

#[test]
fn the_nearest_group_that_says_something_wins() {
    let app = world();
    set(&app, "acme", false, "");
    assert_eq!(second_upload(&app, "tool", "1"), 400);
    let below = app
        .root()
        .get("/api/v4/groups/acme%2Fsub/-/packages/settings")
        .expect(200)
        .json();
    assert_eq!(below["generic_duplicates_allowed"], Value::Bool(false));
    set(&app, "acme%2Fsub", true, "");
    assert_eq!(second_upload(&app, "tool", "2"), 201);
}

#[test]
fn forwarding_is_off_inherited_and_can_be_locked() {
    let app = world();
    let sub = "/api/v4/groups/acme%2Fsub/-/packages/settings";
    let root = app.root();
    let shown = |path: &str| {
        let settings = root.get(path).expect(200).json();
        [
            "npm_package_requests_forwarding",
            "lock_npm_package_requests_forwarding",
            "npm_package_requests_forwarding_locked",
        ]
        .map(|name| settings[name].as_bool().unwrap())
    };
    assert_eq!(shown(SETTINGS), [false, false, false]);
    // The instance's word holds where no group has one.
    let instance = "/api/v4/application/settings";
    root.put_json(instance, json!({ "npm_package_requests_forwarding": true }))
        .expect(200);
    assert_eq!(shown(sub), [true, false, false]);
    root.put_json(
        SETTINGS,
        json!({ "npm_package_requests_forwarding": false }),
    )
    .expect(200);
    assert_eq!(shown(sub), [false, false, false]);
    root.put_json(sub, json!({ "npm_package_requests_forwarding": true }))
        .expect(200);
    assert_eq!(shown(sub), [true, false, false]);
    // A lock above takes the word back, and lets nobody speak again.
    root.put_json(
        SETTINGS,
        json!({ "lock_npm_package_requests_forwarding": true }),
    )
    .expect(200);
    assert_eq!(shown(SETTINGS), [false, true, false]);
    assert_eq!(shown(sub), [false, false, true]);
    let locked = |name: &str| json!({ "message": { name: ["cannot be changed because it is locked by an ancestor"] } });
    for name in [
        "npm_package_requests_forwarding",
        "lock_npm_package_requests_forwarding",
    ] {
        root.put_json(sub, json!({ name: true }))
            .expect_json(400, locked(name));
    }
    root.put_json(sub, json!({ "pypi_package_requests_forwarding": true }))
        .expect(200);
    root.put_json(
        SETTINGS,
        json!({ "lock_npm_package_requests_forwarding": false }),
    )
    .expect(200);
    assert_eq!(shown(sub), [true, false, false]);
    // Null is no word of one's own; what is only shown cannot be set.
    root.put_json(sub, json!({ "npm_package_requests_forwarding": null, "npm_package_requests_forwarding_locked": true })).expect(200);
    assert_eq!(shown(sub), [false, false, false]);
    root.put_json(SETTINGS, json!({ "npm_package_requests_forwarding": null }))
        .expect(200);
    assert_eq!(shown(sub), [true, false, false]);
}

#[test]
fn locks_are_for_owners() {
    let app = world();
    let maintainer = app.user("mia");
    app.member("mia", Place::Group("acme"), 40);
    let lock = json!({ "lock_maven_package_requests_forwarding": true });
    maintainer
        .put_json(SETTINGS, lock.clone())
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    maintainer
        .put_json(
            SETTINGS,
            json!({ "maven_package_requests_forwarding": true }),
        )
        .expect(200);
    let owner = app.user("olga");
    app.member("olga", Place::Group("acme"), 50);
    owner.put_json(SETTINGS, lock).expect(200);
}

#[test]
fn every_setting_of_the_contract_is_there() {
    let app = world();
    let settings = app.root().get(SETTINGS).expect(200).json();
    let mut expected = Vec::new();
    for kind in ["maven", "generic", "nuget", "helm", "terraform_module"] {
        expected.push(format!("{kind}_duplicates_allowed"));
        expected.push(format!("{kind}_duplicate_exception_regex"));
    }
    for kind in ["maven", "npm", "pypi"] {
        expected.push(format!("{kind}_package_requests_forwarding"));
        expected.push(format!("lock_{kind}_package_requests_forwarding"));
        expected.push(format!("{kind}_package_requests_forwarding_locked"));
    }
    expected.push("nuget_symbol_server_enabled".to_owned());
    for name in expected {
        assert!(!settings[&name].is_null(), "{name} in {settings}");
    }
}

/// The nearest group on the path that says anything, for each of the two settings by itself.
#[test]
fn the_nearest_group_that_sets_one_counts_for_every_type() {
    let app = world();
    let root = app.root();
    let sub = "/api/v4/groups/acme%2Fsub/-/packages/settings";
    for kind in ["maven", "generic", "nuget", "helm", "terraform_module"] {
        let (allowed, pattern) = (
            format!("{kind}_duplicates_allowed"),
            format!("{kind}_duplicate_exception_regex"),
        );
        let default = root.get(sub).expect(200).json()[&allowed].clone();
        let other = !default.as_bool().unwrap();
        root.put_json(SETTINGS, json!({ &allowed: other, &pattern: "above" }))
            .expect(200);
        let below = root.get(sub).expect(200).json();
        assert_eq!(
            (&below[&allowed], &below[&pattern]),
            (&json!(other), &json!("above")),
            "{kind}"
        );
        root.put_json(sub, json!({ &pattern: "" })).expect(200);
        let below = root.get(sub).expect(200).json();
        assert_eq!(
            (&below[&allowed], &below[&pattern]),
            (&json!(other), &json!("")),
            "{kind}"
        );
        root.put_json(sub, json!({ &allowed: default })).expect(200);
        assert_eq!(
            root.get(sub).expect(200).json()[&allowed],
            default,
            "{kind}"
        );
    }
}
