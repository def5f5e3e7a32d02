//! The flat container: versions and files.

use serde_json::json;

use super::versions;
use crate::support::nuget::{nuget, nupkg, nuspec, push};
use crate::support::seeds::{PUB, Seeds, package, packages};
use crate::support::shape::ids;

#[test]
fn versions_are_normal_in_order_and_without_a_build() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for version in [
        "2.0",
        "1.0.0.0",
        "1.0.0-RC.1+build.5",
        "10.1.2.3",
        "01.02",
        "1.0.0-beta.2",
        "1.0.0-beta.10",
    ] {
        push(&developer, PUB, &nupkg("Acme", version, "")).expect(201);
    }
    let expected = json!([
        "1.0.0-beta.2",
        "1.0.0-beta.10",
        "1.0.0-rc.1",
        "1.0.0",
        "1.2.0",
        "2.0.0",
        "10.1.2.3"
    ]);
    assert_eq!(versions(&developer, PUB, "acme"), expected);
    assert_eq!(versions(&developer, PUB, "ACME"), expected);
    let without = developer
        .get(&format!("{}/download/acme/index", nuget(PUB)))
        .expect(200);
    assert_eq!(without.json()["versions"], expected);
}

#[test]
fn a_package_is_found_in_every_spelling_of_its_version() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let bytes = nupkg("Acme.Core", "1.0-RC.1+build", "");
    push(&developer, PUB, &bytes).expect(201);
    for path in [
        "acme.core/1.0.0-rc.1/acme.core.1.0.0-rc.1.nupkg",
        "Acme.Core/1.0-RC.1/Acme.Core.1.0-RC.1.nupkg",
        "acme.core/1.0.0.0-rc.1/acme.core.1.0.0-rc.1.nupkg",
        "acme.core/1.0.0-rc.1+build/acme.core.1.0.0-rc.1+other.nupkg",
        "acme.core/1.0.0-rc.1%2Bbuild/acme.core.1.0.0-rc.1.nupkg",
    ] {
        let answer = developer
            .get(&format!("{}/download/{path}", nuget(PUB)))
            .expect(200);
        assert_eq!(answer.body, bytes, "{path}");
        assert_eq!(answer.header("content-type"), "application/octet-stream");
    }
    for path in [
        "acme.core/1.0.0-rc.1/acme.core.1.0.0-rc.2.nupkg",
        "acme.core/1.0.0-rc.1/other.1.0.0-rc.1.nupkg",
        "acme.core/1.0.0-rc.1/acme.core.1.0.0-rc.1.snupkg",
        "acme.core/1.0.0-rc.1/acme.core.1.0.0-rc.1.zip",
        "acme.core/1.0.0/acme.core.1.0.0.nupkg",
        "acme.core/x/acme.core.x.nupkg",
        "other/1.0.0/other.1.0.0.nupkg",
        "acme.core/1.0.0-rc.1/..%2F..%2Fetc%2Fpasswd",
    ] {
        let answer = developer.get(&format!("{}/download/{path}", nuget(PUB)));
        answer.expect_json(404, json!({ "message": "404 Package Not Found" }));
    }
}

#[test]
fn a_part_of_a_package_and_its_head_can_be_had() {
    let seeds = Seeds::start();
    let bytes = nupkg("Acme", "1.0", "");
    push(&seeds.user("developer"), PUB, &bytes).expect(201);
    let path = format!("{}/download/acme/1.0.0/acme.1.0.0.nupkg", nuget(PUB));
    let head = seeds.anonymous().head(&path).expect(200);
    assert_eq!(head.header("content-length"), bytes.len().to_string());
    let part = seeds
        .anonymous()
        .with("Range", "bytes=2-5")
        .get(&path)
        .expect(206);
    assert_eq!(part.body, bytes[2..6]);
    let etag = head.header("etag").to_owned();
    seeds
        .anonymous()
        .with("If-None-Match", &etag)
        .get(&path)
        .expect(304);
}

#[test]
fn the_nuspec_and_the_readme_come_out_of_the_package() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let readme = "<readme>docs\\README.md</readme>";
    push(&developer, PUB, &nupkg("Acme", "1.0", readme)).expect(201);
    push(
        &developer,
        PUB,
        &nupkg("Acme", "2.0", "<readme>none.md</readme>"),
    )
    .expect(201);
    let get = |path: &str| {
        seeds
            .anonymous()
            .get(&format!("{}/download/acme/{path}", nuget(PUB)))
    };
    let answer = get("1.0.0/acme.nuspec").expect(200);
    assert_eq!(answer.text(), nuspec("Acme", "1.0", readme));
    assert_eq!(answer.header("content-type"), "application/xml");
    assert_eq!(get("1.0/readme").expect(200).text(), "# Read me\n");
    get("2.0/readme").expect(404);
    get("3.0/readme").expect(404);
    get("3.0/acme.nuspec").expect(404);
}

#[test]
fn what_is_gone_or_was_never_there_is_404_in_every_document() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    push(&maintainer, PUB, &nupkg("Acme", "1.0", "")).expect(201);
    let id = ids(&maintainer.get(&packages(PUB)).expect(200))[0];
    let paths = [
        "download/acme/index.json",
        "metadata/acme/index.json",
        "metadata/acme/1.0.0.json",
        "download/acme/1.0.0/acme.1.0.0.nupkg",
    ];
    for path in paths {
        maintainer
            .get(&format!("{}/{path}", nuget(PUB)))
            .expect(200);
    }
    maintainer.delete(&package(PUB, id)).expect(204);
    for path in paths {
        maintainer
            .get(&format!("{}/{path}", nuget(PUB)))
            .expect(404);
    }
    let not_here = json!({ "message": "404 Packages Not Found" });
    for path in [
        "download/none/index.json",
        "metadata/none/index.json",
        "download/a%20b/index.json",
    ] {
        maintainer
            .get(&format!("{}/{path}", nuget(PUB)))
            .expect_json(404, not_here.clone());
    }
}
