//! The page that `web_path` leads to.

use serde_json::json;

use crate::support::{TestApp, id_of};

fn publish(app: &TestApp, project: i64, name: &str) -> String {
    let files = format!("/api/v4/projects/{project}/packages");
    app.root()
        .put(&format!("{files}/generic/{name}/1.0.0/f.txt"), b"bytes")
        .expect(201);
    let list = app
        .root()
        .get(&format!("{files}?package_name={name}"))
        .expect(200)
        .json();
    list[0]["_links"]["web_path"].as_str().unwrap().to_owned()
}

#[test]
fn s66_the_web_path_shows_name_and_version_to_who_may_read_them_and_nothing_to_others() {
    let app = TestApp::start();
    app.group("vault", "private");
    let project = app.project("vault/one", "private");
    let path = publish(&app, project, "secret-tool");
    let anonymous = app.anonymous().get(&path).expect(200);
    assert_eq!(anonymous.header("content-type"), "text/html; charset=utf-8");
    assert!(
        !anonymous.text().contains("secret-tool"),
        "{}",
        anonymous.text()
    );
    let nowhere = app.anonymous().get("/vault/none/-/packages/1").expect(200);
    assert_eq!(
        nowhere.body, anonymous.body,
        "what is hidden looks like what is not there"
    );
    let stranger = app.user("sam").get(&path).expect(200);
    assert_eq!(stranger.body, anonymous.body);

    let reader = app.user("rita");
    app.join(&format!("projects/{project}"), &reader, 10);
    let shown = reader.get(&path).expect(200).text();
    assert!(
        shown.contains("secret-tool") && shown.contains("1.0.0"),
        "{shown}"
    );
}

#[test]
fn s49_s116_the_page_carries_the_warnings() {
    let app = TestApp::start();
    let page = app
        .anonymous()
        .get(&publish(&app, 1, "tool"))
        .expect(200)
        .text();
    assert!(page.contains("still being processed"));
    assert!(page.contains("Deleting a file may corrupt the package"));
}

#[test]
fn a_hostile_name_is_shown_as_text() {
    let app = TestApp::start();
    let path = publish(&app, 1, "tool");
    app.database()
        .execute("UPDATE packages SET name = '<script>alert(1)</script>'", [])
        .unwrap();
    let page = app.anonymous().get(&path).expect(200);
    assert!(!page.text().contains("<script"), "{}", page.text());
    assert!(page.text().contains("&lt;script&gt;"));
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
}

#[test]
fn a_page_that_is_no_package_is_an_empty_page_and_other_paths_are_no_routes() {
    let app = TestApp::start();
    for path in [
        "/local/packages/-/packages/0",
        "/local/packages/-/packages/x",
        "/local/packages/-/packages/99999999999999999999",
    ] {
        assert!(
            app.anonymous()
                .get(path)
                .expect(200)
                .text()
                .contains("Nothing to show"),
            "{path}"
        );
    }
    let no_route = json!({ "error": "404 Not Found" });
    for path in [
        "/local/packages/-/wiki/1",
        "/nothing",
        "/static/package.html",
        "/static/..%2Fschema.sql",
        "/-/-/-",
    ] {
        app.anonymous().get(path).expect_json(404, no_route.clone());
    }
    app.anonymous().get("/static/style.css").expect(200);
}

#[test]
fn a_terraform_module_has_its_own_address() {
    let app = TestApp::start();
    publish(&app, 1, "tool");
    app.database()
        .execute("UPDATE packages SET package_type = 12", [])
        .unwrap();
    let list = app
        .root()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json();
    let path = list[0]["_links"]["web_path"].as_str().unwrap();
    assert_eq!(
        path,
        format!(
            "/local/packages/-/terraform_module_registry/{}",
            id_of(&list[0])
        )
    );
    assert!(
        app.anonymous()
            .get(path)
            .expect(200)
            .text()
            .contains("tool")
    );
}

#[test]
fn s49_s110_s116_the_readme_carries_the_warnings() {
    let readme = include_str!("../../README.md");
    for warning in [
        "status `processing` may have",
        "Deleting a file may corrupt its package",
        "dependency confusion",
    ] {
        assert!(readme.contains(warning), "{warning}");
    }
}
