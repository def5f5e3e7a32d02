//! Who may read and write, and what the others are told.

use serde_json::json;

use super::{JAR, group_maven, maven, put};
use crate::support::seeds::{ACME, DEEP, PRIV, PUB, Seeds, VAULT};

const REALM: &str = "Basic realm=\"GitLab Packages Registry\"";

#[test]
fn an_anonymous_caller_is_asked_to_sign_in_where_something_may_be_hidden() {
    let seeds = Seeds::start();
    put(&seeds, PRIV, JAR);
    for path in [
        maven(PRIV, JAR),
        maven(99_999, JAR),
        group_maven(VAULT, JAR),
        group_maven(ACME, JAR),
        group_maven(ACME, "com/acme/demo/maven-metadata.xml"),
        format!("/api/v4/packages/maven/{JAR}"),
        "/api/v4/packages/maven/acme/priv/1.0/priv-1.0.jar".to_owned(),
    ] {
        let asked = seeds.anonymous().get(&path).expect(401);
        assert_eq!(asked.header("www-authenticate"), REALM, "{path}");
    }
    let asked = seeds.anonymous().put(&maven(PUB, JAR), "x").expect(401);
    assert_eq!(asked.header("www-authenticate"), REALM);
    put(&seeds, PUB, "com/acme/demo/1.1/demo-1.1.jar");
    seeds
        .anonymous()
        .get(&group_maven(ACME, "com/acme/demo/1.1/demo-1.1.pom"))
        .expect(404);
}

#[test]
fn a_stranger_is_told_that_nothing_is_there() {
    let seeds = Seeds::start();
    put(&seeds, PRIV, JAR);
    let stranger = seeds.user("stranger");
    stranger
        .get(&maven(PRIV, JAR))
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    stranger
        .get(&group_maven(VAULT, JAR))
        .expect_json(404, json!({ "message": "404 Group Not Found" }));
    stranger
        .get(&group_maven(ACME, JAR))
        .expect_json(404, json!({ "message": "404 Package Not Found" }));
    stranger.put(&maven(PRIV, JAR), "x").expect(404);
    stranger.put(&maven(PUB, JAR), "x").expect(403);
    seeds
        .user("reporter")
        .put(&maven(PUB, JAR), "x")
        .expect(403);
    for actor in [
        seeds.with_basic("any", &seeds.token("guest")),
        seeds.user("guest"),
        seeds.job("guest", PRIV),
    ] {
        actor.get(&maven(PRIV, JAR)).expect(200);
    }
}

#[test]
fn the_instance_answers_for_the_project_whose_path_is_the_name() {
    let seeds = Seeds::start();
    for (project, name) in [
        (PUB, "acme/pub"),
        (PRIV, "acme/priv"),
        (DEEP, "acme/sub/deep"),
        (PUB, "com/acme/demo"),
    ] {
        put(&seeds, project, &format!("{name}/1.0/x-1.0.jar"));
    }
    let instance = |path: &str| format!("/api/v4/packages/maven/{path}");
    seeds
        .anonymous()
        .get(&instance("acme/pub/1.0/x-1.0.jar"))
        .expect(200);
    seeds
        .anonymous()
        .get(&instance("acme/pub/1.0/x-1.0.jar.sha1"))
        .expect(200);
    seeds
        .anonymous()
        .get(&instance("acme/sub/deep/1.0/x-1.0.jar"))
        .expect(200);
    seeds
        .anonymous()
        .get(&instance("acme/pub/maven-metadata.xml"))
        .expect(200);
    seeds
        .anonymous()
        .get(&instance("acme/pub/1.0/y-1.0.jar"))
        .expect(404);
    seeds
        .user("reporter")
        .get(&instance("acme/priv/1.0/x-1.0.jar"))
        .expect(200);
    let stranger = seeds.user("stranger");
    let unknown = stranger.get(&instance("no/such/1.0/x-1.0.jar")).expect(404);
    let hidden = stranger
        .get(&instance("acme/priv/1.0/x-1.0.jar"))
        .expect(404);
    let elsewhere = stranger
        .get(&instance("com/acme/demo/1.0/x-1.0.jar"))
        .expect(404);
    assert_eq!(
        (&hidden.body, &elsewhere.body),
        (&unknown.body, &unknown.body)
    );
    seeds
        .user("owner")
        .put(&instance("acme/pub/1.0/x-1.0.jar"), "x")
        .expect(405);
    seeds
        .user("owner")
        .put(&group_maven(ACME, JAR), "x")
        .expect(405);
    seeds.user("owner").delete(&maven(PUB, JAR)).expect(405);
}

#[test]
fn a_protected_name_keeps_developers_out() {
    let seeds = Seeds::start();
    seeds.protect(
        PUB,
        packhouse::registry::PackageType::Maven,
        "com/acme/*",
        Some(40),
        None,
    );
    let protected = json!({ "message": "403 Forbidden - Package protected." });
    seeds
        .user("developer")
        .put(&maven(PUB, JAR), "x")
        .expect_json(403, protected);
    seeds
        .user("maintainer")
        .put(&maven(PUB, JAR), "x")
        .expect(200);
}
