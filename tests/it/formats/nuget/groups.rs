//! The same documents over a group: what the caller may read of it.

use serde_json::json;

use super::leaves;
use crate::support::nuget::{group_nuget, nuget, nupkg, push};
use crate::support::seeds::{ACME, DEEP, PRIV, PUB, Seeds};

#[test]
fn a_group_shows_each_caller_what_he_may_read() {
    let seeds = Seeds::start();
    let root = seeds.root();
    let base = group_nuget(ACME);
    push(&root, PUB, &nupkg("Acme", "1.0", "")).expect(201);
    push(&root, PRIV, &nupkg("Acme", "2.0", "")).expect(201);
    push(&root, PRIV, &nupkg("Secret", "1.0", "")).expect(201);
    push(&root, DEEP, &nupkg("Deep", "1.0", "")).expect(201);
    for _ in 0..2 {
        for (caller, versions, hits) in [
            ("guest", json!(["1.0.0", "2.0.0"]), 3),
            ("stranger", json!(["1.0.0"]), 2),
        ] {
            let caller = seeds.user(caller);
            let container = caller
                .get(&format!("{base}/download/acme/index.json"))
                .expect(200);
            assert_eq!(container.json()["versions"], versions);
            let index = caller
                .get(&format!("{base}/metadata/acme/index.json"))
                .expect(200)
                .json();
            assert_eq!(
                index["items"][0]["count"],
                versions.as_array().unwrap().len()
            );
            let found = caller.get(&format!("{base}/query?q=")).expect(200).json();
            assert_eq!(found["totalHits"], hits);
            let completed = caller
                .get(&format!("{base}/autocomplete"))
                .expect(200)
                .json();
            assert_eq!(completed["totalHits"], hits);
            let secret = if hits == 3 { 200 } else { 404 };
            caller
                .get(&format!("{base}/download/acme/2.0.0/acme.2.0.0.nupkg"))
                .expect(secret);
            caller
                .get(&format!("{base}/metadata/secret/index.json"))
                .expect(secret);
            caller
                .get(&format!("{base}/metadata/acme/2.0.0.json"))
                .expect(secret);
            caller
                .get(&format!("{base}/download/deep/1.0.0/deep.1.0.0.nupkg"))
                .expect(200);
        }
    }
}

#[test]
fn of_equal_versions_the_newest_package_counts_for_document_and_bytes() {
    let seeds = Seeds::start();
    let root = seeds.root();
    let base = group_nuget(ACME);
    push(&root, PRIV, &nupkg("Acme", "1.0", "<tags>old</tags>")).expect(201);
    let newest = nupkg("ACME", "1.0.0.0", "<tags>new</tags>");
    push(&root, PUB, &newest).expect(201);
    let shown = leaves(&root, &base, "acme");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["catalogEntry"]["tags"], "new");
    let content = shown[0]["packageContent"].as_str().unwrap();
    assert_eq!(
        root.get(&content[content.find("/api/").unwrap()..])
            .expect(200)
            .body,
        newest
    );
}

#[test]
fn a_group_asks_everybody_who_he_is_even_a_public_one() {
    let seeds = Seeds::start();
    push(&seeds.root(), PUB, &nupkg("Acme", "1.0", "")).expect(201);
    for path in [
        "download/acme/index.json",
        "download/acme/1.0.0/acme.1.0.0.nupkg",
        "metadata/acme/index.json",
        "metadata/acme/1.0.0.json",
        "query",
        "autocomplete",
        "metadata/none/index.json",
    ] {
        let path = format!("{}/{path}", group_nuget(ACME));
        for caller in [seeds.anonymous(), seeds.with_basic("guest", "wrong")] {
            let answer = caller.get(&path).expect(401);
            assert_eq!(
                answer.header("www-authenticate"),
                "Basic realm=\"GitLab Packages Registry\"",
                "{path}"
            );
        }
    }
    seeds
        .user("stranger")
        .get(&format!("{}/query", group_nuget(999_999)))
        .expect(404);
    let token = seeds.deploy_token(None, Some(ACME), &["read_package_registry"]);
    let deploy = seeds.with_basic("deployer", &token);
    deploy
        .get(&format!("{}/metadata/acme/index.json", group_nuget(ACME)))
        .expect(200);
    push(&deploy, PUB, &nupkg("Acme", "2.0", "")).expect(403);
    deploy
        .get(&format!("{}/metadata/acme/index.json", nuget(PUB)))
        .expect(200);
}
