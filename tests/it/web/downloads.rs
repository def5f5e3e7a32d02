//! `GET /-/projects/:id/packages/:package_id/downloads`: how often, and when.

use serde_json::{Value, json};

use super::{package_id, publish_generic};
use crate::support::{TestApp, eventually};

fn downloads(app: &TestApp, id: i64) -> Value {
    let path = format!("/api/v4/-/projects/1/packages/{id}/downloads");
    app.anonymous().get(&path).expect(200).json()
}

#[test]
fn downloads_are_counted_on_their_day() {
    let app = TestApp::start();
    publish_generic(&app, 1, "tool", "1.0.0");
    let id = package_id(&app, "tool");
    let file = "/api/v4/projects/1/packages/generic/tool/1.0.0/f.txt";
    for _ in 0..3 {
        app.anonymous().get(file).expect(200);
    }
    eventually("three downloads are counted", || {
        downloads(&app, id)["total"] == 3
    });
    let shown = downloads(&app, id);
    let days = shown["days"].as_array().unwrap();
    assert_eq!(days.len(), 90);
    let sum: i64 = days
        .iter()
        .map(|day| day["downloads"].as_i64().unwrap())
        .sum();
    assert_eq!(sum, 3);
    assert!(
        days.windows(2)
            .all(|two| two[0]["date"].as_str() < two[1]["date"].as_str()),
        "the oldest first"
    );
}

#[test]
fn days_that_no_chart_shows_are_forgotten() {
    let app = TestApp::start();
    publish_generic(&app, 1, "tool", "1.0.0");
    let id = package_id(&app, "tool");
    let database = app.database();
    for day in [
        "date('now')",
        "date('now', '-89 days')",
        "date('now', '-90 days')",
    ] {
        database
            .execute(
                &format!("INSERT INTO package_downloads VALUES (?1, {day}, 5)"),
                [id],
            )
            .unwrap();
    }
    let shown = downloads(&app, id);
    let days = shown["days"].as_array().unwrap();
    assert_eq!(days[0]["downloads"], 5);
    assert_eq!(days[89]["downloads"], 5);
    let sum: i64 = days
        .iter()
        .map(|day| day["downloads"].as_i64().unwrap())
        .sum();
    assert_eq!(sum, 10);

    let again = TestApp::start_in(app.stop(), |_| {}); // the clean-up runs at the start and every hour
    eventually("the oldest day is forgotten", || {
        let rows: i64 = again
            .database()
            .query_row("SELECT count(*) FROM package_downloads", [], |row| {
                row.get(0)
            })
            .unwrap();
        rows == 2
    });
}

#[test]
fn they_go_with_their_package() {
    let app = TestApp::start();
    publish_generic(&app, 1, "tool", "1.0.0");
    let id = package_id(&app, "tool");
    app.root()
        .delete(&format!("/api/v4/projects/1/packages/{id}"))
        .expect(204);
    let path = format!("/api/v4/-/projects/1/packages/{id}/downloads");
    app.root()
        .get(&path)
        .expect_json(404, json!({ "message": "404 Not found" }));
}
