//! Hostile and broken uploads: refused, and nothing of them stays.

use serde_json::json;

use super::R;
use crate::support::conan::{PID, binary, conan, recipe, rev};
use crate::support::seeds::{PUB, Seeds, packages, sha1};

#[test]
fn paths_that_no_client_sends_are_refused() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let (revision, long) = (rev('a'), "a".repeat(102));
    let at = |reference: &str| {
        format!("{base}/v2/conans/{reference}/revisions/{revision}/files/conanfile.py")
    };
    for (path, error) in [
        (at("h/0.1/_/_"), "package_name is invalid"),
        (at("he%2Fllo/0.1/_/_"), "package_name is invalid"),
        (at("%2e%2e/0.1/_/_"), "package_name is invalid"),
        (at("hello%00/0.1/_/_"), "package_name is invalid"),
        (at("hello%0d%0a/0.1/_/_"), "package_name is invalid"),
        (at("h%C3%A9llo/0.1/_/_"), "package_name is invalid"),
        (at(&format!("{long}/0.1/_/_")), "package_name is invalid"),
        (at("hello/-1/_/_"), "package_version is invalid"),
        (at("hello/0.1/%2e%2e/stable"), "package_username is invalid"),
        (at("hello/0.1/me/%5c"), "package_channel is invalid"),
        (
            at("hello/0.1/_/stable"),
            "400 Bad request - user can't be solely blank",
        ),
        (
            at("hello/0.1/me/_"),
            "400 Bad request - channel can't be solely blank",
        ),
        (
            format!("{base}/v2/conans/{R}/revisions/xyz/files/conanfile.py"),
            "recipe_revision is invalid",
        ),
        (
            format!("{base}/v2/conans/{R}/revisions/0/files/conanfile.py"),
            "recipe_revision is invalid",
        ),
        (
            format!(
                "{base}/v2/conans/{R}/revisions/{revision}/packages/a-b/revisions/{revision}/files/conaninfo.txt"
            ),
            "conan_package_reference is invalid",
        ),
        (
            format!(
                "{base}/v2/conans/{R}/revisions/{revision}/packages/{PID}/revisions/12/files/conaninfo.txt"
            ),
            "package_revision is invalid",
        ),
        (
            format!("{}/files/..%2f..%2fetc%2fpasswd", recipe(&base, R, 'a')),
            "file_name is invalid",
        ),
        (
            format!("{}/files/metadata/%2e%2e/x", recipe(&base, R, 'a')),
            "file_name is invalid",
        ),
        (
            format!("{}/files/sub/conanfile.py", recipe(&base, R, 'a')),
            "file_name is invalid",
        ),
        (
            format!("{}/files/a%20b", recipe(&base, R, 'a')),
            "file_name is invalid",
        ),
        (
            format!("{}/files/%2Fetc", recipe(&base, R, 'a')),
            "file_name is invalid",
        ),
    ] {
        let answer = developer.put(&path, b"x").expect(400).json();
        let told = answer.get("error").or(answer.get("message")).unwrap();
        assert_eq!(told, error, "{path}");
        assert_eq!(
            answer["errors"][0],
            json!({ "status": 400, "message": error })
        );
    }
    assert_eq!(
        developer
            .get(&format!("{}?status=processing", packages(PUB)))
            .expect(200)
            .json(),
        json!([])
    );
    assert!(seeds.stored_files().is_empty());
}

#[test]
fn names_that_conan_2_allows_are_accepted() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let long = "a".repeat(101);
    for reference in [
        "zlib/1/_/_",
        "lib++/1.0+x/_/_",
        &format!("{long}/{long}/{long}/{long}"),
        "_x/0.1/u.v/c-d",
    ] {
        developer.put_recipe(&recipe(&base, reference, 'a'));
    }
    for name in [
        "conan_sources.txz",
        "conan_export.tzst",
        "pkgsign-manifest.json",
    ] {
        developer
            .put_file(&recipe(&base, "zlib/1/_/_", 'a'), name, b"x")
            .expect(200);
    }
    developer.put_recipe(&format!(
        "{base}/v2/conans/{R}/revisions/{}",
        "F".repeat(40)
    ));
}

#[test]
fn a_file_that_is_not_what_its_checksum_says_is_refused() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let revision = recipe(&base, R, 'a');
    let wrong = developer
        .with("X-Checksum-Sha1", &sha1("other"))
        .put_file(&revision, "conanmanifest.txt", b"x")
        .expect(400)
        .json();
    assert!(
        wrong["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("x-checksum-sha1"),
        "{wrong}"
    );
    developer
        .get(&format!("{base}/v2/conans/{R}/latest"))
        .expect(404);
    assert!(seeds.stored_files().is_empty());
    developer
        .with("X-Checksum-Sha1", &sha1("x"))
        .put_file(&revision, "conanmanifest.txt", b"x")
        .expect(200);
}

#[test]
fn what_is_too_large_is_refused() {
    let seeds = Seeds::start_with_file("[limits]\nconan = 2000000\n");
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let revision = binary(&base, R, 'a', PID, '1');
    developer
        .put_file(&revision, "conan_package.tgz", vec![0; 2_000_001])
        .expect(413);
    developer
        .put_file(&revision, "conaninfo.txt", vec![b' '; 1_048_577])
        .expect(413);
    developer
        .put_file(&revision, "conaninfo.txt", vec![b' '; 1_048_576])
        .expect(200);
    let list = format!("{{\"{}\": 1}}", "a".repeat(1_048_577));
    developer
        .send(
            "POST",
            &format!("{base}/v1/conans/{R}/upload_urls"),
            list.as_bytes(),
        )
        .expect(413);
}

#[test]
fn an_info_that_makes_no_sense_is_kept_as_it_is() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    developer.put_recipe(&recipe(&base, R, 'a'));
    let revision = binary(&base, R, 'a', PID, '1');
    developer
        .put_file(&revision, "conaninfo.txt", b"\xff\xfe[[\0")
        .expect(200);
    developer
        .put_file(&revision, "conanmanifest.txt", b"")
        .expect(200);
    let found = developer
        .get(&format!("{}/search", recipe(&base, R, 'a')))
        .expect(200)
        .json();
    assert!(found[PID]["content"].is_string(), "{found}");
}

#[test]
fn other_methods_and_twins_are_no_routes() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    developer
        .send("POST", &format!("{base}/v1/ping"), b"x")
        .expect(405);
    developer
        .put(&format!("{base}/v1/files/{R}/1/export/conanfile.py"), b"x")
        .expect(404);
    developer.get(&format!("{base}/v3/ping")).expect(404);
}
