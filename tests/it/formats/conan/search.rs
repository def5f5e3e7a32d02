//! Recipes by pattern, and binaries of a recipe.

use serde_json::{Value, json};

use crate::support::conan::{INSTANCE, PID, binary, conan, info, recipe};
use crate::support::seeds::{PRIV, PUB, Seeds};

fn results(answer: Value) -> Vec<String> {
    let results = answer["results"].as_array().unwrap();
    let mut names: Vec<String> = results
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn patterns_find_what_a_shell_would() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    for reference in [
        "Hello/0.1/_/_",
        "Hello/0.2/me/stable",
        "help/1.0/_/_",
        "zlib/1.3/me/testing",
    ] {
        developer.put_recipe(&recipe(&base, reference, 'a'));
    }
    for (query, found) in [
        (
            "q=*",
            &[
                "Hello/0.1",
                "Hello/0.2@me/stable",
                "help/1.0",
                "zlib/1.3@me/testing",
            ][..],
        ),
        (
            "",
            &[
                "Hello/0.1",
                "Hello/0.2@me/stable",
                "help/1.0",
                "zlib/1.3@me/testing",
            ],
        ),
        ("q=hel*", &["Hello/0.1", "Hello/0.2@me/stable", "help/1.0"]),
        ("q=hel*&ignorecase=False", &["help/1.0"]),
        ("q=Hello%2F*", &["Hello/0.1", "Hello/0.2@me/stable"]),
        ("q=*%2F0.?@me%2F*", &["Hello/0.2@me/stable"]),
        (
            "q=[hz]*",
            &[
                "Hello/0.1",
                "Hello/0.2@me/stable",
                "help/1.0",
                "zlib/1.3@me/testing",
            ],
        ),
        ("q=Hello%2F0.2%40me%2Fstable", &["Hello/0.2@me/stable"]),
        ("q=Hello%2F*%40_%2F_", &["Hello/0.1"]),
        ("q=hello", &["Hello/0.1", "Hello/0.2@me/stable"]),
        ("q=none*", &[]),
    ] {
        for version in ["v1", "v2"] {
            let answer = seeds
                .anonymous()
                .get(&format!("{base}/{version}/conans/search?{query}"))
                .expect(200);
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(results(answer.json()), found, "{query}");
        }
    }
}

#[test]
fn a_hidden_recipe_is_not_found_and_can_be_had() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    developer.put_recipe(&recipe(&base, "hello/0.1/_/_", 'a'));
    seeds.run("UPDATE packages SET status = 1", []);
    seeds.run(
        "UPDATE projects SET packages_revision = packages_revision + 1",
        [],
    );
    assert!(
        results(
            developer
                .get(&format!("{base}/v2/conans/search?q=*"))
                .expect(200)
                .json()
        )
        .is_empty()
    );
    developer
        .get(&format!("{base}/v2/conans/hello/0.1/_/_/latest"))
        .expect(200);
}

#[test]
fn the_instance_finds_what_the_caller_may_read_and_can_address() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for (project, reference) in [
        (PUB, "one/1/acme+pub/stable"),
        (PRIV, "two/1/acme+priv/stable"),
        (PUB, "three/1/_/_"),
        (PUB, "four/1/acme+priv/stable"),
    ] {
        developer.put_recipe(&recipe(&conan(project), reference, 'a'));
    }
    let search = format!("{INSTANCE}/v1/conans/search?q=*");
    let found = |caller: crate::support::Actor| results(caller.get(&search).expect(200).json());
    assert_eq!(found(seeds.anonymous()), ["one/1@acme+pub/stable"]);
    assert_eq!(found(seeds.user("stranger")), ["one/1@acme+pub/stable"]);
    assert_eq!(
        found(seeds.user("guest")),
        ["one/1@acme+pub/stable", "two/1@acme+priv/stable"]
    );
}

#[test]
fn each_binary_says_what_it_was_built_for() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let reference = "hello/0.1/_/_";
    let revision = recipe(&base, reference, 'a');
    developer.put_recipe(&revision);
    assert_eq!(
        developer
            .get(&format!("{revision}/search"))
            .expect(200)
            .json(),
        json!({})
    );
    let old = "[settings]\n    os=Linux\n[recipe_hash]\n    abc\n";
    developer.put_binary(&binary(&base, reference, 'a', PID, '1'), &info("Release"));
    developer.put_binary(&binary(&base, reference, 'a', "cafe", '1'), old);
    let found = developer
        .get(&format!("{revision}/search?list_only=False"))
        .expect(200)
        .json();
    assert_eq!(found[PID], json!({ "content": info("Release") }));
    assert_eq!(found["cafe"]["recipe_hash"], "abc");
    let names = developer
        .get(&format!("{revision}/search?list_only=True"))
        .expect(200)
        .json();
    assert_eq!(names, json!({ PID: {}, "cafe": {} }));
    // Without a revision it is the latest.
    developer.put_recipe(&recipe(&base, reference, 'b'));
    assert_eq!(
        developer
            .get(&format!("{base}/v2/conans/{reference}/search"))
            .expect(200)
            .json(),
        json!({})
    );
    developer
        .get(&format!("{base}/v2/conans/none/0.1/_/_/search"))
        .expect(404);
    developer
        .get(&format!("{base}/v1/conans/none/0.1/_/_/search"))
        .expect(404);
}
