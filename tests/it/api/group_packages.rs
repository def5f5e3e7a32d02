//! Packages of a group: what the caller may read of its projects.

use packhouse::registry::PackageStatus::Hidden;
use packhouse::registry::PackageType::{self, Generic, Maven, Npm, TerraformModule};
use serde_json::json;

use crate::support::seeds::{
    ACME, DEEP, INT, ONE, PRIV, PUB, Planted, SUB, Seeds, VAULT, group_packages, package,
};
use crate::support::shape::{each, has_keys_in_order, ids, item, lacks, sorted};

/// One package in every project, in the order of their ids.
fn one_each(seeds: &Seeds) -> [i64; 5] {
    [PUB, INT, PRIV, DEEP, ONE].map(|project| seeds.plant(project, &Planted::generic("tool")))
}

fn list(query: &str) -> String {
    format!("{}{query}", group_packages(ACME))
}

#[test]
fn s50_the_list_holds_the_packages_of_the_groups_projects() {
    let seeds = Seeds::start();
    let [public, internal, private, deep, _vault] = one_each(&seeds);
    let answer = seeds.user("owner").get(&list("")).expect(200);
    assert_eq!(sorted(ids(&answer)), [public, internal, private, deep]);
}

#[test]
fn s51_without_authentication_only_public_projects_are_listed() {
    let seeds = Seeds::start();
    let [public, _, _, deep, _] = one_each(&seeds);
    let answer = seeds.anonymous().get(&list("")).expect(200);
    assert_eq!(sorted(ids(&answer)), [public, deep]);
    seeds
        .anonymous()
        .get(&group_packages(VAULT))
        .expect_json(404, json!({ "message": "404 Group Not Found" }));
}

#[test]
fn s3_a_group_is_named_by_id_or_by_path() {
    let seeds = Seeds::start();
    one_each(&seeds);
    let owner = seeds.user("owner");
    let by_id = owner.get(&list("")).expect(200);
    for path in ["acme", "ACME", "%61cme"] {
        assert_eq!(
            owner
                .get(&format!("/api/v4/groups/{path}/packages"))
                .expect(200)
                .body,
            by_id.body,
            "{path}"
        );
    }
    let sub = owner.get(&group_packages(SUB)).expect(200);
    for path in ["acme%2Fsub", "acme%2fsub", "Acme%2FSub"] {
        assert_eq!(
            owner
                .get(&format!("/api/v4/groups/{path}/packages"))
                .expect(200)
                .body,
            sub.body,
            "{path}"
        );
    }
    // A user's personal namespace is no group.
    seeds
        .user("owner")
        .get("/api/v4/groups/owner/packages")
        .expect(404);
}

#[test]
fn s53_the_plain_list_shows_default_deprecated_and_error() {
    let seeds = Seeds::start();
    seeds.plant_all_statuses(PUB);
    let answer = seeds.anonymous().get(&list("")).expect(200);
    assert_eq!(
        sorted(each(&answer, "status")),
        ["default", "deprecated", "error"]
    );
}

#[test]
fn s54_s55_item18_subgroups_are_listed_unless_they_are_excluded() {
    let seeds = Seeds::start();
    let [public, internal, private, deep, _] = one_each(&seeds);
    let owner = seeds.user("owner");
    let plain = owner.get(&list("")).expect(200);
    assert!(ids(&plain).contains(&deep));
    assert_eq!(
        owner
            .get(&list("?exclude_subgroups=false"))
            .expect(200)
            .body,
        plain.body
    );
    assert_eq!(
        owner.get(&list("?exclude_subgroups=")).expect(200).body,
        plain.body
    );
    let without = owner.get(&list("?exclude_subgroups=true")).expect(200);
    assert_eq!(sorted(ids(&without)), [public, internal, private]);
    let refusal = json!({ "error": "exclude_subgroups is invalid" });
    owner
        .get(&list("?exclude_subgroups=perhaps"))
        .expect_json(400, refusal);
}

#[test]
fn s56_s57_projects_in_the_order_of_their_paths_newest_package_first() {
    let seeds = Seeds::start();
    let [public, internal, private, deep, _] = one_each(&seeds);
    let newer = seeds.plant(DEEP, &Planted::generic("newer"));
    let owner = seeds.user("owner");
    // By the last segment: deep, int, priv, pub.
    let up = owner.get(&list("?order_by=project_path")).expect(200);
    assert_eq!(ids(&up), [newer, deep, internal, private, public]);
    let down = owner
        .get(&list("?order_by=project_path&sort=desc"))
        .expect(200);
    assert_eq!(ids(&down), [public, private, internal, newer, deep]);
    for order in ["created_at", "name", "version", "type"] {
        let up = ids(&owner.get(&list(&format!("?order_by={order}"))).expect(200));
        let mut down = ids(&owner
            .get(&list(&format!("?order_by={order}&sort=desc")))
            .expect(200));
        down.reverse();
        assert_eq!(up, down, "{order}");
    }
    let plain = owner.get(&list("")).expect(200);
    assert_eq!(
        plain.body,
        owner
            .get(&list("?order_by=created_at&sort=asc"))
            .expect(200)
            .body
    );
    let refusal = json!({ "error": "order_by does not have a valid value" });
    owner.get(&list("?order_by=foo")).expect_json(400, refusal);
    let refusal = json!({ "error": "sort does not have a valid value" });
    owner.get(&list("?sort=x")).expect_json(400, refusal);
}

#[test]
fn s59_every_type_is_listed_and_can_be_asked_for() {
    let seeds = Seeds::start();
    let planted = seeds.plant_all_types(PUB);
    let all = seeds.anonymous().get(&list("?per_page=100")).expect(200);
    assert_eq!(ids(&all).len(), PackageType::ALL.len());
    for (kind, id) in PackageType::ALL.iter().zip(&planted) {
        let answer = seeds
            .anonymous()
            .get(&list(&format!("?package_type={kind}")))
            .expect(200);
        assert_eq!(ids(&answer), [*id], "{kind}");
    }
    for kind in [TerraformModule, Generic] {
        assert!(each(&all, "package_type").contains(&kind.to_string()));
    }
    let refusal = json!({ "error": "package_type does not have a valid value" });
    seeds
        .anonymous()
        .get(&list("?package_type=foo"))
        .expect_json(400, refusal);
}

#[test]
fn s60_s69_items_have_their_keys_in_order_and_their_project() {
    let seeds = Seeds::start();
    let [_, n, c] = seeds.plant_mnc();
    seeds.link_pipelines(PUB, n, 1);
    let answer = seeds.anonymous().get(&list("")).expect(200);
    let with = item(&answer, n);
    has_keys_in_order(
        &with,
        &[
            "id",
            "name",
            "version",
            "package_type",
            "_links",
            "created_at",
            "pipelines",
        ],
    );
    assert_eq!(with["pipelines"], json!([]));
    assert_eq!(with["project_id"], PUB);
    assert_eq!(with["project_path"], "acme/pub");
    lacks(&item(&answer, c), "pipelines");
    lacks(&with, "versions");
}

#[test]
fn s61_names_are_searched_fuzzily() {
    let seeds = Seeds::start();
    let [m, n, _] = seeds.plant_mnc();
    let deep = seeds.plant(DEEP, &Planted::new(Npm, "@foo/baz").version("1.0"));
    let found = |query: &str| {
        ids(&seeds
            .anonymous()
            .get(&list(&format!("?package_name={query}")))
            .expect(200))
    };
    assert_eq!(found("my-ap"), [m]);
    assert_eq!(found("FOO"), [n, deep]);
    assert!(found("zzz").is_empty());
}

#[test]
fn s62_s63_s64_versions_are_exact_and_versionless_packages_on_demand() {
    let seeds = Seeds::start();
    let [_, n, _] = seeds.plant_mnc();
    let versionless = seeds.plant(DEEP, &Planted::new(Maven, "com/acme/x"));
    let found = |query: &str| ids(&seeds.anonymous().get(&list(query)).expect(200));
    assert_eq!(found("?package_version=1.0.3"), [n]);
    assert_eq!(
        found("?package_version=1.0.3&include_versionless=true"),
        [n]
    );
    assert!(found("?package_version=1.0").is_empty());
    assert!(!found("").contains(&versionless));
    assert!(!found("?include_versionless=false").contains(&versionless));
    assert!(found("?include_versionless=true").contains(&versionless));
}

#[test]
fn s65_a_status_shows_exactly_its_packages() {
    let seeds = Seeds::start();
    for (status, id) in seeds.plant_all_statuses(DEEP) {
        let answer = seeds
            .anonymous()
            .get(&list(&format!("?status={status}")))
            .expect(200);
        assert_eq!(ids(&answer), [id], "{status}");
    }
    let refusal = json!({ "error": "status does not have a valid value" });
    seeds
        .anonymous()
        .get(&list("?status=foo"))
        .expect_json(400, refusal);
}

#[test]
fn s67_s68_delete_paths_follow_the_role_in_each_items_own_project() {
    let seeds = Seeds::start();
    let [public, internal, _, deep, _] = one_each(&seeds);
    let maintainer = seeds.user("maintainer").get(&list("")).expect(200);
    for (project, id) in [(PUB, public), (INT, internal)] {
        let path = item(&maintainer, id)["_links"]["delete_api_path"].clone();
        assert_eq!(path, seeds.url(&package(project, id)));
    }
    lacks(&item(&maintainer, deep)["_links"], "delete_api_path");
    for caller in [seeds.user("developer"), seeds.anonymous()] {
        let answer = caller.get(&list("")).expect(200);
        for item in answer.json().as_array().unwrap() {
            lacks(&item["_links"], "delete_api_path");
        }
    }
    seeds
        .user("maintainer")
        .delete(&package(PUB, public))
        .expect(204);
}

#[test]
fn s71_twenty_at_a_time_and_processing_on_demand() {
    let seeds = Seeds::start();
    seeds.plant_many(DEEP, 21);
    let first = seeds.anonymous().get(&list("")).expect(200);
    assert_eq!(ids(&first).len(), 20);
    assert_eq!(
        ids(&seeds.anonymous().get(&list("?page=2")).expect(200)).len(),
        1
    );
    let half = Planted::generic("half").status(packhouse::registry::PackageStatus::Processing);
    let half = seeds.plant(PUB, &half);
    assert_eq!(
        ids(&seeds
            .anonymous()
            .get(&list("?status=processing"))
            .expect(200)),
        [half]
    );
}

#[test]
fn item18_a_reporter_of_one_project_sees_what_the_membership_shows_of_a_private_group() {
    let seeds = Seeds::start();
    let [.., vault] = one_each(&seeds);
    let path = group_packages(VAULT);
    seeds
        .user("reporter")
        .get(&path)
        .expect_json(404, json!({ "message": "404 Group Not Found" }));
    seeds.join_project("reporter", ONE, 20);
    assert_eq!(ids(&seeds.user("reporter").get(&path).expect(200)), [vault]);
    // Wrong parameters are told to those alone who may see the group.
    seeds
        .user("stranger")
        .get(&format!("{path}?sort=x"))
        .expect(404);
    seeds
        .user("reporter")
        .get(&format!("{path}?sort=x"))
        .expect(400);
}

#[test]
fn a_project_with_its_registry_switched_off_is_left_out() {
    let seeds = Seeds::start();
    let [public, internal, private, deep, _] = one_each(&seeds);
    let owner = seeds.user("owner");
    seeds.switch_registry(PUB, "disabled");
    assert_eq!(
        sorted(ids(&owner.get(&list("")).expect(200))),
        [internal, private, deep]
    );
    seeds.switch_registry(DEEP, "private");
    assert_eq!(
        sorted(ids(&owner.get(&list("")).expect(200))),
        [internal, private, deep]
    );
    assert!(ids(&seeds.anonymous().get(&list("")).expect(200)).is_empty());
    seeds.switch_registry(PUB, "enabled");
    assert_eq!(ids(&seeds.anonymous().get(&list("")).expect(200)), [public]);
}

#[test]
fn a_private_project_whose_registry_is_public_is_not_listed_for_strangers() {
    let seeds = Seeds::start();
    let [public, _, private, deep, _] = one_each(&seeds);
    seeds.switch_registry(PRIV, "public");
    assert_eq!(
        sorted(ids(&seeds.anonymous().get(&list("")).expect(200))),
        [public, deep]
    );
    let stranger = ids(&seeds.user("stranger").get(&list("")).expect(200));
    assert!(!stranger.contains(&private));
    assert!(ids(&seeds.user("guest").get(&list("")).expect(200)).contains(&private));
}

#[test]
fn totals_follow_the_caller_and_every_change() {
    let seeds = Seeds::start();
    let [public, ..] = one_each(&seeds);
    let total = |name: &str| {
        seeds
            .user(name)
            .get(&list(""))
            .expect(200)
            .header("x-total")
            .to_owned()
    };
    assert_eq!(
        (total("owner"), total("stranger")),
        ("4".into(), "3".into())
    );
    assert_eq!(total("external"), "2");
    seeds
        .user("owner")
        .delete(&package(PUB, public))
        .expect(204);
    assert_eq!(
        (total("owner"), total("stranger")),
        ("3".into(), "2".into())
    );
    seeds.plant(PUB, &Planted::generic("not-listed").status(Hidden));
    assert_eq!(total("owner"), "3");
}
