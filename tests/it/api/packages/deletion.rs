//! Deleting a package: who may, what is protected, what is gone.

use packhouse::registry::PackageType::Npm;
use serde_json::json;

use super::list;
use crate::support::seeds::{DEEP, PRIV, PUB, Planted, Seeds, generic, package, packages};
use crate::support::shape::ids;

#[test]
fn s7_s105_s106_a_deleted_package_is_gone_and_stays_gone() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0/a.txt");
    let maintainer = seeds.user("maintainer");
    maintainer.put(&path, b"bytes").expect(201);
    let id = ids(&maintainer.get(&packages(PUB)).expect(200))[0];
    let elsewhere = seeds.plant(DEEP, &Planted::generic("elsewhere"));
    let answer = maintainer.delete(&package(PUB, id)).expect(204);
    assert!(answer.body.is_empty());
    let gone = json!({ "message": "404 Not found" });
    maintainer
        .get(&package(PUB, id))
        .expect_json(404, gone.clone());
    maintainer
        .get(&format!("{}/package_files", package(PUB, id)))
        .expect_json(404, gone.clone());
    assert!(ids(&maintainer.get(&packages(PUB)).expect(200)).is_empty());
    assert_eq!(
        ids(&maintainer
            .get(&list("?status=pending_destruction"))
            .expect(200)),
        [id]
    );
    maintainer
        .get(&path)
        .expect_json(404, json!({ "message": "404 Not Found" }));
    for missing in [id, elsewhere, 999_999] {
        maintainer
            .delete(&package(PUB, missing))
            .expect_json(404, gone.clone());
    }
    seeds.anonymous().get(&package(DEEP, elsewhere)).expect(200);
    // Name and version are free at once.
    maintainer.put(&path, b"again").expect(201);
    assert_eq!(seeds.anonymous().get(&path).expect(200).body, b"again");
}

#[test]
fn only_displayable_packages_can_be_deleted() {
    let seeds = Seeds::start();
    for (status, id) in seeds.plant_all_statuses(PUB) {
        let expected = if status.is_displayable() { 204 } else { 404 };
        seeds
            .user("maintainer")
            .delete(&package(PUB, id))
            .expect(expected);
    }
}

#[test]
fn s107_s108_item21_a_protected_package_is_not_deleted_below_the_rules_level() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let refusal = json!({ "message": "403 Forbidden - Package is deletion protected." });
    seeds.protect(PUB, Npm, "@FOO/*", None, Some(50));
    let maintainer = seeds.user("maintainer");
    maintainer
        .delete(&package(PUB, n))
        .expect_json(403, refusal.clone());
    maintainer.get(&package(PUB, n)).expect(200);
    seeds.user("owner").delete(&package(PUB, n)).expect(204);

    let next = seeds.plant(PUB, &Planted::new(Npm, "@foo/bar").version("2.0"));
    seeds.unprotect(PUB);
    seeds.protect(PUB, Npm, "@foo/bar", None, Some(60));
    seeds
        .user("owner")
        .delete(&package(PUB, next))
        .expect_json(403, refusal);
    seeds.root().delete(&package(PUB, next)).expect(204);

    let last = seeds.plant(PUB, &Planted::new(Npm, "@foo/bar").version("3.0"));
    seeds.unprotect(PUB);
    seeds.protect(PUB, Npm, "@foo/bar", Some(50), None); // a push level alone blocks no delete
    maintainer.delete(&package(PUB, last)).expect(204);
}

#[test]
fn s109_item02_item03_who_may_not_delete_deletes_nothing() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let secret = seeds.plant(PRIV, &Planted::generic("secret"));
    let forbidden = json!({ "message": "403 Forbidden" });
    let developer = seeds.user("developer");
    developer
        .delete(&package(PUB, n))
        .expect_json(403, forbidden.clone());
    developer
        .delete(&package(PUB, 999_999))
        .expect_json(403, forbidden.clone());
    seeds
        .anonymous()
        .delete(&package(PUB, n))
        .expect_json(403, forbidden);
    let hidden = json!({ "message": "404 Project Not Found" });
    seeds
        .anonymous()
        .delete(&package(PRIV, secret))
        .expect_json(404, hidden.clone());
    seeds
        .user("stranger")
        .delete(&package(PRIV, secret))
        .expect_json(404, hidden);
    seeds.anonymous().get(&package(PUB, n)).expect(200);
    seeds.user("guest").get(&package(PRIV, secret)).expect(200);
}

#[test]
fn s110_without_forwarding_a_deleted_package_is_missing_not_elsewhere() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0/a.txt");
    let maintainer = seeds.user("maintainer");
    maintainer.put(&path, b"bytes").expect(201);
    let id = ids(&maintainer.get(&packages(PUB)).expect(200))[0];
    maintainer.delete(&package(PUB, id)).expect(204);
    assert!(
        maintainer
            .get(&path)
            .expect(404)
            .find_header("location")
            .is_none()
    );
}

#[test]
fn item23_what_has_changed_since_is_not_deleted() {
    let seeds = Seeds::start();
    let id = seeds.plant(
        PUB,
        &Planted::generic("tool").created_at("2026-03-01T12:00:00.500Z"),
    );
    let delete = |date: &str| {
        seeds
            .user("maintainer")
            .with("If-Unmodified-Since", date)
            .delete(&package(PUB, id))
    };
    delete("Sun, 01 Mar 2026 11:59:59 GMT")
        .expect_json(412, json!({ "message": "412 Precondition Failed" }));
    seeds.anonymous().get(&package(PUB, id)).expect(200);
    delete("Sun, 01 Mar 2026 12:00:00 GMT").expect(204);
    let other = seeds.plant(PUB, &Planted::generic("other"));
    let unreadable = seeds
        .user("maintainer")
        .with("If-Unmodified-Since", "the day before");
    unreadable.delete(&package(PUB, other)).expect(204);
}
