//! Symbol packages: kept beside their package, sent like it.

use serde_json::json;

use super::{created, versions};
use crate::support::nuget::{nuget, nupkg, push, push_symbols, push_to, snupkg};
use crate::support::seeds::{ACME, PRIV, PUB, Seeds, files, packages};
use crate::support::shape::{each, ids};

#[test]
fn symbols_join_the_package_that_they_are_of() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let symbols = snupkg("acme.CORE", "1.0.0");
    push(
        &developer,
        PUB,
        &nupkg("Acme.Core", "1.0", "<tags>x</tags>"),
    )
    .expect(201);
    push_symbols(&developer, PUB, &symbols).expect_json(201, created());
    let listed = developer.get(&packages(PUB)).expect(200);
    assert_eq!(ids(&listed).len(), 1);
    assert_eq!(
        listed.json()[0]["tags"][0]["name"],
        "x",
        "the package keeps what it said of itself"
    );
    let names = each(
        &developer.get(&files(PUB, ids(&listed)[0])).expect(200),
        "file_name",
    );
    assert_eq!(names, ["acme.core.1.0.0.nupkg", "acme.core.1.0.0.snupkg"]);
    let path = format!(
        "{}/download/acme.core/1.0.0/acme.core.1.0.0.snupkg",
        nuget(PUB)
    );
    assert_eq!(seeds.anonymous().get(&path).expect(200).body, symbols);
    assert_eq!(versions(&developer, PUB, "acme.core"), json!(["1.0.0"]));
}

#[test]
fn symbols_alone_are_refused() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let told = "symbol package is invalid, matching package does not exist";
    push_symbols(&developer, PUB, &snupkg("Acme", "1.0"))
        .expect_json(400, json!({ "message": told }));
    push(&developer, PUB, &nupkg("Acme", "1.1", "")).expect(201);
    push_symbols(&developer, PUB, &snupkg("Acme", "1.0"))
        .expect_json(400, json!({ "message": told }));
    assert_eq!(versions(&developer, PUB, "acme"), json!(["1.1.0"]));
}

#[test]
fn each_kind_has_its_own_route() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    push(&developer, PUB, &nupkg("Acme", "1.0", "")).expect(201);
    let answer = push(&developer, PUB, &snupkg("Acme", "1.0")).expect(400);
    assert!(
        answer
            .text()
            .contains("push it to the SymbolPackagePublish resource"),
        "{}",
        answer.text()
    );
    let answer = push_symbols(&developer, PUB, &nupkg("Acme", "1.0", "")).expect(400);
    assert!(
        answer
            .text()
            .contains("does not declare the package type SymbolsPackage"),
        "{}",
        answer.text()
    );
    push_to(
        &developer,
        &format!("{}/symbolpackage", nuget(PUB)),
        &snupkg("Acme", "1.0"),
    )
    .expect(201);
}

#[test]
fn symbols_need_the_same_rights_and_know_the_same_duplicates() {
    let seeds = Seeds::start();
    push(&seeds.user("developer"), PRIV, &nupkg("Acme", "1.0", "")).expect(201);
    push_symbols(&seeds.user("reporter"), PRIV, &snupkg("Acme", "1.0")).expect(403);
    push_symbols(&seeds.anonymous(), PRIV, &snupkg("Acme", "1.0")).expect(401);
    push_symbols(&seeds.user("developer"), PRIV, &snupkg("Acme", "1.0")).expect(201);
    let path = format!("{}/download/acme/1.0.0/acme.1.0.0.snupkg", nuget(PRIV));
    seeds.anonymous().get(&path).expect(401);
    seeds.user("guest").get(&path).expect(200);
    seeds.set(ACME, "nuget_duplicates_allowed", "false");
    push_symbols(&seeds.user("developer"), PRIV, &snupkg("Acme", "1.0")).expect(409);
}
