//! The pages as they come from the server: who sees what, what they carry, what cannot happen on them.

use serde_json::json;

use super::{package_id, publish_generic, publish_npm};
use crate::support::{Actor, Answer, TestApp, id_of};

/// As a browser asks.
fn visit(actor: &Actor, path: &str) -> Answer {
    actor.with("Accept", "text/html,*/*;q=0.8").get(path)
}

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
    let sam = app.user("sam");
    let stranger = sam.get(&path).expect(200);
    assert_eq!(
        stranger.body,
        sam.get("/vault/none/-/packages/1").expect(200).body
    );

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
    assert!(!page.text().contains("<script>"), "{}", page.text());
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
        "/local/nothing",
        "/static/page.html",
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
    let readme = include_str!("../../../README.md");
    for warning in [
        "status `processing` may have",
        "Deleting a file may corrupt its package",
        "dependency confusion",
    ] {
        assert!(readme.contains(warning), "{warning}");
    }
}

#[test]
fn every_page_lets_nothing_run_but_our_own_script() {
    let app = TestApp::start();
    let id = id_of(&{
        publish_generic(&app, 1, "tool", "1.0.0");
        app.root().get("/api/v4/projects/1/packages").json()[0].clone()
    });
    for path in [
        "/".to_owned(),
        "/?search=tool".to_owned(),
        "/local".to_owned(),
        "/local/packages".to_owned(),
        "/local/packages/-/packages".to_owned(),
        "/groups/local/-/packages".to_owned(),
        format!("/local/packages/-/packages/{id}"),
        "/local/packages/-/packages/0".to_owned(),
        "/local/packages/-/settings".to_owned(),
        "/-/setup".to_owned(),
        "/-/sign_in".to_owned(),
        "/-/tokens".to_owned(),
        "/-/admin".to_owned(),
    ] {
        let page = visit(&app.root(), &path).expect(200);
        let policy = page.header("content-security-policy").to_owned();
        for part in [
            "default-src 'none';",
            "script-src 'self';",
            "style-src 'self';",
            "base-uri 'none';",
            "form-action 'self';",
            "frame-ancestors 'none';",
            "require-trusted-types-for 'script';",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let text = page.text();
        for forbidden in [" style=", " onclick=", "javascript:", "http://", "https://"] {
            let elsewhere = text
                .match_indices(forbidden)
                .any(|(at, _)| !text[at..].starts_with(&app.url("")));
            assert!(
                !elsewhere || path.contains("-/setup"),
                "{path} has {forbidden}"
            );
        }
        assert_eq!(text.matches("<script").count(), 1, "{path}");
        assert_eq!(text.matches("<h1").count(), 1, "{path}");
    }
}

#[test]
fn a_browser_gets_a_page_for_what_is_not_there_and_a_program_the_usual_answer() {
    let app = TestApp::start();
    let page = visit(&app.anonymous(), "/no/such/project").expect(404);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text().contains("Nothing to show"));
    app.group("vault", "private");
    app.project("vault/one", "private");
    for (hidden, missing) in [
        ("/vault/one", "/vault/two"),
        ("/vault", "/fault"),
        ("/vault/one/-/packages", "/vault/two/-/packages"),
        ("/vault/one/-/settings", "/vault/two/-/settings"),
        ("/groups/vault/-/packages", "/groups/fault/-/packages"),
    ] {
        let hidden = visit(&app.anonymous(), hidden).expect(404);
        assert_eq!(
            hidden.body,
            visit(&app.anonymous(), missing).expect(404).body
        );
    }
    let unknown = json!({ "error": "404 Not Found" });
    for path in [
        "/api/v4/nothing",
        "/api/nothing",
        "/-/nothing",
        "/.well-known/nothing",
        "/static/x/y",
    ] {
        visit(&app.anonymous(), path).expect_json(404, unknown.clone());
    }
    app.anonymous().get("/nothing").expect_json(404, unknown);
}

#[test]
fn settings_and_administration_are_for_those_who_may() {
    let app = TestApp::start();
    let (developer, maintainer) = (app.user("dev"), app.user("mia"));
    app.join("projects/1", &developer, 30);
    app.join("projects/1", &maintainer, 40);
    let settings = "/local/packages/-/settings";
    visit(&app.anonymous(), settings).expect(404);
    visit(&developer, settings).expect(404);
    assert!(
        visit(&maintainer, settings)
            .expect(200)
            .text()
            .contains("data-project=\"1\"")
    );
    visit(&maintainer, "/-/admin").expect(404);
    visit(&app.root(), "/-/admin").expect(200);
    assert!(
        visit(&app.anonymous(), "/-/tokens")
            .expect(200)
            .text()
            .contains("Paste an access token")
    );
}

#[test]
fn lists_are_filtered_ordered_and_paged_by_their_address() {
    let app = TestApp::start();
    for number in 0..30 {
        publish_generic(&app, 1, &format!("tool-{number:02}"), "1.0.0");
    }
    publish_npm(&app, 1, "left-pad", "2.0.0", json!({}));
    let page = |query: &str| {
        visit(
            &app.anonymous(),
            &format!("/local/packages/-/packages?{query}"),
        )
        .expect(200)
        .text()
    };
    let shown = |text: &str| text.matches("class=\"package-row\"").count();
    let first = page("");
    assert_eq!(shown(&first), 25);
    assert!(first.contains("left-pad"), "the newest first");
    assert!(first.contains("rel=\"next\" href=\"?page=2\""), "{first}");
    let second = page("page=2");
    assert_eq!(shown(&second), 6);
    assert!(second.contains("rel=\"prev\""));
    assert_eq!(shown(&page("package_type=npm")), 1);
    assert_eq!(shown(&page("package_name=tool-0")), 10);
    assert_eq!(shown(&page("package_version=2.0.0")), 1);
    assert_eq!(shown(&page("package_name=TOOL&order_by=name&page=2")), 5);
    let none = page("package_name=nothing-like-it");
    assert!(none.contains("Nothing here is like that"));
    for odd in [
        "page=0",
        "page=-1",
        "page=x",
        "page=99999999999999999999",
        "package_type=x",
        "order_by=x",
        "status=x",
    ] {
        page(odd);
    }
    let group = visit(
        &app.anonymous(),
        "/groups/local/-/packages?package_type=npm",
    )
    .expect(200)
    .text();
    assert_eq!(shown(&group), 1);
    let secret = page("private_token=&package_name=tool");
    assert!(!secret.contains("private_token"));
}

#[test]
fn a_package_page_tells_what_a_reader_wants_to_know() {
    let app = TestApp::start();
    for version in ["1.0.0", "1.1.0"] {
        let manifest = json!({
            "description": "Pads strings", "license": "MIT", "keywords": ["padding"],
            "homepage": "https://example.com/pad", "dependencies": { "repeat": "^2.0.0" },
            "readme": "# Pad\n\nUse it *well*.",
        });
        publish_npm(&app, 1, "@acme/pad", version, manifest);
    }
    let id = package_id(&app, "@acme/pad");
    let page = app
        .anonymous()
        .get(&format!("/local/packages/-/packages/{id}"))
        .expect(200)
        .text();
    let registry = app.url("/api/v4/projects/1/packages/npm/");
    for part in [
        "@acme/pad <span class=\"version\">1.1.0</span>",
        "Pads strings",
        "<dt>Licence</dt><dd>MIT</dd>",
        "<dt>By</dt><dd>",
        "Use it <em>well</em>.",
        "<th scope=\"row\">repeat</th><td><code>^2.0.0</code></td>",
        "href=\"https://example.com/pad\" rel=\"nofollow noopener noreferrer\">Homepage</a>",
        ">padding</span>",
        ">1.0.0</a>",
        &format!("npm install @acme/pad@1.1.0 \\\n  --@acme:registry={registry}"),
        "SHA-256",
        "0 downloads",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let file = format!("/api/v4/projects/1/packages/{id}/package_files/");
    let at = page.find(&file).expect("a link to download");
    let link = page[at..].split('"').next().unwrap();
    app.anonymous().get(link).expect(200);
}

#[test]
fn who_may_delete_is_offered_it_and_a_protected_package_says_why_not() {
    let app = TestApp::start();
    publish_generic(&app, 1, "kept-tool", "1.0.0");
    let path = format!(
        "/local/packages/-/packages/{}",
        package_id(&app, "kept-tool")
    );
    let (developer, maintainer, owner) = (app.user("dev"), app.user("mia"), app.user("olga"));
    for (member, level) in [(&developer, 30), (&maintainer, 40), (&owner, 50)] {
        app.join("projects/1", member, level);
    }
    let offered = |actor: &Actor| actor.get(&path).expect(200).text().contains("data-delete=");
    assert!(!offered(&app.anonymous()) && !offered(&developer));
    assert!(offered(&maintainer) && offered(&owner));
    app.root()
        .post(
            "/api/v4/projects/1/packages/protection/rules",
            json!({ "package_name_pattern": "kept-*", "package_type": "generic", "minimum_access_level_for_delete": "owner" }),
        )
        .expect(201);
    assert!(!offered(&maintainer));
    let why = maintainer.get(&path).expect(200).text();
    assert!(
        why.contains("keeps names like “kept-*”: only owners may delete them"),
        "{why}"
    );
    assert!(offered(&owner) && offered(&app.root()));
}

#[test]
fn static_files_are_compressed_and_kept_for_good() {
    let app = TestApp::start();
    let page = visit(&app.anonymous(), "/").expect(200).text();
    for file in ["style.css", "app.js", "icon.svg"] {
        let at = page.find(&format!("/static/{file}?v=")).unwrap();
        let address = page[at..].split('"').next().unwrap();
        let sent = app
            .anonymous()
            .with("Accept-Encoding", "gzip")
            .get(address)
            .expect(200);
        assert_eq!(
            sent.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        let etag = sent.header("etag").to_owned();
        let again = app
            .anonymous()
            .with("Accept-Encoding", "gzip")
            .with("If-None-Match", &etag)
            .get(address);
        again.expect(304);
        let plain = app.anonymous().get(&format!("/static/{file}")).expect(200);
        assert_eq!(plain.header("cache-control"), "public, no-cache");
        assert!(plain.header("x-content-type-options").contains("nosniff"));
    }
    app.anonymous().get("/static/sign_in.html").expect(404);
}

#[test]
fn pages_stand_below_a_sub_path() {
    let app = TestApp::start_with(|config| {
        config.url =
            Some(packhouse::http::BaseUrl::parse("https://example.com/tools/packhouse").unwrap());
    });
    publish_npm(&app, 1, "pad", "1.0.0", json!({}));
    let id = package_id(&app, "pad");
    for path in [
        "/tools/packhouse/",
        "/tools/packhouse/local/packages",
        &format!("/tools/packhouse/local/packages/-/packages/{id}"),
    ] {
        let page = visit(&app.anonymous(), path).expect(200).text();
        let links = page
            .match_indices("href=\"/")
            .chain(page.match_indices("src=\"/"));
        for (at, _) in links {
            assert!(
                page[at..].contains("=\"/tools/packhouse/"),
                "{path}: {}",
                &page[at..at + 60]
            );
            let address = page[at..].split('"').nth(1).unwrap();
            assert!(
                address.starts_with("/tools/packhouse/"),
                "{path}: {address}"
            );
        }
    }
    let setup = visit(&app.anonymous(), "/-/setup").expect(200).text();
    assert!(setup.contains("https://example.com/tools/packhouse/api/v4/projects/1/packages/npm/"));
}
