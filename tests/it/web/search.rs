//! `GET /-/search`: across everything that the caller may read.

use serde_json::json;

use super::{package_id, publish_generic, publish_npm};
use crate::support::shape::ids;
use crate::support::{Actor, TestApp, each};

fn found(actor: &Actor, query: &str) -> Vec<String> {
    let list = actor
        .get(&format!("/api/v4/-/search?{query}"))
        .expect(200)
        .json();
    each(&list, "name").into_iter().map(str::to_owned).collect()
}

fn seeded() -> TestApp {
    let app = TestApp::start();
    app.group("acme", "public");
    let tools = app.project("acme/tools", "public");
    publish_npm(&app, tools, "@acme/left-pad", "1.0.0", json!({}));
    publish_npm(&app, tools, "@acme/left-pad", "1.1.0", json!({}));
    publish_generic(&app, tools, "left-hand", "1.0.0");
    publish_generic(&app, 1, "pad", "2.0.0");
    publish_generic(&app, 1, "pad-of-paper", "2.0.0");
    app
}

#[test]
fn without_words_the_newest_package_of_each_name_is_found() {
    let app = seeded();
    let list = app.anonymous().get("/api/v4/-/search").expect(200).json();
    assert_eq!(
        each(&list, "name"),
        ["pad-of-paper", "pad", "left-hand", "@acme/left-pad"]
    );
    assert_eq!(list[3]["version"], "1.1.0", "of a name, its newest");
    assert_eq!(list[3]["project_path"], "acme/tools");
    assert_eq!(
        list[3]["_links"]["web_path"],
        format!(
            "/acme/tools/-/packages/{}",
            package_id(&app, "@acme/left-pad")
        )
    );
}

#[test]
fn every_word_is_in_the_name_or_the_project_or_is_the_type() {
    let app = seeded();
    let nobody = app.anonymous();
    assert_eq!(
        found(&nobody, "search=left"),
        ["left-hand", "@acme/left-pad"]
    );
    assert_eq!(found(&nobody, "search=LEFT+pad"), ["@acme/left-pad"]);
    assert_eq!(found(&nobody, "search=acme/tools+hand"), ["left-hand"]);
    assert_eq!(
        found(&nobody, "search=tools"),
        ["left-hand", "@acme/left-pad"]
    );
    assert_eq!(found(&nobody, "search=npm"), ["@acme/left-pad"]);
    assert_eq!(found(&nobody, "search=generic+left"), ["left-hand"]);
    assert_eq!(found(&nobody, "search=npm+hand"), [""; 0]);
    assert_eq!(
        found(&nobody, "search=left&package_type=generic"),
        ["left-hand"]
    );
    assert_eq!(found(&nobody, "package_type=npm"), ["@acme/left-pad"]);
    assert_eq!(found(&nobody, "search=%25"), [""; 0]);
}

#[test]
fn what_is_called_exactly_so_comes_first() {
    let app = seeded();
    assert_eq!(
        found(&app.anonymous(), "search=pad"),
        ["pad", "pad-of-paper", "@acme/left-pad"]
    );
}

#[test]
fn nobody_finds_what_nobody_may_read() {
    let app = seeded();
    app.group("vault", "private");
    let vault = app.project("vault/one", "private");
    publish_generic(&app, vault, "left-secret", "1.0.0");
    let (stranger, reader) = (app.user("sam"), app.user("rita"));
    app.join(&format!("projects/{vault}"), &reader, 10);
    for query in ["search=secret", "search=vault", "search=left+secret"] {
        assert_eq!(found(&app.anonymous(), query), [""; 0], "{query}");
        assert_eq!(found(&stranger, query), [""; 0], "{query}");
        assert_eq!(found(&reader, query), ["left-secret"], "{query}");
    }
    app.anonymous()
        .with("PRIVATE-TOKEN", "glpat-nobody-knows-this")
        .get("/api/v4/-/search")
        .expect(401);
}

#[test]
fn what_has_no_page_is_not_found() {
    let app = seeded();
    for status in [1, 2, 3, 4] {
        app.database()
            .execute(
                "UPDATE packages SET status = ?1 WHERE name IN ('pad', 'left-hand')",
                [status],
            )
            .unwrap();
        assert_eq!(
            found(&app.anonymous(), "search=pad"),
            ["pad-of-paper", "@acme/left-pad"],
            "{status}"
        );
        assert_eq!(
            found(&app.anonymous(), ""),
            ["pad-of-paper", "@acme/left-pad"],
            "{status}"
        );
    }
}

#[test]
fn results_come_in_pages_and_wrong_parameters_are_told() {
    let app = seeded();
    let first = app
        .anonymous()
        .get("/api/v4/-/search?per_page=3")
        .expect(200);
    assert_eq!(ids(&first).len(), 3);
    assert_eq!(first.header("x-total"), "4");
    assert_eq!(first.header("x-next-page"), "2");
    let second = app
        .anonymous()
        .get("/api/v4/-/search?per_page=3&page=2")
        .expect(200);
    assert_eq!(each(&second.json(), "name"), ["@acme/left-pad"]);
    app.anonymous()
        .get("/api/v4/-/search?package_type=tarball")
        .expect_json(
            400,
            json!({ "error": "package_type does not have a valid value" }),
        );
}

#[test]
fn many_versions_of_one_name_do_not_hide_the_others() {
    let app = TestApp::start();
    publish_generic(&app, 1, "quiet", "1.0.0");
    for version in 0..60 {
        publish_generic(&app, 1, "busy", &format!("1.0.{version}"));
    }
    assert_eq!(found(&app.anonymous(), "per_page=5"), ["busy", "quiet"]);
    assert_eq!(found(&app.anonymous(), "search=generic"), ["busy", "quiet"]);
}
