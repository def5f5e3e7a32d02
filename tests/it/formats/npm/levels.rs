//! Group and instance level: what the caller may read of many projects, as one.

use serde_json::json;

use super::{NPM, refusal, release};
use crate::support::{TestApp, id_of, keys};

const GROUP: &str = "/api/v4/groups/acme/-/packages/npm";
const INSTANCE: &str = "/api/v4/packages/npm";

fn at(id: i64) -> String {
    format!("/api/v4/projects/{id}/packages/npm")
}

#[test]
fn a_group_merges_what_the_caller_may_read_and_two_callers_never_see_each_others() {
    let app = TestApp::start();
    app.group("acme", "public");
    app.group("acme/deep", "public");
    let open = app.project("acme/open", "public");
    let closed = app.project("acme/deep/closed", "private");
    release(&app.root(), &at(open), "@acme/demo", "1.0.0").expect(200);
    release(&app.root(), &at(closed), "@acme/demo", "2.0.0").expect(200);
    release(&app.root(), &at(closed), "@acme/secret", "1.0.0").expect(200);
    let stranger = app.user("stranger");
    for prefix in [GROUP, INSTANCE] {
        let path = format!("{prefix}/@acme%2fdemo");
        for _ in 0..2 {
            let all = app.root().get(&path).expect(200);
            assert_eq!(keys(&all.json()["versions"]), ["1.0.0", "2.0.0"]);
            let seen = app
                .anonymous()
                .with("If-None-Match", all.header("etag"))
                .get(&path)
                .expect(200)
                .json();
            assert_eq!(keys(&seen["versions"]), ["1.0.0"]);
            let url = format!("{prefix}/@acme/demo/-/@acme/demo-1.0.0.tgz");
            assert!(
                seen["versions"]["1.0.0"]["dist"]["tarball"]
                    .as_str()
                    .unwrap()
                    .ends_with(&url),
                "{seen}"
            );
        }
        let secret = format!("{prefix}/@acme/secret");
        app.anonymous().get(&secret).expect(401);
        stranger.get(&secret).expect(404);
        app.root().get(&secret).expect(200);
        app.anonymous()
            .get(&format!("{prefix}/@acme/demo/-/demo-2.0.0.tgz"))
            .expect(401);
        app.root()
            .get(&format!("{prefix}/@acme/demo/-/demo-2.0.0.tgz"))
            .expect(200);
        let found = app
            .anonymous()
            .get(&format!("{prefix}/-/v1/search?text=acme"))
            .expect(200)
            .json();
        assert_eq!(found["total"], 1);
    }
}

#[test]
fn of_one_version_in_two_projects_the_newest_package_counts_for_document_and_bytes() {
    let app = TestApp::start();
    app.group("acme", "public");
    let (one, two) = (
        app.project("acme/one", "public"),
        app.project("acme/two", "public"),
    );
    release(&app.root(), &at(one), "plain", "1.0.0").expect(200);
    let manifest = json!({ "name": "plain", "version": "1.0.0", "description": "the second" });
    super::publish(&app.root(), &at(two), &manifest).expect(200);
    let document = app
        .anonymous()
        .get(&format!("{GROUP}/plain"))
        .expect(200)
        .json();
    assert_eq!(document["description"], "the second");
    let bytes = app
        .anonymous()
        .get(&format!("{GROUP}/plain/-/plain-1.0.0.tgz"))
        .expect(200)
        .body;
    assert_eq!(
        document["versions"]["1.0.0"]["dist"]["integrity"],
        super::integrity(&bytes)
    );
}

#[test]
fn nothing_is_published_above_a_project_but_tags_find_theirs() {
    let app = TestApp::start();
    app.group("acme", "public");
    let id = app.project("acme/one", "public");
    release(&app.root(), &at(id), "@acme/demo", "1.0.0").expect(200);
    for prefix in [GROUP, INSTANCE] {
        let answer = release(&app.root(), prefix, "@acme/demo", "2.0.0")
            .expect(404)
            .json();
        assert!(
            answer["error"]
                .as_str()
                .unwrap()
                .starts_with("Publish to a project"),
            "{answer}"
        );
        let tag = format!("{prefix}/-/package/@acme%2fdemo/dist-tags/stable");
        let developer = app.user(&format!("dev{}", prefix.len()));
        developer.put(&tag, "\"1.0.0\"").expect(403);
        app.anonymous().put(&tag, "\"1.0.0\"").expect(401);
        app.root().put(&tag, "\"1.0.0\"").expect(204);
        let tags = app
            .anonymous()
            .get(&format!("{prefix}/-/package/@acme/demo/dist-tags"))
            .expect(200)
            .json();
        assert_eq!(tags["stable"], "1.0.0");
        app.root().delete(&tag).expect(204);
        app.root().delete(&tag).expect(404);
    }
}

#[test]
fn at_instance_level_a_scope_must_be_a_group_letter_by_letter() {
    let app = TestApp::start();
    app.group("Acme", "public");
    let id = app.project("Acme/one", "public");
    release(&app.root(), &at(id), "@acme/demo", "1.0.0").expect(200);
    let answer = app
        .root()
        .get(&format!("{INSTANCE}/@acme/demo"))
        .expect(404)
        .json();
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .contains("letter by letter"),
        "{answer}"
    );
    app.root().get(&format!("{INSTANCE}/unscoped")).expect(404);
    app.anonymous()
        .get(&format!("{INSTANCE}/unscoped"))
        .expect(401);
    app.anonymous()
        .get(&format!("{INSTANCE}/-/ping"))
        .expect_json(200, json!({}));
    release(&app.root(), NPM, "@local/x", "1.0.0").expect(200);
    app.root()
        .get(&format!("{INSTANCE}/@local%2fx"))
        .expect(200);
    app.root()
        .get(&format!("{INSTANCE}/-/nothing"))
        .expect_json(404, refusal("404 Not Found"));
}

#[test]
fn every_kind_of_token_is_a_bearer_and_a_basic_password() {
    let app = TestApp::start();
    app.group("acme", "private");
    let id = app.project("acme/one", "private");
    release(&app.root(), &at(id), "@acme/demo", "1.0.0").expect(200);
    let project = format!("/api/v4/projects/{id}");
    let pipeline = app
        .root()
        .post(&format!("{project}/pipeline"), json!({ "ref": "main" }));
    let pipeline = id_of(&pipeline.expect(201).json());
    let jobs = format!("{project}/pipelines/{pipeline}/jobs");
    let job = app.root().post(&jobs, json!({})).expect(201).json();
    let mut secrets = vec![
        crate::support::ROOT_TOKEN.to_owned(),
        job["token"].as_str().unwrap().to_owned(),
    ];
    let deploy =
        json!({ "name": "d", "scopes": ["read_package_registry", "write_package_registry"] });
    let deploy = app
        .root()
        .post(&format!("/api/v4/projects/{id}/deploy_tokens"), deploy)
        .expect(201)
        .json();
    secrets.push(deploy["token"].as_str().unwrap().to_owned());
    for (number, secret) in secrets.iter().enumerate() {
        let caller = app.with_header("Authorization", &format!("Bearer {secret}"));
        for prefix in [at(id).as_str(), GROUP, INSTANCE] {
            caller.get(&format!("{prefix}/@acme%2fdemo")).expect(200);
            caller
                .get(&format!("{prefix}/@acme/demo/-/@acme/demo-1.0.0.tgz"))
                .expect(200);
        }
        release(&caller, &at(id), "@acme/demo", &format!("1.1.{number}")).expect(200);
    }
    app.with_basic("anyone", crate::support::ROOT_TOKEN)
        .get(&format!("{}/@acme%2fdemo", at(id)))
        .expect(200);
}
