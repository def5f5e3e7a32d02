//! The root, the versions of a name, lists and searches; what conditional requests are answered.

use serde_json::{Value, json};

use crate::support::composer::{composer, group_composer, package, publish, upload, versions};
use crate::support::seeds::{ACME, DEEP, INT, PRIV, PUB, Seeds, packages, sha1, user_id};
use crate::support::{Actor, each, id_of, keys};

fn root(actor: &Actor, base: &str) -> Value {
    let root = actor
        .get(&format!("{base}/packages.json"))
        .expect(200)
        .json();
    let bare = actor.get(&format!("{base}/packages")).expect(200).json();
    assert_eq!(root, bare);
    root
}

fn names(root: &Value) -> Vec<&str> {
    match root.get("available-packages") {
        None => Vec::new(),
        Some(names) => names
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect(),
    }
}

fn of_version(list: &[Value]) -> Vec<&str> {
    list.iter()
        .map(|one| one["version"].as_str().unwrap())
        .collect()
}

#[test]
fn the_root_says_where_everything_is() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    publish(&developer, PRIV, "acme/hello", "1.0.0");
    publish(&developer, PUB, "acme/open", "1.0.0");
    let group = group_composer(ACME);
    let shown = root(&developer, &group);
    assert_eq!(shown["packages"], json!([]));
    assert_eq!(shown["metadata-url"], format!("{group}/p2/%package%.json"));
    assert_eq!(shown["list"], format!("{group}/list.json"));
    assert_eq!(
        shown["search"],
        format!("{group}/search.json?q=%query%&type=%type%")
    );
    assert_eq!(names(&shown), ["acme/hello", "acme/open"]);
    assert_eq!(shown.get("notify-batch"), None);
    assert_eq!(shown.get("available-package-patterns"), None);
    // By path, and in the plural of all other formats: the same.
    for base in [
        "/api/v4/group/acme/-/packages/composer".to_owned(),
        format!("/api/v4/groups/{ACME}/-/packages/composer"),
    ] {
        assert_eq!(root(&developer, &base), shown);
        versions(&developer, &base, "acme/hello");
    }
    let one = root(&developer, &composer(PRIV));
    assert_eq!(names(&one), ["acme/hello"]);
    assert_eq!(
        one["metadata-url"],
        format!("{}/p2/%package%.json", composer(PRIV))
    );

    // Who shows nothing sees what is public, and whole vendors to ask for.
    let stranger = root(&seeds.anonymous(), &group);
    assert_eq!(names(&stranger), ["acme/open"]);
    assert_eq!(stranger["available-package-patterns"], json!(["acme/*"]));
}

#[test]
fn released_and_dev_versions_stand_in_their_own_documents_newest_first() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for version in [
        "1.9.0",
        "1.10.0",
        "2.0.0-RC1",
        "dev-main",
        "1.x-dev",
        "1.10.0-p1",
        "1.0.0-dev",
    ] {
        publish(&developer, PRIV, "acme/hello", version);
    }
    publish(&developer, PRIV, "acme/other", "9.0");
    let base = composer(PRIV);
    let released = versions(&developer, &base, "acme/hello");
    assert_eq!(
        of_version(&released),
        ["2.0.0-RC1", "1.10.0-p1", "1.10.0", "1.9.0"]
    );
    let dev = versions(&developer, &base, "acme/hello~dev");
    assert_eq!(of_version(&dev), ["1.x-dev", "1.0.0-dev", "dev-main"]);
    assert_eq!(
        versions(&developer, &base, "acme/other~dev"),
        [json!(null); 0]
    );
    for missing in [
        "acme/none",
        "acme/none~dev",
        "acme",
        "Acme/../hello",
        "acme/hello/x",
        "x",
    ] {
        developer
            .get(&format!("{base}/p2/{missing}.json"))
            .expect_json(404, json!({ "message": "404 Package Not Found" }));
    }
    developer.get(&format!("{base}/p2/acme/hello")).expect(404);
    // Every spelling of the path.
    for path in [
        "acme%2Fhello.json",
        "ACME/Hello.json",
        "acme%2Fhello%7Edev.json",
        "acme/hello~dev.json",
    ] {
        developer.get(&format!("{base}/p2/{path}")).expect(200);
    }
    // Composer 1 has nothing to read here.
    developer
        .get(&format!("{base}/p/{}.json", "ab".repeat(32)))
        .expect(404);
}

#[test]
fn a_version_is_its_composer_json_and_what_the_registry_says() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let more = json!({
        "version": "1.0.0",
        "type": "project",
        "require": { "php": ">=8" },
        "require-dev": [],
        "bin": ["bin/x"],
        "extra": { "branch-alias": {}, "number": 1.0, "large": 12345678901234567_i64, "empty": {} },
        "license": ["MIT"],
        "abandoned": "acme/new",
        "source": { "type": "git", "url": "git@example.com:x.git", "reference": "x" },
        "dist": { "url": "http://evil.example.com/x.zip" },
        "transport-options": { "ssl": { "verify_peer": false } },
        "repositories": [{ "type": "vcs", "url": "http://evil.example.com" }],
        "scripts": { "post-install-cmd": "rm -rf /" },
        "config": {}, "minimum-stability": "dev", "uid": 1, "time": "1999-01-01",
        "notification-url": "http://evil.example.com",
    });
    let zip = package("acme/hello", more.clone(), "x");
    upload(&developer, PRIV, "1.0.0", &zip).expect(201);
    let answer = developer
        .get(&format!("{}/p2/acme/hello.json", composer(PRIV)))
        .expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    let list = developer.get(&packages(PRIV)).json();
    let shown = versions(&developer, &composer(PRIV), "acme/hello").remove(0);
    assert_eq!(
        keys(&shown),
        [
            "name",
            "version",
            "dist",
            "uid",
            "time",
            "abandoned",
            "description",
            "autoload",
            "type",
            "require",
            "require-dev",
            "bin",
            "extra",
            "license"
        ]
    );
    let url = seeds.url(&format!(
        "{}/archives/acme/hello.zip?sha={}",
        composer(PRIV),
        sha1(&zip)
    ));
    assert_eq!(
        shown["dist"],
        json!({ "type": "zip", "url": url, "reference": sha1(&zip), "shasum": sha1(&zip) })
    );
    assert_eq!(shown["uid"], list[0]["id"]);
    for key in [
        "type",
        "require",
        "require-dev",
        "bin",
        "extra",
        "license",
        "abandoned",
    ] {
        assert_eq!(shown[key], more[key], "{key}");
    }
    // Numbers keep their letters.
    assert!(
        answer.text().contains("\"number\":1.0"),
        "{}",
        answer.text()
    );

    upload(
        &developer,
        PRIV,
        "1.0.0",
        &package("acme/plain", json!({}), "x"),
    )
    .expect(201);
    let plain = versions(&developer, &composer(PRIV), "acme/plain").remove(0);
    assert_eq!(plain["type"], "library");
    assert_eq!(plain.get("abandoned"), None);
}

#[test]
fn a_deprecated_version_is_abandoned_and_a_hidden_one_is_not_offered() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    publish(&maintainer, PRIV, "acme/hello", "1.0.0");
    let id = id_of(&maintainer.get(&packages(PRIV)).json()[0]);
    let set = |status: &str, message: &str| {
        let body = json!({ "status": status, "message": message });
        let url = format!("{}/{id}", packages(PRIV));
        maintainer.patch(&url, body).expect(200);
    };
    let shown = || versions(&maintainer, &composer(PRIV), "acme/hello").remove(0);
    for (message, abandoned) in [
        ("", json!(true)),
        ("it is old", json!(true)),
        ("acme/new", json!("acme/new")),
    ] {
        set("deprecated", message);
        assert_eq!(shown()["abandoned"], abandoned);
    }
    set("default", "");
    assert_eq!(shown().get("abandoned"), None);
    let archive = crate::support::composer::archive_of(&shown());
    set("hidden", "");
    maintainer
        .get(&format!("{}/p2/acme/hello.json", composer(PRIV)))
        .expect(404);
    assert_eq!(names(&root(&maintainer, &composer(PRIV))), [""; 0]);
    maintainer.get(&archive).expect(200);
}

#[test]
fn documents_are_known_by_their_date_alone_and_by_their_etag() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    publish(&developer, PRIV, "acme/hello", "1.0.0");
    for path in ["packages.json", "p2/acme/hello.json"] {
        let url = format!("{}/{path}", composer(PRIV));
        let first = developer.get(&url).expect(200);
        let (date, etag) = (
            first.header("last-modified").to_owned(),
            first.header("etag").to_owned(),
        );
        let known = developer
            .with("If-Modified-Since", &date)
            .get(&url)
            .expect(304);
        assert_eq!(known.body, b"");
        assert_eq!(known.header("last-modified"), date);
        assert_eq!(known.find_header("content-type"), None);
        developer.with("If-None-Match", &etag).get(&url).expect(304);
        // The date is compared by itself where nothing better is shown, and as it stands.
        let both = developer
            .with("If-None-Match", "\"other\"")
            .with("If-Modified-Since", &date);
        both.get(&url).expect(200);
        for other in ["Fri, 01 Jan 2100 00:00:00 GMT", "nonsense", ""] {
            developer
                .with("If-Modified-Since", other)
                .get(&url)
                .expect(200);
        }
        let packed = developer
            .with("Accept-Encoding", "gzip")
            .with("If-Modified-Since", &date);
        packed.get(&url).expect(304);
    }
}

#[test]
fn whatever_happens_within_a_second_is_never_taken_for_known() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    let url = format!("{}/p2/acme/hello.json", composer(PRIV));
    let mut dates: Vec<String> = Vec::new();
    let mut look = |seen: usize| {
        for date in &dates {
            let answer = maintainer
                .with("If-Modified-Since", date)
                .get(&url)
                .expect(200);
            assert_eq!(
                answer.json()["packages"]["acme/hello"]
                    .as_array()
                    .unwrap()
                    .len(),
                seen
            );
        }
        let answer = maintainer.get(&url).expect(200);
        assert_eq!(
            answer.json()["packages"]["acme/hello"]
                .as_array()
                .unwrap()
                .len(),
            seen
        );
        dates.extend(answer.find_header("last-modified").map(str::to_owned));
    };
    for number in 1..=5 {
        publish(&maintainer, PRIV, "acme/hello", &format!("1.{number}.0"));
        look(number);
    }
    let list = maintainer.get(&packages(PRIV)).json();
    maintainer
        .delete(&format!("{}/{}", packages(PRIV), id_of(&list[0])))
        .expect(204);
    look(4);
}

#[test]
fn two_callers_with_different_rights_never_see_each_others_documents_or_dates() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    publish(&developer, PUB, "acme/hello", "1.0.0");
    publish(&developer, PRIV, "acme/hello", "2.0.0");
    publish(&developer, PRIV, "acme/secret", "1.0.0");
    let base = group_composer(ACME);
    for path in ["packages.json", "p2/acme/hello.json"] {
        let url = format!("{base}/{path}");
        let (member, stranger) = (developer.clone(), seeds.user("stranger"));
        let (all, some) = (member.get(&url).expect(200), stranger.get(&url).expect(200));
        assert_ne!(all.body, some.body, "{path}");
        assert_ne!(all.header("etag"), some.header("etag"));
        for _ in 0..3 {
            assert_eq!(member.get(&url).expect(200).body, all.body);
            assert_eq!(stranger.get(&url).expect(200).body, some.body);
            for (caller, foreign) in [(&member, &some), (&stranger, &all)] {
                caller
                    .with("If-None-Match", foreign.header("etag"))
                    .get(&url)
                    .expect(200);
                if let Some(date) = foreign.find_header("last-modified") {
                    caller.with("If-Modified-Since", date).get(&url).expect(200);
                }
            }
        }
    }
    let url = format!("{base}/p2/acme/secret.json");
    developer.get(&url).expect(200);
    seeds.user("stranger").get(&url).expect(404);
    seeds.anonymous().get(&url).expect(401);
}

#[test]
fn of_equal_versions_in_a_group_the_newest_package_counts() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let owner = seeds.user("owner");
    let zip = |text: &str| package("acme/hello", json!({}), text);
    upload(&developer, PUB, "1.0", &zip("pub")).expect(201);
    upload(&owner, DEEP, "v1.0.0", &zip("deep")).expect(201);
    let base = group_composer(ACME);
    let shown = versions(&seeds.anonymous(), &base, "acme/hello");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["dist"]["reference"], sha1(zip("deep")));
    let url = shown[0]["dist"]["url"].as_str().unwrap();
    assert!(url.contains(&format!("/projects/{DEEP}/")), "{url}");
    // One project shows its own.
    let shown = versions(&seeds.anonymous(), &composer(PUB), "acme/hello");
    assert_eq!(shown[0]["dist"]["reference"], sha1(zip("pub")));
    // A user's name space is no group.
    owner
        .get(&format!(
            "{}/packages.json",
            group_composer(user_id("owner"))
        ))
        .expect(404);
}

#[test]
fn names_are_listed_by_pattern_and_found_by_words() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for (name, kind, words) in [
        ("acme/blue", "library", "a shiny thing"),
        ("acme/red", "composer-plugin", "another shiny thing"),
        ("other/blue", "library", "dull"),
    ] {
        let zip = package(
            name,
            json!({ "type": kind, "description": words, "keywords": ["Colour"] }),
            name,
        );
        upload(&developer, INT, "1.0", &zip).expect(201);
    }
    for base in [composer(INT), group_composer(ACME)] {
        let list = |query: &str| {
            developer
                .get(&format!("{base}/list.json{query}"))
                .expect(200)
                .json()
        };
        assert_eq!(
            list(""),
            json!({ "packageNames": ["acme/blue", "acme/red", "other/blue"] })
        );
        assert_eq!(
            list("?filter=acme/*"),
            json!({ "packageNames": ["acme/blue", "acme/red"] })
        );
        assert_eq!(
            list("?filter=*/Blue"),
            json!({ "packageNames": ["acme/blue", "other/blue"] })
        );
        assert_eq!(list("?filter=blue"), json!({ "packageNames": [] }));
        assert_eq!(
            list("?filter=.*"),
            json!({ "packageNames": [] }),
            "a pattern, not an expression"
        );
        let search = |query: &str| {
            developer
                .get(&format!("{base}/search.json?{query}"))
                .expect(200)
                .json()
        };
        assert_eq!(
            each(&search("q=shiny")["results"], "name"),
            ["acme/blue", "acme/red"]
        );
        assert_eq!(
            each(&search("q=shiny+colour&type=library")["results"], "name"),
            ["acme/blue"]
        );
        assert_eq!(
            each(&search("q=BLUE&type=")["results"], "name"),
            ["acme/blue", "other/blue"]
        );
        assert_eq!(search("q=nothing"), json!({ "results": [], "total": 0 }));
        let mut page = search("per_page=2");
        assert_eq!(page["total"], 3);
        assert_eq!(
            each(&page["results"], "description"),
            ["a shiny thing", "another shiny thing"]
        );
        let next = page["next"].take();
        let next = next.as_str().unwrap();
        let rest = developer
            .get(&next[next.find("/api/").unwrap()..])
            .expect(200)
            .json();
        assert_eq!(each(&rest["results"], "name"), ["other/blue"]);
        assert_eq!(rest.get("next"), None);
        for odd in [
            "page=0",
            "page=99999999999999999999",
            "per_page=-1",
            "page=18446744073709551615&per_page=100",
        ] {
            search(odd);
        }
        developer
            .get(&format!("{base}/list.json?filter={}", "*a".repeat(200)))
            .expect(400);
    }
    let names = seeds
        .anonymous()
        .get(&format!("{}/list.json", group_composer(ACME)));
    assert_eq!(names.expect(200).json(), json!({ "packageNames": [] }));
}
