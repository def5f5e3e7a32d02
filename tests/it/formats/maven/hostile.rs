//! Bad input leaves nothing behind.

use super::{maven, text};
use crate::support::Raw;
use crate::support::seeds::{PUB, Seeds, packages};

#[test]
fn no_spelling_of_a_step_upwards_is_stored() {
    let seeds = Seeds::start();
    let before = seeds.stored_files().len();
    for path in [
        "com/acme/../demo/1.0/a.jar",
        "com/acme/%2e%2e/demo/1.0/a.jar",
        "com/acme/%2E%2e%2fdemo/1.0/a.jar",
        "com/acme/demo/1.0/..%2F..%2Fa.jar",
        "com/acme/demo/1.0/..%5c..%5ca.jar",
        "com/acme/demo/1.0/%252e%252e%252fa.jar",
        "com/acme/demo/1.0/%c0%ae%c0%ae%c0%afa.jar",
        "com/acme/demo/1.0/..",
        "com/acme/demo/1.0/a%00.jar",
        "com/acme/demo/1.0/a%0d%0ab.jar",
        "com/acme/demo/1.0/a~b.jar",
        "com/acme/demo/1.0/a%20b.jar",
        "com/acme/demo/1..0/a.jar",
        "/etc/passwd",
        "a.jar",
        "maven-metadata.xml",
    ] {
        let head = format!("PUT {}", maven(PUB, path));
        let token = seeds.token("developer");
        let answer = Raw::connect(seeds.address)
            .head(&head, &[("PRIVATE-TOKEN", &token), ("Content-Length", "1")])
            .send("x")
            .rest();
        assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
    }
    assert_eq!(seeds.stored_files().len(), before);
    let long = format!("com/acme/demo/1.0/{}", "a".repeat(5_001));
    seeds
        .user("developer")
        .put(&maven(PUB, &long), "x")
        .expect(400);
    seeds
        .user("developer")
        .put(&maven(PUB, "com/acme/demo/1.0/a.jar/authorize"), "x")
        .expect(404);
}

#[test]
fn metadata_that_is_no_plain_xml_is_refused() {
    let seeds = Seeds::start();
    let before = seeds.stored_files().len();
    let deep = "<metadata>".repeat(10_000) + &"</metadata>".repeat(10_000);
    let bomb =
        "<!DOCTYPE metadata [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><metadata>&b;</metadata>";
    for path in [
        "com/acme/demo/maven-metadata.xml",
        "com/acme/demo/1.0-SNAPSHOT/maven-metadata.xml",
    ] {
        for document in [
            bomb,
            "<!DOCTYPE metadata SYSTEM 'file:///etc/passwd'><metadata/>",
            &deep,
            "<metadata>",
            "<html/>",
            "",
            "\0",
        ] {
            seeds
                .user("developer")
                .put(&maven(PUB, path), document)
                .expect(400);
        }
        let large = format!("<metadata>{}</metadata>", " ".repeat(11 << 20));
        seeds
            .user("developer")
            .put(&maven(PUB, path), large)
            .expect(413);
    }
    assert_eq!(seeds.stored_files().len(), before);
    let all = seeds
        .user("owner")
        .get(&format!("{}?include_versionless=true", packages(PUB)))
        .expect(200);
    assert_eq!(all.json(), serde_json::json!([]));
}

#[test]
fn a_hostile_pom_is_stored_and_not_read() {
    let seeds = Seeds::start();
    let deep = "<project>".repeat(10_000) + &"</project>".repeat(10_000);
    for (number, pom) in [deep.as_str(), "<!DOCTYPE project [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><project><description>&x;</description></project>"].into_iter().enumerate() {
        let path = format!("com/acme/demo/1.{number}/demo-1.{number}.pom");
        seeds.user("developer").put(&maven(PUB, &path), pom).expect(200);
        assert_eq!(text(&seeds, PUB, &path), pom);
    }
    let kept: i64 = seeds
        .database()
        .query_row(
            "SELECT count(*) FROM packages WHERE metadata LIKE '%pom%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(kept, 0);
}
