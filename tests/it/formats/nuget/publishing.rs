//! Push: what is taken, how it is kept, how it is listed.

use packhouse::registry::PackageType::Nuget;
use serde_json::json;

use super::{created, leaves, versions};
use crate::support::Raw;
use crate::support::nuget::{nuget, nupkg, nupkg_of, push, push_to};
use crate::support::seeds::{PUB, Seeds, files, packages, sha256};
use crate::support::shape::{each, ids};

#[test]
fn a_package_is_taken_at_every_path_and_is_there_at_once() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for (at, path) in ["", "/", "/v2", "/v2/"].into_iter().enumerate() {
        let package = nupkg("Acme.Core", &format!("{}.0.0", at + 1), "");
        push_to(&developer, &format!("{}{path}", nuget(PUB)), &package).expect_json(201, created());
    }
    assert_eq!(
        versions(&seeds.anonymous(), PUB, "acme.core"),
        json!(["1.0.0", "2.0.0", "3.0.0", "4.0.0"])
    );
    let raw = developer.put(&format!("{}/", nuget(PUB)), nupkg("Raw", "1.0", ""));
    raw.expect_json(201, created());
    assert_eq!(versions(&seeds.anonymous(), PUB, "raw"), json!(["1.0.0"]));
}

#[test]
fn the_form_may_call_its_file_as_it_likes_and_come_in_chunks() {
    let seeds = Seeds::start();
    let token = seeds.token("developer");
    // nuget 2.8 ends its form with a bare line feed.
    for (at, end) in ["\r\n--b--\r\n", "\n--b--"].into_iter().enumerate() {
        let package = nupkg("Acme.Core", &format!("{at}.0"), "");
        let head = "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\ntext\r\n--b\r\n\
                    Content-Disposition: form-data; name=\"whatever\"; filename=\"evil/../name.txt\"\r\n\r\n";
        let body = [head.as_bytes(), &package, end.as_bytes()].concat();
        let mut raw = Raw::connect(seeds.address);
        let target = format!("PUT {}/", nuget(PUB));
        raw.head(
            &target,
            &[
                ("Content-Type", "multipart/form-data; boundary=b"),
                ("Transfer-Encoding", "chunked"),
                ("X-NuGet-ApiKey", &token),
            ],
        );
        for chunk in body.chunks(100) {
            raw.chunk(chunk);
        }
        raw.chunk(b"");
        assert!(raw.read_head().starts_with("HTTP/1.1 201"), "{end:?}");
    }
    let listed = seeds.anonymous().get(&packages(PUB)).expect(200);
    let names = each(
        &seeds.anonymous().get(&files(PUB, ids(&listed)[0])),
        "file_name",
    );
    assert_eq!(names, ["acme.core.0.0.0.nupkg"]);
}

#[test]
fn what_is_missing_is_told() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let missing = json!({ "error": "package is missing" });
    developer
        .put(&format!("{}/", nuget(PUB)), "")
        .expect_json(400, missing.clone());
    let form = "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nx\r\n--b--\r\n";
    let as_form = developer.with("Content-Type", "multipart/form-data; boundary=b");
    as_form
        .put(&format!("{}/", nuget(PUB)), form)
        .expect_json(400, missing);
    let cut = "--b\r\nContent-Disposition: form-data; name=\"package\"\r\n\r\nPK";
    as_form.put(&format!("{}/", nuget(PUB)), cut).expect(400);
    let lacks_boundary = developer.with("Content-Type", "multipart/form-data");
    lacks_boundary
        .put(&format!("{}/", nuget(PUB)), form)
        .expect(400);
    assert!(ids(&developer.get(&packages(PUB)).expect(200)).is_empty());
}

#[test]
fn the_packages_api_shows_it_as_it_was_written_with_its_keywords() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let package = nupkg("Acme.Core", "1.0-RC", "<tags>one two</tags>");
    push(&developer, PUB, &package).expect(201);
    let listed = developer.get(&packages(PUB)).expect(200);
    let item = &listed.json()[0];
    assert_eq!(item["name"], "Acme.Core");
    assert_eq!(item["version"], "1.0-RC");
    assert_eq!(item["package_type"], "nuget");
    assert_eq!(item["status"], "default");
    let tags: Vec<&str> = item["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    assert_eq!(tags, ["one", "two"]);
    let file = &developer
        .get(&files(PUB, ids(&listed)[0]))
        .expect(200)
        .json()[0];
    assert_eq!(file["file_name"], "acme.core.1.0.0-rc.nupkg");
    assert_eq!(file["file_sha256"], sha256(&package));
    // Keywords are of one version: those of another do not move them.
    push(
        &developer,
        PUB,
        &nupkg("Acme.Core", "1.1", "<tags>two three</tags>"),
    )
    .expect(201);
    let listed = developer.get(&packages(PUB)).expect(200).json();
    let names = |at: usize| {
        listed[at]["tags"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tag| tag["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (names(0), names(1)),
        (
            vec![json!("one"), json!("two")],
            vec![json!("two"), json!("three")]
        )
    );
}

#[test]
fn an_id_is_one_whatever_its_case_and_keeps_the_first() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    push(&developer, PUB, &nupkg("Acme.Core", "1.0", "")).expect(201);
    push(&developer, PUB, &nupkg("ACME.core", "2.0", "")).expect(201);
    let shown = leaves(&developer, &nuget(PUB), "aCME.Core");
    let seen: Vec<_> = shown
        .iter()
        .map(|leaf| {
            (
                leaf["catalogEntry"]["id"].clone(),
                leaf["catalogEntry"]["version"].clone(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (json!("Acme.Core"), json!("1.0.0")),
            (json!("Acme.Core"), json!("2.0.0"))
        ]
    );
    assert_eq!(
        each(&developer.get(&packages(PUB)).expect(200), "name"),
        ["Acme.Core", "Acme.Core"]
    );
}

#[test]
fn a_nuspec_of_any_namespace_is_read_and_of_none() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for (at, root) in [
        "<package>",
        "<package xmlns='http://schemas.microsoft.com/packaging/2010/07/nuspec.xsd'>",
        "<n:package xmlns:n='http://schemas.microsoft.com/packaging/2012/06/nuspec.xsd'>",
        "\u{feff}<?xml version='1.0'?><!-- a comment --><package>",
    ]
    .into_iter()
    .enumerate()
    {
        let end = if root.contains("<n:") {
            "</n:package>"
        } else {
            "</package>"
        };
        let nuspec = format!("{root}<metadata><id>N{at}</id><version>1</version></metadata>{end}");
        push(&developer, PUB, &nupkg_of(&nuspec)).expect(201);
    }
    assert_eq!(ids(&developer.get(&packages(PUB)).expect(200)).len(), 4);
}

#[test]
fn a_rule_protects_every_case_of_a_name() {
    let seeds = Seeds::start();
    seeds.protect(PUB, Nuget, "acme.*", Some(40), None);
    for id in ["Acme.Core", "ACME.core"] {
        let answer = push(&seeds.user("developer"), PUB, &nupkg(id, "1.0", ""));
        let answer = answer.expect_json(
            403,
            json!({ "message": "403 Forbidden - Package protected." }),
        );
        assert_eq!(
            answer.header("x-nuget-warning"),
            "403 Forbidden - Package protected."
        );
    }
    push(
        &seeds.user("maintainer"),
        PUB,
        &nupkg("Acme.Core", "1.0", ""),
    )
    .expect(201);
    push(&seeds.user("developer"), PUB, &nupkg("Other", "1.0", "")).expect(201);
}

#[test]
fn a_package_beyond_the_limit_is_refused() {
    let seeds = Seeds::start_with_file("[limits]\nnuget = 100\n");
    let answer = push(&seeds.user("developer"), PUB, &nupkg("Acme", "1.0", "")).expect(413);
    assert!(
        answer.text().contains("the limit for nuget is 100 bytes"),
        "{}",
        answer.text()
    );
    assert!(answer.header("x-nuget-warning").contains("100 bytes"));
}

#[test]
fn a_push_of_a_job_is_linked_to_its_pipeline() {
    let seeds = Seeds::start();
    let job = seeds.with_basic("gitlab-ci-token", &seeds.job_token("developer", PUB));
    push(&job, PUB, &nupkg("Acme", "1.0", "")).expect(201);
    let item = &seeds
        .user("developer")
        .get(&packages(PUB))
        .expect(200)
        .json()[0];
    assert!(item["pipeline"]["id"].is_i64(), "{item}");
}
