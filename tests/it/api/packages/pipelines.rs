//! The pipelines of a package, as the seed documents show them.

use serde_json::json;

use crate::support::seeds::{PUB, Planted, Seeds, package};
use crate::support::shape::{has_keys_in_order, ids, is_date_time};

fn pipelines(id: i64) -> String {
    format!("{}/pipelines", package(PUB, id))
}

#[test]
fn s95_s99_s103_the_pipelines_of_one_package_newest_first() {
    let seeds = Seeds::start();
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    let mut linked = seeds.link_pipelines(PUB, id, 3);
    linked.reverse();
    assert_eq!(
        ids(&seeds.anonymous().get(&pipelines(id)).expect(200)),
        linked
    );
    // The package itself shows an empty list: the data is here.
    let shown = seeds.anonymous().get(&package(PUB, id)).expect(200).json();
    assert_eq!(shown["pipelines"], json!([]));
    let without = seeds.plant(PUB, &Planted::generic("other"));
    seeds
        .anonymous()
        .get(&pipelines(without))
        .expect_json(200, json!([]));
    let missing = json!({ "message": "404 Not found" });
    seeds
        .anonymous()
        .get(&pipelines(999_999))
        .expect_json(404, missing);
}

#[test]
fn s96_s97_s98_s104_pipelines_and_users_have_their_keys_in_order() {
    let seeds = Seeds::start();
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    let linked = seeds.link_pipelines(PUB, id, 1)[0];
    let shown = seeds.anonymous().get(&pipelines(id)).expect(200).json()[0].clone();
    let keys = [
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
    ];
    has_keys_in_order(&shown, &keys);
    assert!(shown["id"].is_i64() && shown["iid"].is_i64() && shown["project_id"] == PUB);
    let sha = shown["sha"].as_str().unwrap();
    assert!(sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(is_date_time(&shown["created_at"]) && is_date_time(&shown["updated_at"]));
    assert_eq!(
        shown["web_url"],
        seeds.url(&format!("/acme/pub/-/pipelines/{linked}"))
    );
    has_keys_in_order(
        &shown["user"],
        &["id", "username", "name", "state", "avatar_url", "web_url"],
    );
    assert_eq!(shown["user"]["state"], "active");
    assert_eq!(shown["user"]["web_url"], seeds.url("/maintainer"));
    let avatar = &shown["user"]["avatar_url"];
    assert!(avatar.is_null() || avatar.is_string());
}

#[test]
fn s101_item14_twenty_at_a_time_and_a_link_to_the_rest() {
    let seeds = Seeds::start();
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    let linked = seeds.link_pipelines(PUB, id, 21);
    let first = seeds.anonymous().get(&pipelines(id)).expect(200);
    assert_eq!(ids(&first).len(), 20);
    assert!(first.find_header("x-total").is_none());
    let link = first.header("link").to_owned();
    assert!(
        link.ends_with(">; rel=\"next\"") && link.contains("cursor="),
        "{link}"
    );
    let url = link.trim_start_matches('<').split('>').next().unwrap();
    let rest = seeds
        .anonymous()
        .get(url.strip_prefix(&seeds.url("")).unwrap())
        .expect(200);
    assert_eq!(ids(&rest), [linked[0]]);
    assert!(rest.find_header("link").is_none());
    let five = seeds
        .anonymous()
        .get(&format!("{}?per_page=5", pipelines(id)))
        .expect(200);
    assert_eq!(ids(&five).len(), 5);
    for wrong in ["21", "0", "-2"] {
        let refusal = json!({ "error": "per_page does not have a valid value" });
        seeds
            .anonymous()
            .get(&format!("{}?per_page={wrong}", pipelines(id)))
            .expect_json(400, refusal);
    }
}

#[test]
fn s102_what_a_pipeline_was_registered_with_is_read_back() {
    let seeds = Seeds::start();
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    for (name, status, source) in [
        ("mytag", "failed", "push"),
        ("main", "canceled", "web"),
        ("a/b", "pending", "schedule"),
    ] {
        let new =
            json!({ "ref": name, "status": status, "source": source, "sha": "ab".repeat(20) });
        let made = seeds
            .user("developer")
            .post(&format!("/api/v4/projects/{PUB}/pipeline"), new)
            .expect(201)
            .json();
        let link = "INSERT INTO package_pipelines (package_id, pipeline_id) VALUES (?1, ?2)";
        seeds.run(link, [id, made["id"].as_i64().unwrap()]);
        let shown = seeds.anonymous().get(&pipelines(id)).expect(200).json()[0].clone();
        assert_eq!(
            (&shown["ref"], &shown["status"], &shown["source"]),
            (&json!(name), &json!(status), &json!(source))
        );
        assert_eq!(shown["sha"], "ab".repeat(20));
    }
}
