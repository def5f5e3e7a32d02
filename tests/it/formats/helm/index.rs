//! `index.yaml`: what it says, how it is kept, and over a group.

use serde_json::{Value, json};

use crate::support::helm::{chart, chart_of, charts, helm, index, read_index, upload, versions};
use crate::support::seeds::{ACME, DEEP, PRIV, PUB, Seeds, package, packages, sha256};
use crate::support::{TestApp, id_of};

#[test]
fn an_index_of_nothing_is_an_index() {
    let seeds = Seeds::start();
    let answer = seeds.anonymous().get(&index(PUB, "stable")).expect(200);
    assert_eq!(answer.header("content-type"), "text/yaml");
    assert_eq!(
        answer.json(),
        json!({
            "apiVersion": "v1",
            "entries": {},
            "generated": "1970-01-01T00:00:00.000Z",
            "serverInfo": { "contextPath": helm(PUB) },
        })
    );
}

#[test]
fn an_entry_has_the_keys_that_helm_knows_and_strings_where_it_wants_them() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let more = "appVersion: 1.10\ndescription: \"a \\u0085 b\"\nmaintainer: wrong\nfoo: [1, 2]\nkeywords: [a, 2]\ndeprecated: true\n\
        annotations: {number: 1, truth: true, list: [x]}\n";
    let bytes = chart("web", "1.2.3", more);
    upload(&developer, PUB, "stable", &bytes).expect_json(201, json!({ "message": "201 Created" }));

    let answer = developer.get(&index(PUB, "stable")).expect(200);
    let text = answer.text();
    assert!(text.contains(r#""appVersion":"1.10""#), "{text}");
    assert!(text.contains(r#""a \u0085 b""#), "{text}");
    let mut entry = answer.json()["entries"]["web"][0].clone();
    let created = entry["created"].take();
    assert!(created.as_str().unwrap().ends_with('Z'), "{created}");
    assert_eq!(
        entry,
        json!({
            "apiVersion": "v2", "name": "web", "version": "1.2.3", "appVersion": "1.10",
            "description": "a \u{85} b", "keywords": ["a", "2"], "annotations": { "number": "1", "truth": "true" },
            "deprecated": true, "created": null, "digest": sha256(&bytes), "urls": ["charts/web-1.2.3.tgz"],
        })
    );
}

#[test]
fn versions_stand_newest_first_and_channels_apart() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for version in ["1.0.9", "1.0.10", "v0.1.0", "1.0.10-rc.1", "1.0.10+b1"] {
        upload(&developer, PUB, "stable", &chart("web", version, "")).expect(201);
    }
    upload(&developer, PUB, "devel", &chart("web", "2.0.0", "")).expect(201);
    let stable = read_index(&developer, &index(PUB, "stable"));
    assert_eq!(
        versions(&stable, "web"),
        ["1.0.10+b1", "1.0.10", "1.0.10-rc.1", "1.0.9", "v0.1.0"]
    );
    assert_eq!(
        versions(&read_index(&developer, &index(PUB, "devel")), "web"),
        ["2.0.0"]
    );

    // A version with a build is a chart of its own, whatever a proxy has made of its plus.
    for spelling in [
        "web-1.0.10+b1.tgz",
        "web-1.0.10%2Bb1.tgz",
        "web-1.0.10%20b1.tgz",
    ] {
        let file = developer
            .get(&format!("{}/stable/charts/{spelling}", helm(PUB)))
            .expect(200);
        assert_eq!(
            sha256(&file.body),
            stable["entries"]["web"][0]["digest"],
            "{spelling}"
        );
        assert!(
            file.header("content-disposition")
                .contains("web-1.0.10+b1.tgz")
        );
    }
    developer
        .get(&format!("{}/devel/charts/web-1.0.9.tgz", helm(PUB)))
        .expect(404);
}

#[test]
fn the_index_shows_what_is_served_after_every_change() {
    let seeds = Seeds::start();
    let (developer, owner) = (seeds.user("developer"), seeds.user("owner"));
    let digest =
        || read_index(&owner, &index(PUB, "stable"))["entries"]["web"][0]["digest"].clone();
    let served = || {
        sha256(
            owner
                .get(&format!("{}/stable/charts/web-1.0.0.tgz", helm(PUB)))
                .expect(200)
                .body,
        )
    };

    let (first, second) = (
        chart("web", "1.0.0", ""),
        chart("web", "1.0.0", "description: again\n"),
    );
    upload(&developer, PUB, "stable", &first).expect(201);
    assert_eq!(
        (digest(), served()),
        (json!(sha256(&first)), sha256(&first))
    );
    let created = read_index(&owner, &index(PUB, "stable"))["entries"]["web"][0]["created"].clone();
    upload(&developer, PUB, "stable", &first).expect(201); // the same bytes are the same chart
    assert_eq!(
        read_index(&owner, &index(PUB, "stable"))["entries"]["web"][0]["created"],
        created
    );
    upload(&developer, PUB, "stable", &second).expect(201);
    assert_eq!(
        (digest(), served()),
        (json!(sha256(&second)), sha256(&second))
    );
    let shown = read_index(&owner, &index(PUB, "stable"));
    assert_eq!(
        versions(&shown, "web"),
        ["1.0.0"],
        "once, however often it was uploaded"
    );
    assert_eq!(shown["entries"]["web"][0]["description"], "again");

    // The newer file goes, the older one is served and shown with its own Chart.yaml.
    let list = owner
        .get(&format!("{}?package_type=helm", packages(PUB)))
        .expect(200)
        .json();
    assert_eq!(
        (&list[0]["name"], &list[0]["version"]),
        (&json!("web"), &json!("1.0.0"))
    );
    let path = package(PUB, id_of(&list[0]));
    let files = owner
        .get(&format!("{path}/package_files"))
        .expect(200)
        .json();
    assert_eq!(files.as_array().unwrap().len(), 2);
    owner
        .delete(&format!("{path}/package_files/{}", id_of(&files[1])))
        .expect(204);
    assert_eq!(
        (digest(), served()),
        (json!(sha256(&first)), sha256(&first))
    );
    assert_eq!(
        read_index(&owner, &index(PUB, "stable"))["entries"]["web"][0].get("description"),
        None
    );

    owner.delete(&path).expect(204);
    assert_eq!(
        read_index(&owner, &index(PUB, "stable"))["entries"],
        json!({})
    );
    owner
        .get(&format!("{}/stable/charts/web-1.0.0.tgz", helm(PUB)))
        .expect(404);
}

#[test]
fn a_status_shows_in_the_index() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    upload(&owner, PUB, "stable", &chart("web", "1.0.0", "")).expect(201);
    let id = id_of(&owner.get(&packages(PUB)).expect(200).json()[0]);
    seeds.run("UPDATE packages SET status = 5 WHERE id = ?1", [id]);
    seeds.run(
        "UPDATE projects SET packages_revision = packages_revision + 1 WHERE id = ?1",
        [PUB],
    );
    let shown = read_index(&owner, &index(PUB, "stable"));
    assert_eq!(shown["entries"]["web"][0]["deprecated"], json!(true));
    for hidden in [1, 3] {
        seeds.run(
            "UPDATE packages SET status = ?2 WHERE id = ?1",
            [id, hidden],
        );
        seeds.run(
            "UPDATE projects SET packages_revision = packages_revision + 1 WHERE id = ?1",
            [PUB],
        );
        assert_eq!(
            read_index(&owner, &index(PUB, "stable"))["entries"],
            json!({}),
            "{hidden}"
        );
    }
    owner
        .get(&format!("{}/stable/charts/web-1.0.0.tgz", helm(PUB)))
        .expect(404); // an error
}

#[test]
fn the_index_is_kept_ready_with_a_tag_for_each_encoding() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for number in 0..20 {
        upload(
            &developer,
            PUB,
            "stable",
            &chart("web", &format!("1.0.{number}"), ""),
        )
        .expect(201);
    }
    let path = index(PUB, "stable");
    let plain = developer
        .with("Accept-Encoding", "identity")
        .get(&path)
        .expect(200);
    let again = developer
        .with("Accept-Encoding", "identity")
        .get(&path)
        .expect(200);
    assert_eq!(
        (plain.header("etag"), &plain.body),
        (again.header("etag"), &again.body)
    );
    let packed = developer
        .with("Accept-Encoding", "gzip")
        .head(&path)
        .expect(200);
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_ne!(packed.header("etag"), plain.header("etag"));
    let size: usize = packed.header("content-length").parse().unwrap();
    assert!(
        size * 3 < plain.body.len(),
        "{size} of {}",
        plain.body.len()
    );
    let known = developer
        .with("Accept-Encoding", "identity")
        .with("If-None-Match", plain.header("etag"));
    known.get(&path).expect(304);
    upload(&developer, PUB, "stable", &chart("web", "2.0.0", "")).expect(201);
    known.get(&path).expect(200);
}

#[test]
fn a_path_for_an_id_stands_in_the_context_as_cm_push_compares_it() {
    let app = TestApp::start_with(|config| {
        config.url = Some(packhouse::http::BaseUrl::parse("http://example.com/gitlab").unwrap());
    });
    let root = app.root();
    let context = |path: &str| read_index(&root, path)["serverInfo"]["contextPath"].clone();
    assert_eq!(
        context(&index(1, "stable")),
        "/gitlab/api/v4/projects/1/packages/helm"
    );
    let spelt = "/gitlab/api/v4/projects/local%2Fpackages/packages/helm/stable/index.yaml";
    assert_eq!(
        context(spelt),
        "/gitlab/api/v4/projects/local/packages/packages/helm"
    );
    // What cm-push makes of it: the decoded path, with `api` in the middle.
    let push = "/gitlab/api/v4/projects/local/packages/packages/helm/api/stable/charts";
    crate::support::helm::upload_to(&root, push, &chart("web", "1.0.0", "")).expect(201);
    assert_eq!(versions(&read_index(&root, spelt), "web"), ["1.0.0"]);
    // Nothing else is found in such a spelling, and no file of another format is taken for it.
    root.get("/gitlab/api/v4/projects/local/packages/packages")
        .expect(404);
    root.get("/api/v4/projects/1/packages/generic/a/1.0/packages/helm/stable/index.yaml")
        .expect(404);
}

#[test]
fn a_group_shows_the_charts_that_its_reader_may_read() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    upload(
        &owner,
        PUB,
        "stable",
        &chart("web", "1.0.0", "description: older\n"),
    )
    .expect(201);
    upload(&owner, PRIV, "stable", &chart("secret", "1.0.0", "")).expect(201);
    upload(
        &owner,
        DEEP,
        "stable",
        &chart("web", "1.0.0", "description: newer\n"),
    )
    .expect(201);
    upload(&owner, DEEP, "devel", &chart("web", "2.0.0", "")).expect(201);
    let path = format!("/api/v4/groups/{ACME}/-/packages/helm/stable/index.yaml");
    let names = |index: &Value| {
        index["entries"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let (all, public) = (
        read_index(&owner, &path),
        read_index(&seeds.anonymous(), &path),
    );
    assert_eq!(names(&all), ["secret", "web"]);
    assert_eq!(names(&public), ["web"]);
    assert_eq!(versions(&all, "web"), ["1.0.0"]);
    let entry = &all["entries"]["web"][0];
    assert_eq!(entry["description"], "newer");
    let url = entry["urls"][0].as_str().unwrap();
    assert_eq!(
        url,
        seeds.url(&format!("{}/stable/charts/web-1.0.0.tgz", helm(DEEP)))
    );
    let bytes = owner
        .get(&format!("{}/stable/charts/web-1.0.0.tgz", helm(DEEP)))
        .expect(200)
        .body;
    assert_eq!(entry["digest"], json!(sha256(bytes)));
    assert_eq!(all.get("serverInfo"), None);
    seeds
        .anonymous()
        .get("/api/v4/groups/103/-/packages/helm/stable/index.yaml")
        .expect(401);
}

#[test]
fn names_may_hold_what_looks_like_a_version() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let get = |file: &str| developer.get(&format!("{}/stable/charts/{file}", helm(PUB)));
    let yaml =
        |name: &str, version: &str| format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let first = chart_of("a", &yaml("a-1.0.0", "2.0.0"));
    upload(&developer, PUB, "stable", &first).expect(201);
    assert_eq!(get("a-1.0.0-2.0.0.tgz").expect(200).body, first);
    // Another chart whose file would have the same name is refused, or one of the two digests were wrong.
    let taken = upload(
        &developer,
        PUB,
        "stable",
        &chart_of("a", &yaml("a", "1.0.0-2.0.0")),
    );
    taken.expect_json(
        409,
        json!({ "message": "Package already exists", "error": "a-1.0.0-2.0.0.tgz already exists" }),
    );
    upload(
        &developer,
        PUB,
        "devel",
        &chart_of("a", &yaml("a", "1.0.0-2.0.0")),
    )
    .expect(201);
    assert_eq!(get("a-1.0.0-2.0.0.tgz").expect(200).body, first);
    assert_eq!(
        developer.get(&charts(PUB, "stable")).expect(200).json()["a-1.0.0"][0]["version"],
        "2.0.0"
    );
}
