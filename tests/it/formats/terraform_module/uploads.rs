//! Uploads of modules.

use packhouse::registry::PackageType;
use serde_json::json;

use crate::support::id_of;
use crate::support::python::Form;
use crate::support::seeds::{ACME, DEEP, ONE, PRIV, PUB, Seeds, package, packages};
use crate::support::terraform::{module, of_namespace, of_project, upload};

#[test]
fn a_version_is_published_once() {
    let seeds = Seeds::start();
    let (developer, owner) = (seeds.user("developer"), seeds.user("owner"));
    upload(&developer, PUB, "vpc/aws", "1.0.0", &module("1")).expect(201);
    for bytes in [module("1"), module("2")] {
        let again = upload(&owner, PUB, "vpc/aws", "1.0.0", &bytes);
        again.expect_json(403, json!({ "message": "Package version already exists." }));
    }
    assert_eq!(
        owner.get(&of_project(PUB, "vpc/aws")).expect(200).body,
        module("1")
    );
    let id = id_of(&owner.get(&packages(PUB)).expect(200).json()[0]);
    owner.delete(&package(PUB, id)).expect(204);
    let gone = format!("{}/versions", of_namespace("acme", "vpc/aws"));
    owner.get(&gone).expect(404);
    upload(&developer, PUB, "vpc/aws", "1.0.0", &module("2")).expect(201);
    assert_eq!(
        owner.get(&of_project(PUB, "vpc/aws")).expect(200).body,
        module("2")
    );
}

#[test]
fn a_module_belongs_to_one_project_of_its_namespace() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    upload(&owner, PUB, "vpc/aws", "1.0.0", &module("1")).expect(201);
    let refused =
        json!({ "message": "A module with the same name already exists in the namespace." });
    for version in ["1.0.0", "2.0.0"] {
        upload(&owner, PRIV, "vpc/aws", version, &module("2")).expect_json(403, refused.clone());
        upload(&owner, DEEP, "vpc/aws", version, &module("2")).expect_json(403, refused.clone());
    }
    upload(&owner, PRIV, "vpc/google", "1.0.0", &module("2")).expect(201);
    // Another namespace is another address.
    upload(&seeds.root(), ONE, "vpc/aws", "1.0.0", &module("3")).expect(201);

    seeds.set(
        ACME,
        "terraform_module_duplicate_exception_regex",
        "\"vpc/.*\"",
    );
    upload(&owner, DEEP, "vpc/aws", "2.0.0", &module("2")).expect(201);
    seeds.set(ACME, "terraform_module_duplicate_exception_regex", "\"\"");
    upload(&owner, PRIV, "vpc/aws", "3.0.0", &module("2")).expect_json(403, refused);
    seeds.set(ACME, "terraform_module_duplicates_allowed", "true");
    upload(&owner, PRIV, "vpc/aws", "1.0.0", &module("newer")).expect(201);
    // Both projects are one module now, and the newer of two equal versions is served.
    let n = of_namespace("acme", "vpc/aws");
    let versions = owner.get(&format!("{n}/versions")).expect(200).json();
    assert_eq!(
        crate::support::each(&versions["modules"][0]["versions"], "version"),
        ["2.0.0", "1.0.0"]
    );
    let found = owner.get(&format!("{n}/1.0.0/download")).expect(204);
    assert_eq!(
        owner.get(found.header("x-terraform-get")).expect(200).body,
        module("newer")
    );
    let found = seeds
        .anonymous()
        .get(&format!("{n}/1.0.0/download"))
        .expect(204);
    assert_eq!(
        seeds
            .anonymous()
            .get(found.header("x-terraform-get"))
            .expect(200)
            .body,
        module("1")
    );
}

#[test]
fn names_and_versions_have_their_rules() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let put =
        |module: &str, version: &str| upload(&developer, PUB, module, version, &self::module("1"));
    for name in ["a%20b/aws", "vpc/AWS", "%2E%2E/aws", "a%2Fb/aws", "vpc/a_b"] {
        let refused = put(name, "1.0.0").expect(400).json();
        assert!(
            refused["message"]
                .as_str()
                .unwrap()
                .contains("Validation failed: Name is invalid"),
            "{name}: {refused}"
        );
    }
    for version in ["1.0", "latest", "1.0.0%2F..", "01.0.0"] {
        put("vpc/aws", version).expect_json(400, json!({ "error": "module_version is invalid" }));
    }
    let hint = put("vpc/aws", "v1.2.3").expect(400).json();
    assert_eq!(
        hint["error"],
        "module_version is invalid: write 1.2.3, without v"
    );
    for name in ["My_module/aws", "vpc/google-beta"] {
        put(name, "1.0.0").expect(201);
        seeds
            .anonymous()
            .get(&format!("{}/versions", of_namespace("acme", name)))
            .expect(200);
    }
    developer
        .put(&format!("{}/1.0.0/other", of_project(PUB, "vpc/aws")), b"x")
        .expect(404);
    developer
        .put(&format!("{}/1.0.0/file", of_project(PUB, "vpc/aws")), b"")
        .expect_json(400, json!({ "error": "file is missing" }));
    // A form, as curl -F sends it.
    let path = format!("{}/1.0.0/file", of_project(PUB, "form/aws"));
    let mut body = Vec::new();
    body.extend(
        b"--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.tgz\"\r\n\r\n",
    );
    body.extend(module("1"));
    body.extend(b"\r\n--limit--\r\n");
    let form = developer.with("Content-Type", "multipart/form-data; boundary=limit");
    form.send("PUT", &path, &body).expect(201);
    assert_eq!(
        developer.get(&of_project(PUB, "form/aws")).expect(200).body,
        module("1")
    );
    Form::default().send(&developer, &path).expect(405);
}

#[test]
fn a_rule_protects_modules_too() {
    let seeds = Seeds::start();
    seeds.protect(
        PUB,
        PackageType::TerraformModule,
        "vpc/*",
        Some(40),
        Some(50),
    );
    let refused = upload(
        &seeds.user("developer"),
        PUB,
        "vpc/aws",
        "1.0.0",
        &module("1"),
    )
    .expect(403);
    assert!(
        refused.text().contains("Package protected."),
        "{}",
        refused.text()
    );
    upload(
        &seeds.user("maintainer"),
        PUB,
        "vpc/aws",
        "1.0.0",
        &module("1"),
    )
    .expect(201);
}

#[test]
fn a_module_over_the_limit_is_413() {
    let seeds = Seeds::start_with_file("[limits]\nterraform_module = 100\n");
    upload(
        &seeds.user("developer"),
        PUB,
        "vpc/aws",
        "1.0.0",
        &module("1"),
    )
    .expect(413);
    assert!(seeds.stored_files().is_empty());
}
