//! Who may: 401 comes before 404, so that no client goes on to a public index.

use serde_json::json;

use super::only_file;
use crate::support::python::{group_pypi, pypi, wheel};
use crate::support::seeds::{ACME, PRIV, PUB, Seeds, VAULT, user_id};

const CHALLENGE: &str = "Basic realm=\"GitLab Packages Registry\"";

#[test]
fn who_shows_nothing_is_asked_before_anything_is_told() {
    let seeds = Seeds::start();
    wheel("acme", "1.0", "")
        .upload(&seeds.user("developer"), PRIV)
        .expect(201);
    let file = only_file(&seeds.user("developer"), PRIV, "acme");
    let (private, none, group, vault) = (
        pypi(PRIV),
        pypi(99_999),
        group_pypi(ACME),
        group_pypi(VAULT),
    );
    for path in [
        format!("{private}/simple/acme/"),
        format!("{private}/simple/no-such-name/"),
        format!("{private}/simple"),
        format!("{none}/simple/acme/"),
        format!("{group}/simple/acme/"),
        format!("{group}/simple/no-such-name/"),
        format!("{vault}/simple/"),
        format!("{}/simple/", group_pypi(99_999)),
        file.clone(),
        format!("{file}.metadata"),
    ] {
        for caller in [seeds.anonymous(), seeds.with_basic("developer", "wrong")] {
            assert_eq!(
                caller.get(&path).expect(401).header("www-authenticate"),
                CHALLENGE,
                "{path}"
            );
            caller.head(&path).expect(401);
        }
    }
    wheel("acme", "1.0", "")
        .upload(&seeds.anonymous(), PUB)
        .expect(401);
    seeds
        .anonymous()
        .get(&format!("{}/simple/none/", pypi(PUB)))
        .expect(404);
    seeds
        .with_basic("developer", "wrong")
        .get(&format!("{}/simple/", pypi(PUB)))
        .expect(200);
    seeds
        .with_basic("gitlab-ci-token", "wrong")
        .get(&format!("{}/simple/", pypi(PUB)))
        .expect(200);
}

#[test]
fn roles_decide() {
    let seeds = Seeds::start();
    let dist = wheel("acme", "1.0", "");
    dist.upload(&seeds.user("guest"), PRIV).expect(403);
    dist.upload(&seeds.user("reporter"), PRIV).expect(403);
    dist.upload(&seeds.user("stranger"), PRIV).expect(404);
    dist.upload(&seeds.user("stranger"), PUB).expect(403);
    dist.upload(&seeds.user("developer"), PRIV).expect(201);
    let path = format!("{}/simple/acme/", pypi(PRIV));
    seeds.user("guest").get(&path).expect(200);
    seeds.user("stranger").get(&path).expect(404);
    // A personal name space is no group.
    seeds
        .user("owner")
        .get(&format!("{}/simple/", group_pypi(user_id("owner"))))
        .expect(404);
}

#[test]
fn every_kind_of_token_works_by_basic() {
    let seeds = Seeds::start();
    let deploy = seeds.deploy_token(
        Some(PRIV),
        None,
        &["read_package_registry", "write_package_registry"],
    );
    let reads = seeds.deploy_token(Some(PRIV), None, &["read_package_registry"]);
    let job = seeds.job_token("developer", PRIV);
    for (at, (user, password)) in [
        ("__token__", seeds.token("developer")),
        ("developer", seeds.token("developer")),
        ("deployer", deploy),
        ("gitlab-ci-token", job),
    ]
    .iter()
    .enumerate()
    {
        let caller = seeds.with_basic(user, password);
        wheel("acme", &format!("{at}.0"), "")
            .upload(&caller, PRIV)
            .expect(201);
        let file = super::files_of(&caller, &pypi(PRIV), "acme")["files"][at].clone();
        caller.get(&super::path_of(&file)).expect(200);
    }
    let reader = seeds.with_basic("deployer", &reads);
    reader
        .get(&format!("{}/simple/acme/", pypi(PRIV)))
        .expect(200);
    wheel("acme", "9.0", "").upload(&reader, PRIV).expect(403);
    let bearer = seeds.with_header("Authorization", &format!("Bearer {}", seeds.token("guest")));
    bearer
        .get(&format!("{}/simple/acme/", pypi(PRIV)))
        .expect(200);
}

#[test]
fn the_front_proxys_twin_does_not_exist() {
    let seeds = Seeds::start();
    let answer = seeds
        .user("developer")
        .send("POST", &format!("{}/authorize", pypi(PUB)), b"x");
    assert_eq!(
        (answer.status, answer.json()),
        (404, json!({ "error": "404 Not Found" }))
    );
}
