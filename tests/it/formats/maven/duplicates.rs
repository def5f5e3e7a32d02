//! A second upload of a file, by the group's settings.

use serde_json::json;

use super::{JAR, maven, text};
use crate::support::seeds::{ACME, PUB, Seeds};

#[test]
fn where_duplicates_are_allowed_the_newest_is_served() {
    let seeds = Seeds::start();
    for bytes in ["one", "two", "two"] {
        seeds
            .user("developer")
            .put(&maven(PUB, JAR), bytes)
            .expect(200);
    }
    assert_eq!(text(&seeds, PUB, JAR), "two");
}

#[test]
fn where_they_are_not_a_release_keeps_its_bytes_and_a_deploy_may_be_tried_again() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    seeds.set(ACME, "maven_duplicates_allowed", "false");
    developer.put(&maven(PUB, JAR), "one").expect(200);
    developer.put(&maven(PUB, JAR), "one").expect(200);
    developer
        .put(&maven(PUB, &JAR.replace(".jar", "-sources.jar")), "sources")
        .expect(200);
    let refused = json!({ "message": "400 Bad request - Duplicate package is not allowed" });
    developer
        .put(&maven(PUB, JAR), "two")
        .expect_json(400, refused);
    assert_eq!(text(&seeds, PUB, JAR), "one");
    let sum = crate::support::seeds::sha1("one");
    developer
        .put(&maven(PUB, &format!("{JAR}.sha1")), sum)
        .expect(204);
    for build in [
        "20260101.010101-1",
        "20260101.010102-2",
        "SNAPSHOT",
        "SNAPSHOT",
    ] {
        let path = format!("com/acme/demo/1.0-SNAPSHOT/demo-1.0-{build}.jar");
        developer
            .put(
                &maven(PUB, &path),
                format!("{build} {:?}", std::time::Instant::now()),
            )
            .expect(200);
    }
    seeds.set(ACME, "maven_duplicate_exception_regex", "\"1\\\\.0\"");
    developer.put(&maven(PUB, JAR), "two").expect(200);
}
