//! Uploads: raw and in forms, versions, duplicates, and GitLab's way that leads nowhere.

use serde_json::{Value, json};

use crate::support::composer::{composer, package, upload, versions};
use crate::support::python::Form;
use crate::support::seeds::{ACME, INT, PRIV, PUB, Seeds, files, packages, sha1};
use crate::support::{each, id_of};

fn created() -> Value {
    json!({ "message": "201 Created" })
}

fn hello() -> Vec<u8> {
    package("acme/hello", json!({}), "hello")
}

#[test]
fn a_zip_is_kept_byte_for_byte_and_shown_in_the_packages_api() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let zip = hello();
    upload(&developer, PRIV, "v1.0.0", &zip).expect_json(201, created());
    let list = developer.get(&packages(PRIV)).expect(200).json();
    assert_eq!(each(&list, "name"), ["acme/hello"]);
    assert_eq!(each(&list, "version"), ["1.0.0"]);
    assert_eq!(each(&list, "package_type"), ["composer"]);
    let file = developer
        .get(&files(PRIV, id_of(&list[0])))
        .expect(200)
        .json();
    assert_eq!(each(&file, "file_name"), ["acme-hello-1.0.0.zip"]);
    assert_eq!(file[0]["size"], zip.len());
    assert_eq!(each(&file, "file_sha1"), [sha1(&zip)]);
    let found = developer
        .get(&format!(
            "{}?package_type=composer&package_name=hell",
            packages(PRIV)
        ))
        .expect(200)
        .json();
    assert_eq!(each(&found, "name"), ["acme/hello"]);
}

#[test]
fn forms_carry_a_version_a_tag_or_a_branch() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for (part, field, text, stored) in [
        ("file", "version", "1.0.0", "1.0.0"),
        ("package", "version", "v1.1", "1.1"),
        ("file", "tag", "v2.0.0-beta1", "2.0.0-beta1"),
        ("package", "branch", "main", "dev-main"),
        ("file", "branch", "1.2", "1.2.x-dev"),
        ("file", "branch", "feature/x", "dev-feature/x"),
    ] {
        for turned in [false, true] {
            let form = Form::default()
                .field(field, text)
                .part(part, "x.zip", &hello());
            let form = if turned { form.reversed() } else { form };
            form.send(&developer, &composer(PRIV))
                .expect_json(201, created());
        }
        let url = format!("{}?package_version={stored}", packages(PRIV));
        let list = developer.get(&url).expect(200).json();
        assert_eq!(each(&list, "version"), [stored]);
    }
    // The field may stand in the URL.
    Form::default()
        .part("file", "x.zip", &hello())
        .send(&developer, &format!("{}?tag=v3.0.0", composer(PRIV)))
        .expect(201);
    let both = Form::default()
        .field("tag", "v4")
        .field("branch", "main")
        .part("file", "x.zip", &hello());
    both.send(&developer, &composer(PRIV)).expect_json(
        400,
        json!({ "error": "tag, branch are mutually exclusive" }),
    );
}

#[test]
fn gitlabs_way_is_refused_with_the_way_that_works() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let form = developer.with("Content-Type", "application/x-www-form-urlencoded");
    let post = |body: &str| form.send("POST", &composer(PRIV), body.as_bytes());
    let told = |what: &str, version: &str| json!({ "message": format!("This server has no Git repository to read {what} from. Upload a zip: PUT /api/v4/projects/{PRIV}/packages/composer?version={version}") });
    post("tag=v1.0.0").expect_json(422, told("tag 'v1.0.0'", "1.0.0"));
    post("branch=main").expect_json(422, told("branch 'main'", "dev-main"));
    post("branch=1.x").expect_json(422, told("branch '1.x'", "1.x-dev"));
    post("tag=nonsense").expect_json(422, told("tag 'nonsense'", "VERSION"));
    developer
        .post(&composer(PRIV), json!({ "tag": "v1.0.0" }))
        .expect_json(422, told("tag 'v1.0.0'", "1.0.0"));
    developer
        .send("POST", &format!("{}?tag=v1.0.0", composer(PRIV)), b"")
        .expect_json(422, told("tag 'v1.0.0'", "1.0.0"));
    Form::default()
        .field("tag", "v1.0.0")
        .send(&developer, &composer(PRIV))
        .expect_json(422, told("tag 'v1.0.0'", "1.0.0"));
    post("").expect_json(
        400,
        json!({ "error": "tag, branch are missing, exactly one parameter must be provided" }),
    );
    post("tag=a&branch=b").expect_json(
        400,
        json!({ "error": "tag, branch are mutually exclusive" }),
    );
    // Rights come first.
    let stranger = seeds
        .user("stranger")
        .with("Content-Type", "application/x-www-form-urlencoded");
    stranger
        .send("POST", &composer(PRIV), b"tag=v1")
        .expect(404);
    seeds
        .anonymous()
        .send("POST", &composer(PUB), b"tag=v1")
        .expect(401);
}

#[test]
fn a_release_is_published_once_and_a_branch_again_and_again() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let other = package("acme/hello", json!({}), "other");
    upload(&developer, PRIV, "1.0", &hello()).expect(201);
    // The same bytes again, by another spelling of the same version.
    upload(&developer, PRIV, "v1.0.0.0", &hello()).expect_json(201, created());
    upload(&developer, PRIV, "1.0.0", &other).expect_json(
        409,
        json!({ "message": "A package with the same name and version already exists" }),
    );
    let shown = versions(&developer, &composer(PRIV), "acme/hello");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["version"], "1.0");
    assert_eq!(shown[0]["dist"]["reference"], sha1(hello()));

    for zip in [hello(), other.clone(), hello()] {
        upload(&developer, PRIV, "dev-main", &zip).expect(201);
        let shown = versions(&developer, &composer(PRIV), "acme/hello~dev");
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0]["dist"]["reference"], sha1(&zip));
    }

    // The group may decide otherwise.
    let settings = format!("/api/v4/groups/{ACME}/-/packages/settings");
    let owner = seeds.user("owner");
    owner
        .put_json(&settings, json!({ "composer_duplicates_allowed": true }))
        .expect(200);
    upload(&developer, PRIV, "1.0.0", &other).expect(201);
    let shown = versions(&developer, &composer(PRIV), "acme/hello");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["dist"]["reference"], sha1(&other));
    owner
        .put_json(
            &settings,
            json!({ "composer_duplicate_exception_regex": "acme/.*" }),
        )
        .expect(200);
    upload(&developer, PRIV, "1.0.0", &hello()).expect(409);
}

#[test]
fn the_request_and_the_archive_must_not_contradict_each_other() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let says = |version: &str| package("acme/hello", json!({ "version": version }), version);
    upload(&developer, PRIV, "1.0.0", &says("v1.0")).expect(201);
    let refused = upload(&developer, PRIV, "1.1.0", &says("1.0.0")).expect(400);
    assert!(
        refused.json()["message"]
            .as_str()
            .unwrap()
            .starts_with("version mismatch"),
        "{}",
        refused.text()
    );
    let without = developer.with("Content-Type", "application/zip");
    without.put(&composer(PRIV), says("3.0.0")).expect(201);
    let refused = without.put(&composer(PRIV), hello()).expect(400);
    assert!(
        refused.json()["message"]
            .as_str()
            .unwrap()
            .starts_with("version is missing"),
        "{}",
        refused.text()
    );
    without.put(&composer(PRIV), says("^1.0")).expect_json(
        400,
        json!({ "message": "Validation failed: Version is invalid" }),
    );
}

#[test]
fn a_protected_name_refuses_whoever_is_below_the_rules_level() {
    let seeds = Seeds::start();
    let rules = format!("/api/v4/projects/{INT}/packages/protection/rules");
    seeds
        .user("maintainer")
        .post(
            &rules,
            json!({ "package_name_pattern": "acme/*", "package_type": "composer", "minimum_access_level_for_push": "maintainer" }),
        )
        .expect(201);
    let refused = json!({ "message": "403 Forbidden - Package protected." });
    upload(&seeds.user("developer"), INT, "1.0.0", &hello()).expect_json(403, refused.clone());
    let deploy = seeds.deploy_token(Some(INT), None, &["write_package_registry"]);
    upload(
        &seeds.with_basic("deployer", &deploy),
        INT,
        "1.0.0",
        &hello(),
    )
    .expect_json(403, refused);
    upload(
        &seeds.user("developer"),
        INT,
        "1.0.0",
        &package("other/x", json!({}), "x"),
    )
    .expect(201);
    upload(&seeds.user("maintainer"), INT, "1.0.0", &hello()).expect(201);
}
