//! The upload form.

use data_encoding::HEXLOWER;
use packhouse::registry::PackageType::Pypi;
use serde_json::json;

use super::{files_of, only_file, uploaded};
use crate::support::python::{Dist, Form, pypi, sdist, wheel};
use crate::support::seeds::{PUB, Seeds, md5, package, packages, sha256};
use crate::support::shape::ids;

#[test]
fn a_wheel_is_taken_with_and_without_a_slash_and_in_any_order_of_its_parts() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let [one, two, three] = ["1.0", "2.0", "3.0"].map(|version| wheel("acme-demo", version, ""));
    one.form()
        .send(&developer, &pypi(PUB))
        .expect_json(201, uploaded());
    two.form()
        .send(&developer, &format!("{}/", pypi(PUB)))
        .expect_json(201, uploaded());
    three
        .form()
        .reversed()
        .send(&developer, &pypi(PUB))
        .expect_json(201, uploaded());
    let page = files_of(&developer, &pypi(PUB), "acme-demo");
    assert_eq!(page["versions"], json!(["1.0", "2.0", "3.0"]));
    let path = super::path_of(&page["files"][2]);
    assert_eq!(developer.get(&path).expect(200).body, three.bytes);
}

#[test]
fn a_large_file_between_fields_is_streamed_whole() {
    let seeds = Seeds::start();
    let mut bytes = wheel("big", "1.0", "").bytes;
    let noise: Vec<u8> = (0..3_000_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    bytes = [noise, bytes].concat();
    let dist = Dist::new("big", "1.0", "big-1.0.win32.exe", bytes);
    dist.form()
        .field("filetype", "bdist_wininst")
        .field("sha256_digest", &sha256(&dist.bytes))
        .send(&seeds.user("developer"), &pypi(PUB))
        .expect(201);
    let path = only_file(&seeds.anonymous(), PUB, "big");
    assert_eq!(seeds.anonymous().get(&path).expect(200).body, dist.bytes);
}

#[test]
fn what_is_missing_is_told() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let form = wheel("acme", "1.0", "").form();
    for (without, told) in [
        (&["content"][..], "content is missing"),
        (&["name", "version"], "name is missing, version is missing"),
        (
            &["content", "name", "version"],
            "content is missing, name is missing, version is missing",
        ),
    ] {
        let form = without
            .iter()
            .fold(form.clone(), |form, name| form.without(name));
        form.send(&developer, &pypi(PUB))
            .expect_json(400, json!({ "error": told }));
    }
    let told = "content is missing, name is missing, version is missing";
    developer
        .send("POST", &pypi(PUB), b"{}")
        .expect_json(400, json!({ "error": told }));
}

#[test]
fn old_actions_are_gone_and_unknown_ones_wrong() {
    let seeds = Seeds::start();
    let form = wheel("acme", "1.0", "").form().without(":action");
    for (action, status) in [
        ("doc_upload", 410),
        ("submit", 410),
        ("dance", 400),
        ("file_upload", 201),
    ] {
        form.clone()
            .field(":action", action)
            .send(&seeds.user("developer"), &pypi(PUB))
            .expect(status);
    }
}

#[test]
fn names_versions_and_file_names_are_checked() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let invalid = |what: &str| json!({ "message": format!("400 Bad request - Validation failed: {what} is invalid") });
    let form = |name: &str, version: &str, file: &str| {
        let dist = wheel("acme", "1.0", "");
        Form::default()
            .field("name", name)
            .field("version", version)
            .file(file, &dist.bytes)
    };
    let file = "acme-1.0-py3-none-any.whl";
    for name in ["-acme", "ac me", "../acme", "<script>", "a/b"] {
        form(name, "1.0", file)
            .send(&developer, &pypi(PUB))
            .expect_json(400, invalid("Name"));
    }
    for version in ["one", "1.0/..", "1.0 ", "1..0"] {
        form("acme", version, file)
            .send(&developer, &pypi(PUB))
            .expect_json(400, invalid("Version"));
    }
    for file in [
        "acme-1.1-py3-none-any.whl",
        "other-1.0.tar.gz",
        "acme-1.0.html",
        ".acme-1.0.tar.gz",
        "acme",
    ] {
        form("acme", "1.0", file)
            .send(&developer, &pypi(PUB))
            .expect_json(400, invalid("File name"));
    }
}

#[test]
fn promised_digests_must_be_true() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let dist = wheel("acme", "1.0", "");
    let before = seeds.stored_files().len();
    for (field, value) in [
        ("sha256_digest", "abc".to_owned()),
        ("sha256_digest", sha256("other")),
        ("md5_digest", md5("other")),
        ("blake2_256_digest", sha256("other")),
    ] {
        dist.form()
            .field(field, &value)
            .send(&developer, &pypi(PUB))
            .expect(400);
    }
    let told = json!({ "error": "sha256_digest is invalid" });
    dist.form()
        .field("sha256_digest", "xyz")
        .send(&developer, &pypi(PUB))
        .expect_json(400, told);
    assert_eq!(seeds.stored_files().len(), before);
    dist.form()
        .field("sha256_digest", &sha256(&dist.bytes).to_uppercase())
        .field("md5_digest", &md5(&dist.bytes))
        .field("blake2_256_digest", &blake2_256(&dist.bytes))
        .send(&developer, &pypi(PUB))
        .expect(201);
}

#[test]
fn a_file_is_uploaded_once_whatever_its_bytes() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    wheel("My_Pkg", "1.0", "")
        .upload(&developer, PUB)
        .expect(201);
    let taken = json!({
        "message": "400 Bad request - Validation failed: File name has already been taken",
        "error": "File already exists",
    });
    wheel("My_Pkg", "1.0", "")
        .upload(&developer, PUB)
        .expect_json(400, taken.clone());
    wheel("My_Pkg", "1.0", "Keywords: new\n")
        .upload(&developer, PUB)
        .expect_json(400, taken);
    sdist("my-pkg", "1.0.0", "")
        .upload(&developer, PUB)
        .expect(201);
    let found = ids(&developer.get(&packages(PUB)).expect(200));
    assert_eq!(
        found.len(),
        1,
        "one package for all spellings of name and version"
    );
    seeds
        .user("maintainer")
        .delete(&package(PUB, found[0]))
        .expect(204);
    wheel("My_Pkg", "1.0", "Keywords: new\n")
        .upload(&developer, PUB)
        .expect(201);
}

#[test]
fn a_wheel_and_an_sdist_of_a_new_version_may_come_at_once() {
    let seeds = Seeds::start();
    let dists = [wheel("acme", "1.0", ""), sdist("acme", "1.0", "")];
    std::thread::scope(|scope| {
        for dist in &dists {
            let developer = seeds.user("developer");
            scope.spawn(move || dist.upload(&developer, PUB).expect(201));
        }
    });
    let page = files_of(&seeds.anonymous(), &pypi(PUB), "acme");
    assert_eq!(page["files"].as_array().unwrap().len(), 2);
    assert_eq!(page["versions"], json!(["1.0"]));
}

#[test]
fn a_rule_protects_every_spelling_of_a_name() {
    let seeds = Seeds::start();
    seeds.protect(PUB, Pypi, "Acme.*", Some(40), None);
    let protected = json!({ "message": "403 Forbidden - Package protected." });
    for name in ["acme-demo", "acme_demo", "ACME.demo", "acme__demo"] {
        wheel(name, "1.0", "")
            .upload(&seeds.user("developer"), PUB)
            .expect_json(403, protected.clone());
    }
    wheel("acme-demo", "1.0", "")
        .upload(&seeds.user("maintainer"), PUB)
        .expect(201);
    wheel("other", "1.0", "")
        .upload(&seeds.user("developer"), PUB)
        .expect(201);
}

#[test]
fn a_file_beyond_the_limit_is_refused() {
    let seeds = Seeds::start_with_file("[limits]\npypi = 100\n");
    let answer = wheel("acme", "1.0", "")
        .upload(&seeds.user("developer"), PUB)
        .expect(413);
    assert!(
        answer.text().contains("the limit for pypi is 100 bytes"),
        "{}",
        answer.text()
    );
}

#[test]
fn a_search_finds_a_name_by_its_normal_form() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    wheel("Acme_Demo.Tools", "1.0", "")
        .upload(&developer, PUB)
        .expect(201);
    for (search, found) in [
        ("acme-demo-tools", 1),
        ("demo_tools", 0),
        ("Acme_Demo", 1),
        ("demo-t", 1),
    ] {
        let list = format!("{}?package_name={search}", packages(PUB));
        assert_eq!(
            ids(&developer.get(&list).expect(200)).len(),
            found,
            "{search}"
        );
    }
}

fn blake2_256(bytes: &[u8]) -> String {
    use blake2::Digest;
    HEXLOWER.encode(&blake2::Blake2b::<blake2::digest::consts::U32>::digest(
        bytes,
    ))
}

#[test]
fn the_python_that_the_form_requires_is_the_one_that_the_file_requires() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let dist = wheel("acme", "1.0", "Requires-Python: >=3.8, <4\n");
    dist.form()
        .field("requires_python", ">=3.9")
        .send(&developer, &pypi(PUB))
        .expect_json(
            400,
            json!({ "message": "400 Bad request - Validation failed: the form requires Python \">=3.9\" and the file \">=3.8, <4\"" }),
        );
    // uv writes what it has read in its own way.
    dist.form()
        .field("requires_python", "<4,>=3.8")
        .send(&developer, &pypi(PUB))
        .expect(201);
}
