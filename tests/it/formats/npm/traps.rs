//! What users of other registries have complained about (contract, section 14), one test a complaint. Those that belong to
//! a larger story are told there:
//!
//! | # | complaint | test |
//! |---|---|---|
//! | 7, 17 | sibling projects; a scope in another case | `publishing`, `levels` |
//! | 11 | deprecating one version hit others | `documents::deprecating_one_version_leaves_the_others_alone` |
//! | 18 | big packages three times in memory | `bad_input::a_publish_of_200_megabytes_costs_no_memory_…` |
//! | 19 | a hidden second `package.json` | `bad_input::what_the_tarball_holds_must_be_what_was_announced` |
//! | 21 | a token as a Basic password | `levels::every_kind_of_token_is_a_bearer_and_a_basic_password` |
//! | 25 | a version that came back with other bytes | `unpublishing::an_unpublished_version_comes_back_…` |

use serde_json::{Value, json};

use super::{NPM, document, integrity, publish, put, refusal, release, tarball, tarball_of};
use crate::support::{Actor, TestApp, id_of, keys};

const ABBREVIATED: &str =
    "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

fn both_documents(actor: &Actor, name: &str) -> [Value; 2] {
    let path = format!("{NPM}/{name}");
    let short = actor.with("Accept", ABBREVIATED).get(&path);
    [
        short.expect(200).json(),
        actor.get(&path).expect(200).json(),
    ]
}

#[test]
fn trap_1_pnpm_and_yarn_4_quarantine_versions_without_a_time() {
    let app = TestApp::start();
    for version in ["1.0.0", "1.1.0"] {
        release(&app.root(), NPM, "demo", version).expect(200);
    }
    for document in both_documents(&app.anonymous(), "demo") {
        assert_eq!(
            keys(&document["time"]),
            ["created", "modified", "1.0.0", "1.1.0"]
        );
        let first = document["time"]["1.0.0"].as_str().unwrap();
        let second = document["time"]["1.1.0"].as_str().unwrap();
        assert!(first.starts_with("20") && first <= second, "{document}");
    }
}

#[test]
fn trap_2_lock_files_get_a_weak_digest_where_the_client_sent_no_other() {
    let app = TestApp::start();
    let manifest = json!({ "name": "demo", "version": "1.0.0" });
    let tarball = tarball_of(&manifest);
    let mut sent = document(&manifest, &tarball);
    let dist = sent["versions"]["1.0.0"]["dist"].as_object_mut().unwrap();
    dist.remove("integrity").unwrap();
    put(&app.root(), NPM, &sent).expect(200);
    for document in both_documents(&app.anonymous(), "demo") {
        let dist = &document["versions"]["1.0.0"]["dist"];
        assert_eq!(dist["integrity"], integrity(&tarball));
    }
}

#[test]
fn trap_3_platform_packages_install_all_or_none_without_their_fields() {
    let app = TestApp::start();
    let manifest = json!({
        "name": "esbuild", "version": "1.0.0", "optionalDependencies": { "@esbuild/linux-x64": "1.0.0" },
        "os": ["!win32"], "cpu": ["x64", "arm64"], "libc": ["glibc"], "peerDependencies": { "p": "*" },
        "peerDependenciesMeta": { "p": { "optional": true } },
    });
    publish(&app.root(), NPM, &manifest).expect(200);
    for document in both_documents(&app.anonymous(), "esbuild") {
        for (key, value) in manifest.as_object().unwrap() {
            assert_eq!(document["versions"]["1.0.0"][key], *value, "{key}");
        }
    }
}

#[test]
fn trap_4_a_tarball_that_a_group_names_needs_no_token_of_another_path() {
    let app = TestApp::start();
    app.group("acme", "private");
    let id = app.project("acme/one", "private");
    let project = format!("/api/v4/projects/{id}/packages/npm");
    release(&app.root(), &project, "@acme/demo", "1.0.0").expect(200);
    for prefix in [
        "/api/v4/groups/acme/-/packages/npm",
        "/api/v4/packages/npm",
        &project,
    ] {
        let shown = app
            .root()
            .get(&format!("{prefix}/@acme%2fdemo"))
            .expect(200)
            .json();
        let url = shown["versions"]["1.0.0"]["dist"]["tarball"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(url.starts_with(&app.url(prefix)), "{url}");
        app.root().get(&url[app.url("").len()..]).expect(200);
    }
}

#[test]
fn trap_5_release_tools_give_up_without_ping_whoami_and_search() {
    let app = TestApp::start();
    release(&app.root(), NPM, "demo", "1.0.0").expect(200);
    app.anonymous()
        .get(&format!("{NPM}/-/ping"))
        .expect_json(200, json!({}));
    app.root()
        .get(&format!("{NPM}/-/whoami"))
        .expect_json(200, json!({ "username": "root" }));
    app.anonymous().get(&format!("{NPM}/-/whoami")).expect(401);
    let found = app
        .root()
        .get(&format!("{NPM}/-/v1/search?text=dem"))
        .expect(200)
        .json();
    assert_eq!(found["objects"][0]["package"]["name"], "demo");
    assert_eq!(found["total"], 1);
}

#[test]
fn trap_6_a_publish_to_the_instance_must_not_seem_to_work() {
    let app = TestApp::start();
    let answer = release(&app.root(), "/api/v4/packages/npm", "@local/demo", "1.0.0")
        .expect(404)
        .json();
    let error = answer["error"].as_str().unwrap();
    assert!(
        error.contains("/api/v4/projects/:id/packages/npm"),
        "{error}"
    );
    assert_eq!(app.stored_files().len(), 0);
}

#[test]
fn trap_8_what_failed_to_publish_does_not_exist() {
    let app = TestApp::start();
    let manifest = json!({ "name": "demo", "version": "1.0.0" });
    let mut sent = document(&manifest, &tarball_of(&manifest));
    sent["versions"]["1.0.0"]["dist"]["shasum"] = json!("0".repeat(40));
    put(&app.root(), NPM, &sent).expect(400);
    app.root().get(&format!("{NPM}/demo")).expect(404);
    assert_eq!(app.stored_files().len(), 0);
    release(&app.root(), NPM, "demo", "1.0.0").expect(200);
}

#[test]
fn trap_9_a_manifest_of_20_000_characters_is_not_too_long() {
    let app = TestApp::start();
    let manifest =
        json!({ "name": "demo", "version": "1.0.0", "config": { "long": "x".repeat(200_000) } });
    publish(&app.root(), NPM, &manifest).expect(200);
    let shown = app
        .root()
        .get(&format!("{NPM}/demo/1.0.0"))
        .expect(200)
        .json();
    assert_eq!(shown["config"], manifest["config"]);
}

#[test]
fn trap_10_a_version_can_be_unpublished_and_the_rest_still_answers() {
    let app = TestApp::start();
    for version in ["1.0.0", "2.0.0"] {
        release(&app.root(), NPM, "@acme/demo", version).expect(200);
    }
    // As stack-orchestrator saw it: the prefix stands twice in the path.
    let doubled = format!("{NPM}{NPM}/@acme/demo/-/@acme/demo-2.0.0.tgz/-rev/undefined");
    app.root().delete(&doubled).expect(200);
    let left = app
        .root()
        .get(&format!("{NPM}/@acme%2fdemo"))
        .expect(200)
        .json();
    assert_eq!(keys(&left["versions"]), ["1.0.0"]);
    assert_eq!(left["dist-tags"], json!({ "latest": "1.0.0" }));
}

#[test]
fn trap_12_dependabot_falls_through_where_a_single_version_cannot_be_asked_for() {
    let app = TestApp::start();
    for version in ["1.0.0", "2.0.0"] {
        release(&app.root(), NPM, "@acme/demo", version).expect(200);
    }
    for (asked, version) in [("1.0.0", "1.0.0"), ("latest", "2.0.0"), ("2.0.0", "2.0.0")] {
        for name in ["@acme%2fdemo", "@acme/demo"] {
            let shown = app
                .anonymous()
                .get(&format!("{NPM}/{name}/{asked}"))
                .expect(200)
                .json();
            assert_eq!(shown["version"], version, "{name}/{asked}");
        }
    }
    app.anonymous()
        .get(&format!("{NPM}/@acme/demo/3.0.0"))
        .expect(404);
}

#[test]
fn trap_13_bun_reads_one_spelling_of_a_tarball_url_and_others_the_other() {
    let app = TestApp::start();
    let manifest = json!({ "name": "@acme/demo", "version": "1.0.0" });
    publish(&app.root(), NPM, &manifest).expect(200);
    for path in [
        "@acme/demo/-/@acme/demo-1.0.0.tgz",
        "@acme/demo/-/demo-1.0.0.tgz",
        "@acme%2fdemo/-/demo-1.0.0.tgz",
    ] {
        let got = app.anonymous().get(&format!("{NPM}/{path}")).expect(200);
        assert!(got.body == tarball_of(&manifest), "{path}");
    }
}

#[test]
fn trap_14_nobody_is_sent_to_a_public_registry_unasked() {
    let app = TestApp::start();
    for name in ["left-pad", "@acme%2fnothing"] {
        let answer = app.root().get(&format!("{NPM}/{name}")).expect(404);
        assert_eq!(answer.find_header("location"), None);
    }
}

#[test]
fn trap_15_latest_stands_where_the_last_of_many_publishes_at_once_has_put_it() {
    let app = TestApp::start();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let root = app.root();
            scope.spawn(move || release(&root, NPM, "demo", &format!("1.0.{number}")).expect(200));
        }
    });
    let listed = app
        .root()
        .get("/api/v4/projects/1/packages?order_by=created_at&sort=desc")
        .expect(200)
        .json();
    let shown = app.root().get(&format!("{NPM}/demo")).expect(200).json();
    assert_eq!(shown["dist-tags"]["latest"], listed[0]["version"]);
    assert_eq!(keys(&shown["versions"]).len(), 8);
}

#[test]
fn trap_16_a_new_version_is_there_at_once() {
    let app = TestApp::start();
    let mut known = String::new();
    for number in 0..5 {
        release(&app.root(), NPM, "demo", &format!("1.0.{number}")).expect(200);
        let answer = app
            .root()
            .with("If-None-Match", &known)
            .get(&format!("{NPM}/demo"))
            .expect(200);
        known = answer.header("etag").to_owned();
        assert_eq!(keys(&answer.json()["versions"]).len(), number + 1);
    }
    app.root()
        .with("If-None-Match", &known)
        .get(&format!("{NPM}/demo"))
        .expect(304);
}

#[test]
fn trap_20_a_job_of_another_project_is_told_why_it_may_not() {
    let app = TestApp::start();
    let open = app.project("local/open", "public");
    app.project("local/ci", "public");
    let pipeline = app.root().post(
        "/api/v4/projects/local%2Fci/pipeline",
        json!({ "ref": "main" }),
    );
    let pipeline = id_of(&pipeline.expect(201).json());
    let jobs = format!("/api/v4/projects/local%2Fci/pipelines/{pipeline}/jobs");
    let job = app.root().post(&jobs, json!({})).expect(201).json();
    let caller = app.with_header(
        "Authorization",
        &format!("Bearer {}", job["token"].as_str().unwrap()),
    );
    let answer = release(
        &caller,
        &format!("/api/v4/projects/{open}/packages/npm"),
        "demo",
        "1.0.0",
    )
    .expect(403)
    .json();
    let error = answer["error"].as_str().unwrap();
    assert!(error.len() > "403 Forbidden".len(), "{error}");
}

#[test]
fn trap_22_a_tag_that_could_not_be_removed_is_refused() {
    let app = TestApp::start();
    release(&app.root(), NPM, "demo", "1.0.0").expect(200);
    for tag in ["a%2Fb", "a%20b", "a%22b", "1.0.0"] {
        let path = format!("{NPM}/-/package/demo/dist-tags/{tag}");
        app.root().put(&path, "\"1.0.0\"").expect(400);
    }
    let tags = app.root().get(&format!("{NPM}/-/package/demo/dist-tags"));
    tags.expect_json(200, json!({ "latest": "1.0.0" }));
}

#[test]
fn trap_23_an_install_warns_only_of_what_the_short_document_says() {
    let app = TestApp::start();
    release(&app.root(), NPM, "demo", "1.0.0").expect(200);
    let said = |message: &str| {
        let change = json!({ "name": "demo", "versions": { "1.0.0": { "name": "demo", "version": "1.0.0", "deprecated": message } } });
        put(&app.root(), NPM, &change).expect(200);
        both_documents(&app.anonymous(), "demo")
            .map(|document| document["versions"]["1.0.0"].get("deprecated").cloned())
    };
    let warning = Some(json!("use another"));
    assert_eq!(said("use another"), [warning.clone(), warning]);
    assert_eq!(said(""), [None, None], "never false and never null");
}

#[test]
fn trap_24_either_spelling_of_bundled_dependencies_and_a_bin_that_is_a_string() {
    let app = TestApp::start();
    for (number, more) in [
        json!({ "bundleDependencies": true, "bin": "cli.js" }),
        json!({ "bundledDependencies": false, "bin": { "demo": "cli.js" } }),
        json!({ "bundleDependencies": ["a"], "dependencies": { "a": "1" } }),
    ]
    .into_iter()
    .enumerate()
    {
        let mut manifest = json!({ "name": "demo", "version": format!("1.0.{number}") });
        manifest
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        publish(&app.root(), NPM, &manifest).expect(200);
        for document in both_documents(&app.anonymous(), "demo") {
            for (key, value) in more.as_object().unwrap() {
                assert_eq!(
                    document["versions"][&format!("1.0.{number}")][key],
                    *value,
                    "{key}"
                );
            }
        }
    }
}

#[test]
fn a_publish_that_is_cut_off_leaves_nothing_behind() {
    let app = TestApp::start();
    let manifest = json!({ "name": "demo", "version": "1.0.0" });
    let noise: String = (0..60_000).map(|number| format!("{number:x}")).collect();
    let tarball = tarball(&[
        ("package/package.json", &manifest.to_string()),
        ("package/noise", &noise),
    ]);
    let whole = document(&manifest, &tarball).to_string();
    for share in [1, 50, 90, 99] {
        let length = whole.len().to_string();
        let token = crate::support::ROOT_TOKEN;
        let mut socket = crate::support::Raw::connect(app.address);
        let headers = [
            ("PRIVATE-TOKEN", token),
            ("Content-Type", "application/json"),
            ("Content-Length", &length),
        ];
        socket.head(&format!("PUT {NPM}/demo"), &headers);
        socket.send(&whole.as_bytes()[..whole.len() * share / 100]);
        drop(socket);
    }
    crate::support::eventually("nothing is left", || app.stored_files().is_empty());
    app.root().get(&format!("{NPM}/demo")).expect_json(
        404,
        json!({ "message": "404 Packages Not Found", "error": "Packages not found" }),
    );
    put(&app.root(), NPM, &serde_json::from_str(&whole).unwrap()).expect(200);
}

#[test]
fn of_two_siblings_that_publish_one_version_at_once_one_is_refused() {
    let app = TestApp::start();
    app.group("acme", "public");
    let prefixes = ["one", "two"].map(|name| {
        let id = app.project(&format!("acme/{name}"), "public");
        format!("/api/v4/projects/{id}/packages/npm")
    });
    for round in 0..10 {
        let version = format!("1.0.{round}");
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let publish =
                |prefix: &str| release(&app.root(), prefix, "@acme/demo", &version).status;
            let both = prefixes
                .each_ref()
                .map(|prefix| scope.spawn(move || publish(prefix)));
            both.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let published = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!(published, 1, "{statuses:?}");
        assert!(statuses.contains(&400), "{statuses:?}");
    }
}

#[test]
fn a_personal_scope_is_read_at_instance_level() {
    let app = TestApp::start();
    let ann = app.user("ann");
    let id = id_of(
        &ann.post(
            "/api/v4/projects",
            json!({ "name": "mine", "visibility": "public" }),
        )
        .expect(201)
        .json(),
    );
    release(
        &ann,
        &format!("/api/v4/projects/{id}/packages/npm"),
        "@ann/demo",
        "1.0.0",
    )
    .expect(200);
    let path = "/api/v4/packages/npm/@ann%2fdemo";
    assert_eq!(
        app.anonymous().get(path).expect(200).json()["name"],
        "@ann/demo"
    );
    app.anonymous()
        .get("/api/v4/packages/npm/@ann%2fother")
        .expect(401);
    app.root()
        .get("/api/v4/packages/npm/@ann%2fother")
        .expect_json(
            404,
            json!({ "message": "404 Packages Not Found", "error": "Packages not found" }),
        );
    let text = "404 Project Not Found: at instance level the scope of a package must be the path of a top-level group, letter by letter";
    app.root()
        .get("/api/v4/packages/npm/@nobody%2fdemo")
        .expect_json(404, refusal(text));
}
