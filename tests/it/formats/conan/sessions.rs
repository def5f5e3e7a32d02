//! Logging in: a token for a token.

use super::R;
use crate::support::Actor;
use crate::support::conan::{INSTANCE, conan, recipe};
use crate::support::seeds::{PRIV, PUB, Seeds};

fn session(seeds: &Seeds, user: &str, password: &str, base: &str, version: &str) -> Actor {
    let answer = seeds
        .with_basic(user, password)
        .get(&format!("{base}/{version}/users/authenticate"))
        .expect(200);
    assert!(answer.header("content-type").starts_with("text/plain"));
    let token = answer.text();
    assert!(token.bytes().all(|byte| byte.is_ascii_graphic()), "{token}");
    seeds.with_header("Authorization", &format!("Bearer {token}"))
}

#[test]
fn every_kind_of_token_logs_in_at_every_level_and_in_both_protocols() {
    let seeds = Seeds::start();
    let deploy = seeds.deploy_token(
        Some(PRIV),
        None,
        &["read_package_registry", "write_package_registry"],
    );
    let job = seeds.job_token("developer", PRIV);
    seeds
        .user("developer")
        .put_recipe(&recipe(&conan(PRIV), R, 'a'));
    let levels = [conan(PRIV), INSTANCE.to_owned()];
    for (user, password) in [
        ("developer", seeds.token("developer")),
        ("any", seeds.token("developer")),
        ("deployer", deploy),
        ("gitlab-ci-token", job),
    ] {
        for (from, to) in [("v1", "v2"), ("v2", "v1")] {
            for base in &levels {
                let caller = session(&seeds, user, &password, base, from);
                for other in &levels {
                    let checked = caller
                        .get(&format!("{other}/{to}/users/check_credentials"))
                        .expect(200);
                    assert_eq!(checked.text(), "ok");
                }
                caller
                    .get(&format!("{}/v2/conans/{R}/latest", conan(PRIV)))
                    .expect(200);
                caller
                    .put_file(&recipe(&conan(PRIV), R, 'b'), "conanfile.py", b"x")
                    .expect(200);
            }
        }
    }
}

#[test]
fn who_is_nobody_is_told_so_in_text() {
    let seeds = Seeds::start();
    for base in [conan(PUB), INSTANCE.to_owned()] {
        for path in [
            "v1/users/authenticate",
            "v2/users/authenticate",
            "v1/users/check_credentials",
            "v2/users/check_credentials",
        ] {
            for caller in [
                seeds.anonymous(),
                seeds.with_basic("developer", "wrong"),
                seeds.with_header("Authorization", "Bearer unset"),
            ] {
                let answer = caller.get(&format!("{base}/{path}")).expect(401);
                assert_eq!(
                    (answer.header("content-type"), answer.text().as_str()),
                    ("text/plain", "401 Unauthorized")
                );
                assert_eq!(
                    answer.header("www-authenticate"),
                    "Basic realm=\"GitLab Packages Registry\""
                );
            }
        }
    }
}

#[test]
fn a_session_dies_with_the_token_behind_it_and_is_good_for_nothing_else() {
    let seeds = Seeds::start();
    let token = seeds.access_token("developer", "[\"api\"]", None, false);
    let caller = session(&seeds, "developer", &token, &conan(PUB), "v2");
    let check = format!("{}/v2/users/check_credentials", conan(PUB));
    caller.get(&check).expect(200);
    caller.get("/api/v4/user").expect(401);
    caller
        .put("/api/v4/projects/201/packages/generic/a/1/f", b"x")
        .expect(401);
    seeds.run(
        "UPDATE access_tokens SET revoked = 1 WHERE sha256 = ?1",
        [crate::support::seeds::sha256(&token)],
    );
    caller.get(&check).expect(401);
    caller
        .put_file(&recipe(&conan(PUB), R, 'a'), "conanfile.py", b"x")
        .expect(401);
}

#[test]
fn a_session_is_worth_what_its_token_is_worth() {
    let seeds = Seeds::start();
    let reads = seeds.access_token("developer", "[\"read_api\"]", None, false);
    let caller = session(&seeds, "developer", &reads, &conan(PRIV), "v2");
    caller
        .get(&format!("{}/v2/conans/search?q=*", conan(PRIV)))
        .expect(200);
    caller
        .put_file(&recipe(&conan(PRIV), R, 'a'), "conanfile.py", b"x")
        .expect(403);
    let deploy = seeds.deploy_token(Some(PRIV), None, &["read_package_registry"]);
    let caller = session(&seeds, "deployer", &deploy, &conan(PRIV), "v2");
    caller
        .put_file(&recipe(&conan(PRIV), R, 'a'), "conanfile.py", b"x")
        .expect(403);
    // Its own project and no other.
    caller
        .get(&format!("{}/v2/conans/{R}/latest", conan(205)))
        .expect(404);
}
