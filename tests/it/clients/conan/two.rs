//! Conan 2: from a recipe to an installed package.

use serde_json::json;

use super::{Conan, World, two, two_in, two_with_token};

/// A recipe that packs one text, which names its build type.
pub(super) fn recipe(name: &str, requires: &str) -> String {
    format!(
        r#"
import os
from conan import ConanFile
from conan.tools.files import copy, save

class Recipe(ConanFile):
    name = "{name}"
    settings = "os", "arch", "compiler", "build_type"
    options = {{"shared": [True, False]}}
    default_options = {{"shared": False}}
    exports_sources = "src/*"
    {requires}

    def package(self):
        copy(self, "*", os.path.join(self.build_folder, "src"), self.package_folder)
        save(self, os.path.join(self.package_folder, "build_type.txt"), str(self.settings.build_type))
"#
    )
}

/// Writes the recipe of `hello` and makes its package.
pub(super) fn create(conan: &Conan, version: &str, profile: &str) {
    conan
        .sandbox
        .write("hello/conanfile.py", recipe("hello", ""));
    conan
        .sandbox
        .write("hello/src/hello.txt", format!("hello {version}\n"));
    conan.does(&format!("create hello --version {version} -pr:a {profile}"));
}

/// Where an installed package lies, read from what `install` says in JSON.
fn installed(conan: &Conan, what: &str) -> std::path::PathBuf {
    let ran = conan
        .run(&format!("install {what} -r gl --format json"))
        .succeeds();
    let graph = ran.json();
    let nodes = graph["graph"]["nodes"].as_object().expect("nodes").clone();
    let folder = nodes
        .values()
        .filter_map(|node| node["package_folder"].as_str())
        .next_back()
        .unwrap_or_else(|| panic!("nothing was installed: {ran}"));
    folder.into()
}

#[test]
fn what_was_created_is_uploaded_once_and_installed_in_a_clean_home() {
    let world = World::start();
    let dev = two_with_token(&world);
    create(&dev, "0.1", "default");
    dev.does("upload hello/0.1 -r gl -c --check");
    let seen = world.requests();
    let at = |what: &str| {
        seen.iter()
            .position(|line| line.contains(what))
            .unwrap_or_else(|| panic!("no {what} in {seen:#?}"))
    };
    assert_eq!(seen[0], "GET /v1/ping 200");
    // Asked as nobody first: challenged, logged in, asked again.
    assert_eq!(seen[1], "GET /v2/conans/hello/0.1/_/_/revisions 401");
    assert_eq!(seen[2], "GET /v2/users/authenticate 200");
    let puts: Vec<&str> = seen
        .iter()
        .filter(|line| line.starts_with("PUT"))
        .map(String::as_str)
        .collect();
    assert_eq!(puts.len(), 6, "{puts:#?}"); // no conan_export.tgz: the recipe exports nothing
    assert!(puts.iter().all(|line| line.ends_with(" 200")), "{puts:#?}");
    assert!(
        puts[2].contains("/files/conanmanifest.txt") && puts[5].contains("conanmanifest.txt"),
        "{puts:#?}"
    );
    assert!(at("check_credentials 200") < at("PUT"), "{seen:#?}");

    let again = dev.does("upload hello/0.1 -r gl -c");
    assert!(again.contains("already in server"), "{again}");
    assert!(!world.requests().iter().any(|line| line.starts_with("PUT")));

    let user = two_with_token(&world);
    let folder = installed(&user, "--requires hello/0.1");
    assert_eq!(
        std::fs::read_to_string(folder.join("hello.txt")).unwrap(),
        "hello 0.1\n"
    );
    let seen = world.requests();
    for wanted in [
        "/latest 200",
        "/files/conanfile.py 200",
        "/files/conan_package.tgz 200",
        "/files/conaninfo.txt 200",
    ] {
        assert!(
            seen.iter().any(|line| line.ends_with(wanted)),
            "{wanted} in {seen:#?}"
        );
    }
    assert!(
        !seen.iter().any(|line| line.contains("conan_sources")),
        "{seen:#?}"
    );

    user.does("install --requires hello/0.1 -r gl");
    assert_eq!(world.requests(), Vec::<String>::new());
    user.does("install --requires hello/0.1 -r gl --update");
    assert!(
        world
            .requests()
            .iter()
            .any(|line| line.ends_with("/_/_/latest 200"))
    );

    let items = world
        .dev()
        .get("/api/v4/projects/1/packages?package_type=conan&package_name=hell")
        .expect(200)
        .json();
    assert_eq!(
        (&items[0]["name"], &items[0]["conan_package_name"]),
        (&json!("hello/0.1"), &json!("hello"))
    );
    assert_eq!(items.as_array().map(Vec::len), Some(1));
}

#[test]
fn an_anonymous_client_is_challenged_and_logs_in() {
    let world = World::start();
    let dev = two_with_token(&world);
    create(&dev, "0.1", "default");
    dev.does("upload hello/0.1 -r gl -c");
    world.requests();

    let nobody = two(&world);
    let said = nobody.refuses("install --requires hello/0.1 -r gl");
    assert!(said.contains("needs authentication"), "{said}");
    assert!(
        world
            .requests()
            .iter()
            .any(|line| line.ends_with("/latest 401"))
    );
    nobody.refuses("remote login gl dev -p wrong");
    nobody.does(&format!("remote login gl dev -p {}", world.token));
    nobody.does("install --requires hello/0.1 -r gl");
    nobody.does("remote logout gl");
    let said = nobody.does("search hello -r gl"); // which prints errors of a remote and goes on
    assert!(said.contains("needs authentication"), "{said}");

    // A session dies with the token behind it, and the client asks for another.
    let user = two_with_token(&world);
    user.does("search hello -r gl");
    world.requests();
    let revoke = "UPDATE session_tokens SET expires_at = '2026-01-01T00:00:00.000Z'";
    world.app.database().execute(revoke, []).unwrap();
    world
        .app
        .database()
        .execute(
            "UPDATE projects SET packages_revision = packages_revision + 1",
            [],
        )
        .unwrap();
    user.does("search hello -r gl");
    let seen = world.requests();
    assert!(
        seen.iter()
            .any(|line| line.ends_with("/search?q=hello 401")),
        "{seen:#?}"
    );
    assert!(
        seen.iter()
            .any(|line| line.ends_with("/users/authenticate 200")),
        "{seen:#?}"
    );
}

#[test]
fn two_profiles_have_a_binary_each_and_a_dependency_comes_along() {
    let world = World::start();
    let dev = two_with_token(&world);
    create(&dev, "0.1", "default");
    create(&dev, "0.1", "debug");
    let app = recipe("app", "requires = \"hello/[>=0.1 <1]\"");
    dev.sandbox.write("app/conanfile.py", app);
    dev.sandbox.write("app/src/app.txt", "app\n");
    dev.does("create app --version 1.0 -pr:a default");
    dev.does("upload '*' -r gl -c --check");

    for (profile, build_type) in [("default", "Release"), ("debug", "Debug")] {
        let user = two_with_token(&world);
        let folder = installed(&user, &format!("--requires hello/0.1 -pr:a {profile}"));
        assert_eq!(
            std::fs::read_to_string(folder.join("build_type.txt")).unwrap(),
            build_type
        );
    }
    world.requests();
    let user = two_with_token(&world);
    user.does("install --requires app/1.0 -r gl");
    let seen = world.requests();
    let range = "GET /v2/conans/search?q=hello%2F%2A 200";
    assert!(seen.iter().any(|line| line == range), "{seen:#?}");
    assert!(
        seen.iter()
            .any(|line| line.contains("/conans/hello/0.1/_/_/")
                && line.ends_with("conan_package.tgz 200")),
        "{seen:#?}"
    );

    let listed = user
        .run("list hello/*:* -r gl --format json")
        .succeeds()
        .json();
    let revisions = listed["gl"]["hello/0.1"]["revisions"]
        .as_object()
        .unwrap_or_else(|| panic!("no revisions in {listed}"));
    let packages = revisions.values().next().expect("one")["packages"]
        .as_object()
        .expect("packages");
    let mut types: Vec<&str> = packages
        .values()
        .map(|package| package["info"]["settings"]["build_type"].as_str().unwrap())
        .collect();
    types.sort_unstable();
    assert_eq!(types, ["Debug", "Release"], "{listed}");
}

#[test]
fn revisions_metadata_and_patterns_are_listed() {
    let world = World::start();
    let dev = two_with_token(&world);
    create(&dev, "0.1", "default");
    dev.does("upload hello/0.1 -r gl -c");
    create(&dev, "0.2", "default");
    dev.sandbox.write("hello/src/more.txt", "more\n");
    dev.does("create hello --version 0.1 -pr:a default --user me --channel stable");
    dev.does("create hello --version 0.1 -pr:a default");
    dev.does("upload hello/* -r gl -c");

    let user = two_with_token(&world);
    let found = |pattern: &str| {
        let found = user
            .run(&format!("search '{pattern}' -r gl --format json"))
            .succeeds()
            .json();
        let found = found["gl"]
            .as_object()
            .expect("references")
            .keys()
            .cloned()
            .collect::<Vec<_>>();
        found.join(" ")
    };
    assert_eq!(found("hel*"), "hello/0.1 hello/0.1@me/stable hello/0.2");
    assert_eq!(found("*/0.2"), "hello/0.2");
    assert_eq!(found("hello/0.1@me/*"), "hello/0.1@me/stable");

    let listed = user
        .run("list hello/0.1#*:*#* -r gl --format json")
        .succeeds()
        .json();
    let revisions = listed["gl"]["hello/0.1"]["revisions"]
        .as_object()
        .unwrap_or_else(|| panic!("no revisions in {listed}"));
    assert_eq!(revisions.len(), 2, "{listed}");
    let latest = user
        .run("list hello/0.1#latest -r gl --format json")
        .succeeds()
        .json();
    let latest = latest["gl"]["hello/0.1"]["revisions"]
        .as_object()
        .expect("revisions")
        .keys()
        .next()
        .cloned()
        .expect("one");
    let newest = revisions.iter().max_by(|a, b| {
        a.1["timestamp"]
            .as_f64()
            .partial_cmp(&b.1["timestamp"].as_f64())
            .unwrap()
    });
    assert_eq!(newest.map(|(revision, _)| revision), Some(&latest));

    // Logs and the like may follow later.
    let folder = dev
        .run("cache path hello/0.2 --folder metadata")
        .succeeds()
        .stdout;
    let log = std::path::Path::new(folder.trim()).join("logs/build.log");
    std::fs::create_dir_all(log.parent().unwrap()).unwrap();
    std::fs::write(&log, "built\n").unwrap();
    dev.does("upload hello/0.2 -r gl -c --metadata '*'");
    user.does("download hello/0.2 -r gl --metadata '*'");
    let folder = user
        .run("cache path hello/0.2 --folder metadata")
        .succeeds()
        .stdout;
    let log = std::path::Path::new(folder.trim()).join("logs/build.log");
    assert_eq!(std::fs::read_to_string(log).unwrap(), "built\n");
}

#[test]
fn the_instance_finds_the_project_by_the_recipes_user() {
    let world = World::start();
    let mut dev = two_in(&world.app.url("/api/v4/packages/conan"));
    dev.sandbox
        .set("CONAN_LOGIN_USERNAME", "dev")
        .set("CONAN_PASSWORD", &world.token);
    dev.sandbox.write("hello/conanfile.py", recipe("hello", ""));
    dev.sandbox.write("hello/src/hello.txt", "hello\n");
    dev.does("create hello --version 0.1 --user local+packages --channel stable");
    dev.does("upload hello/* -r gl -c");
    let mut user = two_in(&world.app.url("/api/v4/packages/conan"));
    user.sandbox
        .set("CONAN_LOGIN_USERNAME", "dev")
        .set("CONAN_PASSWORD", &world.token);
    user.does("install --requires hello/0.1@local+packages/stable -r gl");
    let items = world
        .dev()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json();
    assert_eq!(items[0]["name"], "hello/0.1@local+packages/stable");
}
