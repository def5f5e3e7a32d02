//! Failed authentications are limited by address; good credentials never are.

use serde_json::json;

use crate::support::seeds::{PRIV, PUB, Seeds, generic, packages};
use crate::support::{Actor, Answer};

const MOST: usize = 5;

fn seeds() -> Seeds {
    Seeds::start_with(|config| config.auth_failures_per_minute = MOST as u32)
}

fn fail(times: usize, attempt: impl Fn() -> Answer) {
    for number in 0..times {
        assert_eq!(attempt().status, 401, "attempt {number}");
    }
}

fn behind_a_proxy(seeds: &Seeds, forwarded: &str) -> Actor {
    seeds
        .with_token("glpat-wrong")
        .with("X-Forwarded-For", forwarded)
}

#[test]
fn beyond_thirty_failures_a_minute_further_ones_are_told_to_wait_by_default() {
    let seeds = Seeds::start_with_file("");
    let wrong = seeds.with_token("glpat-wrong");
    fail(30, || wrong.get(&packages(PUB)));
    let refused = wrong.get(&packages(PUB)).expect(429);
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let text = "This endpoint has been requested too many times. Try again later.";
    assert_eq!(refused.json(), json!({ "message": { "error": text } }));
}

#[test]
fn a_good_credential_is_never_slowed_and_none_at_all_is_no_failure() {
    let seeds = seeds();
    seeds
        .user("owner")
        .put(&generic(PRIV, "a/1/b"), "x")
        .expect(201);
    for _ in 0..MOST * 3 {
        seeds.anonymous().get(&generic(PRIV, "a/1/b")).expect(401);
        seeds.anonymous().get("/api/v4/user").expect(401);
    }
    fail(MOST, || seeds.with_token("glpat-wrong").get("/api/v4/user"));
    seeds
        .with_token("glpat-wrong")
        .get("/api/v4/user")
        .expect(429);
    seeds.user("owner").get("/api/v4/user").expect(200);
    seeds.user("owner").get(&generic(PRIV, "a/1/b")).expect(200);
    seeds.anonymous().get(&packages(PUB)).expect(200);
    seeds.anonymous().get("/api/v4/user").expect(401);
    // A role that is too small is no failure either, even where GitLab says 401.
    for _ in 0..MOST * 2 {
        let tokens = format!("/api/v4/projects/{PUB}/access_tokens");
        seeds.user("guest").get(&tokens).expect(401);
    }
}

#[test]
fn every_carrier_counts_and_the_answer_is_in_the_form_of_the_client() {
    let seeds = seeds();
    let path = generic(PRIV, "a/1/b");
    let expired = seeds.access_token("owner", r#"["api"]"#, Some("2026-01-01"), false);
    let attempts: [(&str, Actor); 5] = [
        ("PUT", seeds.with_header("Authorization", "Bearer wrong")),
        ("GET", seeds.with_header("JOB-TOKEN", "glcbt-wrong")),
        ("GET", seeds.deploy("gldt-wrong")),
        ("GET", seeds.with_token(&expired)),
        ("GET", seeds.with_basic("owner", "wrong")), // read as by nobody, and refused as such
    ];
    for (method, actor) in &attempts {
        assert_eq!(actor.send(method, &path, b"").status, 401);
    }
    for (method, actor) in &attempts {
        assert_eq!(actor.send(method, &path, b"").status, 429);
    }
    // Who reads something public with a pair that is not good any more is not kept from it.
    seeds
        .user("owner")
        .put(&generic(PUB, "a/1/b"), "x")
        .expect(201);
    seeds
        .with_basic("owner", "stale")
        .get(&generic(PUB, "a/1/b"))
        .expect(200);
    let npm = format!("{}/npm/@acme%2fa", packages(PRIV));
    let refused = seeds.with_token("glpat-wrong").get(&npm).expect(429);
    assert!(refused.find_header("retry-after").is_some());
    assert!(refused.json()["error"].is_string(), "{}", refused.text());
    let login = format!("{}/npm/-/user/org.couchdb.user:owner", packages(PUB));
    let body = json!({ "name": "owner", "password": "wrong" });
    seeds.anonymous().put_json(&login, body).expect(429);
    let body = json!({ "name": "owner", "password": seeds.token("owner") });
    seeds.anonymous().put_json(&login, body).expect(201);
}

#[test]
fn an_upload_is_told_to_wait_before_its_body_is_sent() {
    let seeds = seeds();
    let wrong = seeds.with_token("glpat-wrong");
    fail(MOST, || wrong.get("/api/v4/user"));
    let mut raw = crate::support::Raw::connect(seeds.address);
    let headers = [
        ("PRIVATE-TOKEN", "glpat-wrong"),
        ("Content-Length", "5000000"),
        ("Expect", "100-continue"),
    ];
    let answer = raw
        .head(&format!("PUT {}", generic(PUB, "a/1/b")), &headers)
        .answer()
        .expect(429);
    assert!(answer.find_header("retry-after").is_some());
}

#[test]
fn the_address_is_the_connections_unless_a_named_proxy_says_otherwise() {
    let seeds = seeds();
    // Nobody is a proxy: who claims another address with each attempt is counted all the same.
    for number in 0..MOST {
        let claimed = format!("203.0.113.{number}");
        behind_a_proxy(&seeds, &claimed)
            .get("/api/v4/user")
            .expect(401);
    }
    behind_a_proxy(&seeds, "203.0.113.99")
        .get("/api/v4/user")
        .expect(429);

    let seeds =
        Seeds::start_with_file("auth_failures_per_minute = 5\ntrusted_proxies = [\"127.0.0.0/8\"]");
    for number in 0..MOST {
        // What stands left of the address that our proxy has seen is the caller's own invention.
        let claimed = format!("1.2.3.{number}, 203.0.113.7");
        behind_a_proxy(&seeds, &claimed)
            .get("/api/v4/user")
            .expect(401);
    }
    behind_a_proxy(&seeds, "203.0.113.7")
        .get("/api/v4/user")
        .expect(429);
    behind_a_proxy(&seeds, "203.0.113.8")
        .get("/api/v4/user")
        .expect(401);
    let path = generic(PUB, "tool/1.0/a.txt");
    let owner = seeds.user("owner").with("X-Forwarded-For", "198.51.100.4");
    owner.put(&path, "x").expect(201);
    let events = format!("/api/v4/projects/{PUB}/audit_events");
    let event = seeds.root().get(&events).expect(200).json()[0].clone();
    assert_eq!(event["details"]["ip_address"], "198.51.100.4");
}

#[test]
fn the_limit_can_be_switched_off() {
    let seeds = Seeds::start_with_file("auth_failures_per_minute = 0");
    fail(100, || seeds.with_token("glpat-wrong").get("/api/v4/user"));
}
