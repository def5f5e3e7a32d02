//! What an item of the list shows: its keys, its links, its pipelines.

use packhouse::registry::PackageType::Conan;
use serde_json::json;

use super::list;
use crate::support::seeds::{PUB, Planted, Seeds, generic, package, packages, user_id};
use crate::support::shape::{has_keys_in_order, is_date_time, item, lacks};

#[test]
fn s11_s12_s13_lists_are_arrays_details_objects_numbers_numbers_and_dates_have_milliseconds() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let shown = item(&answer, n);
    assert!(shown["name"].is_string() && shown["version"].is_string() && shown["id"].is_i64());
    assert!(is_date_time(&shown["created_at"]), "{shown}");
    let detail = seeds.anonymous().get(&package(PUB, n)).expect(200);
    assert_eq!(detail.header("content-type"), "application/json");
    assert!(detail.json().is_object());
}

#[test]
fn s36_s37_s38_items_have_their_keys_in_the_order_of_the_examples() {
    let seeds = Seeds::start();
    let planted = seeds.plant_mnc();
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    for id in planted {
        let shown = item(&answer, id);
        has_keys_in_order(
            &shown,
            &[
                "id",
                "name",
                "version",
                "package_type",
                "_links",
                "created_at",
                "tags",
            ],
        );
        assert!(is_date_time(&shown["created_at"]));
        lacks(&shown, "versions");
        lacks(&shown, "build_info");
    }
    let conan = item(&answer, planted[2]);
    has_keys_in_order(
        &conan,
        &[
            "id",
            "name",
            "conan_package_name",
            "version",
            "package_type",
        ],
    );
}

#[test]
fn s16_the_minimal_item_is_complete() {
    let seeds = Seeds::start();
    seeds
        .user("developer")
        .put(&generic(PUB, "tool/1.0/a"), b"a")
        .expect(201);
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    let shown = answer.json()[0].clone();
    let id = shown["id"].clone();
    assert_eq!(
        shown,
        json!({
            "id": id, "name": "tool", "version": "1.0", "package_type": "generic", "status": "default",
            "_links": { "web_path": format!("/acme/pub/-/packages/{id}") },
            "created_at": shown["created_at"], "last_downloaded_at": null,
            "creator_id": user_id("developer"), "tags": [],
        })
    );
}

#[test]
fn s41_s42_s43_item10_conan_is_known_by_its_recipe_and_alone_has_a_bare_name() {
    let seeds = Seeds::start();
    let [m, n, c] = seeds.plant_mnc();
    let bare = seeds.plant(PUB, &Planted::new(Conan, "zlib").version("1.3"));
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    let conan = item(&answer, c);
    assert_eq!(conan["name"], "Hello/0.1@mycompany/stable");
    assert_eq!(conan["conan_package_name"], "Hello");
    assert_eq!(conan["version"], "0.1");
    assert_eq!(conan["package_type"], "conan");
    assert_eq!(
        item(&answer, bare)["name"],
        "zlib/1.3",
        "neither user nor channel"
    );
    for other in [m, n] {
        lacks(&item(&answer, other), "conan_package_name");
    }
}

#[test]
fn s44_s45_links_lead_to_the_page_and_to_the_deletion() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let maintainer = seeds.user("maintainer");
    let shown = item(&maintainer.get(&packages(PUB)).expect(200), n);
    assert_eq!(
        shown["_links"]["web_path"],
        format!("/acme/pub/-/packages/{n}")
    );
    let delete = shown["_links"]["delete_api_path"].as_str().unwrap();
    assert_eq!(delete, seeds.url(&package(PUB, n)));
    let path = delete.strip_prefix(&seeds.url("")).unwrap();
    maintainer.delete(path).expect(204);
    maintainer.get(&package(PUB, n)).expect(404);
}

#[test]
fn s46_tags_are_a_list() {
    let seeds = Seeds::start();
    let planted = seeds.plant_mnc();
    seeds.run(
        "INSERT INTO package_tags (package_id, name, created_at, updated_at)
         VALUES (?1, 'latest', '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z')",
        [planted[1]],
    );
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    assert_eq!(item(&answer, planted[2])["tags"], json!([]));
    let tags = item(&answer, planted[1])["tags"].clone();
    assert_eq!(
        tags,
        json!([{
            "id": tags[0]["id"], "package_id": planted[1], "name": "latest",
            "created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-02T00:00:00.000Z", "project_id": PUB,
        }])
    );
}

#[test]
fn s47_s48_s70_item13_pipelines_are_absent_without_one_and_else_empty() {
    let seeds = Seeds::start();
    let [_, n, c] = seeds.plant_mnc();
    let linked = seeds.link_pipelines(PUB, n, 2);
    let answer = seeds.anonymous().get(&packages(PUB)).expect(200);
    let (with, without) = (item(&answer, n), item(&answer, c));
    assert_eq!(with["pipelines"], json!([]));
    assert_eq!(with["pipeline"]["id"], linked[1], "the latest");
    for key in ["pipeline", "pipelines"] {
        lacks(&without, key);
    }
    for shown in [with, without] {
        lacks(&shown, "build_info");
    }
}

#[test]
fn item13_who_may_not_read_pipelines_sees_no_pipeline_keys() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    seeds.link_pipelines(PUB, n, 1);
    let sees = |name: &str| {
        item(&seeds.user(name).get(&packages(PUB)).expect(200), n)
            .get("pipeline")
            .is_some()
    };
    assert!(sees("stranger"));
    seeds.run("UPDATE projects SET public_jobs = 0 WHERE id = ?1", [PUB]);
    assert!(!sees("stranger") && !sees("guest") && sees("reporter"));
    seeds.run(
        "UPDATE projects SET public_jobs = 1, builds_access_level = 'private' WHERE id = ?1",
        [PUB],
    );
    assert!(!sees("stranger") && sees("guest"));
    seeds.run(
        "UPDATE projects SET builds_access_level = 'disabled' WHERE id = ?1",
        [PUB],
    );
    assert!(!sees("owner"));
    let detail = seeds.user("owner").get(&package(PUB, n)).expect(200).json();
    lacks(&detail, "pipeline");
    lacks(&detail, "pipelines");
}

#[test]
fn s83_item11_links_are_empty_where_there_is_no_page_and_no_right_to_delete() {
    let seeds = Seeds::start();
    for (status, id) in seeds.plant_all_statuses(PUB) {
        let query = list(&format!("?status={status}"));
        let reporter = item(&seeds.user("reporter").get(&query).expect(200), id);
        match status.has_details() {
            true => assert_eq!(
                reporter["_links"],
                json!({ "web_path": format!("/acme/pub/-/packages/{id}") })
            ),
            false => assert_eq!(reporter["_links"], json!({}), "{status}"),
        }
        let maintainer = item(&seeds.user("maintainer").get(&query).expect(200), id);
        assert_eq!(
            maintainer["_links"]["delete_api_path"],
            seeds.url(&package(PUB, id)),
            "{status}"
        );
    }
}
