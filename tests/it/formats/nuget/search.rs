//! Search and completion.

use serde_json::{Value, json};

use crate::support::Actor;
use crate::support::nuget::{nuget, nupkg, push};
use crate::support::seeds::{PUB, Seeds};

fn query(actor: &Actor, query: &str) -> Value {
    actor
        .get(&format!("{}/query?{query}", nuget(PUB)))
        .expect(200)
        .json()
}

fn found(actor: &Actor, text: &str) -> Vec<String> {
    let answer = query(actor, text);
    let data = answer["data"].as_array().unwrap();
    data.iter()
        .map(|hit| {
            format!(
                "{} {}",
                hit["id"].as_str().unwrap(),
                hit["version"].as_str().unwrap()
            )
        })
        .collect()
}

fn filled() -> Seeds {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let tool =
        "<packageTypes><packageType name='DotnetTool'/></packageTypes><title>The tool</title>";
    for (id, version, more) in [
        ("Acme.Core", "1.0", ""),
        ("Acme.Core", "1.10", "<tags>x y</tags>"),
        ("Acme.Core", "1.9", ""),
        ("Acme.Core", "2.0-beta.1", ""),
        ("Core", "1.0", ""),
        ("Other", "0.1-alpha", ""),
        ("acme.tool", "1.0", tool),
    ] {
        push(&developer, PUB, &nupkg(id, version, more)).expect(201);
    }
    seeds
}

#[test]
fn ids_are_found_by_any_part_in_any_case() {
    let seeds = filled();
    let anyone = seeds.anonymous();
    assert_eq!(
        found(&anyone, "q=CORE"),
        ["Core 1.0.0", "Acme.Core 2.0.0-beta.1"]
    );
    assert_eq!(found(&anyone, "q=acme%20too"), ["acme.tool 1.0.0"]);
    assert_eq!(found(&anyone, "q=none"), [""; 0]);
    assert_eq!(
        found(&anyone, ""),
        [
            "Acme.Core 2.0.0-beta.1",
            "acme.tool 1.0.0",
            "Core 1.0.0",
            "Other 0.1.0-alpha"
        ]
    );
    assert_eq!(
        found(&anyone, "prerelease=false"),
        ["Acme.Core 1.10.0", "acme.tool 1.0.0", "Core 1.0.0"]
    );
    assert_eq!(
        found(&anyone, "packageType=dotnettool"),
        ["acme.tool 1.0.0"]
    );
    assert_eq!(
        found(
            &anyone,
            "packageType=Dependency&q=core&prerelease=false&semVerLevel=2.0.0"
        ),
        ["Core 1.0.0", "Acme.Core 1.10.0"]
    );
    let without_ending = anyone
        .get(&format!("{}/query.json?q=other", nuget(PUB)))
        .expect(200)
        .json();
    assert_eq!(without_ending["totalHits"], 1);
}

#[test]
fn a_hit_tells_all_versions_and_what_the_latest_says() {
    let seeds = filled();
    let anyone = seeds.anonymous();
    anyone
        .get(&format!(
            "{}/download/acme.core/1.9.0/acme.core.1.9.0.nupkg",
            nuget(PUB)
        ))
        .expect(200);
    let base = seeds.url(&nuget(PUB));
    let hit = query(&anyone, "q=acme.core&prerelease=false")["data"][0].clone();
    let expected = json!({
        "@id": format!("{base}/metadata/acme.core/index.json"), "@type": "Package", "id": "Acme.Core", "version": "1.10.0",
        "title": "Acme.Core", "authors": "Ann, Bob", "description": "A test", "summary": "", "tags": "x y", "verified": true,
        "packageTypes": [{ "name": "Dependency" }],
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&hit[key], value, "{key}");
    }
    let versions: Vec<&str> = hit["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["version"].as_str().unwrap())
        .collect();
    assert_eq!(versions, ["1.0.0", "1.9.0", "1.10.0"]);
    assert_eq!(
        hit["versions"][1]["@id"],
        format!("{base}/metadata/acme.core/1.9.0.json")
    );
    let tool = query(&anyone, "q=tool")["data"][0].clone();
    assert_eq!(
        (&tool["title"], &tool["packageTypes"]),
        (&json!("The tool"), &json!([{ "name": "DotnetTool" }]))
    );
    let counted = || query(&anyone, "q=acme.core")["data"][0]["totalDownloads"] == 1;
    crate::support::eventually("the download is counted", counted);
}

#[test]
fn pages_are_taken_and_numbers_checked() {
    let seeds = filled();
    let anyone = seeds.anonymous();
    assert_eq!(
        found(&anyone, "skip=1&take=2"),
        ["acme.tool 1.0.0", "Core 1.0.0"]
    );
    assert_eq!(query(&anyone, "skip=1&take=2")["totalHits"], 4);
    assert_eq!(found(&anyone, "take=0"), [""; 0]);
    assert_eq!(found(&anyone, "skip=9&take=99999").len(), 0);
    for (text, problem) in [
        ("take=x", "take is invalid"),
        ("skip=-1", "skip is invalid"),
        ("prerelease=maybe", "prerelease is invalid"),
    ] {
        let answer = anyone.get(&format!("{}/query?{text}", nuget(PUB)));
        answer.expect_json(400, json!({ "error": problem }));
    }
}

#[test]
fn ids_and_versions_are_completed() {
    let seeds = filled();
    let complete = |text: &str| {
        seeds
            .anonymous()
            .get(&format!("{}/autocomplete?{text}", nuget(PUB)))
            .expect(200)
            .json()
    };
    assert_eq!(
        complete("q=co"),
        json!({ "totalHits": 2, "data": ["Core", "Acme.Core"] })
    );
    assert_eq!(
        complete("q=&take=1"),
        json!({ "totalHits": 4, "data": ["Acme.Core"] })
    );
    assert_eq!(
        complete("id=acme.CORE"),
        json!({ "data": ["1.0.0", "1.9.0", "1.10.0", "2.0.0-beta.1"] })
    );
    assert_eq!(
        complete("id=acme.core&prerelease=false"),
        json!({ "data": ["1.0.0", "1.9.0", "1.10.0"] })
    );
    assert_eq!(complete("id=none"), json!({ "data": [] }));
}
