//! Who may read and publish modules, by which credential.

use serde_json::json;

use crate::support::seeds::{ONE, PRIV, PUB, Seeds};
use crate::support::terraform::{module, of_namespace, of_project, upload};

#[test]
fn everyone_is_told_what_the_contract_says() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    upload(&owner, PUB, "open/aws", "1.0.0", &module("1")).expect(201);
    upload(&owner, PRIV, "secret/aws", "1.0.0", &module("1")).expect(201);
    upload(&seeds.root(), ONE, "vault/aws", "1.0.0", &module("1")).expect(201);
    let routes = |namespace: &str, name: &str| {
        let n = of_namespace(namespace, name);
        [
            format!("{n}/versions"),
            format!("{n}/download"),
            n.clone(),
            format!("{n}/1.0.0"),
            format!("{n}/1.0.0/download"),
            format!("{n}/1.0.0/file"),
        ]
    };
    for path in routes("acme", "open/aws") {
        for caller in [
            seeds.anonymous(),
            seeds.user("stranger"),
            seeds.with_basic("x", "stale"),
        ] {
            assert!(
                matches!(caller.get(&path).status, 200 | 204 | 302),
                "{path}"
            );
        }
        let refused = seeds
            .with_header("Authorization", "Bearer glpat-unknown")
            .get(&path)
            .expect(401)
            .json();
        assert_eq!(refused["message"], "401 Unauthorized");
        assert!(
            refused["hint"]
                .as_str()
                .unwrap()
                .contains("Authorization: Bearer"),
            "{refused}"
        );
    }
    let (private, unknown, nowhere) = (
        routes("acme", "secret/aws"),
        routes("acme", "none/aws"),
        routes("nobody", "secret/aws"),
    );
    for (path, others) in private.iter().zip(unknown.iter().zip(&nowhere)) {
        for role in ["guest", "reporter", "developer", "maintainer", "owner"] {
            assert!(
                matches!(seeds.user(role).get(path).status, 200 | 204 | 302),
                "{role} {path}"
            );
        }
        // Not there, not visible, no such namespace: all sound alike.
        for (caller, status) in [
            (seeds.anonymous(), 401),
            (seeds.user("stranger"), 404),
            (seeds.user("external"), 404),
        ] {
            let refused = caller.get(path).expect(status);
            assert_eq!(
                refused.body,
                caller.get(others.0).expect(status).body,
                "{path}"
            );
            assert_eq!(
                refused.body,
                caller.get(others.1).expect(status).body,
                "{path}"
            );
        }
    }
    for path in routes("vault", "vault/aws") {
        seeds.anonymous().get(&path).expect(401);
        owner.get(&path).expect(404);
    }
    let missing = seeds.user("stranger").get(&private[0]).expect(404).json();
    assert_eq!(missing["errors"], json!(["Not Found"]));
    // A private project whose registry is open to everyone, in a private group.
    seeds.switch_registry(ONE, "public");
    for path in routes("vault", "vault/aws") {
        assert!(
            matches!(seeds.anonymous().get(&path).status, 200 | 204 | 302),
            "{path}"
        );
    }

    let new = |role: &str| upload(&seeds.user(role), PRIV, "new/aws", "1.0.0", &module("1")).status;
    let statuses = ["stranger", "guest", "reporter", "developer"].map(new);
    assert_eq!(statuses, [404, 403, 403, 201]);
    upload(&seeds.anonymous(), PUB, "new/aws", "1.0.0", &module("1")).expect(401);
}

#[test]
fn every_carrier_and_kind_of_token_is_honoured() {
    let seeds = Seeds::start();
    let token = seeds.token("developer");
    let writes = seeds.deploy_token(
        Some(PRIV),
        None,
        &["write_package_registry", "read_package_registry"],
    );
    let reads = seeds.deploy_token(Some(PRIV), None, &["read_package_registry"]);
    let job = seeds.job_token("developer", PRIV);
    let mut number = 0;
    let mut pushes = |caller: &crate::support::Actor| {
        number += 1;
        upload(
            caller,
            PRIV,
            "vpc/aws",
            &format!("1.0.{number}"),
            &module("1"),
        )
        .status
    };
    for caller in [
        seeds.with_header("PRIVATE-TOKEN", &token),
        seeds.with_header("JOB-TOKEN", &job),
        seeds.with_header("DEPLOY-TOKEN", &writes),
        seeds.with_basic("developer", &token),
        seeds.with_basic("gitlab-ci-token", &job),
        seeds.with_header("Authorization", &format!("Bearer {token}")),
        seeds.with_header("Authorization", &format!("Bearer {job}")),
        seeds.with_header("Authorization", &format!("Bearer {writes}")),
    ] {
        assert_eq!(pushes(&caller), 201);
        caller
            .get(&format!("{}/versions", of_namespace("acme", "vpc/aws")))
            .expect(200);
        let found = caller
            .get(&format!(
                "{}/1.0.1/download",
                of_namespace("acme", "vpc/aws")
            ))
            .expect(204);
        seeds
            .anonymous()
            .get(found.header("x-terraform-get"))
            .expect(200);
        caller
            .get(&format!("{}/1.0.1", of_project(PRIV, "vpc/aws")))
            .expect(200);
    }
    let reader = seeds.with_header("Authorization", &format!("Bearer {reads}"));
    assert_eq!(pushes(&reader), 403);
    reader
        .get(&format!("{}/versions", of_namespace("acme", "vpc/aws")))
        .expect(200);
    let read_api = seeds.access_token("developer", r#"["read_api"]"#, None, false);
    let read_api = seeds.with_header("Authorization", &format!("Bearer {read_api}"));
    assert_eq!(pushes(&read_api), 403);
    read_api
        .get(&format!("{}/versions", of_namespace("acme", "vpc/aws")))
        .expect(200);
    let none = seeds.access_token("developer", r#"["read_user"]"#, None, false);
    let none = seeds.with_header("Authorization", &format!("Bearer {none}"));
    none.get(&format!("{}/versions", of_namespace("acme", "vpc/aws")))
        .expect(403);
}

#[test]
fn a_users_own_namespace_has_modules_too() {
    let seeds = Seeds::start();
    let project = seeds.project("owner/tools", "public");
    upload(&seeds.root(), project, "vpc/aws", "1.0.0", &module("1")).expect(201);
    seeds
        .anonymous()
        .get(&format!("{}/versions", of_namespace("owner", "vpc/aws")))
        .expect(200);
}
