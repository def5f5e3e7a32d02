//! Offset pagination: sizes, bounds, both families of headers.

use serde_json::json;

use crate::support::seeds::{ACME, PRIV, PUB, Planted, Seeds, files, group_packages, packages};
use crate::support::shape::{ids, sorted};
use crate::support::{Actor, Answer};

/// The links of an answer as (URL, rel), in their order.
fn links(answer: &Answer) -> Vec<(String, String)> {
    let link = answer.header("link");
    let split = |part: &str| {
        let (url, rel) = part.split_once(">; rel=\"").expect("a link");
        (
            url.trim_start_matches('<').to_owned(),
            rel.trim_end_matches('"').to_owned(),
        )
    };
    link.split(", ").map(split).collect()
}

fn rels(answer: &Answer) -> Vec<String> {
    links(answer).into_iter().map(|(_, rel)| rel).collect()
}

/// Follows `rel="next"` from a first path to the end; answers every id on the way.
fn follow(seeds: &Seeds, caller: &Actor, first: &str) -> Vec<i64> {
    let mut all = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        assert!(all.len() < 1_000, "the links never end");
        let answer = caller.get(&path).expect(200);
        all.extend(ids(&answer));
        next = links(&answer)
            .into_iter()
            .find(|(_, rel)| rel == "next")
            .map(|(url, _)| {
                let path = url.strip_prefix(&seeds.url(""));
                path.unwrap_or_else(|| panic!("{url} leads elsewhere"))
                    .to_owned()
            });
    }
    all
}

#[test]
fn s14_s94_lists_show_twenty_by_default() {
    let seeds = Seeds::start();
    let planted = seeds.plant_many(PUB, 21);
    let with_files = planted[0];
    for number in 0..21 {
        seeds.plant_file(with_files, &format!("{number}.txt"), b"a");
    }
    for path in [packages(PUB), group_packages(ACME), files(PUB, with_files)] {
        let first = seeds.anonymous().get(&path).expect(200);
        assert_eq!(ids(&first).len(), 20, "{path}");
        assert_eq!(first.header("x-per-page"), "20");
        assert_eq!(first.header("x-page"), "1");
        assert_eq!(first.header("x-next-page"), "2");
        assert_eq!(first.header("x-prev-page"), "");
        assert_eq!(first.header("x-total"), "21");
        assert_eq!(first.header("x-total-pages"), "2");
        assert!(rels(&first).contains(&"next".to_owned()));
        let second = seeds.anonymous().get(&format!("{path}?page=2")).expect(200);
        assert_eq!(ids(&second).len(), 1);
        assert_eq!(second.header("x-next-page"), "");
        assert_eq!(second.header("x-prev-page"), "1");
        assert!(!ids(&first).contains(&ids(&second)[0]));
    }
}

#[test]
fn item15_page_sizes_have_their_bounds() {
    let seeds = Seeds::start();
    seeds.plant_many(PUB, 101);
    let with_files = seeds.plant(PUB, &Planted::generic("files"));
    let wrong = [
        ("per_page=0", "per_page has a value not allowed"),
        ("per_page=-1", "per_page does not have a valid value"),
        ("per_page=x", "per_page is invalid"),
        ("per_page=1.5", "per_page is invalid"),
        ("page=0", "page does not have a valid value"),
        ("page=-3", "page does not have a valid value"),
        ("page=x", "page is invalid"),
    ];
    for path in [packages(PUB), group_packages(ACME), files(PUB, with_files)] {
        for (query, text) in wrong {
            let answer = seeds.anonymous().get(&format!("{path}?{query}"));
            answer.expect_json(400, json!({ "error": text }));
        }
        seeds
            .anonymous()
            .get(&format!("{path}?page=&per_page="))
            .expect(200);
    }
    let clamped = seeds
        .anonymous()
        .get(&format!("{}?per_page=500", packages(PUB)))
        .expect(200);
    assert_eq!(clamped.header("x-per-page"), "100");
    assert_eq!(ids(&clamped).len(), 100);
    for huge in ["9223372036854775807", "4611686018427387904"] {
        let answer = seeds
            .anonymous()
            .get(&format!("{}?page={huge}&per_page={huge}", packages(PUB)));
        assert_eq!(ids(&answer.expect(200)), [0; 0]);
    }
    let beyond = seeds
        .anonymous()
        .get(&format!("{}?per_page=99999999999999999999", packages(PUB)));
    beyond.expect_json(400, json!({ "error": "per_page is invalid" }));
}

#[test]
fn item15_an_empty_list_has_one_page_of_nothing() {
    let seeds = Seeds::start();
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    assert_eq!(answer.json(), json!([]));
    assert_eq!(answer.header("x-total"), "0");
    assert_eq!(answer.header("x-total-pages"), "1");
    assert_eq!(answer.header("x-next-page"), "");
    assert_eq!(rels(&answer), ["first", "last"]);
}

#[test]
fn a_page_beyond_the_end_is_empty() {
    let seeds = Seeds::start();
    seeds.plant_many(PUB, 3);
    let answer = seeds
        .anonymous()
        .get(&format!("{}?page=9", packages(PUB)))
        .expect(200);
    assert_eq!(answer.json(), json!([]));
    assert_eq!(answer.header("x-page"), "9");
    assert_eq!(answer.header("x-next-page"), "");
    assert_eq!(answer.header("x-prev-page"), "");
    assert_eq!(rels(&answer), ["first", "last"]);
}

#[test]
fn item16_links_stand_in_order_and_name_every_declared_parameter() {
    let seeds = Seeds::start();
    seeds.plant_many(PUB, 7);
    let answer = seeds
        .anonymous()
        .get(&format!("{}?per_page=2&page=2", packages(PUB)))
        .expect(200);
    let base = seeds.url(&packages(PUB));
    let link =
        |page: i64| format!("{base}?id={PUB}&order_by=created_at&page={page}&per_page=2&sort=asc");
    let expected = [
        (link(1), "prev"),
        (link(3), "next"),
        (link(1), "first"),
        (link(4), "last"),
    ];
    let expected: Vec<(String, String)> = expected.map(|(url, rel)| (url, rel.to_owned())).into();
    assert_eq!(links(&answer), expected);

    let query = "?package_name=%22ma%20n%22+%5B%5D&include_versionless=1&status=default&colour=green&per_page=300";
    let answer = seeds
        .anonymous()
        .get(&format!("{}{query}", packages(PUB)))
        .expect(200);
    let expected = format!(
        "{base}?id={PUB}&include_versionless=true&order_by=created_at\
         &package_name=%22ma+n%22+%5B%5D&page=1&per_page=100&sort=asc&status=default"
    );
    assert_eq!(links(&answer)[0], (expected, "first".to_owned()));

    let group = seeds
        .anonymous()
        .get("/api/v4/groups/acme/packages?per_page=1")
        .expect(200);
    let expected = seeds.url(
        "/api/v4/groups/acme/packages?exclude_subgroups=false&id=acme&order_by=created_at&page=2&per_page=1&sort=asc",
    );
    assert_eq!(links(&group)[0], (expected, "next".to_owned()));
}

#[test]
fn item16_following_next_visits_everything_once() {
    let seeds = Seeds::start();
    let planted = seeds.plant_many(PUB, 11); // one moment for many of them: ids decide
    for query in [
        "",
        "?order_by=name&sort=desc",
        "?order_by=version",
        "?order_by=type&sort=desc",
        "?per_page=3",
    ] {
        let first = format!(
            "{}{query}{}per_page=3",
            packages(PUB),
            if query.is_empty() { "?" } else { "&" }
        );
        let seen = follow(&seeds, &seeds.anonymous(), &first);
        assert_eq!(sorted(seen), planted, "{query}");
    }
    let first = "/api/v4/groups/acme/packages?per_page=2&order_by=project_path";
    assert_eq!(sorted(follow(&seeds, &seeds.anonymous(), first)), planted);
    let first = "/api/v4/projects/acme%2Fpub/packages?per_page=4";
    assert_eq!(sorted(follow(&seeds, &seeds.anonymous(), first)), planted);
}

#[test]
fn item16_links_carry_no_credential() {
    let seeds = Seeds::start();
    seeds.plant_many(PRIV, 3);
    let job = seeds.job_token("guest", PRIV);
    let token = seeds.token("guest");
    for query in [
        format!("private_token={token}"),
        format!("access_token={token}"),
        format!("job_token={job}"),
        format!("token={job}"),
    ] {
        let answer = seeds
            .anonymous()
            .get(&format!("{}?per_page=1&{query}&sudo=root", packages(PRIV)))
            .expect(200);
        let link = answer.header("link");
        assert!(
            !link.contains("token") && !link.contains("sudo") && link.contains("rel=\"next\""),
            "{link}"
        );
    }
}

#[test]
fn item17_beyond_ten_thousand_no_total_is_told() {
    let seeds = Seeds::start();
    seeds.plant_many(PUB, 10_000);
    let path = packages(PUB);
    let exact = seeds.anonymous().get(&path).expect(200);
    assert_eq!(exact.header("x-total"), "10000");
    assert_eq!(exact.header("x-total-pages"), "500");
    assert_eq!(rels(&exact), ["next", "first", "last"]);
    seeds.plant(PUB, &Planted::generic("one-more"));
    for path in [path, group_packages(ACME)] {
        let answer = seeds.anonymous().get(&path).expect(200);
        for header in ["x-total", "x-total-pages"] {
            assert!(answer.find_header(header).is_none(), "{header}");
        }
        assert_eq!(rels(&answer), ["next", "first"]);
        assert_eq!(answer.header("x-next-page"), "2");
        let last = seeds
            .anonymous()
            .get(&format!("{path}?page=501"))
            .expect(200);
        assert_eq!(ids(&last).len(), 1);
        assert_eq!(
            last.header("x-next-page"),
            "",
            "the last page has no next one"
        );
        assert_eq!(rels(&last), ["prev", "first"]);
    }
}

#[test]
fn pages_are_stable_while_equal_keys_abound() {
    let seeds = Seeds::start();
    let same = Planted::generic("same").created_at("2026-03-01T00:00:00.000Z");
    let planted: Vec<i64> = (0..6)
        .map(|number| seeds.plant(PUB, &same.clone().version(&format!("{number}"))))
        .collect();
    let page = |sort: &str, page: usize| {
        ids(&seeds
            .anonymous()
            .get(&format!(
                "{}?sort={sort}&per_page=2&page={page}",
                packages(PUB)
            ))
            .expect(200))
    };
    for number in 0..3 {
        assert_eq!(page("asc", number + 1), planted[number * 2..number * 2 + 2]);
    }
    assert_eq!(page("desc", 1), [planted[5], planted[4]]);
}
