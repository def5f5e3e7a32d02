//! Who may read, upload and delete charts, by which credential.

use crate::support::helm::{chart, charts, helm, index, upload};
use crate::support::seeds::{ONE, PRIV, PUB, Seeds};

#[test]
fn everyone_is_told_what_the_contract_says() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    for project in [PUB, PRIV] {
        upload(&owner, project, "stable", &chart("web", "1.0.0", "")).expect(201);
    }
    let file = |project| format!("{}/stable/charts/web-1.0.0.tgz", helm(project));
    for path in [index(PUB, "stable"), file(PUB), charts(PUB, "stable")] {
        seeds.anonymous().get(&path).expect(200);
        seeds.user("stranger").get(&path).expect(200);
        seeds.with_basic("x", "stale").get(&path).expect(200);
        seeds.with_token("glpat-unknown").get(&path).expect(401);
    }
    for path in [index(PRIV, "stable"), file(PRIV), charts(PRIV, "stable")] {
        for caller in [seeds.anonymous(), seeds.with_basic("x", "stale")] {
            let refused = caller.get(&path).expect(401);
            assert_eq!(
                refused.header("www-authenticate"),
                "Basic realm=\"GitLab Packages Registry\""
            );
        }
        seeds.user("stranger").get(&path).expect(404);
        for role in ["guest", "reporter", "developer", "maintainer", "owner"] {
            seeds.user(role).get(&path).expect(200);
        }
    }
    // What is not there says the same as what may not be seen.
    assert_eq!(
        seeds
            .anonymous()
            .get(&index(ONE, "stable"))
            .expect(401)
            .body,
        seeds
            .anonymous()
            .get(&index(999, "stable"))
            .expect(401)
            .body
    );
    let new = chart("other", "1.0.0", "");
    for (role, status) in [
        ("stranger", 404),
        ("guest", 403),
        ("reporter", 403),
        ("developer", 201),
    ] {
        upload(&seeds.user(role), PRIV, "stable", &new).expect(status);
    }
    upload(&seeds.anonymous(), PUB, "stable", &new).expect(401);
    let path = format!("{}/web/1.0.0", charts(PRIV, "stable"));
    for (role, status) in [("reporter", 403), ("developer", 403), ("maintainer", 200)] {
        seeds.user(role).delete(&path).expect(status);
    }
}

#[test]
fn every_carrier_and_kind_of_token_is_honoured() {
    let seeds = Seeds::start();
    let mut number = 0;
    let mut pushes = |caller: &crate::support::Actor| {
        number += 1;
        upload(
            caller,
            PRIV,
            "stable",
            &chart("web", &format!("1.0.{number}"), ""),
        )
        .status
    };
    let token = seeds.token("developer");
    let writes = seeds.deploy_token(Some(PRIV), None, &["write_package_registry"]);
    let reads = seeds.deploy_token(Some(PRIV), None, &["read_package_registry"]);
    let job = seeds.job_token("developer", PRIV);
    for caller in [
        seeds.with_basic("developer", &token),
        seeds.with_basic("deployer", &writes),
        seeds.with_basic("gitlab-ci-token", &job),
        seeds.with_header("Authorization", &format!("Bearer {token}")), // cm-push --access-token
        seeds.with_header("PRIVATE-TOKEN", &token),
        seeds.with_header("JOB-TOKEN", &job),
        seeds.with_header("Deploy-Token", &writes),
    ] {
        assert_eq!(pushes(&caller), 201);
        caller.get(&index(PRIV, "stable")).expect(200);
    }
    let reader = seeds.with_basic("deployer", &reads);
    assert_eq!(pushes(&reader), 403);
    reader.get(&index(PRIV, "stable")).expect(200);
    let read_api = seeds.access_token("developer", r#"["read_api"]"#, None, false);
    let read_api = seeds.with_basic("developer", &read_api);
    assert_eq!(pushes(&read_api), 403);
    read_api.get(&index(PRIV, "stable")).expect(200);
}
