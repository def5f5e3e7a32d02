//! The filters of a project's list: status, type, name, version.

use packhouse::registry::PackageStatus::{Hidden, Processing};
use packhouse::registry::PackageType::{self, Generic, Maven, Npm, TerraformModule};
use serde_json::json;

use super::list;
use crate::support::seeds::{PRIV, PUB, Planted, Seeds, packages};
use crate::support::shape::{each, ids, item};

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
