//! One package of every format, published as its client does. The access matrix and the crawl read them.

use packhouse::formats::FORMATS;
use packhouse::registry::PackageType;

use crate::formats::npm;
use crate::support::{Actor, composer, conan, golang, helm, nuget, python, terraform};

/// A project and its group, which have the same visibility.
#[derive(Clone, Debug)]
pub struct Home {
    pub project_id: i64,
    /// Full path.
    pub project: String,
    pub group_id: i64,
    pub group: String,
}

/// Publishes a small package `tool` of a format into a project; its version is made of the number. Where instance routes
/// want a name that leads to the project, another one of that name.
pub type Publish = fn(&Actor, &Home, number: usize);

/// A format that is not here fails every test that asks for it.
const PUBLISH: &[(PackageType, Publish)] = &[
    (PackageType::Composer, publish_composer),
    (PackageType::Conan, publish_conan),
    (PackageType::Generic, generic),
    (PackageType::Golang, publish_go),
    (PackageType::Helm, publish_helm),
    (PackageType::Maven, maven),
    (PackageType::Npm, publish_npm),
    (PackageType::Nuget, publish_nuget),
    (PackageType::Pypi, pypi),
    (PackageType::TerraformModule, publish_terraform),
];

/// By a caller who may, a package of each format that the server speaks.
pub fn publish_every_format(actor: &Actor, home: &Home, number: usize) {
    for format in FORMATS {
        let kind = format.package_type;
        let known = PUBLISH.iter().find(|(known, _)| *known == kind);
        let (_, publish) =
            known.unwrap_or_else(|| panic!("tests/it/access/packages.rs has no {kind}"));
        publish(actor, home, number);
    }
}

fn path(home: &Home, rest: &str) -> String {
    format!("/api/v4/projects/{}/packages/{rest}", home.project_id)
}

fn generic(actor: &Actor, home: &Home, number: usize) {
    let path = path(home, &format!("generic/tool/{number}.0/a.txt"));
    actor.put(&path, b"generic bytes").expect(201);
}

fn maven(actor: &Actor, home: &Home, number: usize) {
    let last = home.project.rsplit('/').next().unwrap();
    for (folder, artifact) in [("com/acme/tool", "tool"), (&home.project, last)] {
        let file = format!("maven/{folder}/{number}.0/{artifact}-{number}.0.jar");
        actor.put(&path(home, &file), b"maven bytes").expect(200);
    }
}

fn publish_npm(actor: &Actor, home: &Home, number: usize) {
    let version = format!("{number}.0.0");
    for name in ["tool".to_owned(), format!("@{}/tool", home.group)] {
        npm::release(actor, &path(home, "npm"), &name, &version).expect(200);
    }
}

fn pypi(actor: &Actor, home: &Home, number: usize) {
    let dist = match number {
        1 => pypi_file(),
        _ => python::sdist("tool", &format!("{number}.0"), ""),
    };
    dist.upload(actor, home.project_id).expect(201);
}

/// The file of the first package.
pub fn pypi_file() -> python::Dist {
    python::sdist("tool", "1.0", "")
}

fn publish_composer(actor: &Actor, home: &Home, number: usize) {
    let version = format!("{number}.0.0");
    composer::upload(actor, home.project_id, &version, &composer_file()).expect(201);
}

/// What every version of it is.
pub fn composer_file() -> Vec<u8> {
    composer::package("acme/tool", serde_json::json!({}), "composer bytes")
}

/// One recipe with one binary, in both protocols: the first knows the revision `0`, the second the number made a revision.
fn publish_conan(actor: &Actor, home: &Home, number: usize) {
    let base = path(home, "conan");
    let user = home.project.replace('/', "+");
    let reference = format!("tool/{number}.0/{user}/stable");
    let digit = char::from_digit(number as u32, 10).unwrap();
    actor.put_recipe(&conan::recipe(&base, &reference, digit));
    let binary = conan::binary(&base, &reference, digit, conan::PID, digit);
    actor.put_binary(&binary, &conan::info("Release"));
    let first = format!("{base}/v1/files/{reference}/0");
    let of_binary = format!("package/{}/0", conan::PID);
    for (folder, names) in [
        ("export", ["conanfile.py", "conanmanifest.txt"].as_slice()),
        (
            &of_binary,
            &["conan_package.tgz", "conaninfo.txt", "conanmanifest.txt"],
        ),
    ] {
        for name in names {
            let path = format!("{first}/{folder}/{name}");
            actor.put(&path, b"conan bytes").expect(200);
        }
    }
}

/// Its version stays below 2, from where on the path of a module says it too.
fn publish_go(actor: &Actor, home: &Home, number: usize) {
    let module = golang::greeter("example.com/tool", &format!("v1.{number}.0"));
    let path = golang::go_upload(home.project_id);
    actor.put(&path, module).expect(201);
}

fn publish_helm(actor: &Actor, home: &Home, number: usize) {
    let chart = helm::chart("tool", &format!("{number}.0.0"), "");
    helm::upload(actor, home.project_id, "stable", &chart).expect(201);
}

fn publish_nuget(actor: &Actor, home: &Home, number: usize) {
    let package = nuget::nupkg("Tool", &format!("{number}.0.0"), "");
    nuget::push(actor, home.project_id, &package).expect(201);
}

fn publish_terraform(actor: &Actor, home: &Home, number: usize) {
    let version = format!("{number}.0.0");
    let archive = terraform::module(&version);
    terraform::upload(actor, home.project_id, "tool/local", &version, &archive).expect(201);
}
