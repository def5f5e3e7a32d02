//! The first protocol: digests and URLs, one revision called `0`.

use serde_json::json;

use crate::support::conan::{PID, conan, recipe};
use crate::support::seeds::{PUB, Seeds, md5};

const R: &str = "Hello/0.1/me/stable";

fn upload(seeds: &Seeds) {
    let developer = seeds.user("developer");
    let files = format!("{}/v1/files/{R}/0", conan(PUB));
    for (path, text) in [
        ("export/conanfile.py", "recipe"),
        ("export/conanmanifest.txt", "1\n"),
        (&format!("package/{PID}/0/conan_package.tgz"), "package"),
        (
            &format!("package/{PID}/0/conaninfo.txt"),
            "[settings]\n    os=Linux\n[recipe_hash]\n    abc\n",
        ),
        (&format!("package/{PID}/0/conanmanifest.txt"), "2\n"),
    ] {
        developer.put(&format!("{files}/{path}"), text).expect(200);
    }
}

#[test]
fn what_is_there_is_told_as_digests_and_urls() {
    let seeds = Seeds::start();
    upload(&seeds);
    let (reader, base) = (seeds.anonymous(), conan(PUB));
    let of = format!("{base}/v1/conans/{R}");
    let expected = json!({ "conanfile.py": md5("recipe"), "conanmanifest.txt": md5("1\n") });
    assert_eq!(reader.get(&of).expect(200).json(), expected);
    let package = reader
        .get(&format!("{of}/packages/{PID}"))
        .expect(200)
        .json();
    assert_eq!(package["conan_package.tgz"], md5("package"));

    let url = |path: &str| seeds.url(&format!("{base}/v1/files/{R}/0/{path}"));
    let digest = reader.get(&format!("{of}/digest")).expect(200).json();
    assert_eq!(
        digest,
        json!({ "conanmanifest.txt": url("export/conanmanifest.txt") })
    );
    let digest = reader
        .get(&format!("{of}/packages/{PID}/digest"))
        .expect(200)
        .json();
    let manifest = url(&format!("package/{PID}/0/conanmanifest.txt"));
    assert_eq!(digest, json!({ "conanmanifest.txt": manifest }));
    let urls = reader
        .get(&format!("{of}/download_urls"))
        .expect(200)
        .json();
    let expected = json!({ "conanfile.py": url("export/conanfile.py"), "conanmanifest.txt": url("export/conanmanifest.txt") });
    assert_eq!(urls, expected);
    let urls = reader
        .get(&format!("{of}/packages/{PID}/download_urls"))
        .expect(200)
        .json();
    let package = urls["conan_package.tgz"].as_str().unwrap();
    assert_eq!(
        reader
            .get(&package[package.find("/api/").unwrap()..])
            .expect(200)
            .text(),
        "package"
    );

    let info = reader.get(&format!("{of}/search")).expect(200).json();
    assert_eq!(
        info[PID],
        json!({ "content": "[settings]\n    os=Linux\n[recipe_hash]\n    abc\n" })
    );
}

#[test]
fn what_is_not_there_is_told_so() {
    let seeds = Seeds::start();
    let (reader, base) = (seeds.anonymous(), conan(PUB));
    let of = format!("{base}/v1/conans/{R}");
    assert_eq!(reader.get(&of).expect(200).json(), json!({}));
    assert_eq!(
        reader
            .get(&format!("{of}/packages/{PID}"))
            .expect(200)
            .json(),
        json!({})
    );
    let digest = reader.get(&format!("{of}/digest")).expect(404).json();
    assert_eq!(digest["message"], "No recipe manifest found");
    let digest = reader
        .get(&format!("{of}/packages/{PID}/digest"))
        .expect(404)
        .json();
    assert_eq!(digest["message"], "No package manifest found");
    reader.get(&format!("{of}/download_urls")).expect(404);
    reader
        .get(&format!("{of}/packages/{PID}/download_urls"))
        .expect(404);
    reader.get(&format!("{of}/search")).expect(404);
}

#[test]
fn urls_to_upload_to_are_given_for_files_that_have_a_place() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for base in [
        conan(PUB),
        "/api/v4/projects/acme%2Fpub/packages/conan".to_owned(),
    ] {
        let of = format!("{base}/v1/conans/{R}");
        let wanted = json!({ "conanfile.py": 6, "conan_export.tgz": 1, "conaninfo.txt": 3, "../x": 1, "x.exe": 1 });
        let urls = developer
            .post(&format!("{of}/upload_urls"), wanted.clone())
            .expect(200)
            .json();
        let url = |path: &str| seeds.url(&format!("{base}/v1/files/{R}/0/{path}"));
        assert_eq!(
            urls,
            json!({ "conanfile.py": url("export/conanfile.py"), "conan_export.tgz": url("export/conan_export.tgz") })
        );
        let urls = developer
            .post(&format!("{of}/packages/{PID}/upload_urls"), wanted)
            .expect(200)
            .json();
        assert_eq!(
            urls,
            json!({ "conaninfo.txt": url(&format!("package/{PID}/0/conaninfo.txt")) })
        );
    }
    let of = format!("{}/v1/conans/{R}/upload_urls", conan(PUB));
    for body in ["[]", "1", "{", "", "\"conanfile.py\""] {
        developer.send("POST", &of, body.as_bytes()).expect(400);
    }
    seeds.user("guest").post(&of, json!({})).expect(403);
    seeds.anonymous().post(&of, json!({})).expect(401);
}

#[test]
fn nobody_is_told_what_another_project_has() {
    let seeds = Seeds::start();
    upload(&seeds);
    let developer = seeds.user("developer");
    let probe = developer
        .with("X-Checksum-Deploy", "true")
        .with("X-Checksum-Sha1", &crate::support::seeds::sha1("package"));
    let path = format!(
        "{}/v1/files/other/0.1/me/stable/0/package/{PID}/0/conan_package.tgz",
        conan(PUB)
    );
    probe.put(&path, b"").expect(404);
    developer.get(&path).expect(404);
}

#[test]
fn files_and_binaries_are_taken_back() {
    let seeds = Seeds::start();
    upload(&seeds);
    let (maintainer, base) = (seeds.user("maintainer"), conan(PUB));
    let of = format!("{base}/v1/conans/{R}");
    seeds
        .user("developer")
        .post(
            &format!("{of}/remove_files"),
            json!({ "files": ["conanfile.py"] }),
        )
        .expect(403);
    maintainer
        .post(
            &format!("{of}/remove_files"),
            json!({ "files": ["conanfile.py", "no.such", "../x"] }),
        )
        .expect(200);
    assert_eq!(
        maintainer.get(&of).expect(200).json(),
        json!({ "conanmanifest.txt": md5("1\n") })
    );
    maintainer
        .post(
            &format!("{of}/packages/delete"),
            json!({ "package_ids": ["0"] }),
        )
        .expect(404);
    maintainer
        .post(
            &format!("{of}/packages/delete"),
            json!({ "package_ids": [PID] }),
        )
        .expect(200);
    assert_eq!(
        maintainer.get(&format!("{of}/search")).expect(200).json(),
        json!({})
    );
    upload(&seeds);
    maintainer
        .post(
            &format!("{of}/packages/delete"),
            json!({ "package_ids": [] }),
        )
        .expect(200);
    assert_eq!(
        maintainer.get(&format!("{of}/search")).expect(200).json(),
        json!({})
    );
    seeds.user("developer").delete(&of).expect(403);
    let gone = maintainer.delete(&of).expect(200);
    assert_eq!(gone.text(), "");
    maintainer.delete(&of).expect(404);
}

#[test]
fn the_second_protocol_shows_the_revision_of_the_first_and_writes_no_file_of_it() {
    let seeds = Seeds::start();
    upload(&seeds);
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let of = format!("{base}/v2/conans/{R}");
    assert_eq!(
        developer.get(&format!("{of}/latest")).expect(200).json()["revision"],
        "0"
    );
    developer
        .get(&format!("{of}/revisions/0/files/conanfile.py"))
        .expect(200);
    developer
        .put(&format!("{of}/revisions/0/files/conanfile.py"), b"other")
        .expect(400);
    // Conan 2 leaves out what has a recipe hash: a binary of Conan 1 is nothing to it.
    let found = developer
        .get(&format!("{of}/revisions/0/search?list_only=False"))
        .expect(200)
        .json();
    assert_eq!(
        found[PID],
        json!({ "settings": { "os": "Linux" }, "options": {}, "requires": [], "recipe_hash": "abc" })
    );
    developer.put_recipe(&recipe(&base, R, 'a'));
    let seen = developer
        .get(&format!("{base}/v1/conans/{R}"))
        .expect(200)
        .json();
    assert_eq!(seen["conanfile.py"], md5("recipe"));
}
