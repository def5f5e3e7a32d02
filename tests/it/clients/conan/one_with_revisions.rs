//! Conan 1 with revisions switched on: it logs in through the first protocol and speaks the second.

use super::one::{build_type, create, log_in};
use super::{World, one};

#[test]
fn both_protocols_serve_one_client() {
    let world = World::start();
    let dev = one(&world, true);
    log_in(&world, &dev);
    create(&dev, "default");
    create(&dev, "debug");
    world.requests();
    dev.does("upload Hello/0.1@me/stable --all -r gl -c");
    let seen = world.requests();
    let puts: Vec<&String> = seen.iter().filter(|line| line.starts_with("PUT")).collect();
    assert!(
        puts.len() >= 10
            && puts
                .iter()
                .all(|line| line.contains("/v2/") && line.ends_with(" 200")),
        "{seen:#?}"
    );

    let user = one(&world, true);
    log_in(&world, &user);
    assert_eq!(build_type(&user, "Hello/0.1@me/stable"), "Release");
    assert_eq!(build_type(&user, "Hello/0.1@me/stable -pr debug"), "Debug");
    let table = user.does("search Hello/0.1@me/stable -r gl");
    assert!(
        table.contains("build_type: Debug") && table.contains("build_type: Release"),
        "{table}"
    );
    let revisions = user.does("search Hello/0.1@me/stable -r gl --revisions");
    assert!(revisions.contains("Revisions for"), "{revisions}");

    dev.does("remove Hello/0.1@me/stable -r gl -f");
    let seen = world.requests();
    assert!(
        seen.iter()
            .any(|line| line.starts_with("DELETE") && line.ends_with(" 200")),
        "{seen:#?}"
    );
    assert_eq!(
        world
            .dev()
            .get("/api/v4/projects/1/packages")
            .expect(200)
            .json(),
        serde_json::json!([])
    );
}

#[test]
fn each_version_of_the_client_is_shown_its_own_binaries() {
    let world = World::start();
    let one = one(&world, true);
    log_in(&world, &one);
    one.sandbox.write("hello/conanfile.py", "from conans import ConanFile\nclass Hello(ConanFile):\n    name = 'hello'\n    settings = 'build_type'\n");
    one.does("create hello 0.1@me/stable");
    one.does("upload hello/0.1@me/stable --all -r gl -c");
    let table = one.does("search hello/0.1@me/stable -r gl");
    assert!(table.contains("build_type: Release"), "{table}");
    let two = super::two_with_token(&world);
    let listed = two
        .run("list hello/0.1@me/stable:* -r gl --format json")
        .succeeds()
        .stdout;
    assert!(
        listed.contains("hello/0.1@me/stable") && !listed.contains("build_type"),
        "{listed}"
    );
}
