//! Settings of the instance.

use packhouse::registry::Visibility;
use serde_json::json;

use crate::support::TestApp;

const PATH: &str = "/api/v4/application/settings";

#[test]
fn what_is_set_is_shown_and_the_rest_is_ignored() {
    let app = TestApp::start();
    let mut settings = json!({
        "default_project_visibility": "private",
        "npm_package_requests_forwarding": false,
        "maven_package_requests_forwarding": false,
        "pypi_package_requests_forwarding": false,
    });
    app.root().get(PATH).expect_json(200, settings.clone());
    let change = json!({
        "default_project_visibility": "internal",
        "npm_package_requests_forwarding": true,
        "signup_enabled": false,
    });
    settings["default_project_visibility"] = json!("internal");
    settings["npm_package_requests_forwarding"] = json!(true);
    app.root()
        .put_json(PATH, change)
        .expect_json(200, settings.clone());
    app.root().get(PATH).expect_json(200, settings);
}

#[test]
fn the_stored_visibility_beats_the_configuration_when_a_project_is_created() {
    let app = TestApp::start_with(|config| config.default_project_visibility = Visibility::Public);
    let ann = app.user("ann");
    let create = |path: &str| {
        let project = ann.post("/api/v4/projects", json!({ "path": path }));
        project.expect(201).json()["visibility"].clone()
    };
    assert_eq!(create("first"), "public");
    app.root()
        .put_json(PATH, json!({ "default_project_visibility": "internal" }))
        .expect(200);
    assert_eq!(create("second"), "internal");
}

#[test]
fn settings_are_for_administrators_and_have_their_words() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let forbidden = json!({ "message": "403 Forbidden" });
    ann.get(PATH).expect_json(403, forbidden.clone());
    ann.put_json(PATH, json!({})).expect_json(403, forbidden);
    let unauthorized = json!({ "message": "401 Unauthorized" });
    app.anonymous().get(PATH).expect_json(401, unauthorized);
    let wrong = json!({
        "default_project_visibility": "secret",
        "npm_package_requests_forwarding": "perhaps",
    });
    let text = "default_project_visibility does not have a valid value, npm_package_requests_forwarding is invalid";
    app.root()
        .put_json(PATH, wrong)
        .expect_json(400, json!({ "error": text }));
}

#[test]
fn settings_survive_a_restart() {
    let app = TestApp::start();
    let change = json!({ "pypi_package_requests_forwarding": "on" });
    let set = app.root().put_json(PATH, change).expect(200).json();
    assert_eq!(set["pypi_package_requests_forwarding"], true);
    let app = TestApp::start_in(app.stop(), |_| {});
    app.root().get(PATH).expect_json(200, set);
}
