//! Every credential, every role, every visibility: reading, publishing, deleting.

use serde_json::json;

use crate::support::Actor;
use crate::support::seeds::{ACME, DEEP, INT, PRIV, PUB, SUB, Seeds, VAULT, generic};

/// GET, PUT and DELETE in the public, the internal and the private project.
type Row = (&'static str, [[u16; 3]; 3]);

const READER: [u16; 3] = [200, 403, 403];
const DEVELOPER: [u16; 3] = [200, 201, 403];
const MAINTAINER: [u16; 3] = [200, 201, 204];
const UNKNOWN: [u16; 3] = [401, 401, 401];
const HIDDEN: [u16; 3] = [404, 404, 404];
/// Anybody may read; who wants more is asked to sign in.
const IN_THE_OPEN: [u16; 3] = [200, 401, 401];

const MATRIX: &[Row] = &[
    ("anonymous", [IN_THE_OPEN, UNKNOWN, UNKNOWN]),
    ("stranger", [READER, READER, HIDDEN]),
    ("external", [READER, HIDDEN, HIDDEN]),
    ("guest", [READER, READER, READER]),
    ("reporter", [READER, READER, READER]),
    ("developer", [DEVELOPER, DEVELOPER, DEVELOPER]),
    ("maintainer", [MAINTAINER, MAINTAINER, MAINTAINER]),
    ("owner", [MAINTAINER, MAINTAINER, MAINTAINER]),
    ("root", [MAINTAINER, MAINTAINER, MAINTAINER]),
    ("developer by bearer", [DEVELOPER, DEVELOPER, DEVELOPER]),
    ("developer by basic", [DEVELOPER, DEVELOPER, DEVELOPER]),
    ("guest by basic", [READER, READER, READER]),
    ("job of guest", [READER, READER, READER]),
    ("job of developer", [DEVELOPER, DEVELOPER, DEVELOPER]),
    ("job of maintainer", [MAINTAINER, MAINTAINER, MAINTAINER]),
    (
        "job of maintainer by basic",
        [MAINTAINER, MAINTAINER, MAINTAINER],
    ),
    (
        "job of maintainer by bearer",
        [MAINTAINER, MAINTAINER, MAINTAINER],
    ),
    ("job of a stranger elsewhere", [READER, READER, HIDDEN]),
    ("finished job", [UNKNOWN, UNKNOWN, UNKNOWN]),
    ("deploy token to read", [READER, READER, READER]),
    (
        "deploy token to write",
        [MAINTAINER, MAINTAINER, MAINTAINER],
    ),
    (
        "deploy token for both, by basic",
        [MAINTAINER, MAINTAINER, MAINTAINER],
    ),
    (
        "deploy token of the group",
        [MAINTAINER, MAINTAINER, MAINTAINER],
    ),
    ("deploy token of another project", [READER, HIDDEN, HIDDEN]),
    ("deploy token of another group", [READER, HIDDEN, HIDDEN]),
    ("deploy token of a subgroup", [READER, HIDDEN, HIDDEN]),
    ("deploy token for containers", [READER, HIDDEN, HIDDEN]),
    ("unknown access token", [UNKNOWN, UNKNOWN, UNKNOWN]),
    ("unknown job token", [UNKNOWN, UNKNOWN, UNKNOWN]),
    ("unknown deploy token", [UNKNOWN, UNKNOWN, UNKNOWN]),
    ("unknown basic pair", [IN_THE_OPEN, UNKNOWN, UNKNOWN]),
];

fn caller(seeds: &Seeds, name: &str, project: i64) -> Actor {
    let read = ["read_package_registry"];
    let write = ["write_package_registry"];
    let bearer = |token: String| seeds.with_header("Authorization", &format!("Bearer {token}"));
    match name {
        "anonymous" => seeds.anonymous(),
        "root" => seeds.root(),
        "developer by bearer" => bearer(seeds.token("developer")),
        "developer by basic" => seeds.with_basic("anybody", &seeds.token("developer")),
        "guest by basic" => seeds.with_basic("guest", &seeds.token("guest")),
        "job of guest" => seeds.job("guest", project),
        "job of developer" => seeds.job("developer", project),
        "job of maintainer" => seeds.job("maintainer", project),
        "job of maintainer by basic" => {
            seeds.with_basic("gitlab-ci-token", &seeds.job_token("maintainer", project))
        }
        "job of maintainer by bearer" => bearer(seeds.job_token("maintainer", project)),
        "job of a stranger elsewhere" => seeds.job("stranger", DEEP),
        "finished job" => {
            let token = seeds.job_token_in_state("maintainer", project, "success");
            seeds.with_header("JOB-TOKEN", &token)
        }
        "deploy token to read" => seeds.deploy(&seeds.deploy_token(Some(project), None, &read)),
        "deploy token to write" => seeds.deploy(&seeds.deploy_token(Some(project), None, &write)),
        "deploy token for both, by basic" => {
            let secret = seeds.deploy_token(Some(project), None, &[read[0], write[0]]);
            seeds.with_basic("deployer", &secret)
        }
        "unknown access token" => seeds.with_token("glpat-unknown"),
        "unknown job token" => seeds.with_header("JOB-TOKEN", "glcbt-unknown"),
        "unknown deploy token" => seeds.deploy("gldt-unknown"),
        "unknown basic pair" => seeds.with_basic("nobody", "nothing"),
        user => seeds.user(user),
    }
}

#[test]
fn the_matrix_of_every_credential_role_and_visibility() {
    let seeds = Seeds::start();
    let elsewhere = |source: (Option<i64>, Option<i64>), scope: &str| {
        let secret = seeds.deploy_token(source.0, source.1, &[scope]);
        seeds.deploy(&secret)
    };
    let write = "write_package_registry";
    let shared: [(&str, Actor); 4] = [
        (
            "deploy token of the group",
            elsewhere((None, Some(ACME)), write),
        ),
        (
            "deploy token of another project",
            elsewhere((Some(DEEP), None), write),
        ),
        (
            "deploy token of another group",
            elsewhere((None, Some(VAULT)), write),
        ),
        (
            "deploy token of a subgroup",
            elsewhere((None, Some(SUB)), write),
        ),
    ];
    let containers = |project| {
        let secret = seeds.deploy_token(Some(project), None, &["read_registry", "write_registry"]);
        seeds.deploy(&secret)
    };
    for (name, expected) in MATRIX {
        for (project, expected) in [PUB, INT, PRIV].into_iter().zip(expected) {
            let caller = match shared.iter().find(|(shared, _)| shared == name) {
                Some((_, actor)) => actor.clone(),
                None if *name == "deploy token for containers" => containers(project),
                None => caller(&seeds, name, project),
            };
            let version = name.replace([' ', ','], "-");
            let path = generic(project, &format!("tool/{version}/there.txt"));
            seeds.root().put(&path, b"there").expect(201);
            let place = format!("{name} in project {project}");
            let [get, put, delete] = *expected;
            assert_eq!(caller.get(&path).status, get, "{place} reads");
            assert_eq!(caller.head(&path).status, get, "{place} asks");
            let upload = generic(project, &format!("tool/{version}/new.txt"));
            assert_eq!(caller.put(&upload, b"new").status, put, "{place} publishes");
            assert_eq!(
                seeds.root().get(&upload).status == 200,
                put == 201,
                "{place} publishes"
            );
            assert_eq!(caller.delete(&path).status, delete, "{place} deletes");
            assert_eq!(
                seeds.root().get(&path).status == 404,
                delete == 204,
                "{place} deletes"
            );
        }
    }
}

#[test]
fn what_is_invisible_looks_exactly_like_what_is_not_there() {
    let seeds = Seeds::start();
    seeds
        .root()
        .put(&generic(PRIV, "tool/1.0/a.txt"), b"secret")
        .expect(201);
    let job = seeds.job("stranger", DEEP);
    let deploy = seeds.deploy(&seeds.deploy_token(Some(DEEP), None, &["write_package_registry"]));
    for caller in [
        seeds.anonymous(),
        seeds.user("stranger"),
        job,
        deploy,
        seeds.with_basic("x", "y"),
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            let ask = |project: i64, path: &str| {
                let answer = caller.send(method, &generic(project, path), b"x");
                let challenge = answer.find_header("www-authenticate").map(str::to_owned);
                (answer.status, answer.text(), challenge)
            };
            let unknown = ask(999_999, "tool/1.0/a.txt");
            assert_eq!(ask(PRIV, "tool/1.0/a.txt"), unknown);
            assert_eq!(ask(PRIV, "none/1.0/a.txt"), unknown);
            assert_eq!(
                ask(PRIV, "%20/1.0/a.txt"),
                unknown,
                "validation comes after access"
            );
        }
    }
}

#[test]
fn refusals_have_their_texts_and_their_challenge() {
    let seeds = Seeds::start();
    let unauthorized = json!({ "message": "401 Unauthorized" });
    for (project, method) in [
        (PRIV, "GET"),
        (PRIV, "PUT"),
        (PUB, "PUT"),
        (PUB, "DELETE"),
        (INT, "GET"),
        (999_999, "GET"),
    ] {
        let answer = seeds
            .anonymous()
            .send(method, &generic(project, "a/1/b"), b"x");
        let answer = answer.expect_json(401, unauthorized.clone());
        assert_eq!(
            answer.header("www-authenticate"),
            "Basic realm=\"GitLab Packages Registry\""
        );
    }
    let stranger = seeds.user("stranger");
    stranger
        .get(&generic(PRIV, "a/1/b"))
        .expect_json(404, json!({ "message": "404 Project Not Found" }));
    stranger
        .put(&generic(PUB, "a/1/b"), b"x")
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    stranger
        .get(&generic(PUB, "a/1/b"))
        .expect_json(404, json!({ "message": "404 Not Found" }));
    assert!(seeds.stored_files().is_empty());
}

#[test]
fn creators_are_users_and_neither_jobs_nor_deploy_tokens() {
    let seeds = Seeds::start();
    let deploy = seeds.deploy_token(Some(PUB), None, &["write_package_registry"]);
    seeds
        .user("developer")
        .put(&generic(PUB, "by/user/a"), b"a")
        .expect(201);
    seeds
        .job("developer", PUB)
        .put(&generic(PUB, "by/job/a"), b"a")
        .expect(201);
    seeds
        .deploy(&deploy)
        .put(&generic(PUB, "by/token/a"), b"a")
        .expect(201);
    let list = seeds
        .anonymous()
        .get(&crate::support::seeds::packages(PUB))
        .expect(200)
        .json();
    let creators: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["creator_id"].clone())
        .collect();
    assert_eq!(
        creators,
        [
            json!(crate::support::seeds::user_id("developer")),
            json!(null),
            json!(null)
        ]
    );
}

#[test]
fn an_upload_by_a_plain_token_can_name_its_pipeline() {
    let seeds = Seeds::start();
    let own = seeds.plant_pipelines(PUB, 1)[0];
    let foreign = seeds.plant_pipelines(DEEP, 1)[0];
    let path = generic(PUB, "tool/1.0/a.txt");
    let developer = seeds.user("developer");
    let invalid = json!({ "message": "400 Bad request - X-Package-Pipeline is invalid" });
    for wrong in [
        foreign.to_string(),
        "999999".into(),
        "abc".into(),
        "".into(),
        "-1".into(),
    ] {
        developer
            .with("X-Package-Pipeline", &wrong)
            .put(&path, b"a")
            .expect_json(400, invalid.clone());
    }
    assert!(seeds.stored_files().is_empty());
    developer
        .with("X-Package-Pipeline", &own.to_string())
        .put(&path, b"a")
        .expect(201);
    let shown = seeds
        .anonymous()
        .get(&crate::support::seeds::packages(PUB))
        .expect(200)
        .json();
    assert_eq!(shown[0]["pipeline"]["id"], own);
    // A job's own pipeline counts, whatever the header says.
    let job = seeds
        .job("developer", PUB)
        .with("X-Package-Pipeline", "abc");
    job.put(&generic(PUB, "tool/1.0/b.txt"), b"b").expect(201);
}
