//! The service index: where everything begins, for everybody.

use serde_json::Value;

use crate::support::TestApp;
use crate::support::nuget::{group_nuget, nuget};
use crate::support::seeds::{ACME, PRIV, PUB, Seeds, VAULT};

fn resource<'a>(index: &'a Value, name: &str) -> Vec<&'a str> {
    let resources = index["resources"].as_array().unwrap();
    let named = resources
        .iter()
        .filter(|resource| resource["@type"] == name);
    named
        .map(|resource| resource["@id"].as_str().unwrap())
        .collect()
}

#[test]
fn every_type_that_clients_look_for_is_there() {
    let seeds = Seeds::start();
    let prefix = seeds.url(&nuget(PUB));
    let index = seeds
        .anonymous()
        .get(&format!("{}/index.json", nuget(PUB)))
        .expect(200);
    assert_eq!(index.header("content-type"), "application/json");
    let index = index.json();
    assert_eq!(index["version"], "3.0.0");
    for (path, names) in [
        (
            "/query",
            &[
                "SearchQueryService",
                "SearchQueryService/3.0.0-beta",
                "SearchQueryService/3.0.0-rc",
                "SearchQueryService/3.5.0",
            ][..],
        ),
        (
            "/metadata",
            &[
                "RegistrationsBaseUrl",
                "RegistrationsBaseUrl/3.0.0-beta",
                "RegistrationsBaseUrl/3.0.0-rc",
                "RegistrationsBaseUrl/3.4.0",
                "RegistrationsBaseUrl/3.6.0",
            ],
        ),
        ("/download", &["PackageBaseAddress/3.0.0"]),
        ("", &["PackagePublish/2.0.0"]),
        ("/symbolpackage", &["SymbolPackagePublish/4.9.0"]),
        (
            "/autocomplete",
            &[
                "SearchAutocompleteService",
                "SearchAutocompleteService/3.0.0-beta",
                "SearchAutocompleteService/3.0.0-rc",
            ],
        ),
        ("/v2", &["LegacyGallery/2.0.0"]),
    ] {
        for name in names {
            assert_eq!(
                resource(&index, name),
                [format!("{prefix}{path}")],
                "{name}"
            );
        }
    }
}

#[test]
fn a_group_has_what_is_read_and_nothing_to_push_to() {
    let seeds = Seeds::start();
    let index = seeds
        .anonymous()
        .get(&format!("{}/index.json", group_nuget(ACME)))
        .expect(200)
        .json();
    let prefix = seeds.url(&group_nuget(ACME));
    for (path, name) in [
        ("/query", "SearchQueryService/3.0.0-beta"),
        ("/metadata", "RegistrationsBaseUrl/3.6.0"),
        ("/download", "PackageBaseAddress/3.0.0"),
    ] {
        assert_eq!(
            resource(&index, name),
            [format!("{prefix}{path}")],
            "{name}"
        );
    }
    for name in [
        "PackagePublish/2.0.0",
        "SymbolPackagePublish/4.9.0",
        "LegacyGallery/2.0.0",
    ] {
        assert!(resource(&index, name).is_empty(), "{name}");
    }
}

#[test]
fn nobody_is_asked_who_he_is_and_nobody_learns_what_exists() {
    let seeds = Seeds::start();
    for (there, not_there) in [
        (nuget(PRIV), nuget(99_999)),
        (group_nuget(VAULT), group_nuget(99_999)),
    ] {
        for path in ["/index.json", "/index"] {
            let of = |base: &str| {
                let answer = seeds.anonymous().get(&format!("{base}{path}")).expect(200);
                answer.text().replace(base, "")
            };
            assert_eq!(of(&there), of(&not_there));
            let wrong = seeds.with_basic("nobody", "wrong");
            wrong.get(&format!("{there}{path}")).expect(200);
        }
    }
    for project in [PRIV, 99_999] {
        let metadata = format!("{}/v2/$metadata", nuget(project));
        seeds.anonymous().get(&metadata).expect(200);
    }
}

#[test]
fn urls_begin_with_the_configured_address_and_repeat_the_spelling_of_the_project() {
    let app = TestApp::start_with(|config| {
        let url = packhouse::http::BaseUrl::parse("https://packages.example.com/sub");
        config.url = Some(url.unwrap());
    });
    let index = app
        .anonymous()
        .get("/sub/api/v4/projects/local%2Fpackages/packages/nuget/index.json");
    let index = index.expect(200).json();
    assert_eq!(
        resource(&index, "PackagePublish/2.0.0"),
        ["https://packages.example.com/sub/api/v4/projects/local%2Fpackages/packages/nuget"]
    );
}
