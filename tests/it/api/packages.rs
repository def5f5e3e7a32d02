//! Packages of a project: list, detail, deletion.

use std::time::{Duration, Instant};

use packhouse::registry::PackageStatus::{
    Deprecated, Error, Hidden, PendingDestruction, Processing,
};
use packhouse::registry::PackageType::{self, Conan, Generic, Maven, Npm, Pypi, TerraformModule};
use serde_json::json;

use crate::support::seeds::{DEEP, PRIV, PUB, Planted, Seeds, generic, package, packages};
use crate::support::shape::{each, has_keys_in_order, ids, is_date_time, item, lacks, sorted};

fn list(query: &str) -> String {
    format!("{}{query}", packages(PUB))
}

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
fn s11_s12_s13_lists_are_arrays_details_objects_numbers_numbers_and_dates_have_milliseconds() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let shown = item(&answer, n);
    assert!(shown["name"].is_string() && shown["version"].is_string() && shown["id"].is_i64());
    assert!(is_date_time(&shown["created_at"]), "{shown}");
    let detail = seeds.anonymous().get(&package(PUB, n)).expect(200);
    assert_eq!(detail.header("content-type"), "application/json");
    assert!(detail.json().is_object());
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
    for hidden in [crate::support::seeds::INT, PRIV] {
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
fn s24_s25_s26_a_status_shows_exactly_its_packages() {
    let seeds = Seeds::start();
    let planted = seeds.plant_all_statuses(PUB);
    assert_eq!(planted.len(), 6);
    for (status, id) in planted {
        let answer = seeds
            .anonymous()
            .get(&list(&format!("?status={status}")))
            .expect(200);
        assert_eq!(ids(&answer), [id], "{status}");
        assert_eq!(each(&answer, "status"), [status.as_str()]);
    }
    for wrong in ["foo", "", "HIDDEN", "1"] {
        let refusal = json!({ "error": "status does not have a valid value" });
        seeds
            .anonymous()
            .get(&list(&format!("?status={wrong}")))
            .expect_json(400, refusal);
    }
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
    let a = plant(Pypi, "beta", "1.9.0", 3);
    let b = plant(Npm, "alpha", "1.10.0", 1);
    let c = plant(Maven, "gamma", "2.0", 2);
    let d = plant(Conan, "Zeta", "0.1", 2); // created with c: ids decide
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
fn s29_s30_item06_a_type_shows_exactly_its_packages() {
    let seeds = Seeds::start();
    let planted = seeds.plant_all_types(PUB);
    for (kind, id) in PackageType::ALL.iter().zip(planted) {
        let answer = seeds
            .anonymous()
            .get(&list(&format!("?package_type={kind}")))
            .expect(200);
        assert_eq!(ids(&answer), [id], "{kind}");
        let page = item(&answer, id)["_links"]["web_path"]
            .as_str()
            .unwrap()
            .to_owned();
        let words = match kind {
            TerraformModule => "terraform_module_registry",
            _ => "packages",
        };
        assert_eq!(page, format!("/acme/pub/-/{words}/{id}"));
    }
    for wrong in ["foo", "", "NPM"] {
        let refusal = json!({ "error": "package_type does not have a valid value" });
        seeds
            .anonymous()
            .get(&list(&format!("?package_type={wrong}")))
            .expect_json(400, refusal);
    }
}

#[test]
fn s31_names_are_searched_fuzzily() {
    let seeds = Seeds::start();
    let [m, n, _] = seeds.plant_mnc();
    let found = |query: &str| {
        ids(&seeds
            .anonymous()
            .get(&list(&format!("?package_name={query}")))
            .expect(200))
    };
    assert_eq!(found("my-ap"), [m]);
    assert_eq!(found("FOO"), [n]);
    assert!(found("zzz").is_empty());
    assert_eq!(found("").len(), 3, "an empty search is none");
    assert_eq!(found("+++").len(), 3, "blanks are none either");
}

#[test]
fn item08_every_term_must_occur_quotes_make_phrases_and_wildcards_are_letters() {
    let seeds = Seeds::start();
    let plant =
        |name: &str| seeds.plant(PUB, &Planted::new(PackageType::Nuget, name).version("1.0"));
    let nuget = plant("MyNuGetPackage");
    let both = plant("foo-and-bar");
    let phrase = plant("a foo bar b");
    let percent = plant("100%-sure");
    let underscore = plant("snake_case");
    let umlaut = plant("Ärger");
    let found = |query: &str| {
        ids(&seeds
            .anonymous()
            .get(&list(&format!("?package_name={query}")))
            .expect(200))
    };
    assert_eq!(found("nug"), [nuget]);
    assert_eq!(found("NU"), [nuget], "two letters are enough");
    assert_eq!(found("foo+bar"), [both, phrase]);
    assert_eq!(found("bar%20foo"), [both, phrase]);
    assert_eq!(found("%22foo+bar%22"), [phrase]);
    assert_eq!(found("%22foo++bar%22"), [phrase], "blanks collapse");
    assert_eq!(found("%25"), [percent]);
    assert_eq!(found("_"), [underscore]);
    assert_eq!(found("%5C"), [0; 0]);
    assert_eq!(found("%C3%A4RGER"), [umlaut], "case is folded beyond ASCII");
    assert_eq!(found("%22"), [0; 0], "a quote alone is a letter");
}

#[test]
fn s32_s33_item07_a_version_is_matched_exactly_and_never_by_a_versionless_package() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    seeds.plant(PUB, &Planted::new(Maven, "com/acme/x"));
    let found = |query: &str| ids(&seeds.anonymous().get(&list(query)).expect(200));
    assert_eq!(found("?package_version=1.0.3"), [n]);
    assert_eq!(
        found("?package_version=1.0.3&include_versionless=true"),
        [n]
    );
    assert!(found("?package_version=1.0").is_empty());
    assert!(
        found("?package_version=1.0-snapshot").is_empty(),
        "case matters"
    );
    assert_eq!(
        found("?package_version=").len(),
        3,
        "an empty version is no filter"
    );
}

#[test]
fn s34_versionless_packages_are_shown_on_demand() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let versionless = seeds.plant(PUB, &Planted::new(Maven, "com/acme/x"));
    let found = |query: &str| ids(&seeds.anonymous().get(&list(query)).expect(200));
    for without in [
        "",
        "?include_versionless=false",
        "?include_versionless=0",
        "?include_versionless=",
    ] {
        assert!(!found(without).contains(&versionless), "{without}");
    }
    for with in ["true", "1", "t", "YES", "on", "True"] {
        let query = format!("?include_versionless={with}");
        assert!(
            found(&query).contains(&versionless) && found(&query).contains(&n),
            "{with}"
        );
    }
    let answer = seeds
        .anonymous()
        .get(&list("?include_versionless=true"))
        .expect(200);
    assert!(item(&answer, versionless)["version"].is_null());
    let refusal = json!({ "error": "include_versionless is invalid" });
    seeds
        .anonymous()
        .get(&list("?include_versionless=maybe"))
        .expect_json(400, refusal);
}

#[test]
fn s35_filters_combine() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    seeds.plant(
        PUB,
        &Planted::new(Npm, "@foo/bar")
            .version("2.0.0")
            .status(Hidden),
    );
    seeds.plant(PUB, &Planted::new(Generic, "bar").version("1.0"));
    let answer = seeds
        .anonymous()
        .get(&list("?package_type=npm&package_name=bar&status=default"))
        .expect(200);
    assert_eq!(ids(&answer), [n]);
}

#[test]
fn item04_several_wrong_parameters_are_told_in_one_sentence_after_the_access_checks() {
    let seeds = Seeds::start();
    let text = "order_by does not have a valid value, sort does not have a valid value";
    let query = "?order_by=foo&sort=bar";
    seeds
        .anonymous()
        .get(&list(query))
        .expect_json(400, json!({ "error": text }));
    let unreadable = format!("{}{query}", packages(PRIV));
    seeds
        .anonymous()
        .get(&unreadable)
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    let all = "?sort=x&order_by=y&per_page=0&page=0&status=z&package_type=q&include_versionless=w";
    let answer = seeds.anonymous().get(&list(all)).expect(400);
    assert_eq!(
        answer.json()["error"],
        "order_by does not have a valid value, sort does not have a valid value, \
         package_type does not have a valid value, include_versionless is invalid, \
         status does not have a valid value, page does not have a valid value, per_page has a value not allowed"
    );
}

#[test]
fn unknown_parameters_are_ignored() {
    let seeds = Seeds::start();
    seeds
        .anonymous()
        .get(&list("?colour=green&id=999&order=name"))
        .expect(200);
}

#[test]
fn s36_s37_s38_items_have_their_keys_in_the_order_of_the_examples() {
    let seeds = Seeds::start();
    let planted = seeds.plant_mnc();
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    for id in planted {
        let shown = item(&answer, id);
        has_keys_in_order(
            &shown,
            &[
                "id",
                "name",
                "version",
                "package_type",
                "_links",
                "created_at",
                "tags",
            ],
        );
        assert!(is_date_time(&shown["created_at"]));
        lacks(&shown, "versions");
        lacks(&shown, "build_info");
    }
    let conan = item(&answer, planted[2]);
    has_keys_in_order(
        &conan,
        &[
            "id",
            "name",
            "conan_package_name",
            "version",
            "package_type",
        ],
    );
}

#[test]
fn s16_the_minimal_item_is_complete() {
    let seeds = Seeds::start();
    seeds
        .user("developer")
        .put(&generic(PUB, "tool/1.0/a"), b"a")
        .expect(201);
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    let shown = answer.json()[0].clone();
    let id = shown["id"].clone();
    assert_eq!(
        shown,
        json!({
            "id": id, "name": "tool", "version": "1.0", "package_type": "generic", "status": "default",
            "_links": { "web_path": format!("/acme/pub/-/packages/{id}") },
            "created_at": shown["created_at"], "last_downloaded_at": null,
            "creator_id": crate::support::seeds::user_id("developer"), "tags": [],
        })
    );
}

#[test]
fn s41_s42_s43_item10_conan_is_known_by_its_recipe_and_alone_has_a_bare_name() {
    let seeds = Seeds::start();
    let [m, n, c] = seeds.plant_mnc();
    let bare = seeds.plant(PUB, &Planted::new(Conan, "zlib").version("1.3"));
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    let conan = item(&answer, c);
    assert_eq!(conan["name"], "Hello/0.1@mycompany/stable");
    assert_eq!(conan["conan_package_name"], "Hello");
    assert_eq!(conan["version"], "0.1");
    assert_eq!(conan["package_type"], "conan");
    assert_eq!(
        item(&answer, bare)["name"],
        "zlib/1.3",
        "neither user nor channel"
    );
    for other in [m, n] {
        lacks(&item(&answer, other), "conan_package_name");
    }
}

#[test]
fn s44_s45_links_lead_to_the_page_and_to_the_deletion() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let maintainer = seeds.user("maintainer");
    let shown = item(&maintainer.get(&packages(PUB)).expect(200), n);
    assert_eq!(
        shown["_links"]["web_path"],
        format!("/acme/pub/-/packages/{n}")
    );
    let delete = shown["_links"]["delete_api_path"].as_str().unwrap();
    assert_eq!(delete, seeds.url(&package(PUB, n)));
    let path = delete.strip_prefix(&seeds.url("")).unwrap();
    maintainer.delete(path).expect(204);
    maintainer.get(&package(PUB, n)).expect(404);
}

#[test]
fn s46_tags_are_a_list() {
    let seeds = Seeds::start();
    let planted = seeds.plant_mnc();
    seeds.run(
        "INSERT INTO package_tags (package_id, name, created_at, updated_at)
         VALUES (?1, 'latest', '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z')",
        [planted[1]],
    );
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    assert_eq!(item(&answer, planted[2])["tags"], json!([]));
    let tags = item(&answer, planted[1])["tags"].clone();
    assert_eq!(
        tags,
        json!([{
            "id": tags[0]["id"], "package_id": planted[1], "name": "latest",
            "created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-02T00:00:00.000Z", "project_id": PUB,
        }])
    );
}

#[test]
fn s47_s48_s70_item13_pipelines_are_absent_without_one_and_else_empty() {
    let seeds = Seeds::start();
    let [_, n, c] = seeds.plant_mnc();
    let linked = seeds.link_pipelines(PUB, n, 2);
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    let (with, without) = (item(&answer, n), item(&answer, c));
    assert_eq!(with["pipelines"], json!([]));
    assert_eq!(with["pipeline"]["id"], linked[1], "the latest");
    for key in ["pipeline", "pipelines"] {
        lacks(&without, key);
    }
    for shown in [with, without] {
        lacks(&shown, "build_info");
    }
}

#[test]
fn item13_who_may_not_read_pipelines_sees_no_pipeline_keys() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    seeds.link_pipelines(PUB, n, 1);
    let sees = |name: &str| {
        item(&seeds.user(name).get(&packages(PUB)).expect(200), n)
            .get("pipeline")
            .is_some()
    };
    assert!(sees("stranger"));
    seeds.run("UPDATE projects SET public_jobs = 0 WHERE id = ?1", [PUB]);
    assert!(!sees("stranger") && !sees("guest") && sees("reporter"));
    seeds.run(
        "UPDATE projects SET public_jobs = 1, builds_access_level = 'private' WHERE id = ?1",
        [PUB],
    );
    assert!(!sees("stranger") && sees("guest"));
    seeds.run(
        "UPDATE projects SET builds_access_level = 'disabled' WHERE id = ?1",
        [PUB],
    );
    assert!(!sees("owner"));
    let detail = seeds.user("owner").get(&package(PUB, n)).expect(200).json();
    lacks(&detail, "pipeline");
    lacks(&detail, "pipelines");
}

#[test]
fn s49_processing_packages_can_be_listed_by_status() {
    let seeds = Seeds::start();
    let id = seeds.plant(PUB, &Planted::generic("half").status(Processing));
    let answer = seeds
        .anonymous()
        .get(&list("?status=processing"))
        .expect(200);
    assert_eq!(ids(&answer), [id]);
}

#[test]
fn s83_item11_links_are_empty_where_there_is_no_page_and_no_right_to_delete() {
    let seeds = Seeds::start();
    for (status, id) in seeds.plant_all_statuses(PUB) {
        let query = list(&format!("?status={status}"));
        let reporter = item(&seeds.user("reporter").get(&query).expect(200), id);
        match status.has_details() {
            true => assert_eq!(
                reporter["_links"],
                json!({ "web_path": format!("/acme/pub/-/packages/{id}") })
            ),
            false => assert_eq!(reporter["_links"], json!({}), "{status}"),
        }
        let maintainer = item(&seeds.user("maintainer").get(&query).expect(200), id);
        assert_eq!(
            maintainer["_links"]["delete_api_path"],
            seeds.url(&package(PUB, id)),
            "{status}"
        );
    }
}

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

#[test]
fn a_search_that_matches_thousands_of_names_is_paged_like_any_other() {
    let seeds = Seeds::start();
    let planted = seeds.plant_names(PUB, 2_100);
    seeds.plant(PUB, &Planted::generic("another"));
    for search in ["name", "am+na", "NAME-+e", "%22name-%22"] {
        let answer = seeds
            .anonymous()
            .get(&list(&format!("?package_name={search}&per_page=2&page=3")))
            .expect(200);
        assert_eq!(ids(&answer), planted[4..6], "{search}");
        assert_eq!(answer.header("x-total"), "2100");
    }
    let found = seeds
        .anonymous()
        .get(&list("?package_name=name-20&order_by=name&per_page=100"))
        .expect(200);
    assert_eq!(found.header("x-total"), "111"); // 20, 200 to 209, 2000 to 2099
    let none = seeds
        .anonymous()
        .get(&list("?package_name=name+zz"))
        .expect(200);
    assert_eq!(ids(&none), [0; 0]);
}
