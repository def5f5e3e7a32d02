//! Who may: clients ask without credentials first, and learn from a 401 to send them.

use serde_json::json;

use crate::support::Actor;
use crate::support::nuget::{nuget, nupkg, push, push_to};
use crate::support::seeds::{INT, PRIV, PUB, Seeds};

const CHALLENGE: &str = "Basic realm=\"GitLab Packages Registry\"";

/// What is read, below a project.
const READS: &[&str] = &[
    "download/acme/index.json",
    "download/acme/1.0.0/acme.1.0.0.nupkg",
    "download/acme/1.0.0/acme.nuspec",
    "metadata/acme/index.json",
    "metadata/acme/1.0.0.json",
    "query",
    "autocomplete",
    "v2",
    "v2/",
    "v2/Packages()",
    "v2/FindPackagesById()?id='acme'",
    "v2/Search()?searchTerm='acme'",
    "v2/Packages(Id='acme',Version='1.0')",
];

#[test]
fn who_shows_nothing_is_challenged_on_every_private_route() {
    let seeds = Seeds::start();
    push(&seeds.user("developer"), PRIV, &nupkg("Acme", "1.0", "")).expect(201);
    for project in [PRIV, 99_999] {
        for path in READS {
            let path = format!("{}/{path}", nuget(project));
            for caller in [seeds.anonymous(), seeds.with_basic("developer", "wrong")] {
                let answer = caller.get(&path);
                let told = json!({ "message": "401 Unauthorized" });
                assert_eq!(
                    answer.expect_json(401, told).header("www-authenticate"),
                    CHALLENGE,
                    "{path}"
                );
            }
        }
        let answer = push(&seeds.anonymous(), project, &nupkg("Acme", "2.0", "")).expect(401);
        assert_eq!(answer.header("www-authenticate"), CHALLENGE);
        assert_eq!(
            answer.find_header("x-nuget-warning"),
            None,
            "a question is no warning"
        );
        seeds
            .anonymous()
            .delete(&format!("{}/acme/1.0", nuget(project)))
            .expect(401);
    }
}

#[test]
fn roles_decide() {
    let seeds = Seeds::start();
    for project in [PUB, INT, PRIV] {
        push(&seeds.root(), project, &nupkg("Acme", "1.0", "")).expect(201);
    }
    let reads = |caller: &Actor, project: i64, status: u16| {
        for path in READS {
            let answer = caller.get(&format!("{}/{path}", nuget(project)));
            assert_eq!(answer.status, status, "{path} in {project}");
        }
    };
    reads(&seeds.anonymous(), PUB, 200);
    reads(&seeds.anonymous(), INT, 401);
    reads(&seeds.user("stranger"), INT, 200);
    reads(&seeds.user("external"), INT, 404);
    reads(&seeds.user("stranger"), PRIV, 404);
    reads(&seeds.user("guest"), PRIV, 200);
    let package = nupkg("Acme", "2.0", "");
    for (caller, project, status) in [
        ("stranger", PUB, 403),
        ("stranger", PRIV, 404),
        ("guest", PRIV, 403),
        ("reporter", PRIV, 403),
        ("developer", PRIV, 201),
    ] {
        let answer = push(&seeds.user(caller), project, &package);
        assert_eq!(answer.status, status, "{caller} in {project}");
    }
    seeds.switch_registry(PUB, "disabled");
    push(&seeds.user("developer"), PUB, &package)
        .expect_json(403, json!({ "message": "403 Forbidden" }));
}

#[test]
fn every_kind_of_token_pushes_by_basic_and_by_api_key() {
    let seeds = Seeds::start();
    let deploy = seeds.deploy_token(
        Some(PRIV),
        None,
        &["read_package_registry", "write_package_registry"],
    );
    let job = seeds.job_token("developer", PRIV);
    for (at, (user, password)) in [
        ("developer", seeds.token("developer")),
        ("anything", seeds.token("developer")),
        ("deployer", deploy),
        ("gitlab-ci-token", job),
    ]
    .iter()
    .enumerate()
    {
        let by_basic = seeds.with_basic(user, password);
        push(&by_basic, PRIV, &nupkg("Acme", &format!("{at}.0"), "")).expect(201);
        by_basic.get(&format!("{}/query", nuget(PRIV))).expect(200);
        let by_key = seeds.with_header("X-NuGet-ApiKey", password);
        push(&by_key, PRIV, &nupkg("Acme", &format!("{at}.1"), "")).expect(201);
        push_to(
            &by_key,
            &format!("{}/v2/", nuget(PRIV)),
            &nupkg("Acme", &format!("{at}.2"), ""),
        )
        .expect(201);
        // It is a key to write with.
        by_key.get(&format!("{}/query", nuget(PRIV))).expect(401);
    }
    push(
        &seeds.with_header("X-NuGet-ApiKey", "wrong"),
        PRIV,
        &nupkg("Acme", "9.0", ""),
    )
    .expect(401);
    let read_only = seeds.access_token("developer", "[\"read_api\"]", None, false);
    push(
        &seeds.with_header("X-NuGet-ApiKey", &read_only),
        PRIV,
        &nupkg("Acme", "9.0", ""),
    )
    .expect(403);
    seeds
        .with_basic("developer", &read_only)
        .get(&format!("{}/query", nuget(PRIV)))
        .expect(200);
}

#[test]
fn the_front_proxys_twins_do_not_exist() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for path in ["authorize", "symbolpackage/authorize", "v2/authorize"] {
        let answer = developer.put(&format!("{}/{path}", nuget(PUB)), "x");
        assert!(
            matches!(answer.status, 404 | 405),
            "{path}: {}",
            answer.status
        );
    }
}
