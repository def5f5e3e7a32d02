//! Conan 1 as it comes: without revisions, through the first protocol.

use super::{Conan, World, one, one_in};

pub(super) const RECIPE: &str = r#"
from conans import ConanFile

class Hello(ConanFile):
    name = "Hello"
    settings = "os", "arch", "compiler", "build_type"
    exports = "notes.txt"
    exports_sources = "src/*"

    def package(self):
        self.copy("*", src="src")
        open(self.package_folder + "/build_type.txt", "w").write(str(self.settings.build_type))
"#;

pub(super) fn create(conan: &Conan, profile: &str) {
    conan.sandbox.write("hello/conanfile.py", RECIPE);
    conan.sandbox.write("hello/notes.txt", "notes\n");
    conan.sandbox.write("hello/src/hello.txt", "hello\n");
    conan.does(&format!("create hello 0.1@me/stable -pr {profile}"));
}

/// Logs in as Conan 1 does: by hand.
pub(super) fn log_in(world: &World, conan: &Conan) {
    conan.does(&format!("user dev -r gl -p {}", world.token));
}

/// What an installed package says of its build.
pub(super) fn build_type(conan: &Conan, what: &str) -> String {
    conan.does(&format!("install {what} -r gl -if out --json install.json"));
    let said: serde_json::Value =
        serde_json::from_slice(&conan.sandbox.read("install.json")).unwrap();
    let folder = said["installed"]
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|item| item["packages"][0]["cpp_info"]["rootpath"].as_str());
    let folder = folder.unwrap_or_else(|| panic!("nothing was installed: {said}"));
    std::fs::read_to_string(std::path::Path::new(folder).join("build_type.txt")).unwrap()
}

#[test]
fn what_was_created_is_uploaded_once_and_installed_in_a_clean_home() {
    let world = World::start();
    let dev = one(&world, false);
    log_in(&world, &dev);
    create(&dev, "default");
    create(&dev, "debug");
    world.requests();
    dev.does("upload Hello/0.1@me/stable --all -r gl -c --check");
    let seen = world.requests();
    assert!(seen.iter().all(|line| !line.contains("/v2/")), "{seen:#?}");
    let puts: Vec<&String> = seen
        .iter()
        .filter(|line| line.starts_with("PUT") && line.ends_with(" 200"))
        .collect();
    assert_eq!(puts.len(), 10, "{seen:#?}");
    assert!(
        puts[3].ends_with("/0/export/conanmanifest.txt 200"),
        "{puts:#?}"
    );

    let again = dev.does("upload Hello/0.1@me/stable --all -r gl -c");
    assert!(again.contains("up to date"), "{again}");
    assert!(!world.requests().iter().any(|line| line.starts_with("PUT")));

    let user = one(&world, false);
    log_in(&world, &user);
    assert_eq!(build_type(&user, "Hello/0.1@me/stable"), "Release");
    assert_eq!(build_type(&user, "Hello/0.1@me/stable -pr debug"), "Debug");
    user.does("install Hello/0.1@me/stable -r gl -u");

    let found = user.does("search 'hel*' -r gl");
    assert!(found.contains("Hello/0.1@me/stable"), "{found}");
    let found = user.does("search '*' -r gl");
    assert!(found.contains("Hello/0.1@me/stable"), "{found}");
    let table = user.does("search Hello/0.1@me/stable -r gl");
    assert!(
        table.contains("build_type: Debug") && table.contains("build_type: Release"),
        "{table}"
    );
    let some = user.does("search Hello/0.1@me/stable -r gl -q build_type=Debug");
    assert!(!some.contains("build_type: Release"), "{some}");

    let items = world
        .dev()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json();
    assert_eq!(items[0]["name"], "Hello/0.1@me/stable");
}

#[test]
fn a_changed_recipe_takes_the_place_of_the_old_one() {
    let world = World::start();
    let dev = one(&world, false);
    log_in(&world, &dev);
    create(&dev, "default");
    dev.does("upload Hello/0.1@me/stable --all -r gl -c");
    // The file that goes is taken back, too.
    dev.sandbox.write(
        "hello/conanfile.py",
        RECIPE.replace("    exports = \"notes.txt\"\n", ""),
    );
    dev.does("create hello 0.1@me/stable -pr default");
    world.requests();
    dev.does("upload Hello/0.1@me/stable --all -r gl -c --force");
    let seen = world.requests();
    assert!(
        seen.iter().any(|line| line.ends_with("/remove_files 200")),
        "{seen:#?}"
    );
    let files = world
        .dev()
        .get(&format!("{}/v1/conans/Hello/0.1/me/stable", super::BASE))
        .expect(200)
        .json();
    let names: Vec<&String> = files.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["conan_sources.tgz", "conanfile.py", "conanmanifest.txt"]
    );
    let user = one(&world, false);
    log_in(&world, &user);
    assert_eq!(build_type(&user, "Hello/0.1@me/stable"), "Release");
}

#[test]
fn binaries_and_recipes_are_removed() {
    let world = World::start();
    let dev = one(&world, false);
    log_in(&world, &dev);
    create(&dev, "default");
    create(&dev, "debug");
    dev.does("upload Hello/0.1@me/stable --all -r gl -c");
    dev.does("remove Hello/0.1@me/stable -r gl -f -q build_type=Debug");
    let table = dev.does("search Hello/0.1@me/stable -r gl");
    assert!(
        table.contains("Release") && !table.contains("Debug"),
        "{table}"
    );
    dev.does("remove Hello/0.1@me/stable -r gl -f -p");
    let table = dev.does("search Hello/0.1@me/stable -r gl");
    assert!(!table.contains("Release"), "{table}");
    dev.does("remove Hello/0.1@me/stable -r gl -f");
    let gone = dev.does("search '*' -r gl");
    assert!(!gone.contains("Hello"), "{gone}");
    let items = world
        .dev()
        .get("/api/v4/projects/1/packages")
        .expect(200)
        .json();
    assert_eq!(items, serde_json::json!([]));
}

#[test]
fn an_anonymous_client_is_challenged() {
    let world = World::start();
    let nobody = one(&world, false);
    create(&nobody, "default");
    nobody.refuses("upload Hello/0.1@me/stable --all -r gl -c");
    nobody.refuses("install Nothing/0.1@me/stable -r gl");
    let seen = world.requests();
    assert!(
        seen.iter()
            .any(|line| line.ends_with("/check_credentials 401") || line.ends_with("/digest 401")),
        "{seen:#?}"
    );
    assert!(
        seen.iter()
            .any(|line| line.contains("Nothing/0.1") && line.ends_with(" 401")),
        "{seen:#?}"
    );
    let wrong = nobody.refuses("user dev -r gl -p wrong");
    assert!(wrong.contains("Wrong user or password"), "{wrong}");
}

#[test]
fn the_instance_finds_the_project_by_the_recipes_user() {
    let world = World::start();
    let base = world.app.url("/api/v4/packages/conan");
    let dev = one_in(&base, false);
    log_in(&world, &dev);
    dev.sandbox.write(
        "hello/conanfile.py",
        RECIPE.replace("    exports = \"notes.txt\"\n", ""),
    );
    dev.sandbox.write("hello/src/hello.txt", "hello\n");
    dev.does("create hello 0.1@local+packages/stable");
    dev.does("upload Hello/0.1@local+packages/stable --all -r gl -c");
    let user = one_in(&base, false);
    log_in(&world, &user);
    assert_eq!(
        build_type(&user, "Hello/0.1@local+packages/stable"),
        "Release"
    );
    let found = user.does("search 'Hello*' -r gl");
    assert!(found.contains("Hello/0.1@local+packages/stable"), "{found}");
}
