//! schemathesis: reads the description of the API and tries whatever it allows, and what it does not.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::clients::{Sandbox, python_program};
use crate::support::seeds::{PUB, Planted, Seeds};
use crate::support::{ROOT_TOKEN, TestApp};

const HOOKS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/clients/schemathesis_hooks.py"
);

/// What an answer is compared with the description in. Not that nonsense is refused: GitLab's API ignores what it does
/// not know, and takes texts for numbers.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method";

/// What has come of it. That every answer was as described is asserted already.
struct Tried {
    seeds: Seeds,
    /// `GET /api/v4/projects`: the routes that have answered as they do where nothing is wrong.
    succeeded: BTreeSet<String>,
}

/// Random requests for each route, beside those that cover the description.
const EXAMPLES: &str = "3";

/// `header` is the credential; `more` narrows what is tried.
fn let_loose(header: impl FnOnce(&Seeds) -> Option<String>, more: &[&str]) -> Tried {
    let seeds = Seeds::start();
    let packages = [1, 2, 3].map(|n| seeds.plant(PUB, &Planted::generic(&format!("demo-{n}"))));
    let files = [1, 2].map(|n| seeds.plant_file(packages[0], &format!("{n}.bin"), b"demo"));
    let pipelines = seeds.plant_pipelines(PUB, 3);
    seeds.link_pipelines(PUB, packages[0], 2);
    let list = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let mut sandbox = Sandbox::new();
    sandbox
        .set("SCHEMATHESIS_HOOKS", HOOKS)
        .set("PACKAGE_IDS", list(&packages))
        .set("FILE_IDS", list(&files))
        .set("PIPELINE_IDS", list(&pipelines))
        .set("PYTHONDONTWRITEBYTECODE", "1")
        .set("PYTHONHASHSEED", "1");
    let description = seeds.url("/-/openapi.json");
    let header = header(&seeds);
    let mut words = vec![
        "run",
        &description,
        "--checks",
        CHECKS,
        "--max-examples",
        EXAMPLES,
    ];
    words.extend(
        "--phases examples,coverage,fuzzing --seed 1 --generation-deterministic --no-shrink"
            .split(' '),
    );
    words.extend(
        "--continue-on-failure --request-timeout 20 --suppress-health-check all".split(' '),
    );
    words.extend("--warnings off --no-color".split(' '));
    words.extend(more);
    if let Some(header) = &header {
        words.extend([
            "--header",
            header,
            "--generation-with-security-parameters",
            "false",
        ]);
    }
    sandbox
        .run(&python_program("schemathesis", "schemathesis"), words)
        .succeeds();
    let answers = String::from_utf8(sandbox.read("answers")).unwrap();
    let succeeded = answers
        .lines()
        .filter_map(|line| line.strip_prefix('2')?.get(3..))
        .map(str::to_owned)
        .collect();
    Tried { seeds, succeeded }
}

/// `GET /api/v4/projects`: every route of the description.
fn described(app: &TestApp) -> BTreeSet<String> {
    let description = app.anonymous().get("/-/openapi.json").expect(200).json();
    let paths = description["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect()
}

#[test]
fn whatever_an_administrator_asks_is_answered_as_the_description_says() {
    let Tried { seeds, succeeded } = let_loose(
        |_seeds| Some(format!("PRIVATE-TOKEN: {ROOT_TOKEN}")),
        // Whose token is gone can ask for nothing more.
        &[
            "--exclude-operation-id",
            "delete_personal_access_tokens_self",
            "--exclude-operation-id",
            "post_personal_access_tokens_self_rotate",
        ],
    );
    // It lived through it, and what was there is there.
    seeds.root().get("/api/v4/user").expect(200);
    seeds
        .root()
        .get(&format!("/api/v4/projects/{PUB}"))
        .expect(200);
    // Refusals alone would prove little.
    let described = described(&seeds);
    let never: Vec<_> = described.difference(&succeeded).collect();
    assert!(
        never.len() * 10 < described.len(),
        "{} of {} routes have only refused: {never:#?}",
        never.len(),
        described.len()
    );
}

#[test]
fn whatever_somebody_without_credentials_asks_is_answered_as_the_description_says() {
    let Tried { seeds, succeeded } = let_loose(|_seeds| None, &[]);
    let written: Vec<_> = succeeded
        .iter()
        .filter(|route| !route.starts_with("GET "))
        .collect();
    assert_eq!(written, ["DELETE /api/v4/-/session"]); // who has no session has ended it
    assert!(succeeded.contains("GET /api/v4/projects/{id}/packages"));
    seeds
        .anonymous()
        .get(&format!("/api/v4/projects/{PUB}/packages"))
        .expect(200);
}

#[test]
fn a_job_is_shown_as_the_description_says() {
    let tried = let_loose(
        |seeds| Some(format!("JOB-TOKEN: {}", seeds.job_token("developer", PUB))),
        &["--include-path", "/api/v4/job"],
    );
    assert!(tried.succeeded.contains("GET /api/v4/job"));
}

#[test]
fn the_description_is_there_for_everybody_and_names_this_server() {
    let app = TestApp::start();
    let answer = app.anonymous().get("/-/openapi.json").expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let description: Value = answer.json();
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["servers"][0]["url"], app.url(""));
    let packages = &description["paths"]["/api/v4/projects/{id}/packages"]["get"];
    assert_eq!(packages["operationId"], "get_projects_id_packages");
    let statuses: Vec<&String> = packages["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["200", "304", "400", "401", "403", "404", "429"]);
}
