//! One package, and its other versions.

use std::time::{Duration, Instant};

use packhouse::registry::PackageStatus::{
    Deprecated, Error, Hidden, PendingDestruction, Processing,
};
use packhouse::registry::PackageType::{Generic, Npm};
use serde_json::json;

use crate::support::seeds::{DEEP, PUB, Planted, Seeds, generic, package, packages};
use crate::support::shape::{has_keys_in_order, ids, is_date_time, item, lacks};

#[test]
fn s72_s75_the_detail_shows_one_package_of_this_project() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let elsewhere = seeds.plant(DEEP, &Planted::generic("elsewhere"));
    let shown = seeds.anonymous().get(&package(PUB, n)).expect(200).json();
    assert_eq!(shown["id"], n);
    assert_eq!(
        (&shown["name"], &shown["version"]),
        (&json!("@foo/bar"), &json!("1.0.3"))
    );
    assert_eq!(shown["package_type"], "npm");
    seeds
        .anonymous()
        .get(&package(PUB, elsewhere))
        .expect_json(404, json!({ "message": "404 Not found" }));
}

#[test]
fn s74_the_detail_knows_default_and_deprecated_only() {
    let seeds = Seeds::start();
    for (status, id) in seeds.plant_all_statuses(PUB) {
        let answer = seeds.user("maintainer").get(&package(PUB, id));
        match status {
            Error => answer.expect_json(404, json!({ "message": "Package not found" })),
            Hidden | Processing | PendingDestruction => {
                answer.expect_json(404, json!({ "message": "404 Not found" }))
            }
            _ => answer.expect(200),
        };
    }
}

#[test]
fn s76_s78_the_detail_has_its_keys_in_order() {
    let seeds = Seeds::start();
    let [_, n, c] = seeds.plant_mnc();
    seeds.link_pipelines(PUB, n, 1);
    let with = seeds.anonymous().get(&package(PUB, n)).expect(200).json();
    has_keys_in_order(
        &with,
        &[
            "id",
            "name",
            "version",
            "package_type",
            "_links",
            "created_at",
            "last_downloaded_at",
            "pipelines",
            "versions",
        ],
    );
    assert_eq!(with["pipelines"], json!([]));
    lacks(
        &seeds.anonymous().get(&package(PUB, c)).expect(200).json(),
        "pipelines",
    );
}

#[test]
fn s77_a_download_shows_in_last_downloaded_at_within_five_seconds() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0/a.txt");
    seeds.user("developer").put(&path, b"bytes").expect(201);
    let id = ids(&seeds.anonymous().get(&packages(PUB)).expect(200))[0];
    let shown = || {
        seeds.anonymous().get(&package(PUB, id)).expect(200).json()["last_downloaded_at"].clone()
    };
    assert!(shown().is_null());
    let before = packhouse::registry::Timestamp::now().to_string();
    seeds.anonymous().get(&path).expect(200);
    let patience = Instant::now() + Duration::from_secs(5);
    while shown().is_null() {
        assert!(Instant::now() < patience, "still null");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(is_date_time(&shown()) && shown().as_str().unwrap() >= before.as_str());
}

#[test]
fn s79_s80_item12_versions_are_the_other_ones_of_this_name() {
    let seeds = Seeds::start();
    let [_, n, c] = seeds.plant_mnc();
    let plant = |planted: Planted| seeds.plant(PUB, &planted);
    let npm = |version: &str| Planted::new(Npm, "@foo/bar").version(version);
    let newer = plant(npm("1.10.0"));
    let old = plant(npm("1.0.2").status(Deprecated));
    let broken = plant(npm("0.9.0").status(Error));
    plant(npm("3.0.0").status(Hidden));
    plant(npm("4.0.0").status(PendingDestruction));
    plant(Planted::new(Npm, "@foo/bar"));
    plant(Planted::new(Generic, "@foo/bar").version("5.0.0"));
    plant(Planted::new(Npm, "@foo/bars").version("6.0.0"));
    let shown = seeds.anonymous().get(&package(PUB, n)).expect(200).json();
    let versions = shown["versions"].as_array().unwrap();
    let by_text: Vec<i64> = versions
        .iter()
        .map(|version| version["id"].as_i64().unwrap())
        .collect();
    assert_eq!(
        by_text,
        [broken, old, newer],
        "by version as text, without itself"
    );
    for version in versions {
        has_keys_in_order(version, &["id", "version", "created_at", "tags"]);
        assert!(version["version"].is_string() && is_date_time(&version["created_at"]));
        lacks(version, "pipelines");
    }
    let single = seeds.anonymous().get(&package(PUB, c)).expect(200).json();
    assert_eq!(single["versions"], json!([]));
}

#[test]
fn s81_other_versions_show_their_pipelines() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let other = seeds.plant(PUB, &Planted::new(Npm, "@foo/bar").version("2.0.0"));
    let linked = seeds.link_pipelines(PUB, other, 1);
    let version = seeds.anonymous().get(&package(PUB, n)).expect(200).json()["versions"][0].clone();
    has_keys_in_order(&version, &["id", "version", "created_at", "pipelines"]);
    assert_eq!(version["pipelines"][0]["id"], linked[0]);
    assert_eq!(version["pipeline"]["id"], linked[0]);
    let back = seeds
        .anonymous()
        .get(&package(PUB, other))
        .expect(200)
        .json()["versions"][0]
        .clone();
    lacks(&back, "pipelines");
    lacks(&back, "pipeline");
}

#[test]
fn s84_a_pipeline_has_all_its_keys_wherever_it_stands() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let other = seeds.plant(PUB, &Planted::new(Npm, "@foo/bar").version("2.0.0"));
    let linked = seeds.link_pipelines(PUB, n, 1)[0];
    let in_detail = seeds.anonymous().get(&package(PUB, n)).expect(200).json()["pipeline"].clone();
    let in_list = item(&seeds.anonymous().get(&packages(PUB)).expect(200), n)["pipeline"].clone();
    let in_versions = seeds
        .anonymous()
        .get(&package(PUB, other))
        .expect(200)
        .json()["versions"][0]["pipelines"][0]
        .clone();
    for pipeline in [in_detail, in_list, in_versions] {
        has_keys_in_order(
            &pipeline,
            &[
                "id",
                "iid",
                "project_id",
                "sha",
                "ref",
                "status",
                "source",
                "created_at",
                "updated_at",
                "web_url",
                "user",
            ],
        );
        assert_eq!(
            pipeline["web_url"],
            seeds.url(&format!("/acme/pub/-/pipelines/{linked}"))
        );
        has_keys_in_order(
            &pipeline["user"],
            &["id", "username", "name", "state", "avatar_url", "web_url"],
        );
        assert_eq!(pipeline["user"]["web_url"], seeds.url("/maintainer"));
        assert_eq!(pipeline["user"]["state"], "active");
        assert!(is_date_time(&pipeline["created_at"]) && is_date_time(&pipeline["updated_at"]));
    }
}

#[test]
fn s85_only_who_may_delete_is_told_where() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    for name in ["maintainer", "owner"] {
        let links = seeds.user(name).get(&package(PUB, n)).expect(200).json()["_links"].clone();
        assert_eq!(
            links["delete_api_path"],
            seeds.url(&package(PUB, n)),
            "{name}"
        );
    }
    for name in ["developer", "reporter", "guest", "stranger"] {
        lacks(
            &seeds.user(name).get(&package(PUB, n)).expect(200).json()["_links"],
            "delete_api_path",
        );
    }
    lacks(
        &seeds.anonymous().get(&package(PUB, n)).expect(200).json()["_links"],
        "delete_api_path",
    );
}
