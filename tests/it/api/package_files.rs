//! Files of a package: list, download, deletion.

use packhouse::registry::PackageStatus::{Deprecated, Error};
use packhouse::registry::PackageType::{Generic, Maven};
use serde_json::json;

use crate::support::seeds::{
    PUB, Planted, Seeds, files, generic, md5, package, packages, sha1, sha256,
};
use crate::support::shape::{each, has_keys_in_order, ids, is_date_time, item, lacks};

/// A Maven snapshot with its three files.
fn snapshot(seeds: &Seeds) -> (i64, [i64; 3]) {
    let planted = Planted::new(Maven, "com/mycompany/my-app").version("1.5-SNAPSHOT");
    let id = seeds.plant(PUB, &planted);
    let names = [
        "my-app-1.5-20181107.152550-1.jar",
        "my-app-1.5-20181107.152550-1.pom",
        "maven-metadata.xml",
    ];
    (
        id,
        names.map(|name| seeds.plant_file(id, name, name.as_bytes())),
    )
}

#[test]
fn s86_s93_the_files_of_a_package_are_listed_under_their_names() {
    let seeds = Seeds::start();
    let (id, planted) = snapshot(&seeds);
    let answer = seeds.anonymous().get(&files(PUB, id)).expect(200);
    assert_eq!(ids(&answer), planted);
    assert_eq!(
        each(&answer, "file_name"),
        [
            "my-app-1.5-20181107.152550-1.jar",
            "my-app-1.5-20181107.152550-1.pom",
            "maven-metadata.xml"
        ]
    );
    for file in answer.json().as_array().unwrap() {
        assert_eq!(file["package_id"], id);
    }
    let missing = json!({ "message": "404 Not found" });
    seeds
        .anonymous()
        .get(&files(PUB, 999_999))
        .expect_json(404, missing);
}

#[test]
fn s87_s88_s90_a_file_shows_size_and_digests_of_what_was_uploaded() {
    let seeds = Seeds::start();
    let bytes = b"some bytes\n";
    seeds
        .user("maintainer")
        .put(&generic(PUB, "tool/1.0/a.txt"), bytes)
        .expect(201);
    let id = ids(&seeds.anonymous().get(&packages(PUB)).expect(200))[0];
    let file = seeds.anonymous().get(&files(PUB, id)).expect(200).json()[0].clone();
    let keys = [
        "id",
        "package_id",
        "created_at",
        "file_name",
        "size",
        "file_md5",
        "file_sha1",
        "file_sha256",
    ];
    has_keys_in_order(&file, &keys);
    assert!(file["id"].is_i64() && is_date_time(&file["created_at"]));
    assert_eq!(
        (&file["package_id"], &file["size"]),
        (&json!(id), &json!(bytes.len()))
    );
    assert_eq!(file["file_md5"], md5(bytes));
    assert_eq!(file["file_sha1"], sha1(bytes));
    assert_eq!(file["file_sha256"], sha256(bytes));
    lacks(&file, "pipelines"); // a plain token links nothing
}

#[test]
fn s89_item13_files_of_a_job_show_their_pipelines() {
    let seeds = Seeds::start();
    let job = seeds.job("maintainer", PUB);
    job.put(&generic(PUB, "tool/1.0/a.txt"), b"a").expect(201);
    seeds
        .user("developer")
        .put(&generic(PUB, "tool/1.0/b.txt"), b"b")
        .expect(201);
    let id = ids(&seeds.anonymous().get(&packages(PUB)).expect(200))[0];
    let answer = seeds.anonymous().get(&files(PUB, id)).expect(200);
    let file = answer.json()[0].clone();
    has_keys_in_order(&file, &["file_sha256", "pipelines"]);
    has_keys_in_order(
        &file["pipelines"][0],
        &[
            "id",
            "iid",
            "project_id",
            "sha",
            "ref",
            "status",
            "source",
            "created_at",
            "updated_at",
            "web_url",
            "user",
        ],
    );
    assert_eq!(file["pipelines"][0]["project_id"], PUB);
    lacks(&answer.json()[1], "pipelines");
    // Published by a job: nobody's, and its pipeline shows.
    let shown = seeds.anonymous().get(&package(PUB, id)).expect(200).json();
    assert!(shown["creator_id"].is_null());
    assert_eq!(shown["pipeline"]["id"], file["pipelines"][0]["id"]);
}

#[test]
fn s91_s92_item19_files_are_ordered_by_id_name_or_time() {
    let seeds = Seeds::start();
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    let [b, c, a] =
        ["b.txt", "c.txt", "a.txt"].map(|name| seeds.plant_file(id, name, name.as_bytes()));
    seeds.run(
        "UPDATE package_files SET created_at = '2025-01-01T00:00:00.000Z' WHERE id = ?1",
        [c],
    );
    let found = |query: &str| {
        ids(&seeds
            .anonymous()
            .get(&format!("{}{query}", files(PUB, id)))
            .expect(200))
    };
    assert_eq!(found(""), [b, c, a]);
    assert_eq!(found("?order_by=id&sort=asc"), [b, c, a]);
    assert_eq!(found("?sort=desc"), [a, c, b]);
    assert_eq!(found("?order_by=file_name"), [a, b, c]);
    assert_eq!(found("?order_by=file_name&sort=desc"), [c, b, a]);
    assert_eq!(
        found("?order_by=created_at"),
        [c, b, a],
        "equal times by id"
    );
    assert_eq!(found("?order_by=created_at&sort=desc"), [a, b, c]);
    let wrong = |query: &str, text: &str| {
        let path = format!("{}{query}", files(PUB, id));
        seeds
            .anonymous()
            .get(&path)
            .expect_json(400, json!({ "error": text }));
    };
    wrong("?order_by=size", "order_by does not have a valid value");
    wrong("?order_by=", "order_by does not have a valid value");
    wrong("?sort=x", "sort does not have a valid value");
}

#[test]
fn several_files_of_one_name_are_all_listed() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0/a.txt");
    seeds.user("developer").put(&path, b"one").expect(201);
    seeds.user("developer").put(&path, b"two").expect(201);
    let id = ids(&seeds.anonymous().get(&packages(PUB)).expect(200))[0];
    let answer = seeds.anonymous().get(&files(PUB, id)).expect(200);
    assert_eq!(each(&answer, "file_name"), ["a.txt", "a.txt"]);
}

#[test]
fn item19_files_are_listed_and_downloaded_for_displayable_packages_alone() {
    let seeds = Seeds::start();
    for (status, id) in seeds.plant_all_statuses(PUB) {
        let file = seeds.plant_file(id, "a.txt", b"bytes");
        let download = format!("{}/{file}/download", files(PUB, id));
        let (list, bytes) = (
            seeds.anonymous().get(&files(PUB, id)),
            seeds.anonymous().get(&download),
        );
        if status.is_displayable() {
            assert_eq!(ids(&list.expect(200)), [file], "{status}");
            assert_eq!(bytes.expect(200).body, b"bytes");
        } else {
            for answer in [list, bytes] {
                answer.expect_json(404, json!({ "message": "404 Not found" }));
            }
        }
    }
}

#[test]
fn files_that_are_not_ready_or_on_their_way_out_are_invisible() {
    let seeds = Seeds::start();
    let (id, [jar, pom, _]) = snapshot(&seeds);
    seeds.run("UPDATE package_files SET status = 2 WHERE id = ?1", [jar]);
    let answer = seeds.anonymous().get(&files(PUB, id)).expect(200);
    assert_eq!(ids(&answer)[0], pom);
    assert_eq!(answer.header("x-total"), "2");
    let gone = json!({ "message": "404 Not Found" });
    seeds
        .anonymous()
        .get(&format!("{}/{jar}/download", files(PUB, id)))
        .expect_json(404, gone.clone());
    seeds
        .user("maintainer")
        .delete(&format!("{}/{jar}", files(PUB, id)))
        .expect_json(404, gone);
}

#[test]
fn item20_a_download_is_an_attachment_of_bytes() {
    let seeds = Seeds::start();
    seeds
        .user("developer")
        .put(&generic(PUB, "tool/1.0/dir/a.html"), b"<script>")
        .expect(201);
    let id = ids(&seeds.anonymous().get(&packages(PUB)).expect(200))[0];
    let file = ids(&seeds.anonymous().get(&files(PUB, id)).expect(200))[0];
    let path = format!("{}/{file}/download", files(PUB, id));
    let answer = seeds.anonymous().get(&path).expect(200);
    assert_eq!(answer.body, b"<script>");
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"a.html\"; filename*=UTF-8''a.html"
    );
    assert_eq!(answer.header("content-transfer-encoding"), "binary");
    assert_eq!(
        answer.header("etag"),
        format!("\"{}\"", sha256(b"<script>"))
    );
    assert_eq!(
        seeds
            .anonymous()
            .with("Range", "bytes=1-3")
            .get(&path)
            .expect(206)
            .body,
        b"scr"
    );
    let head = seeds.anonymous().head(&path).expect(200);
    assert_eq!(head.header("content-length"), "8");
    let missing = format!("{}/999999/download", files(PUB, id));
    seeds
        .anonymous()
        .get(&missing)
        .expect_json(404, json!({ "message": "404 Not Found" }));
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while seeds.anonymous().get(&package(PUB, id)).expect(200).json()["last_downloaded_at"]
        .is_null()
    {
        assert!(
            std::time::Instant::now() < patience,
            "the download was not counted"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn s111_item19_one_file_goes_the_others_and_the_package_stay() {
    let seeds = Seeds::start();
    let (id, [jar, pom, metadata]) = snapshot(&seeds);
    let maintainer = seeds.user("maintainer");
    let answer = maintainer
        .delete(&format!("{}/{jar}", files(PUB, id)))
        .expect(204);
    assert!(answer.body.is_empty());
    assert_eq!(
        ids(&maintainer.get(&files(PUB, id)).expect(200)),
        [pom, metadata]
    );
    for file in [pom, metadata] {
        maintainer
            .delete(&format!("{}/{file}", files(PUB, id)))
            .expect(204);
    }
    maintainer.get(&package(PUB, id)).expect(200);
    assert!(ids(&maintainer.get(&files(PUB, id)).expect(200)).is_empty());
    item(&maintainer.get(&packages(PUB)).expect(200), id);
}

#[test]
fn s112_who_may_not_delete_a_file_is_forbidden() {
    let seeds = Seeds::start();
    let (id, [jar, ..]) = snapshot(&seeds);
    let path = format!("{}/{jar}", files(PUB, id));
    let forbidden = json!({ "message": "403 Forbidden" });
    for name in ["developer", "reporter", "guest", "stranger"] {
        seeds
            .user(name)
            .delete(&path)
            .expect_json(403, forbidden.clone());
    }
    seeds.anonymous().delete(&path).expect_json(403, forbidden);
    assert_eq!(
        ids(&seeds.anonymous().get(&files(PUB, id)).expect(200)).len(),
        3
    );
}

#[test]
fn s113_s114_item21_the_rule_of_a_package_protects_each_of_its_files() {
    let seeds = Seeds::start();
    let (id, planted) = snapshot(&seeds);
    seeds.protect(PUB, Maven, "com/mycompany/*", None, Some(50));
    for file in planted {
        let path = format!("{}/{file}", files(PUB, id));
        let refusal = json!({ "message": "403 Forbidden - Package is deletion protected." });
        seeds
            .user("maintainer")
            .delete(&path)
            .expect_json(403, refusal);
    }
    // The rule is asked before the file is looked for.
    seeds
        .user("maintainer")
        .delete(&format!("{}/999999", files(PUB, id)))
        .expect(403);
    assert_eq!(
        ids(&seeds.anonymous().get(&files(PUB, id)).expect(200)),
        planted
    );
    for file in planted {
        seeds
            .user("owner")
            .delete(&format!("{}/{file}", files(PUB, id)))
            .expect(204);
    }
}

#[test]
fn s115_what_is_not_there_cannot_be_deleted() {
    let seeds = Seeds::start();
    let (id, [jar, pom, _]) = snapshot(&seeds);
    let other = seeds.plant(PUB, &Planted::new(Generic, "other").version("1.0"));
    let foreign = seeds.plant_file(other, "a.txt", b"a");
    let maintainer = seeds.user("maintainer");
    let no_package = json!({ "message": "404 Not found" });
    maintainer
        .delete(&format!("{}/{jar}", files(PUB, 999_999)))
        .expect_json(404, no_package);
    let no_file = json!({ "message": "404 Not Found" });
    for missing in [999_999, foreign] {
        maintainer
            .delete(&format!("{}/{missing}", files(PUB, id)))
            .expect_json(404, no_file.clone());
    }
    maintainer
        .delete(&format!("{}/{pom}", files(PUB, id)))
        .expect(204);
    maintainer
        .delete(&format!("{}/{pom}", files(PUB, id)))
        .expect_json(404, no_file);
    assert_eq!(
        ids(&maintainer.get(&files(PUB, other)).expect(200)),
        [foreign]
    );
}

#[test]
fn s116_after_a_file_is_deleted_its_pull_fails_and_nothing_else() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    for name in ["app.jar", "app.pom"] {
        maintainer
            .put(&generic(PUB, &format!("app/1.0/{name}")), name.as_bytes())
            .expect(201);
    }
    let id = ids(&maintainer.get(&packages(PUB)).expect(200))[0];
    let jar = ids(&maintainer.get(&files(PUB, id)).expect(200))[0];
    maintainer
        .delete(&format!("{}/{jar}", files(PUB, id)))
        .expect(204);
    let missing = json!({ "message": "404 Not Found" });
    maintainer
        .get(&generic(PUB, "app/1.0/app.jar"))
        .expect_json(404, missing);
    maintainer.get(&generic(PUB, "app/1.0/app.pom")).expect(200);
    maintainer.get(&package(PUB, id)).expect(200);
    maintainer.get(&files(PUB, id)).expect(200);
}

#[test]
fn item23_a_file_that_is_newer_is_not_deleted() {
    let seeds = Seeds::start();
    let (id, [jar, ..]) = snapshot(&seeds); // planted as of 1 January 2026
    let path = format!("{}/{jar}", files(PUB, id));
    let early = seeds
        .user("maintainer")
        .with("If-Unmodified-Since", "Wed, 31 Dec 2025 23:59:59 GMT");
    early
        .delete(&path)
        .expect_json(412, json!({ "message": "412 Precondition Failed" }));
    seeds
        .anonymous()
        .get(&format!("{path}/download"))
        .expect(200);
    let late = seeds
        .user("maintainer")
        .with("If-Unmodified-Since", "Thu, 01 Jan 2026 00:00:00 GMT");
    late.delete(&path).expect(204);
}

#[test]
fn a_deprecated_and_a_broken_package_lose_files_too() {
    let seeds = Seeds::start();
    for status in [Deprecated, Error] {
        let id = seeds.plant(
            PUB,
            &Planted::generic(&format!("is-{status}")).status(status),
        );
        let file = seeds.plant_file(id, "a.txt", b"a");
        seeds
            .user("maintainer")
            .delete(&format!("{}/{file}", files(PUB, id)))
            .expect(204);
    }
}
