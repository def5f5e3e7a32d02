//! Conan 2 takes back what it has uploaded.

use super::two::create;
use super::{World, two_with_token};

#[test]
fn binaries_and_recipes_are_removed() {
    let world = World::start();
    let dev = two_with_token(&world);
    create(&dev, "0.1", "default");
    create(&dev, "0.1", "debug");
    create(&dev, "0.2", "default");
    dev.does("upload hello/* -r gl -c");
    world.requests();

    dev.does("remove 'hello/0.1:*' -p build_type=Debug -r gl -c");
    let seen = world.requests();
    assert_eq!(
        seen.iter()
            .filter(|line| line.starts_with("DELETE") && line.ends_with(" 200"))
            .count(),
        1,
        "{seen:#?}"
    );
    let left = dev
        .run("list hello/0.1:* -r gl --format json")
        .succeeds()
        .stdout;
    assert!(
        left.contains("Release") && !left.contains("Debug"),
        "{left}"
    );

    dev.does("remove 'hello/0.1:*' -r gl -c");
    let left = dev
        .run("list hello/0.1:* -r gl --format json")
        .succeeds()
        .stdout;
    assert!(!left.contains("Release"), "{left}");

    dev.does("remove hello/0.1 -r gl -c");
    let seen = world.requests();
    assert!(
        seen.iter().any(
            |line| line.starts_with("DELETE /v2/conans/hello/0.1/_/_/revisions/")
                && line.ends_with(" 200")
        ),
        "{seen:#?}"
    );
    let items = world
        .dev()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json();
    assert_eq!(items.as_array().map(Vec::len), Some(1), "{items}");
    let gone = dev.refuses("download hello/0.1 -r gl");
    assert!(gone.contains("Package Not Found"), "{gone}");
    // And up again.
    dev.does("upload hello/0.1 -r gl -c");
    two_with_token(&world).does("install --requires hello/0.1 -r gl");
}

#[test]
fn a_refusal_is_printed() {
    let world = World::start();
    let dev = two_with_token(&world);
    create(&dev, "0.1", "default");
    let rule = serde_json::json!({ "package_name_pattern": "hel*", "package_type": "conan", "minimum_access_level_for_push": "owner" });
    world
        .app
        .root()
        .post("/api/v4/projects/1/packages/protection/rules", rule)
        .expect(201);
    let said = dev.refuses("upload hello/0.1 -r gl -c");
    assert!(said.contains("Package protected."), "{said}");
}
