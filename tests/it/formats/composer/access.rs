//! Who may, at each level: 401 before 404, so that Composer asks for credentials and goes nowhere else.

use serde_json::json;

use crate::support::composer::{
    archive_of, composer, group_composer, package, publish, upload, versions,
};
use crate::support::seeds::{ACME, INT, PRIV, PUB, Seeds, VAULT};

const CHALLENGE: &str = "Basic realm=\"GitLab Packages Registry\"";

#[test]
fn who_shows_nothing_is_asked_before_anything_is_told() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    publish(&developer, PRIV, "acme/hello", "1.0.0");
    let archive = archive_of(&versions(&developer, &composer(PRIV), "acme/hello")[0]);
    let (private, group, vault) = (composer(PRIV), group_composer(ACME), group_composer(VAULT));
    for path in [
        format!("{private}/packages.json"),
        format!("{private}/p2/acme/hello.json"),
        format!("{private}/p2/acme/none.json"),
        format!("{private}/list.json"),
        format!("{private}/search.json"),
        archive.clone(),
        format!("{private}/archives/acme/none.zip"),
        format!("{}/packages.json", composer(99_999)),
        format!("{group}/p2/acme/hello.json"),
        format!("{group}/p2/acme/none~dev.json"),
        format!("{vault}/packages.json"),
        format!("{}/packages.json", group_composer(99_999)),
    ] {
        for caller in [seeds.anonymous(), seeds.with_basic("developer", "wrong")] {
            let answer = caller.get(&path).expect(401);
            assert_eq!(answer.header("www-authenticate"), CHALLENGE, "{path}");
            caller.head(&path).expect(401);
        }
    }
    seeds
        .anonymous()
        .get(&format!("{}/p2/acme/none.json", composer(PUB)))
        .expect(404);
    seeds
        .with_token("glpat-wrong")
        .get(&format!("{private}/packages.json"))
        .expect(401);
    let stranger = seeds.user("stranger");
    stranger
        .get(&archive)
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    stranger
        .get(&format!("{vault}/packages.json"))
        .expect_json(404, json!({ "message": "404 Group Not Found" }));
    seeds.user("guest").get(&archive).expect(200);
}

#[test]
fn roles_decide_who_publishes() {
    let seeds = Seeds::start();
    let zip = package("acme/hello", json!({}), "x");
    for (who, project, status) in [
        ("guest", PRIV, 403),
        ("reporter", PRIV, 403),
        ("stranger", PRIV, 404),
        ("stranger", PUB, 403),
        ("reporter", PUB, 403),
        ("external", INT, 404),
        ("developer", PRIV, 201),
        ("maintainer", INT, 201),
    ] {
        let answer = upload(&seeds.user(who), project, "1.0.0", &zip);
        assert_eq!(answer.status, status, "{who} {project}: {}", answer.text());
    }
    upload(&seeds.anonymous(), PUB, "1.0.0", &zip).expect(401);
    upload(&seeds.with_basic("developer", "wrong"), PUB, "1.0.0", &zip).expect(401);
}

#[test]
fn every_kind_of_token_works_in_every_carrier() {
    let seeds = Seeds::start();
    let scopes = ["read_package_registry", "write_package_registry"];
    let deploy = seeds.deploy_token(Some(PRIV), None, &scopes);
    let job = seeds.job_token("developer", PRIV);
    let token = seeds.token("developer");
    let callers = [
        seeds.with_basic("__token__", &token),
        seeds.with_basic("deployer", &deploy),
        seeds.with_basic("gitlab-ci-token", &job),
        seeds.with_header("PRIVATE-TOKEN", &token),
        seeds.with_header("Deploy-Token", &deploy),
        seeds.with_header("JOB-TOKEN", &job),
        seeds.with_header("Authorization", &format!("Bearer {token}")),
        // Composer without `gitlab-domains`
        seeds.with_basic(&token, "private-token"),
        seeds.with_basic(&token, ""),
        seeds.with_basic(&token, "x-oauth-basic"),
        seeds.with_basic(&deploy, "private-token"),
        seeds.with_basic(&job, ""),
    ];
    for (at, caller) in callers.iter().enumerate() {
        publish(caller, PRIV, "acme/hello", &format!("1.{at}.0"));
        let shown = versions(caller, &composer(PRIV), "acme/hello");
        assert_eq!(shown.len(), at + 1);
        caller.get(&archive_of(&shown[0])).expect(200);
    }
    for wrong in [
        seeds.with_basic("glpat-wrong", "private-token"),
        seeds.with_basic(&token, "something else"),
        seeds.with_basic("", ""),
        seeds.with_basic("", "private-token"),
    ] {
        wrong
            .get(&format!("{}/packages.json", composer(PRIV)))
            .expect(401);
    }
    // A token as the user name is Composer's habit alone.
    seeds
        .with_basic(&token, "private-token")
        .get(&format!("/api/v4/projects/{PRIV}/packages/pypi/simple/"))
        .expect(401);
    let reads = seeds.deploy_token(None, Some(ACME), &["read_package_registry"]);
    let reader = seeds.with_basic("deployer", &reads);
    reader
        .get(&format!("{}/packages.json", group_composer(ACME)))
        .expect(200);
    let zip = package("acme/hello", json!({}), "x");
    upload(&reader, PRIV, "9.0", &zip).expect(403);
}
