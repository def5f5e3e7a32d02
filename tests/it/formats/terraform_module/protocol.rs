//! The module registry protocol, request by request.

use serde_json::json;

use crate::support::archives::zip;
use crate::support::seeds::{ACME, DEEP, PRIV, PUB, Seeds, package, packages};
use crate::support::terraform::{module, of_namespace, of_project, upload};
use crate::support::{TestApp, each, id_of};

#[test]
fn discovery_is_open_and_plain_json() {
    let app = TestApp::start_with(|config| {
        config.url = Some(packhouse::http::BaseUrl::parse("http://example.com/gitlab").unwrap());
    });
    for caller in [app.anonymous(), app.with_token("glpat-unknown")] {
        let found = caller.get("/.well-known/terraform.json").expect(200);
        assert_eq!(found.header("content-type"), "application/json");
        assert_eq!(
            found.json(),
            json!({ "modules.v1": "/gitlab/api/v4/packages/terraform/modules/v1/" })
        );
    }
}

#[test]
fn versions_stand_newest_first_and_the_latest_is_by_semver() {
    let seeds = Seeds::start();
    let (developer, guest) = (seeds.user("developer"), seeds.user("guest"));
    for version in ["1.0.9", "1.0.10", "2.0.0-rc.1", "1.0.10-rc.1+b"] {
        let answer = upload(&developer, PRIV, "vpc/aws", version, &module(version));
        answer.expect_json(201, json!({ "message": "201 Created" }));
    }
    let n = of_namespace("acme", "vpc/aws");
    let answer = guest.get(&format!("{n}/versions")).expect(200);
    let modules = answer.json()["modules"].clone();
    assert_eq!(modules.as_array().unwrap().len(), 1);
    assert_eq!(
        each(&modules[0]["versions"], "version"),
        ["2.0.0-rc.1", "1.0.10", "1.0.10-rc.1+b", "1.0.9"]
    );
    assert_eq!(modules[0]["source"], json!(seeds.url("/acme/priv")));
    assert_eq!(
        modules[0]["versions"][0]["root"]["providers"],
        json!([{ "name": "aws", "version": "" }])
    );
    guest
        .with("If-None-Match", answer.header("etag"))
        .get(&format!("{n}/versions"))
        .expect(304);

    let latest = guest.get(&format!("{n}/download")).expect(302);
    assert_eq!(latest.header("location"), format!("{n}/1.0.10/download"));
    let details = guest.get(&n).expect(200).json();
    assert_eq!(
        (&details["name"], &details["version"], &details["provider"]),
        (&json!("vpc/aws"), &json!("1.0.10"), &json!("aws"))
    );
    // The numeric id names the namespace as well.
    guest
        .get(&format!(
            "{}/versions",
            of_namespace(&ACME.to_string(), "vpc/aws")
        ))
        .expect(200);
    assert_eq!(
        guest.get(&of_project(PRIV, "vpc/aws")).expect(200).body,
        module("1.0.10")
    );
    // Only prereleases: the highest of them.
    for version in ["0.1.0-a", "0.1.0-b"] {
        upload(&developer, PRIV, "early/aws", version, &module(version)).expect(201);
    }
    let latest = guest
        .get(&format!("{}/download", of_namespace("acme", "early/aws")))
        .expect(302);
    assert!(latest.header("location").ends_with("/0.1.0-b/download"));
}

#[test]
fn an_archive_is_fetched_by_the_address_alone() {
    let seeds = Seeds::start();
    upload(
        &seeds.user("developer"),
        PRIV,
        "vpc/aws",
        "1.0.0-rc.1+b",
        &module("1"),
    )
    .expect(201);
    let n = of_namespace("acme", "vpc/aws");
    for spelling in ["1.0.0-rc.1+b", "1.0.0-rc.1%2Bb", "1.0.0-rc.1%20b"] {
        let path = format!("{n}/{spelling}/download");
        let found = seeds
            .with_header("Authorization", &format!("Bearer {}", seeds.token("guest")))
            .get(&path)
            .expect(204);
        assert!(found.body.is_empty());
        assert_eq!(found.header("cache-control"), "no-store");
        let address = found.header("x-terraform-get");
        assert!(
            address.starts_with(&format!("{n}/1.0.0-rc.1%2Bb/file?token=")),
            "{address}"
        );
        assert!(address.ends_with("&archive=tgz"), "{address}");
        assert!(!address.contains(&seeds.token("guest")));
        let anonymous = seeds.anonymous();
        let head = anonymous.head(address).expect(200);
        assert_eq!(head.header("content-length"), module("1").len().to_string());
        assert_eq!(head.header("accept-ranges"), "bytes");
        assert_eq!(anonymous.get(address).expect(200).body, module("1"));
        let without_query = address.split_once('?').unwrap().0;
        anonymous.get(without_query).expect(401);
        seeds.user("guest").get(without_query).expect(200);
    }
}

#[test]
fn the_token_of_an_address_is_good_for_nothing_else_and_not_for_long() {
    let seeds = Seeds::start();
    for version in ["1.0.0", "1.1.0"] {
        upload(
            &seeds.user("developer"),
            PRIV,
            "vpc/aws",
            version,
            &module(version),
        )
        .expect(201);
    }
    let n = of_namespace("acme", "vpc/aws");
    let token = || {
        let found = seeds
            .user("guest")
            .get(&format!("{n}/1.0.0/download"))
            .expect(204);
        let (_, query) = found
            .header("x-terraform-get")
            .split_once("token=")
            .unwrap();
        query.split_once('&').unwrap().0.to_owned()
    };
    let secret = token();
    let anonymous = seeds.anonymous();
    anonymous
        .get(&format!("{n}/1.0.0/file?token={secret}&archive=tgz"))
        .expect(200);
    for path in [
        format!("{n}/1.1.0/file?token={secret}"),
        format!("{n}/versions?token={secret}"),
        format!("{n}/1.0.0/download?token={secret}"),
        format!("{}/1.0.0?token={secret}", of_project(PRIV, "vpc/aws")),
        format!("/api/v4/projects/{PRIV}/packages?token={secret}"),
    ] {
        assert!(matches!(anonymous.get(&path).status, 401 | 404), "{path}");
    }
    let bearer = seeds.with_header("Authorization", &format!("Bearer {secret}"));
    bearer.get(&format!("{n}/1.0.0/file")).expect(401);

    let old = token();
    seeds.run(
        "UPDATE session_tokens SET expires_at = ?1",
        ["2026-01-01T00:00:00.000Z"],
    );
    let refused = anonymous
        .get(&format!("{n}/1.0.0/file?token={old}&archive=tgz"))
        .expect(401);
    assert_eq!(refused.json()["message"], "401 Unauthorized");

    // It dies with the credential behind it.
    let last = token();
    let user = seeds.user("owner").get("/api/v4/user").expect(200);
    assert_eq!(user.status, 200);
    seeds.run(
        "UPDATE access_tokens SET revoked = 1 WHERE user_id = ?1",
        [crate::support::seeds::user_id("guest")],
    );
    anonymous
        .get(&format!("{n}/1.0.0/file?token={last}&archive=tgz"))
        .expect(401);
}

#[test]
fn a_public_module_needs_no_token_at_all() {
    let seeds = Seeds::start();
    upload(
        &seeds.user("developer"),
        PUB,
        "vpc/aws",
        "1.0.0",
        &module("1"),
    )
    .expect(201);
    upload(&seeds.user("owner"), DEEP, "net/aws", "1.0.0", &module("2")).expect(201);
    let anonymous = seeds.anonymous();
    for (name, bytes) in [("vpc/aws", module("1")), ("net/aws", module("2"))] {
        let n = of_namespace("acme", name);
        anonymous.get(&format!("{n}/versions")).expect(200);
        let found = anonymous.get(&format!("{n}/1.0.0/download")).expect(204);
        let address = found.header("x-terraform-get");
        assert!(address.ends_with("/file?token=&archive=tgz"), "{address}");
        assert_eq!(anonymous.get(address).expect(200).body, bytes);
    }
    // A sub-group is no namespace.
    anonymous
        .get(&format!(
            "{}/versions",
            of_namespace("acme%2Fsub", "net/aws")
        ))
        .expect(401);
    seeds
        .user("owner")
        .get(&format!(
            "{}/versions",
            of_namespace("acme%2Fsub", "net/aws")
        ))
        .expect(404);
}

#[test]
fn a_project_answers_by_its_own_address() {
    let seeds = Seeds::start();
    let bytes = module("1");
    upload(&seeds.user("developer"), PRIV, "vpc/aws", "1.0.0", &bytes).expect(201);
    let j = of_project(PRIV, "vpc/aws");
    let guest = seeds.with_basic("guest", &seeds.token("guest"));
    for path in [format!("{j}/1.0.0"), j.clone()] {
        assert_eq!(guest.get(&path).expect(200).body, bytes);
        guest.head(&path).expect(200);
        let found = guest.get(&format!("{path}?terraform-get=1")).expect(204);
        let address = found.header("x-terraform-get");
        assert_eq!(address, seeds.url(&format!("{j}/1.0.0?archive=tgz")));
        let own = address.strip_prefix(&seeds.url("")).unwrap();
        assert_eq!(guest.get(own).expect(200).body, bytes);
    }
    let encoded =
        "/api/v4/projects/acme%2Fpriv/packages/terraform/modules/vpc/aws/1.0.0?terraform-get=1";
    let found = guest.get(encoded).expect(204);
    assert!(
        found
            .header("x-terraform-get")
            .contains("/projects/acme%2Fpriv/")
    );
    // What is not there is told at the first request.
    guest.get(&format!("{j}/2.0.0?terraform-get=1")).expect(404);
    guest.get(&of_project(PRIV, "none/aws")).expect(404);
}

#[test]
fn a_zip_is_a_zip_whatever_it_is_called() {
    let seeds = Seeds::start();
    let bytes = zip(&[
        ("main.tf", b"variable \"a\" {}\n"),
        ("README.md", b"# Zip\n"),
    ]);
    upload(&seeds.user("developer"), PUB, "vpc/aws", "1.0.0", &bytes).expect(201);
    let n = of_namespace("acme", "vpc/aws");
    let found = seeds
        .anonymous()
        .get(&format!("{n}/1.0.0/download"))
        .expect(204);
    assert!(found.header("x-terraform-get").ends_with("&archive=zip"));
    assert_eq!(
        seeds
            .anonymous()
            .get(found.header("x-terraform-get"))
            .expect(200)
            .body,
        bytes
    );
    assert_eq!(
        seeds.anonymous().get(&n).expect(200).json()["root"]["readme"],
        "# Zip\n"
    );
}

#[test]
fn details_show_what_was_read_of_the_archive() {
    let seeds = Seeds::start();
    upload(
        &seeds.user("developer"),
        PUB,
        "vpc/aws",
        "1.0.0",
        &module("1"),
    )
    .expect(201);
    upload(
        &seeds.user("developer"),
        PUB,
        "vpc/aws",
        "1.1.0",
        &module("1"),
    )
    .expect(201);
    let details = seeds
        .anonymous()
        .get(&format!("{}/1.0.0", of_namespace("acme", "vpc/aws")))
        .expect(200)
        .json();
    assert_eq!(details["id"], "acme/vpc/aws/1.0.0");
    assert_eq!(details["versions"], json!(["1.1.0", "1.0.0"]));
    assert_eq!(details["root"]["readme"], "# A module\n");
    assert_eq!(
        details["root"]["inputs"],
        json!([{ "name": "greeting", "type": "string", "description": "", "default": "\"hello\"", "required": false }])
    );
    assert_eq!(each(&details["submodules"], "path"), ["modules/part"]);
    assert_eq!(each(&details["submodules"][0]["outputs"], "name"), ["part"]);

    // The list has it like every other package, and its page is where the list says.
    let list = seeds.anonymous().get(&packages(PUB)).expect(200).json();
    let first = &list[1];
    assert_eq!(
        (&first["name"], &first["package_type"]),
        (&json!("vpc/aws"), &json!("terraform_module"))
    );
    let page = first["_links"]["web_path"].as_str().unwrap();
    assert_eq!(
        page,
        format!("/acme/pub/-/terraform_module_registry/{}", id_of(first))
    );
    seeds.anonymous().get(page).expect(200);
    let files = seeds
        .anonymous()
        .get(&format!("{}/package_files", package(PUB, id_of(first))))
        .expect(200)
        .json();
    assert_eq!(each(&files, "file_name"), ["vpc-aws-1.1.0.tgz"]);
}

#[test]
fn lists_show_what_a_caller_may_read() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    for (project, name, version) in [
        (PUB, "vpc/aws", "1.0.9"),
        (PUB, "vpc/aws", "1.0.10"),
        (PUB, "vpc/google", "1.0.0"),
        (PRIV, "vault/aws", "1.0.0"),
    ] {
        upload(&owner, project, name, version, &module(version)).expect(201);
    }
    let base = "/api/v4/packages/terraform/modules/v1";
    let ids = |caller: &crate::support::Actor, path: &str| {
        let answer = caller.get(&format!("{base}/{path}")).expect(200).json();
        each(&answer["modules"], "id")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let anonymous = seeds.anonymous();
    assert_eq!(
        ids(&anonymous, "acme"),
        ["acme/vpc/aws/1.0.10", "acme/vpc/google/1.0.0"]
    );
    assert_eq!(
        ids(&owner, "acme"),
        [
            "acme/vault/aws/1.0.0",
            "acme/vpc/aws/1.0.10",
            "acme/vpc/google/1.0.0"
        ]
    );
    assert_eq!(ids(&owner, "acme/vault"), ["acme/vault/aws/1.0.0"]);
    assert_eq!(ids(&owner, "search?q=vault"), ["acme/vault/aws/1.0.0"]);
    assert!(ids(&anonymous, "search?q=vault").is_empty());
    let page = anonymous
        .get(&format!("{base}/acme?limit=1"))
        .expect(200)
        .json();
    assert_eq!(
        page["meta"],
        json!({ "limit": 1, "current_offset": 0, "next_offset": 1 })
    );
    assert_eq!(
        ids(&anonymous, "acme?limit=1&offset=1"),
        ["acme/vpc/google/1.0.0"]
    );
    anonymous.get(&format!("{base}/vault")).expect(401);
    seeds
        .user("stranger")
        .get(&format!("{base}/vault"))
        .expect(404);
}

#[test]
fn a_source_of_too_many_parts_is_told_the_rule() {
    let seeds = Seeds::start();
    let base = "/api/v4/packages/terraform/modules/v1";
    for path in [
        "acme/sub/vpc/aws/versions",
        "acme/sub/deep/vpc/aws/1.0.0/download",
        "acme/vpc/aws/v1.0.0/download",
    ] {
        let missing = seeds
            .user("owner")
            .get(&format!("{base}/{path}"))
            .expect(404)
            .json();
        assert_eq!(missing["errors"], json!(["Not Found"]), "{path}");
        assert!(
            missing["hint"]
                .as_str()
                .unwrap()
                .contains("top-level group"),
            "{missing}"
        );
    }
}
