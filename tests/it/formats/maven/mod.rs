//! Maven: the requests of its clients, one by one.

mod access;
mod checksums;
mod deletion;
mod duplicates;
mod hostile;
mod metadata;

use serde_json::json;

use crate::support::seeds::{PUB, Seeds, files, packages};
use crate::support::shape::ids;

/// `/api/v4/projects/:id/packages/maven/:path`
fn maven(project: i64, path: &str) -> String {
    format!("{}/maven/{path}", packages(project))
}

/// `/api/v4/groups/:id/-/packages/maven/:path`
fn group_maven(group: i64, path: &str) -> String {
    format!("/api/v4/groups/{group}/-/packages/maven/{path}")
}

const JAR: &str = "com/acme/demo/1.0/demo-1.0.jar";

/// Publishes a jar with the path as its content.
fn put(seeds: &Seeds, project: i64, path: &str) {
    seeds
        .user("owner")
        .put(&maven(project, path), path)
        .expect(200);
}

/// The text of a document or checksum that the owner reads.
fn text(seeds: &Seeds, project: i64, path: &str) -> String {
    seeds
        .user("owner")
        .get(&maven(project, path))
        .expect(200)
        .text()
}

/// The texts between `<name>` and `</name>`, in their order.
fn all_of(document: &str, name: &str) -> Vec<String> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let rest = document.split(&start).skip(1);
    rest.map(|rest| rest.split(&end).next().unwrap().to_owned())
        .collect()
}

#[test]
fn a_file_comes_back_with_its_checksums_as_headers() {
    let seeds = Seeds::start();
    seeds
        .user("developer")
        .put(&maven(PUB, JAR), "bytes")
        .expect(200);
    let answer = seeds.anonymous().get(&maven(PUB, JAR)).expect(200);
    assert_eq!(answer.text(), "bytes");
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(
        answer.header("x-checksum-sha1"),
        crate::support::seeds::sha1("bytes")
    );
    assert_eq!(
        answer.header("x-checksum-md5"),
        crate::support::seeds::md5("bytes")
    );
    let head = seeds.anonymous().head(&maven(PUB, JAR)).expect(200);
    for name in [
        "content-length",
        "etag",
        "last-modified",
        "x-checksum-sha1",
        "x-checksum-sha256",
    ] {
        assert_eq!(head.header(name), answer.header(name), "{name}");
    }
    let rest = seeds
        .anonymous()
        .with("Range", "bytes=2-")
        .get(&maven(PUB, JAR))
        .expect(206);
    assert_eq!(
        (rest.text().as_str(), rest.header("content-range")),
        ("tes", "bytes 2-4/5")
    );
}

#[test]
fn what_is_not_there_is_told_at_once() {
    let seeds = Seeds::start();
    put(&seeds, PUB, JAR);
    for path in [
        "com/acme/demo/1.0/demo-1.0.pom",
        "com/acme/demo/1.0/demo-1.0.pom.sha1",
        "com/acme/demo/2.0/demo-2.0.jar",
        "com/acme/other/maven-metadata.xml",
        "com/acme/demo/1.0-SNAPSHOT/maven-metadata.xml",
        "com/acme/demo/",
        "archetype-catalog.xml",
        ".meta/repository-metadata.xml",
        ".index/nexus-maven-repository-index.properties",
    ] {
        let missing = json!({ "message": "404 Package Not Found" });
        seeds
            .anonymous()
            .get(&maven(PUB, path))
            .expect_json(404, missing);
    }
}

#[test]
fn files_of_every_kind_are_stored_and_only_those_are_listed() {
    let seeds = Seeds::start();
    let stored = [
        "demo-1.0+b1.jar",
        "demo-1.0+b1.pom",
        "demo-1.0+b1.module",
        "demo-1.0+b1-sources.jar",
        "demo-1.0+b1.war",
        "demo-1.0+b1.jar.asc",
        "demo-1.0+b1.tar.gz",
        "something-else.toml",
    ];
    for name in stored {
        put(&seeds, PUB, &format!("com/acme/demo/1.0+b1/{name}"));
        let path = format!("com/acme/demo/1.0+b1/{name}.sha1");
        let sum = crate::support::seeds::sha1(format!("com/acme/demo/1.0+b1/{name}"));
        assert!(
            seeds
                .user("owner")
                .put(&maven(PUB, &path), &sum)
                .expect(204)
                .body
                .is_empty()
        );
    }
    seeds
        .user("owner")
        .put(&maven(PUB, "com/acme/demo/1.0+b1/empty.txt"), "")
        .expect(200);
    let id = ids(&seeds.user("owner").get(&packages(PUB)).expect(200))[0];
    let listed = seeds.user("owner").get(&files(PUB, id)).expect(200).json();
    assert_eq!(
        crate::support::each(&listed, "file_name"),
        [&stored[..], &["empty.txt"]].concat()
    );
    let found = seeds.user("owner").get(&packages(PUB)).expect(200).json();
    assert_eq!(
        (
            &found[0]["name"],
            &found[0]["version"],
            &found[0]["package_type"]
        ),
        (&json!("com/acme/demo"), &json!("1.0+b1"), &json!("maven"))
    );
    seeds
        .anonymous()
        .get(&maven(PUB, "com/acme/demo/1.0%2Bb1/demo-1.0%2Bb1.jar"))
        .expect(200);
    seeds
        .anonymous()
        .get(&maven(
            PUB,
            "com%2Facme%2Fdemo%2F1.0%2Bb1%2Fdemo-1.0%2Bb1.jar",
        ))
        .expect(200);
}

#[test]
fn a_snapshot_without_its_timestamp_is_the_newest_build() {
    let seeds = Seeds::start();
    for build in ["20260101.010101-1", "20260101.010102-2"] {
        put(
            &seeds,
            PUB,
            &format!("com/acme/demo/1.0-SNAPSHOT/demo-1.0-{build}.jar"),
        );
        put(
            &seeds,
            PUB,
            &format!("com/acme/demo/1.0-SNAPSHOT/demo-1.0-{build}-sources.jar"),
        );
    }
    let newest = "com/acme/demo/1.0-SNAPSHOT/demo-1.0-20260101.010102-2";
    let plain = "com/acme/demo/1.0-SNAPSHOT/demo-1.0-SNAPSHOT";
    assert_eq!(
        text(&seeds, PUB, &format!("{plain}.jar")),
        format!("{newest}.jar")
    );
    assert_eq!(
        text(&seeds, PUB, &format!("{plain}-sources.jar")),
        format!("{newest}-sources.jar")
    );
    let sum = crate::support::seeds::sha1(format!("{newest}.jar"));
    assert_eq!(text(&seeds, PUB, &format!("{plain}.jar.sha1")), sum);
}

#[test]
fn a_pom_describes_its_package_and_never_names_it() {
    let seeds = Seeds::start();
    let pom = "<project><groupId>other</groupId><artifactId>name</artifactId><version>9</version>
        <description>Does things</description><licenses><license><name>MIT</name></license></licenses></project>";
    seeds
        .user("developer")
        .put(&maven(PUB, "com/acme/demo/1.0/demo-1.0.pom"), pom)
        .expect(200);
    let found = seeds.user("owner").get(&packages(PUB)).expect(200).json();
    assert_eq!(found[0]["name"], json!("com/acme/demo"));
    let kept: String = seeds
        .database()
        .query_row(
            "SELECT metadata FROM packages WHERE name = 'com/acme/demo'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(
        kept["pom"],
        json!({ "description": "Does things", "licenses": ["MIT"] })
    );
}

#[test]
fn s39_s86_s93_a_deployed_snapshot_is_listed_with_its_files_as_they_were_sent() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    let names = [
        "my-app-1.5-20181107.152550-1.jar",
        "my-app-1.5-20181107.152550-1.pom",
        "maven-metadata.xml",
    ];
    let document = "<metadata><versioning/><version>1.5-SNAPSHOT</version></metadata>";
    for name in names {
        let path = format!("com/mycompany/my-app/1.5-SNAPSHOT/{name}");
        owner.put(&maven(PUB, &path), document).expect(200);
        let sum = crate::support::seeds::sha1(document);
        owner
            .put(&maven(PUB, &format!("{path}.sha1")), sum)
            .expect(204);
    }
    let found = owner.get(&packages(PUB)).expect(200).json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["name"], json!("com/mycompany/my-app"));
    assert_eq!(found[0]["version"], json!("1.5-SNAPSHOT"));
    assert_eq!(found[0]["package_type"], json!("maven"));
    let id = found[0]["id"].as_i64().unwrap();
    let listed = owner.get(&files(PUB, id)).expect(200).json();
    assert_eq!(crate::support::each(&listed, "file_name"), names);
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .all(|file| file["package_id"] == json!(id))
    );
    owner.get(&files(PUB, id + 99)).expect(404);
}

#[test]
fn a_download_that_was_replaced_in_the_meantime_is_not_resumed() {
    let seeds = Seeds::start();
    put(&seeds, PUB, JAR);
    let resume = seeds.anonymous().with("Range", "bytes=2-");
    let changed = seeds.anonymous().get(&maven(PUB, JAR)).expect(200);
    let changed = changed.header("last-modified");
    resume
        .with("If-Unmodified-Since", changed)
        .get(&maven(PUB, JAR))
        .expect(206);
    let before = "Sat, 01 Jan 2000 00:00:00 GMT";
    resume
        .with("If-Unmodified-Since", before)
        .get(&maven(PUB, JAR))
        .expect(412);
}
