//! `maven-metadata.xml`: what is sent is kept, what is read is made from the database.

use serde_json::json;

use super::{all_of, group_maven, maven, put, text};
use crate::support::seeds::{ACME, DEEP, PRIV, PUB, Seeds, files, md5, packages, sha1, sha256};

const AT_ARTIFACT: &str = "com/acme/demo/maven-metadata.xml";
const AT_SNAPSHOT: &str = "com/acme/demo/2.0-SNAPSHOT/maven-metadata.xml";

fn put_version(seeds: &Seeds, project: i64, version: &str) {
    put(
        seeds,
        project,
        &format!("com/acme/demo/{version}/demo-{version}.pom"),
    );
}

fn uploaded(versions: &[&str]) -> String {
    let versions: String = versions
        .iter()
        .map(|version| format!("<version>{version}</version>"))
        .collect();
    format!(
        "<metadata><groupId>com.acme</groupId><artifactId>demo</artifactId><versioning><versions>{versions}</versions></versioning></metadata>"
    )
}

#[test]
fn an_artifact_lists_its_versions_in_mavens_order() {
    let seeds = Seeds::start();
    for version in ["1.10", "1.9", "2.0-SNAPSHOT", "2.0-rc1", "1.9.1"] {
        put_version(&seeds, PUB, version);
    }
    put(&seeds, PUB, "com/acme/demo/9.9/demo-9.9.jar.asc");
    let document = text(&seeds, PUB, AT_ARTIFACT);
    assert_eq!(
        all_of(&document, "version"),
        ["1.9", "1.9.1", "1.10", "2.0-rc1", "2.0-SNAPSHOT"]
    );
    assert_eq!(
        all_of(&document, "release"),
        ["1.9.1"],
        "by time, not by order"
    );
    assert_eq!(all_of(&document, "groupId"), ["com.acme"]);
    assert_eq!(all_of(&document, "artifactId"), ["demo"]);
    assert_eq!(all_of(&document, "lastUpdated")[0].len(), 14);
    assert!(all_of(&document, "latest").is_empty());
}

#[test]
fn what_clients_send_is_accepted_and_the_database_is_the_truth() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    put_version(&seeds, PUB, "1.0");
    put_version(&seeds, PUB, "1.1");
    // Two deploys at once: each has read the list without the other's version.
    for own in ["1.0", "1.1"] {
        developer
            .put(&maven(PUB, AT_ARTIFACT), uploaded(&[own, "7.7"]))
            .expect(200);
    }
    for own in ["1.0", "1.1"] {
        let sum = sha1(uploaded(&[own, "7.7"]));
        developer
            .put(&maven(PUB, &format!("{AT_ARTIFACT}.sha1")), sum)
            .expect(204);
        let sum = md5(uploaded(&[own, "7.7"]));
        developer
            .put(&maven(PUB, &format!("{AT_ARTIFACT}.md5")), sum)
            .expect(200);
    }
    developer
        .put(&maven(PUB, &format!("{AT_ARTIFACT}.sha1")), "0".repeat(40))
        .expect(409);
    assert_eq!(
        all_of(&text(&seeds, PUB, AT_ARTIFACT), "version"),
        ["1.0", "1.1"]
    );
}

#[test]
fn the_checksums_of_a_document_are_those_of_its_bytes() {
    let seeds = Seeds::start();
    put_version(&seeds, PUB, "1.0");
    for path in [AT_ARTIFACT, AT_SNAPSHOT] {
        put_version(&seeds, PUB, "2.0-SNAPSHOT");
        let answer = seeds.anonymous().get(&maven(PUB, path)).expect(200);
        assert_eq!(answer.header("x-checksum-sha1"), sha1(answer.text()));
        for (ending, sum) in [
            ("sha1", sha1(answer.text())),
            ("md5", md5(answer.text())),
            ("sha256", sha256(answer.text())),
        ] {
            assert_eq!(text(&seeds, PUB, &format!("{path}.{ending}")), sum);
        }
        assert_eq!(
            text(&seeds, PUB, path),
            answer.text(),
            "the same bytes as long as nothing changes"
        );
        let known = seeds
            .anonymous()
            .with("If-None-Match", answer.header("etag"));
        known.get(&maven(PUB, path)).expect(304);
    }
}

#[test]
fn a_snapshot_tells_the_newest_build_of_each_file() {
    let seeds = Seeds::start();
    for file in [
        "demo-2.0-20260101.010101-1.jar",
        "demo-2.0-20260101.010101-1.pom",
        "demo-2.0-20260101.010101-1-sources.jar",
        "demo-2.0-20260101.010109-2.jar",
        "demo-2.0-20260101.010109-2.pom",
    ] {
        put(&seeds, PUB, &format!("com/acme/demo/2.0-SNAPSHOT/{file}"));
    }
    let document = text(&seeds, PUB, AT_SNAPSHOT);
    assert_eq!(all_of(&document, "timestamp"), ["20260101.010109"]);
    assert_eq!(all_of(&document, "buildNumber"), ["2"]);
    assert_eq!(all_of(&document, "extension"), ["jar", "pom", "jar"]);
    assert_eq!(
        all_of(&document, "value"),
        [
            "2.0-20260101.010109-2",
            "2.0-20260101.010109-2",
            "2.0-20260101.010101-1"
        ]
    );
    assert_eq!(all_of(&document, "classifier"), ["sources"]);
    assert_eq!(all_of(&document, "version"), ["2.0-SNAPSHOT"]);
    assert_eq!(all_of(&document, "lastUpdated"), ["20260101010109"]);
}

#[test]
fn an_artifact_document_has_a_row_without_a_version_that_shows_what_is_served() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    put_version(&seeds, PUB, "1.0");
    for version in ["1.0", "3.0"] {
        owner
            .put(&maven(PUB, AT_ARTIFACT), uploaded(&[version]))
            .expect(200);
    }
    let listed = owner.get(&packages(PUB)).expect(200).json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let all = owner
        .get(&format!("{}?include_versionless=true", packages(PUB)))
        .expect(200)
        .json();
    let row = all
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["version"].is_null())
        .expect("a row without a version");
    assert_eq!(row["name"], json!("com/acme/demo"));
    let id = row["id"].as_i64().unwrap();
    let rows = owner.get(&files(PUB, id)).expect(200).json();
    assert_eq!(
        rows.as_array().unwrap().len(),
        1,
        "one row for each place: {rows}"
    );
    let served = text(&seeds, PUB, AT_ARTIFACT);
    assert_eq!(rows[0]["file_sha256"], json!(sha256(&served)));
    assert_eq!(rows[0]["size"], json!(served.len()));
    let file = rows[0]["id"].as_i64().unwrap();
    assert_eq!(
        owner
            .get(&format!("{}/{file}/download", files(PUB, id)))
            .expect(200)
            .text(),
        served
    );
}

#[test]
fn a_group_merges_the_versions_of_every_project_that_the_caller_may_read() {
    let seeds = Seeds::start();
    put_version(&seeds, PUB, "1.0");
    put_version(&seeds, DEEP, "1.1");
    put_version(&seeds, PRIV, "1.2");
    let versions = |who: &crate::support::Actor| {
        all_of(
            &who.get(&group_maven(ACME, AT_ARTIFACT)).expect(200).text(),
            "version",
        )
    };
    for _ in 0..2 {
        assert_eq!(versions(&seeds.anonymous()), ["1.0", "1.1"]);
        assert_eq!(versions(&seeds.user("reporter")), ["1.0", "1.1", "1.2"]);
    }
    // Of equal versions the newest package is served, whichever project it lies in.
    for project in [DEEP, PUB] {
        let bytes = format!("of {project}");
        seeds
            .user("owner")
            .put(&maven(project, "com/acme/demo/4.0/demo-4.0.jar"), bytes)
            .expect(200);
    }
    let jar = seeds
        .anonymous()
        .get(&group_maven(ACME, "com/acme/demo/4.0/demo-4.0.jar"))
        .expect(200);
    assert_eq!(jar.text(), format!("of {PUB}"));
}

#[test]
fn the_plugins_of_a_group_are_united_and_go_with_their_artifacts() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    let at_group = "com/acme/maven-metadata.xml";
    let ids: Vec<i64> = ["one", "two"]
        .map(|name| {
            put(&seeds, PUB, &format!("com/acme/{name}/1.0/{name}-1.0.jar"));
            let plugin = format!("<metadata><plugins><plugin><name>{name}</name><prefix>{name}</prefix><artifactId>{name}</artifactId></plugin></plugins></metadata>");
            owner.put(&maven(PUB, at_group), plugin).expect(200);
            let found = owner.get(&format!("{}?package_name=com/acme/{name}", packages(PUB))).expect(200).json();
            found[0]["id"].as_i64().unwrap()
        })
        .into();
    assert_eq!(
        all_of(&text(&seeds, PUB, at_group), "prefix"),
        ["one", "two"]
    );
    owner
        .delete(&crate::support::seeds::package(PUB, ids[0]))
        .expect(204);
    assert_eq!(all_of(&text(&seeds, PUB, at_group), "prefix"), ["two"]);
}

#[test]
fn fifty_modules_are_deployed_into_one_new_name_at_once() {
    let seeds = Seeds::start();
    std::thread::scope(|scope| {
        for module in 0..50 {
            let developer = seeds.user("developer");
            scope.spawn(move || {
                let jar = format!("com/acme/demo/1.0/demo-1.0-module{module}.jar");
                developer.put(&maven(PUB, &jar), &jar).expect(200);
                developer
                    .put(&maven(PUB, &format!("{jar}.sha1")), sha1(&jar))
                    .expect(204);
                let pom = format!("com/acme/demo/2.{module}/demo-2.{module}.pom");
                developer.put(&maven(PUB, &pom), &pom).expect(200);
                let document = uploaded(&[&format!("2.{module}")]);
                developer
                    .put(&maven(PUB, AT_ARTIFACT), &document)
                    .expect(200);
                developer
                    .put(&maven(PUB, &format!("{AT_ARTIFACT}.sha1")), sha1(&document))
                    .expect(204);
            });
        }
    });
    for module in 0..50 {
        let jar = format!("com/acme/demo/1.0/demo-1.0-module{module}.jar");
        assert_eq!(text(&seeds, PUB, &jar), jar);
    }
    assert_eq!(all_of(&text(&seeds, PUB, AT_ARTIFACT), "version").len(), 51);
}

#[test]
fn a_snapshots_document_may_come_before_its_files_and_again() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let document = "<metadata><versioning/><version>2.0-SNAPSHOT</version></metadata>";
    developer
        .put(&maven(PUB, AT_SNAPSHOT), document)
        .expect(200);
    developer
        .put(&maven(PUB, &format!("{AT_SNAPSHOT}.sha1")), sha1(document))
        .expect(204);
    developer.get(&maven(PUB, AT_SNAPSHOT)).expect(404);
    seeds.set(ACME, "maven_duplicates_allowed", "false");
    developer
        .put(&maven(PUB, AT_SNAPSHOT), document)
        .expect(200);
    // One that strayed to a release that is not there makes no package of the version's name.
    developer
        .put(
            &maven(PUB, "com/acme/demo/3.0/maven-metadata.xml"),
            document,
        )
        .expect(200);
    let all = developer
        .get(&format!("{}?include_versionless=true", packages(PUB)))
        .expect(200)
        .json();
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
}
