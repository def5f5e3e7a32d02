//! Who is calling: carriers and their order, bad credentials and what is said about them.

use serde_json::{Value, json};

use crate::support::Actor;
use crate::support::seeds::{
    PRIV, PUB, Planted, Seeds, VAULT, generic, group_packages, package, packages,
};

fn unauthorized() -> Value {
    json!({ "message": "401 Unauthorized" })
}

fn basic(user: &str, password: &str) -> String {
    format!(
        "Basic {}",
        data_encoding::BASE64.encode(format!("{user}:{password}").as_bytes())
    )
}

/// `acme/priv` holds one package, by generic upload.
fn with_package(seeds: &Seeds) -> String {
    let path = generic(PRIV, "tool/1.0/a.txt");
    seeds.user("developer").put(&path, b"bytes").expect(201);
    path
}

#[test]
fn s6_a_token_goes_into_private_token() {
    let seeds = Seeds::start();
    seeds.user("maintainer").get(&packages(PRIV)).expect(200);
    let refusal = json!({ "message": "404 Project Not Found" });
    seeds
        .anonymous()
        .get(&packages(PRIV))
        .expect_json(404, refusal);
    for spelling in ["private-token", "Private-Token", "PRIVATE-TOKEN"] {
        seeds
            .with_header(spelling, &seeds.token("guest"))
            .get(&packages(PRIV))
            .expect(200);
    }
}

#[test]
fn every_carrier_of_an_access_token_works_where_it_is_honoured() {
    let seeds = Seeds::start();
    let format = with_package(&seeds);
    let token = seeds.token("guest");
    let carriers: [(Actor, String); 4] = [
        (seeds.with_token(&token), String::new()),
        (
            seeds.with_header("Authorization", &format!("Bearer {token}")),
            String::new(),
        ),
        (seeds.anonymous(), format!("?private_token={token}")),
        (seeds.anonymous(), format!("?access_token={token}")),
    ];
    for (caller, query) in carriers {
        for path in [packages(PRIV), format.clone()] {
            caller.get(&format!("{path}{query}")).expect(200);
        }
    }
    // Basic is for package clients.
    seeds
        .with_basic("anything", &token)
        .get(&format)
        .expect(200);
    seeds
        .with_basic("anything", &token)
        .get(&packages(PRIV))
        .expect(404);
}

#[test]
fn every_carrier_of_a_job_token_works_where_it_is_honoured() {
    let seeds = Seeds::start();
    let format = with_package(&seeds);
    let job = seeds.job_token("guest", PRIV);
    let carriers: [(Actor, String); 4] = [
        (seeds.with_header("JOB-TOKEN", &job), String::new()),
        (
            seeds.with_header("Authorization", &format!("bearer {job}")),
            String::new(),
        ),
        (seeds.anonymous(), format!("?job_token={job}")),
        (seeds.anonymous(), format!("?token={job}")),
    ];
    for (caller, query) in carriers {
        for path in [packages(PRIV), format.clone()] {
            caller.get(&format!("{path}{query}")).expect(200);
        }
    }
    seeds
        .with_basic("gitlab-ci-token", &job)
        .get(&format)
        .expect(200);
    seeds.with_basic("somebody", &job).get(&format).expect(401);
    seeds.with_token(&job).get(&format).expect(401); // an access token is expected there
    seeds
        .with_header("JOB-TOKEN", &seeds.token("guest"))
        .get(&format)
        .expect(401);
}

#[test]
fn item25_deploy_tokens_and_basic_pairs_are_not_there_on_core_routes() {
    let seeds = Seeds::start();
    with_package(&seeds);
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    let deploy = seeds.deploy_token(
        Some(PRIV),
        None,
        &["read_package_registry", "write_package_registry"],
    );
    let callers = [
        seeds.deploy(&deploy),
        seeds.with_basic("deployer", &deploy),
        seeds.with_basic("maintainer", &seeds.token("maintainer")),
        seeds.deploy("gldt-unknown"),
        seeds.with_basic("nobody", "nothing"),
        seeds.with_header("Authorization", "Digest x"),
    ];
    for caller in callers {
        caller.get(&packages(PUB)).expect(200);
        caller
            .delete(&package(PUB, id))
            .expect_json(403, json!({ "message": "403 Forbidden" }));
        caller
            .get(&packages(PRIV))
            .expect_json(404, json!({ "message": "404 Project Not Found" }));
        caller
            .get(&group_packages(VAULT))
            .expect_json(404, json!({ "message": "404 Group Not Found" }));
    }
}

#[test]
fn a_deploy_token_works_on_format_routes_by_header_bearer_and_basic() {
    let seeds = Seeds::start();
    let path = with_package(&seeds);
    let secret = seeds.deploy_token(Some(PRIV), None, &["read_package_registry"]);
    seeds.deploy(&secret).get(&path).expect(200);
    seeds
        .with_header("DEPLOY-TOKEN", &secret)
        .get(&path)
        .expect(200);
    seeds
        .with_header("Authorization", &format!("Bearer {secret}"))
        .get(&path)
        .expect(200);
    seeds.with_basic("deployer", &secret).get(&path).expect(200);
    seeds
        .with_basic("somebody-else", &secret)
        .get(&path)
        .expect(401);
    seeds.run("UPDATE deploy_tokens SET revoked = 1", []);
    seeds
        .deploy(&secret)
        .get(&path)
        .expect_json(401, unauthorized());
}

#[test]
fn s9_item18_the_group_list_takes_no_job_token() {
    let seeds = Seeds::start();
    seeds.join_group("maintainer", VAULT, 40);
    let job = seeds.job("maintainer", PRIV);
    job.get(&group_packages(VAULT))
        .expect_json(404, json!({ "message": "404 Group Not Found" }));
    seeds
        .user("maintainer")
        .get(&group_packages(VAULT))
        .expect(200);
    let unknown = seeds.with_header("JOB-TOKEN", "glcbt-unknown");
    unknown.get("/api/v4/groups/acme/packages").expect(200);
}

#[test]
fn s8_job_tokens_work_on_the_project_routes() {
    let seeds = Seeds::start();
    with_package(&seeds);
    let maintainer = seeds.job("maintainer", PRIV);
    let list = maintainer.get(&packages(PRIV)).expect(200);
    let id = list.json()[0]["id"].as_i64().unwrap();
    maintainer.get(&package(PRIV, id)).expect(200);
    maintainer
        .get(&format!("{}/pipelines", package(PRIV, id)))
        .expect(200);
    let files = format!("{}/package_files", package(PRIV, id));
    let file = maintainer.get(&files).expect(200).json()[0]["id"].clone();
    maintainer
        .get(&format!("{files}/{file}/download"))
        .expect(200);
    maintainer.delete(&format!("{files}/{file}")).expect(204);
    maintainer.delete(&package(PRIV, id)).expect(204);
}

#[test]
fn item01_an_unknown_token_is_refused_on_public_projects_too() {
    let seeds = Seeds::start();
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    let callers = [
        seeds.with_token("glpat-unknown"),
        seeds.with_header("Authorization", "Bearer unknown"),
        seeds.with_header("JOB-TOKEN", "glcbt-unknown"),
    ];
    for caller in callers {
        for path in [
            packages(PUB),
            packages(PRIV),
            packages(999_999),
            package(PUB, id),
            format!("{}?sort=x", packages(PUB)),
        ] {
            let answer = caller.get(&path).expect_json(401, unauthorized());
            assert!(
                answer.find_header("www-authenticate").is_none(),
                "core routes do not challenge"
            );
        }
        caller
            .delete(&package(PUB, id))
            .expect_json(401, unauthorized());
        let answer = caller
            .get(&generic(PUB, "x/1/y"))
            .expect_json(401, unauthorized());
        assert_eq!(
            answer.header("www-authenticate"),
            "Basic realm=\"GitLab Packages Registry\""
        );
    }
    seeds
        .anonymous()
        .get(&format!("{}?private_token=x", packages(PUB)))
        .expect_json(401, unauthorized());
    seeds
        .anonymous()
        .get(&format!("{}?job_token=x", packages(PUB)))
        .expect_json(401, unauthorized());
}

#[test]
fn item27_expired_and_revoked_tokens_are_told_apart() {
    let seeds = Seeds::start();
    let today = packhouse::registry::Timestamp::now().date();
    let expired = seeds.access_token("maintainer", r#"["api"]"#, Some(&today), false);
    let revoked = seeds.access_token("maintainer", r#"["api"]"#, None, true);
    let texts = [
        (
            expired,
            "Token is expired. You can either do re-authorization or token refresh.",
        ),
        (
            revoked,
            "Token was revoked. You have to re-authorize from the user.",
        ),
    ];
    for (token, text) in texts {
        let body = json!({ "error": "invalid_token", "error_description": text });
        for caller in [
            seeds.with_token(&token),
            seeds.with_header("Authorization", &format!("Bearer {token}")),
        ] {
            for path in [packages(PUB), packages(PRIV), generic(PUB, "x/1/y")] {
                let answer = caller.get(&path).expect_json(401, body.clone());
                assert!(
                    answer.header("www-authenticate").starts_with("Bearer "),
                    "{path}"
                );
            }
        }
    }
    let tomorrow = packhouse::registry::Timestamp::now()
        .plus_secs(86_400)
        .date();
    let good = seeds.access_token("maintainer", r#"["api"]"#, Some(&tomorrow), false);
    seeds.with_token(&good).get(&packages(PRIV)).expect(200);
}

#[test]
fn item26_a_small_scope_reads_and_does_nothing_else() {
    let seeds = Seeds::start();
    let file = with_package(&seeds);
    let id = seeds.plant(PRIV, &Planted::generic("other"));
    let insufficient = json!({
        "error": "insufficient_scope",
        "error_description": "The request requires higher privileges than provided by the access token.",
        "scope": "api read_api",
    });
    let read = seeds.with_token(&seeds.access_token("owner", r#"["read_api"]"#, None, false));
    read.get(&packages(PRIV)).expect(200);
    read.head(&packages(PRIV)).expect(200);
    read.get(&group_packages(crate::support::seeds::ACME))
        .expect(200);
    read.get(&file).expect(200);
    read.delete(&package(PRIV, id))
        .expect_json(403, insufficient.clone());
    read.put(&generic(PRIV, "tool/1.0/b.txt"), b"b")
        .expect_json(403, insufficient.clone());
    read.delete(&file).expect_json(403, insufficient.clone());
    // Before anything else is looked at.
    read.delete(&package(999_999, 1))
        .expect_json(403, insufficient.clone());
    read.put(&generic(PRIV, "not%20valid/1/x"), b"b")
        .expect_json(403, insufficient.clone());

    for scopes in [
        r#"["read_user"]"#,
        r#"["read_repository","write_registry"]"#,
        "[]",
    ] {
        let none = seeds.with_token(&seeds.access_token("owner", scopes, None, false));
        for path in [
            packages(PRIV),
            packages(PUB),
            format!("{}?sort=x", packages(PUB)),
            file.clone(),
        ] {
            none.get(&path).expect_json(403, insufficient.clone());
        }
    }
    assert_eq!(
        seeds
            .user("guest")
            .get(&packages(PRIV))
            .expect(200)
            .header("x-total"),
        "2"
    );
}

#[test]
fn a_blocked_user_is_told_so() {
    let seeds = Seeds::start();
    let job = seeds.job("maintainer", PRIV);
    seeds.run(
        "UPDATE users SET state = 'blocked' WHERE username = 'maintainer'",
        [],
    );
    let blocked = json!({ "message": "403 Forbidden - Your account has been blocked." });
    seeds
        .user("maintainer")
        .get(&packages(PUB))
        .expect_json(403, blocked.clone());
    job.get(&packages(PRIV)).expect_json(403, blocked);
}

#[test]
fn a_job_token_dies_with_its_job() {
    let seeds = Seeds::start();
    for state in ["success", "failed", "canceled", "pending"] {
        let token = seeds.job_token_in_state("maintainer", PUB, state);
        seeds
            .with_header("JOB-TOKEN", &token)
            .get(&packages(PUB))
            .expect_json(401, unauthorized());
    }
    let token = seeds.job_token("maintainer", PUB);
    seeds
        .with_header("JOB-TOKEN", &token)
        .get(&packages(PUB))
        .expect(200);
    seeds.run(
        "UPDATE jobs SET expires_at = '2026-01-02T00:00:00.000Z' WHERE status = 'running'",
        [],
    );
    seeds
        .with_header("JOB-TOKEN", &token)
        .get(&packages(PUB))
        .expect_json(401, unauthorized());
}

#[test]
fn item31_of_two_credentials_the_first_in_order_decides() {
    let seeds = Seeds::start();
    let path = with_package(&seeds);
    let token = seeds.token("guest");
    let job = seeds.job_token("guest", PRIV);
    let deploy = seeds.deploy_token(Some(PRIV), None, &["read_package_registry"]);
    let (bearer_good, basic_good) = (format!("Bearer {token}"), basic("x", &token));
    // In the order of the contract; each good and bad.
    let carriers: [(&str, &str, &str); 8] = [
        ("?private_token", &token, "bad"),
        ("PRIVATE-TOKEN", &token, "bad"),
        ("Authorization", &bearer_good, "Bearer bad"),
        ("?job_token", &job, "bad"),
        ("?token", &job, "bad"),
        ("JOB-TOKEN", &job, "bad"),
        ("Deploy-Token", &deploy, "bad"),
        ("Authorization", &basic_good, "Basic !!!"),
    ];
    let ask = |pairs: [(&str, &str); 2]| {
        let (mut caller, mut query) = (seeds.anonymous(), String::new());
        for (name, value) in pairs {
            match name.strip_prefix('?') {
                Some(name) => {
                    query = format!(
                        "{query}{}{name}={value}",
                        if query.is_empty() { "?" } else { "&" }
                    )
                }
                None => caller = caller.with(name, value),
            }
        }
        caller.get(&format!("{path}{query}")).status
    };
    for (at, (first, first_good, first_bad)) in carriers.iter().enumerate() {
        for (second, second_good, second_bad) in &carriers[at + 1..] {
            if first == second {
                continue; // one header cannot be Bearer and Basic at once
            }
            assert_eq!(
                ask([(first, first_good), (second, second_bad)]),
                200,
                "{first} before {second}"
            );
            assert_eq!(
                ask([(first, first_bad), (second, second_good)]),
                401,
                "{first} before {second}"
            );
        }
    }
}

#[test]
fn a_carrier_that_the_route_does_not_honour_does_not_stand_in_the_way() {
    let seeds = Seeds::start();
    let core = packages(PRIV);
    seeds
        .user("guest")
        .with("Deploy-Token", "bad")
        .get(&core)
        .expect(200);
    seeds
        .user("guest")
        .with("Authorization", &basic("x", "bad"))
        .get(&core)
        .expect(200);
    let job = seeds.job("guest", PRIV);
    job.with("Authorization", &basic("x", "bad"))
        .get(&core)
        .expect(200);
    job.with("Deploy-Token", "bad").get(&core).expect(200);
}

#[test]
fn empty_and_blank_credentials_let_nobody_in() {
    let seeds = Seeds::start();
    let path = with_package(&seeds);
    let callers = [
        seeds.with_token(""),
        seeds.with_token("   "),
        seeds.with_header("Authorization", "Bearer "),
        seeds.with_header("Authorization", "Basic "),
        seeds.with_header("Authorization", ""),
        seeds.with_basic("", ""),
        seeds.with_basic("gitlab-ci-token", ""),
        seeds.with_basic("deployer", ""),
        seeds.with_basic("maintainer", " "),
        seeds.with_header("JOB-TOKEN", ""),
        seeds.with_header("Deploy-Token", ""),
    ];
    for caller in callers {
        let read = caller.get(&path).status;
        assert_eq!(read, 401, "{read}");
        assert_eq!(caller.put(&generic(PUB, "tool/1.0/x"), b"x").status, 401);
        assert!([401, 404].contains(&caller.get(&packages(PRIV)).status));
    }
    for query in ["private_token=", "job_token=", "token=", "access_token="] {
        seeds
            .anonymous()
            .get(&format!("{path}?{query}"))
            .expect(401);
        seeds
            .anonymous()
            .get(&format!("{}?{query}", packages(PRIV)))
            .expect(404);
    }
}

#[test]
fn a_wrong_basic_pair_counts_as_anonymous_where_anybody_may_read() {
    let seeds = Seeds::start();
    let public = generic(PUB, "tool/1.0/a.txt");
    seeds.user("developer").put(&public, b"bytes").expect(201);
    let private = with_package(&seeds);
    let revoked = seeds.access_token("maintainer", r#"["api"]"#, None, true);
    for stale in [
        seeds.with_basic("me", "stale"),
        seeds.with_basic("me", &revoked),
    ] {
        stale.get(&public).expect(200);
        stale.head(&public).expect(200);
        let answer = stale.get(&private).expect(401);
        assert_eq!(
            answer.header("www-authenticate"),
            "Basic realm=\"GitLab Packages Registry\""
        );
        stale.put(&public, b"x").expect(401);
        stale.delete(&public).expect(401);
    }
}
