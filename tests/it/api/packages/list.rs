//! Which packages a project's list holds, and in which order.

use packhouse::registry::PackageType::{self, Conan, Maven, Npm, Pypi};
use serde_json::json;

use super::list;
use crate::support::seeds::{DEEP, INT, PRIV, PUB, Planted, Seeds, packages};
use crate::support::shape::{each, ids, sorted};

#[test]
fn s17_s18_s39_s40_the_list_holds_the_packages_of_one_project_alone() {
    let seeds = Seeds::start();
    let [m, n, c] = seeds.plant_mnc();
    let elsewhere = seeds.plant(DEEP, &Planted::generic("elsewhere"));
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    assert_eq!(ids(&answer), [m, n, c]);
    assert!(!ids(&answer).contains(&elsewhere));
    assert_eq!(each(&answer, "package_type"), ["maven", "npm", "conan"]);
    let names = [
        "com/mycompany/my-app",
        "@foo/bar",
        "Hello/0.1@mycompany/stable",
    ];
    assert_eq!(each(&answer, "name"), names);
    assert_eq!(each(&answer, "version"), ["1.0-SNAPSHOT", "1.0.3", "0.1"]);
}

#[test]
fn s19_item05_without_a_type_every_type_is_listed_terraform_modules_too() {
    let seeds = Seeds::start();
    seeds.plant_all_types(PUB);
    let answer = seeds.anonymous().get(&list("?per_page=100")).expect(200);
    let all: Vec<String> = PackageType::WORDS
        .iter()
        .map(|word| (*word).to_owned())
        .collect();
    assert_eq!(sorted(each(&answer, "package_type")), sorted(all));
}

#[test]
fn s20_item01_only_public_projects_answer_without_authentication() {
    let seeds = Seeds::start();
    let anonymous = seeds.anonymous();
    seeds.plant(PUB, &Planted::generic("open"));
    seeds.plant(PRIV, &Planted::generic("secret"));
    assert_eq!(ids(&anonymous.get(&packages(PUB)).expect(200)).len(), 1);
    for hidden in [INT, PRIV] {
        let refusal = json!({ "message": "404 Project Not Found" });
        anonymous.get(&packages(hidden)).expect_json(404, refusal);
    }
    let unknown = seeds.with_token("glpat-nobody-knows");
    unknown
        .get(&packages(PUB))
        .expect_json(401, json!({ "message": "401 Unauthorized" }));
}

#[test]
fn s22_item05_the_plain_list_shows_default_deprecated_and_error() {
    let seeds = Seeds::start();
    seeds.plant_all_statuses(PUB);
    seeds.plant(PUB, &Planted::new(Maven, "com/acme/x"));
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    assert_eq!(
        sorted(each(&answer, "status")),
        ["default", "deprecated", "error"]
    );
}

#[test]
fn s27_s28_item09_the_four_orders_and_their_reverse() {
    let seeds = Seeds::start();
    let plant = |kind, name: &str, version: &str, day: u8| {
        let planted = Planted::new(kind, name).version(version);
        seeds.plant(
            PUB,
            &planted.created_at(&format!("2026-02-0{day}T00:00:00.000Z")),
        )
    };
    let b = plant(Npm, "alpha", "1.10.0", 1);
    let c = plant(Maven, "gamma", "2.0", 2);
    let d = plant(Conan, "Zeta", "0.1", 2); // created with c: ids decide
    let a = plant(Pypi, "beta", "1.9.0", 3);
    let orders = [
        ("created_at", [b, c, d, a]),
        ("name", [d, b, a, c]),    // byte order: upper case first
        ("version", [d, b, a, c]), // as text, 1.10.0 before 1.9.0
        ("type", [c, b, d, a]),    // maven, npm, conan, pypi
    ];
    let anonymous = seeds.anonymous();
    for (order, wanted) in orders {
        let up = anonymous
            .get(&list(&format!("?order_by={order}&sort=asc")))
            .expect(200);
        assert_eq!(ids(&up), wanted, "{order}");
        let default = anonymous
            .get(&list(&format!("?order_by={order}")))
            .expect(200);
        assert_eq!(default.body, up.body, "asc is the default");
        let down = anonymous
            .get(&list(&format!("?order_by={order}&sort=desc")))
            .expect(200);
        let reversed: Vec<i64> = wanted.into_iter().rev().collect();
        assert_eq!(ids(&down), reversed, "{order} desc");
    }
    let plain = anonymous.get(&packages(PUB)).expect(200);
    assert_eq!(ids(&plain), [b, c, d, a], "created_at is the default");
    for order in ["foo", "", "project_path", "id", "NAME"] {
        let refusal = json!({ "error": "order_by does not have a valid value" });
        anonymous
            .get(&list(&format!("?order_by={order}")))
            .expect_json(400, refusal);
    }
    for sort in ["x", "", "ASC"] {
        let refusal = json!({ "error": "sort does not have a valid value" });
        anonymous
            .get(&list(&format!("?sort={sort}")))
            .expect_json(400, refusal);
    }
}

#[test]
fn item09_types_are_ordered_by_gitlabs_number_and_versionless_last() {
    let seeds = Seeds::start();
    let by_number = seeds.plant_all_types(PUB);
    let versionless = seeds.plant(PUB, &Planted::new(Maven, "com/acme/x"));
    let anonymous = seeds.anonymous();
    let answer = anonymous
        .get(&list("?order_by=type&per_page=100"))
        .expect(200);
    assert_eq!(ids(&answer), by_number);
    let query = "?order_by=version&include_versionless=true&per_page=100";
    let up = ids(&anonymous.get(&list(query)).expect(200));
    assert_eq!(up.last(), Some(&versionless), "nulls last in asc");
    let down = ids(&anonymous
        .get(&list(&format!("{query}&sort=desc")))
        .expect(200));
    assert_eq!(down.first(), Some(&versionless), "nulls first in desc");
}

#[test]
fn a_version_that_thousands_of_packages_have_is_paged_through_in_the_order_of_types() {
    let seeds = Seeds::start();
    let (maven, npm) = (
        seeds.plant(PUB, &Planted::new(Maven, "maven-0").version("1.0")),
        seeds.plant(PUB, &Planted::new(Npm, "npm-0").version("1.0")),
    );
    for (like, count) in [(npm, 30), (maven, 2_200)] {
        seeds.run(
            "INSERT INTO package_names (project_id, package_type, name_key, folded)
             WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
             SELECT project_id, package_type, 'more-' || i, 'more-' || i FROM n, packages WHERE id = ?1",
            (like, count),
        );
        seeds.run(
            "INSERT INTO packages (project_id, name_id, package_type, name, version, version_key, status, created_at, updated_at)
             SELECT p.project_id, n.id, p.package_type, n.name_key, '1.0', '1.0', 0, p.created_at, p.updated_at
               FROM package_names AS n, packages AS p WHERE p.id = ?1 AND n.package_type = p.package_type AND n.name_key LIKE 'more-%'",
            [like],
        );
    }
    for direction in ["asc", "desc"] {
        let wanted: Vec<i64> = seeds
            .database()
            .prepare(&format!(
                "SELECT id FROM packages WHERE version = '1.0' ORDER BY package_type {direction}, id {direction}"
            ))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(wanted.len(), 2_232);
        let mut paged = Vec::new();
        for page in 1..=23 {
            let query = format!(
                "?package_version=1.0&order_by=type&sort={direction}&per_page=100&page={page}"
            );
            paged.extend(ids(&seeds.anonymous().get(&list(&query)).expect(200)));
        }
        assert_eq!(paged, wanted, "{direction}");
    }
}
