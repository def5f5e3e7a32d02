//! Hiding, showing and deprecating a package (ours: contract 6.6).

use serde_json::json;

use crate::support::seeds::{PRIV, PUB, Planted, Seeds, generic, package, packages};
use crate::support::shape::ids;

#[test]
fn a_maintainer_hides_shows_and_deprecates_a_package() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0/a.txt");
    let maintainer = seeds.user("maintainer");
    maintainer.put(&path, b"bytes").expect(201);
    let id = ids(&maintainer.get(&packages(PUB)).expect(200))[0];
    let change = |body| maintainer.patch(&package(PUB, id), body).expect(200).json();

    let hidden = change(json!({ "status": "hidden" }));
    assert_eq!(
        (&hidden["id"], &hidden["status"]),
        (&json!(id), &json!("hidden"))
    );
    assert_eq!(
        hidden["versions"],
        json!([]),
        "the answer has the detail form"
    );
    maintainer.get(&package(PUB, id)).expect(404);
    assert!(ids(&maintainer.get(&packages(PUB)).expect(200)).is_empty());
    seeds.anonymous().get(&path).expect(200); // still there by its exact name

    let deprecated = change(json!({ "status": "deprecated", "message": "use tool2" }));
    assert_eq!(deprecated["status"], "deprecated");
    assert_eq!(ids(&maintainer.get(&packages(PUB)).expect(200)), [id]);
    let message: String = seeds
        .app
        .database()
        .query_row(
            "SELECT status_message FROM packages WHERE id = ?1",
            [id],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(message, "use tool2");
    assert_eq!(change(json!({ "status": "default" }))["status"], "default");
}

#[test]
fn who_may_not_delete_a_package_may_not_change_its_status() {
    let seeds = Seeds::start();
    let id = seeds.plant(PRIV, &Planted::generic("tool"));
    let body = json!({ "status": "hidden" });
    let forbidden = json!({ "message": "403 Forbidden" });
    for who in ["developer", "reporter", "guest"] {
        seeds
            .user(who)
            .patch(&package(PRIV, id), body.clone())
            .expect_json(403, forbidden.clone());
    }
    let missing = json!({ "message": "404 Project Not Found" });
    seeds
        .user("stranger")
        .patch(&package(PRIV, id), body.clone())
        .expect_json(404, missing.clone());
    seeds
        .anonymous()
        .patch(&package(PRIV, id), body.clone())
        .expect_json(404, missing);
    assert_eq!(
        ids(&seeds.user("guest").get(&packages(PRIV)).expect(200)),
        [id]
    );
}

#[test]
fn a_status_that_people_do_not_choose_is_refused() {
    let seeds = Seeds::start();
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    let maintainer = seeds.user("maintainer");
    let refused = |body, text: &str| {
        maintainer
            .patch(&package(PUB, id), body)
            .expect_json(400, json!({ "error": text }));
    };
    refused(json!({}), "status is missing");
    for word in ["error", "processing", "pending_destruction", "gone", ""] {
        refused(
            json!({ "status": word }),
            "status does not have a valid value",
        );
    }
    let long = json!({ "status": "deprecated", "message": "x".repeat(1_001) });
    refused(long, "message is too long (maximum is 1000 characters)");
    maintainer
        .patch(&package(PUB, 999_999), json!({ "status": "hidden" }))
        .expect_json(404, json!({ "message": "404 Not found" }));
}
