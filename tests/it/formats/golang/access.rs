//! Who is refused how. `go` asks the next proxy after 404 and 410, so what a caller may not see is 401 or 403.

use crate::support::golang::{go, go_upload, greeter};
use crate::support::seeds::{DEEP, INT, ONE, PRIV, PUB, Seeds};

const HELLO: &str = "example.com/hello";

fn seeds() -> Seeds {
    let seeds = Seeds::start();
    for project in [PUB, INT, PRIV] {
        let zip = greeter(HELLO, "v1.0.0");
        seeds.root().put(&go_upload(project), zip).expect(201);
    }
    seeds
}

#[test]
fn the_matrix_of_reading_publishing_and_deleting() {
    let seeds = seeds();
    for (caller, public, internal, private) in [
        (
            "anonymous",
            [200, 401, 401],
            [401, 401, 401],
            [401, 401, 401],
        ),
        (
            "stranger",
            [200, 403, 403],
            [200, 403, 403],
            [403, 403, 403],
        ),
        (
            "external",
            [200, 403, 403],
            [403, 403, 403],
            [403, 403, 403],
        ),
        ("guest", [200, 403, 403], [200, 403, 403], [200, 403, 403]),
        (
            "reporter",
            [200, 403, 403],
            [200, 403, 403],
            [200, 403, 403],
        ),
        (
            "developer",
            [200, 201, 403],
            [200, 201, 403],
            [200, 201, 403],
        ),
        (
            "maintainer",
            [200, 201, 204],
            [200, 201, 204],
            [200, 201, 204],
        ),
        ("owner", [200, 201, 204], [200, 201, 204], [200, 201, 204]),
        (
            "job of stranger",
            [200, 403, 403],
            [200, 403, 403],
            [403, 403, 403],
        ),
        (
            "job of developer",
            [200, 201, 403],
            [200, 201, 403],
            [200, 201, 403],
        ),
        (
            "unknown token",
            [401, 401, 401],
            [401, 401, 401],
            [401, 401, 401],
        ),
        (
            "wrong pair",
            [200, 401, 401],
            [401, 401, 401],
            [401, 401, 401],
        ),
    ] {
        for (project, [read, publish, delete]) in [(PUB, public), (INT, internal), (PRIV, private)]
        {
            let actor = match caller {
                "anonymous" => seeds.anonymous(),
                "unknown token" => seeds.with_token("glpat-unknown"),
                "wrong pair" => seeds.with_basic("developer", "glpat-unknown"),
                "job of stranger" => seeds.job("stranger", DEEP),
                "job of developer" => seeds.job("developer", project),
                user => seeds.user(user),
            };
            let what = format!("{caller} in {project}");
            let base = format!("{}/{HELLO}", go(project));
            for path in [
                "@v/list",
                "@latest",
                "@v/v1.0.0.info",
                "@v/v1.0.0.mod",
                "@v/v1.0.0.zip",
                "@v/v1.0.0.sum",
            ] {
                let path = format!("{base}/{path}");
                assert_eq!(actor.get(&path).status, read, "{what} reads {path}");
                assert_eq!(actor.head(&path).status, read, "{what} asks for {path}");
            }
            // What is not there looks like what may not be seen.
            let unknown = actor.get(&format!("{}/example.com/none/@v/list", go(project)));
            let expected = if read == 200 { 404 } else { read };
            assert_eq!(unknown.status, expected, "{what}");
            let module = format!("example.com/by-{project}-{}", caller.replace(' ', "-"));
            let zip = greeter(&module, "v1.0.0");
            assert_eq!(
                actor.put(&go_upload(project), &zip).status,
                publish,
                "{what} uploads"
            );
            let put = format!("{}/{module}/@v/v1.0.0.zip", go(project));
            assert_eq!(actor.put(&put, &zip).status, publish, "{what} puts");
            seeds.root().put(&put, &zip).expect(201);
            let version = format!("{}/{module}/@v/v1.0.0", go(project));
            assert_eq!(actor.delete(&version).status, delete, "{what} deletes");
        }
    }
}

#[test]
fn a_refusal_says_why_in_text_and_asks_for_a_password() {
    let seeds = seeds();
    let path = format!("{}/{HELLO}/@v/list", go(PRIV));
    let answer = seeds.anonymous().get(&path).expect(401);
    let challenge = "Basic realm=\"GitLab Packages Registry\"";
    assert_eq!(answer.header("www-authenticate"), challenge);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.text(), "401 Unauthorized");
    let answer = seeds.user("stranger").get(&path).expect(403);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.text(), "403 Forbidden");
}

#[test]
fn a_project_that_is_not_there_is_refused_like_one_that_is_hidden() {
    let seeds = seeds();
    for (actor, status) in [(seeds.anonymous(), 401), (seeds.user("stranger"), 403)] {
        let hidden = actor
            .get(&format!("{}/{HELLO}/@v/list", go(PRIV)))
            .expect(status);
        let missing = actor
            .get(&format!("{}/{HELLO}/@v/list", go(99_999)))
            .expect(status);
        assert_eq!(hidden.text(), missing.text());
        let zip = greeter(HELLO, "v2.0.0");
        let hidden = actor.put(&go_upload(PRIV), &zip).expect(status);
        let missing = actor.put(&go_upload(99_999), &zip).expect(status);
        assert_eq!(hidden.text(), missing.text());
    }
}

#[test]
fn every_way_of_git_lab_to_say_who_calls_reads_a_private_project() {
    let seeds = seeds();
    let token = seeds.token("guest");
    let deploy = seeds.deploy_token(Some(PRIV), None, &["read_package_registry"]);
    let job = seeds.job_token("developer", PRIV);
    let path = format!("{}/{HELLO}/@v/v1.0.0.zip", go(PRIV));
    for actor in [
        seeds.with_basic("whoever", &token),
        seeds.with_token(&token),
        seeds.with_header("Authorization", &format!("Bearer {token}")),
        seeds.with_basic("deployer", &deploy),
        seeds.deploy(&deploy),
        seeds.with_basic("gitlab-ci-token", &job),
        seeds.with_header("JOB-TOKEN", &job),
    ] {
        let answer = actor.get(&path).expect(200);
        assert_eq!(
            answer.header("cache-control"),
            "private, max-age=31536000, immutable"
        );
    }
    let elsewhere = seeds.deploy_token(Some(ONE), None, &["read_package_registry"]);
    seeds.deploy(&elsewhere).get(&path).expect(403);
}

#[test]
fn a_registry_that_is_switched_off_is_forbidden() {
    let seeds = seeds();
    seeds.switch_registry(PUB, "disabled");
    seeds
        .root()
        .get(&format!("{}/{HELLO}/@v/list", go(PUB)))
        .expect(403);
}
