//! A deleted version is gone from the documents at once.

use super::{all_of, maven, put, text};
use crate::support::seeds::{PUB, Seeds, package, packages};

#[test]
fn a_deleted_version_leaves_the_list_and_the_last_one_takes_it_along() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    for version in ["1.0", "1.1"] {
        put(
            &seeds,
            PUB,
            &format!("com/acme/demo/{version}/demo-{version}.jar"),
        );
    }
    let at_artifact = "com/acme/demo/maven-metadata.xml";
    owner
        .put(
            &maven(PUB, at_artifact),
            "<metadata><versioning/></metadata>",
        )
        .expect(200);
    assert_eq!(all_of(&text(&seeds, PUB, at_artifact), "release"), ["1.1"]);
    let id = |version: &str| {
        let found = owner
            .get(&format!("{}?package_version={version}", packages(PUB)))
            .expect(200)
            .json();
        found[0]["id"].as_i64().unwrap()
    };
    owner.delete(&package(PUB, id("1.1"))).expect(204);
    assert_eq!(all_of(&text(&seeds, PUB, at_artifact), "version"), ["1.0"]);
    assert_eq!(all_of(&text(&seeds, PUB, at_artifact), "release"), ["1.0"]);
    owner.delete(&package(PUB, id("1.0"))).expect(204);
    owner.get(&maven(PUB, at_artifact)).expect(404);
    owner
        .get(&maven(PUB, &format!("{at_artifact}.sha1")))
        .expect(404);
    let left = owner
        .get(&format!("{}?include_versionless=true", packages(PUB)))
        .expect(200)
        .json();
    assert_eq!(left, serde_json::json!([]), "nothing is left to describe");
}
