//! Revisions of recipes and of binaries, and their files.

use serde_json::json;

use super::R;
use crate::support::conan::{PID, binary, conan, info, recipe, rev};
use crate::support::seeds::{PUB, Seeds, sha1};

#[test]
fn ping_tells_anybody_what_this_server_can_do() {
    let seeds = Seeds::start();
    for path in [
        "/api/v4/packages/conan/v1/ping",
        "/api/v4/packages/conan/v2/ping",
        "/api/v4/projects/201/packages/conan/v1/ping",
        "/api/v4/projects/99999/packages/conan/v2/ping",
    ] {
        for caller in [
            seeds.anonymous(),
            seeds.with_basic("nobody", "wrong"),
            seeds.with_header("Authorization", "Bearer old"),
        ] {
            let answer = caller.get(path).expect(200);
            let capabilities: Vec<&str> = answer
                .header("x-conan-server-capabilities")
                .split(',')
                .collect();
            assert!(capabilities.contains(&"revisions"), "{path}");
            assert_eq!(answer.text(), "");
        }
    }
}

#[test]
fn the_newest_revision_comes_first_and_an_old_one_uploaded_again_does_not_move() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    for revision in ['a', 'b', 'c'] {
        developer.put_recipe(&recipe(&base, R, revision));
    }
    developer
        .put_file(&recipe(&base, R, 'a'), "conanmanifest.txt", b"2\n")
        .expect(200);
    let listed = seeds
        .anonymous()
        .get(&format!("{base}/v2/conans/{R}/revisions"))
        .expect(200);
    assert_eq!(listed.header("content-type"), "application/json");
    let listed = listed.json();
    assert_eq!(listed["reference"], "hello/0.1");
    let revisions = listed["revisions"].as_array().unwrap();
    let names: Vec<&str> = revisions
        .iter()
        .map(|item| item["revision"].as_str().unwrap())
        .collect();
    assert_eq!(names, [rev('c'), rev('b'), rev('a')]);
    let times: Vec<&str> = revisions
        .iter()
        .map(|item| item["time"].as_str().unwrap())
        .collect();
    assert!(times[0] > times[1] && times[1] > times[2], "{times:?}");
    assert!(
        times[0].ends_with("+0000") && times[0].len() == "2026-11-21T20:35:15.526+0000".len(),
        "{times:?}"
    );
    let latest = seeds
        .anonymous()
        .get(&format!("{base}/v2/conans/{R}/latest"))
        .expect(200)
        .json();
    assert_eq!(latest, revisions[0]);
}

#[test]
fn binaries_have_revisions_of_their_own() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    developer.put_recipe(&recipe(&base, R, 'a'));
    for revision in ['1', '2'] {
        developer.put_binary(&binary(&base, R, 'a', PID, revision), &info("Release"));
    }
    let of = format!("{}/packages/{PID}", recipe(&base, R, 'a'));
    let listed = developer.get(&format!("{of}/revisions")).expect(200).json();
    assert_eq!(listed["reference"], format!("hello/0.1#{}:{PID}", rev('a')));
    assert_eq!(listed["revisions"][0]["revision"], rev('2'));
    assert_eq!(listed["revisions"][1]["revision"], rev('1'));
    assert_eq!(
        developer.get(&format!("{of}/latest")).expect(200).json(),
        listed["revisions"][0]
    );
    let files = developer
        .get(&format!("{}/files", binary(&base, R, 'a', PID, '1')))
        .expect(200)
        .json();
    assert_eq!(
        files,
        json!({ "files": { "conan_package.tgz": {}, "conaninfo.txt": {}, "conanmanifest.txt": {} } })
    );
    for missing in [
        format!("{of}0/latest"),
        format!("{of}0/revisions"),
        format!("{}/files", binary(&base, R, 'b', PID, '1')),
        format!("{}/files", binary(&base, R, 'a', PID, '3')),
        format!("{}/files", recipe(&base, R, 'b')),
        format!("{base}/v2/conans/other/0.1/_/_/latest"),
        format!("{base}/v2/conans/other/0.1/_/_/revisions"),
        format!("{base}/v2/conans/hello/0.1/me/stable/latest"),
    ] {
        let answer = developer.get(&missing).expect(404).json();
        assert_eq!(answer["errors"][0]["status"], 404, "{missing}");
        assert_eq!(answer["errors"][0]["message"], answer["message"]);
    }
}

#[test]
fn files_are_served_with_ranges_and_replaced_in_place() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let revision = binary(&base, R, 'a', PID, '1');
    developer.put_recipe(&recipe(&base, R, 'a'));
    developer.put_binary(&revision, &info("Release"));
    let file = format!("{revision}/files/conan_package.tgz");
    let answer = seeds.anonymous().get(&file).expect(200);
    assert_eq!(
        (answer.body.as_slice(), answer.header("content-type")),
        (&b"package"[..], "application/octet-stream")
    );
    assert_eq!(answer.find_header("content-encoding"), None);
    let part = seeds
        .anonymous()
        .with("Range", "bytes=4-")
        .get(&file)
        .expect(206);
    assert_eq!(part.body, b"age");
    let head = seeds.anonymous().head(&file).expect(200);
    assert_eq!(
        (head.header("content-length"), head.header("etag")),
        ("7", answer.header("etag"))
    );

    let same = developer.put(&file, b"package").expect(200).json();
    let other = developer.put(&file, b"another").expect(200).json();
    assert_ne!(same["id"], other["id"]);
    assert_eq!(other["file_sha1"], sha1("another"));
    assert_eq!(
        developer.put(&file, b"another").expect(200).json()["id"],
        other["id"]
    );
    assert_eq!(seeds.anonymous().get(&file).expect(200).body, b"another");
    // Two compressions of one archive would be called a corrupted package.
    developer
        .put_file(&revision, "conan_package.tzst", b"tighter")
        .expect(200);
    let files = developer
        .get(&format!("{revision}/files"))
        .expect(200)
        .json();
    let names: Vec<&String> = files["files"].as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["conan_package.tzst", "conaninfo.txt", "conanmanifest.txt"]
    );
    developer.get(&file).expect(404);
}

#[test]
fn metadata_files_lie_in_folders_and_may_change() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let revision = recipe(&base, R, 'a');
    developer.put_recipe(&revision);
    for text in ["built", "built again"] {
        developer
            .put_file(&revision, "metadata/logs/build.log", text)
            .expect(200);
        assert_eq!(
            developer
                .get(&format!("{revision}/files/metadata/logs/build.log"))
                .expect(200)
                .text(),
            text
        );
    }
    let files = developer
        .get(&format!("{revision}/files"))
        .expect(200)
        .json();
    assert!(
        files["files"]["metadata/logs/build.log"].is_object(),
        "{files}"
    );
}
