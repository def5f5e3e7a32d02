//! What has gone wrong in registries of other makers, and the test that shows it cannot happen here.
//!
//! | # | what went wrong elsewhere | shown by |
//! |---|---|---|
//! | 1 | zip entries escape the unpack folder | `members_that_climb_out_of_their_folder_are_refused`, `archives_that_leave_their_folder_are_refused`, `what_no_client_should_unpack_is_refused`, `names_that_leave_the_folder`, `archives_that_reach_out_of_their_folder_are_refused`, `a_tarball_that_leaves_its_folder_is_refused`, `a_member_that_would_leave_its_folder_is_refused` |
//! | 2, 6, 34 | encoded and double-encoded `../`, leading empty segments | `no_spelling_of_an_attack_stores_or_reads_anything`, `no_core_route_can_be_climbed`, `hostile_names_find_nothing` (charts) |
//! | 3 | stored HTML runs on the registry's origin | `hostile_html_is_bytes_to_be_saved_and_nothing_else` |
//! | 4 | stored XSS in the browse page | `hostile_names_readmes_and_metadata_are_text` in a real browser, `nothing_that_could_act_survives` (unit) |
//! | 5, 13, 14, 15, 23, 35 | proxies and virtual registries | nothing is fetched from elsewhere in this version |
//! | 7 | a trailing slash skips the filter | `a_trailing_slash_or_a_double_one_never_opens_a_door` |
//! | 8, 12, 21 | scopes are lost on some routes | `no_route_forgets_the_scope_of_a_token`, the matrix: `every_route_has_its_row_and_every_row_its_route` and the walks behind it |
//! | 9 | a blank secret is accepted | `empty_and_blank_credentials_let_nobody_in`, `a_chosen_secret_is_neither_empty_nor_blank` (unit) |
//! | 10 | the check reads another spelling of the key than the handler | `one_encoded_letter_changes_no_decision` |
//! | 11, 20 | private data without login on one of many routes | `an_anonymous_crawl_of_a_private_project_finds_what_is_not_there`, `a_private_project_full_of_packages_cannot_be_told_from_one_that_does_not_exist` |
//! | 16 | the leftmost X-Forwarded-For is trusted | `the_address_is_the_connections_unless_a_named_proxy_says_otherwise`, `only_what_named_proxies_say_is_believed` (unit) |
//! | 17 | tampered backups | `a_backup_that_was_tampered_with_is_refused_and_what_is_there_stays` |
//! | 18, 26 | group lists show what single members must not | `a_project_with_its_registry_switched_off_is_left_out`, `s50_…` and `s51_…` |
//! | 19 | gates skipped on Range, HEAD and known content | `every_gate_holds_for_every_way_to_ask`, the matrix, which asks in every spelling |
//! | 22 | quadratic parsing | `a_bomb_of_references_is_told_before_it_goes_off` (unit, YAML), `what_is_made_to_be_slow_is_not` (unit, HCL), `ten_times_the_files_take_ten_times_the_time`, `a_long_search_costs_no_more_than_its_length` for ours |
//! | 24 | rules bypassed by spelling | `a_rule_is_not_slipped_by_with_another_spelling`, `a_rule_protects_every_spelling_of_a_name`, `a_protected_name_is_neither_pushed_nor_deleted`, `a_rule_protects_every_case_of_a_name` |
//! | 25 | a developer swaps or hides published content | `the_bytes_behind_a_file_row_never_change`, `a_reference_never_leads_to_other_bytes`, `the_status_of_an_existing_package_is_a_maintainers` |
//! | 27 | manifest and tarball disagree | `metadata_that_disagrees_with_the_form_is_refused`, `a_go_mod_of_another_module`, `the_request_and_the_archive_must_not_contradict_each_other`, `what_the_tarball_holds_must_be_what_was_announced` |
//! | 28 | ReDoS | `a_pattern_made_for_backtracking_is_matched_in_no_time` |
//! | 29 | Maven parameters | `no_spelling_of_a_step_upwards_is_stored`, `metadata_that_is_no_plain_xml_is_refused`, `a_hostile_pom_is_stored_and_not_read` |
//! | 30 | create overwrites | `a_hundred_first_files_at_once_make_one_package_of_a_hundred_files`, `the_same_file_at_once_by_many_ends_with_one_of_theirs` |
//! | 31 | removed memberships still count | `a_membership_that_is_taken_away_counts_no_more` |
//! | 32 | a huge page size allocates | `item15_page_sizes_have_their_bounds` |
//! | 33 | JWT | none is used: every token is a random value |
//! | 36, 37 | default password, weak hashes | `the_root_token_is_random_and_its_owners_alone`, `no_secret_stands_in_the_database` |
//!
//! Data loss: `an_interrupted_upload_leaves_nothing_behind`, the parallel uploads above,
//! `gc_beside_publishers_of_the_same_contents_loses_nothing`, `a_backup_of_a_busy_server_is_whole`,
//! `what_was_answered_201_outlives_a_kill_and_nothing_half_written_is_seen`, and what `cli::disk_full` shows.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use packhouse::http::Permission;
use packhouse::registry::{Door, PackageType};
use packhouse::server::routes;
use serde_json::json;

use crate::support::seeds::{
    INT, ONE, PRIV, PUB, Planted, Seeds, files, generic, group_packages, package, packages, user_id,
};
use crate::support::shape::ids;
use crate::support::{Raw, TestApp};

/// A path for every route of the table, with what its pattern's names stand for.
fn fill(pattern: &str, id: &str) -> String {
    let segments = pattern.split('/').map(|segment| match segment {
        "{id}" => id.to_owned(),
        named if named.starts_with("{*") => "some/file.txt".to_owned(),
        named if named.starts_with('{') && named.contains("id") => "1".to_owned(),
        named if named.starts_with('{') => "1.0".to_owned(),
        word => word.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn an_anonymous_crawl_of_a_private_project_finds_what_is_not_there() {
    let seeds = Seeds::start();
    for project in [PRIV, INT, ONE] {
        let id = seeds.plant(project, &Planted::generic("tool"));
        seeds.plant_file(id, "some%2Ffile.txt", b"secret");
    }
    let mut crawled = 0;
    for row in routes() {
        if !matches!(row.route.permission, Permission::Project(_)) {
            continue;
        }
        for project in ["203", "acme%2Fpriv", "202", "205", "vault%2Fone"] {
            let (path, unknown) = (
                fill(&row.pattern(), project),
                fill(&row.pattern(), "999999"),
            );
            let method = row.route.method.as_str();
            for caller in [
                seeds.anonymous(),
                seeds.with_basic("x", "stale"),
                seeds.deploy("gldt-x"),
            ] {
                if row.mount.door == Door::Format
                    && caller.send("GET", &generic(PUB, "a/1/b"), b"").status == 401
                {
                    continue; // refused as an unknown token, whatever the project
                }
                let (there, not_there) = (
                    caller.send(method, &path, b""),
                    caller.send(method, &unknown, b""),
                );
                let expected = match row.mount.door {
                    Door::Core => 404,
                    Door::SignedIn | Door::Format => 401,
                };
                assert_eq!(there.status, expected, "{method} {path}");
                assert_eq!(there.body, not_there.body, "{method} {path}");
                let names = |answer: &crate::support::Answer| {
                    let mut names: Vec<String> =
                        answer.headers.keys().map(|name| name.to_string()).collect();
                    names.sort();
                    names
                };
                assert_eq!(names(&there), names(&not_there), "{method} {path}");
                crawled += 1;
            }
        }
    }
    assert!(crawled > 50, "only {crawled} requests: is the crawl blind?");
}

#[test]
fn no_route_forgets_the_scope_of_a_token() {
    let seeds = Seeds::start();
    let read = seeds.with_token(&seeds.access_token("owner", r#"["read_api"]"#, None, false));
    let none = seeds.with_token(&seeds.access_token("owner", r#"["read_registry"]"#, None, false));
    let mut asked = 0;
    for row in routes() {
        let by_project_or_group = matches!(
            row.route.permission,
            Permission::Project(_) | Permission::Group(_)
        );
        if !by_project_or_group {
            continue; // routes about oneself have their own scopes
        }
        let path = fill(
            &row.pattern(),
            if row.pattern().contains("/groups/") {
                "101"
            } else {
                "201"
            },
        );
        let method = row.route.method.as_str();
        let insufficient = |answer: crate::support::Answer| {
            assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text());
            let in_text = answer.header("content-type").starts_with("text/plain");
            let words = match in_text {
                true => "requires higher privileges than provided by the access token",
                false => "\"error\":\"insufficient_scope\"",
            };
            assert!(answer.text().contains(words), "{method} {path}");
        };
        insufficient(none.send(method, &path, b"{}"));
        if method != "GET" {
            insufficient(read.send(method, &path, b"{}"));
        }
        asked += 1;
    }
    assert!(asked > 8, "only {asked} routes");
}

#[test]
fn one_encoded_letter_changes_no_decision() {
    let seeds = Seeds::start();
    seeds.plant(PRIV, &Planted::generic("tool"));
    for id in [
        "%61cme%2Fpriv",
        "acme%2Fpri%76",
        "2%303",
        "%32%30%33",
        "ACME%2fPRIV",
        "acme%2Fp%72iv",
    ] {
        let core = format!("/api/v4/projects/{id}/packages");
        seeds
            .anonymous()
            .get(&core)
            .expect_json(404, json!({ "message": "404 Project Not Found" }));
        seeds.user("guest").get(&core).expect(200);
        let file = format!("/api/v4/projects/{id}/packages/generic/tool/1.0/a.txt");
        seeds.anonymous().get(&file).expect(401);
        seeds.user("stranger").put(&file, b"x").expect(404);
        seeds.user("guest").put(&file, b"x").expect(403);
    }
    for word in ["%70rojects", "projects%2F203"] {
        seeds
            .root()
            .get(&format!("/api/v4/{word}/203/packages"))
            .expect(404);
    }
    // An encoded word of the route is another word: it is decided as what it then is, never as both.
    let answer = seeds
        .anonymous()
        .get(&format!("{}/%67eneric/tool/1.0/a.txt", packages(PRIV)));
    assert!([401, 404].contains(&answer.status));
}

#[test]
fn a_trailing_slash_or_a_double_one_never_opens_a_door() {
    let seeds = Seeds::start();
    let id = seeds.plant(PRIV, &Planted::generic("tool"));
    seeds.plant_file(id, "a.txt", b"secret");
    let paths = [
        packages(PRIV),
        package(PRIV, id),
        files(PRIV, id),
        generic(PRIV, "tool/1.0/a.txt"),
        group_packages(103),
    ];
    for path in paths {
        for spelling in [
            format!("{path}/"),
            format!("{path}//"),
            format!("{path}/."),
            format!("{path};x"),
            format!("{path}%2F"),
            format!("{path}%00"),
            format!("{path}#x"),
            path.replacen("/api", "//api", 1),
            path.replacen("/v4/", "/v4//", 1),
            path.replacen("/api/v4", "/api/v4/.", 1),
            path.replacen("/api/v4", "/api/../api/v4", 1),
            path.replacen("/api/v4", "/-/../api/v4", 1),
            path.replacen("/api", "/API", 1),
            path.replacen("/packages", "/PACKAGES", 1),
        ] {
            let mut raw = Raw::connect(seeds.address);
            let answer = raw.head(&format!("GET {spelling}"), &[]).answer();
            assert!(
                [400, 401, 404, 405].contains(&answer.status),
                "{spelling}: {} {}",
                answer.status,
                answer.text()
            );
            assert!(!answer.text().contains("secret") && !answer.text().contains("tool"));
        }
    }
}

#[test]
fn no_core_route_can_be_climbed() {
    let seeds = Seeds::start();
    for climb in [
        "..%2F..%2Fetc%2Fpasswd",
        "%2e%2e%2f%2e%2e%2fpackhouse.db",
        "..%5c..%5cpackhouse.db",
        "%252e%252e%252fpackhouse.db",
        "%2F%2F..%2Froot-token",
        "..",
        "%00",
        "%ff",
        "'%20OR%201=1--",
        "1;DROP%20TABLE%20packages",
        "%7B%7B7*7%7D%7D",
    ] {
        for path in [
            format!("/api/v4/projects/{climb}/packages"),
            format!("/api/v4/groups/{climb}/packages"),
            format!("{}/{climb}", packages(PUB)),
            format!("{}/1/package_files/{climb}/download", packages(PUB)),
            format!("/{climb}"),
            format!("/static/{climb}"),
            format!("/-/{climb}"),
        ] {
            let mut raw = Raw::connect(seeds.address);
            let token = seeds.token("owner");
            let answer = raw
                .head(&format!("GET {path}"), &[("PRIVATE-TOKEN", &token)])
                .answer();
            assert!(
                [400, 404].contains(&answer.status),
                "{path}: {} {}",
                answer.status,
                answer.text()
            );
            assert!(!answer.text().contains("glpat-") && !answer.text().contains("SQLite"));
        }
    }
    for query in [
        "package_name=%27%22%3B--",
        "package_name=%00",
        "package_version=%27%20OR%201%3D1",
        "package_name=%FF%FE",
    ] {
        let answer = seeds
            .anonymous()
            .get(&format!("{}?{query}", packages(PUB)))
            .expect(200);
        assert_eq!(ids(&answer), [0; 0]);
    }
}

#[test]
fn the_bytes_behind_a_file_row_never_change() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0/a.txt");
    seeds.user("maintainer").put(&path, b"good").expect(201);
    let id = ids(&seeds.anonymous().get(&packages(PUB)).expect(200))[0];
    let before = seeds.anonymous().get(&files(PUB, id)).expect(200).json()[0].clone();
    seeds.user("developer").put(&path, b"evil").expect(201);
    let list = seeds.anonymous().get(&files(PUB, id)).expect(200).json();
    assert_eq!(list[0], before);
    assert_ne!(list[1]["id"], before["id"]);
    let by_id = format!("{}/{}/download", files(PUB, id), before["id"]);
    assert_eq!(seeds.anonymous().get(&by_id).expect(200).body, b"good");
}

#[test]
fn a_rule_is_not_slipped_by_with_another_spelling() {
    let seeds = Seeds::start();
    seeds.protect(PUB, PackageType::Generic, "Secret.Tool", Some(40), Some(50));
    for name in [
        "secret.tool",
        "SECRET.TOOL",
        "secret%2Etool",
        "%53ecret.Tool",
    ] {
        let path = generic(PUB, &format!("{name}/1.0/a.txt"));
        seeds.user("developer").put(&path, b"x").expect_json(
            403,
            json!({ "message": "403 Forbidden - Package protected." }),
        );
    }
    // A dot in a pattern is a dot.
    seeds
        .user("developer")
        .put(&generic(PUB, "secretxtool/1.0/a.txt"), b"x")
        .expect(201);
}

#[test]
fn a_pattern_made_for_backtracking_is_matched_in_no_time() {
    let seeds = Seeds::start();
    seeds.protect(PUB, PackageType::Generic, &"a*".repeat(60), Some(40), None);
    seeds.set(
        101,
        "generic_duplicate_exception_regex",
        "\"(a+)+(a|aa)+b\"",
    );
    let started = Instant::now();
    let path = generic(PUB, &format!("{}/1.0/f", "a".repeat(255)));
    seeds.user("developer").put(&path, b"x").expect(403);
    seeds.user("maintainer").put(&path, b"x").expect(201);
    seeds.user("maintainer").put(&path, b"y").expect(201);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn a_long_search_costs_no_more_than_its_length() {
    let seeds = Seeds::start();
    seeds.plant_many(PUB, 500);
    let (every, search) = (
        seeds.plant(PUB, &Planted::generic(&"abc".repeat(40))),
        "abc+cab+bca+a+b+ab+".repeat(300),
    );
    let found = seeds
        .anonymous()
        .get(&format!("{}?package_name={search}", packages(PUB)));
    assert_eq!(ids(&found.expect(200)), [every]);
    let found = seeds
        .anonymous()
        .get(&format!("{}?package_name={search}+d", packages(PUB)));
    assert_eq!(ids(&found.expect(200)), [0; 0]);
    let started = Instant::now();
    for term in ["a", "%22", "%25", "many"] {
        let search = format!("{term}+").repeat(1_500);
        let status = seeds
            .anonymous()
            .get(&format!("{}?package_name={search}", packages(PUB)))
            .status;
        assert_eq!(status, 200, "{term}");
    }
    let one_term = format!("{}?package_name={}", packages(PUB), "many".repeat(2_000));
    seeds.anonymous().get(&one_term).expect(200);
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn a_membership_that_is_taken_away_counts_no_more() {
    let seeds = Seeds::start();
    seeds.user("guest").get(&packages(PRIV)).expect(200);
    seeds.run("DELETE FROM members WHERE user_id = ?1", [user_id("guest")]);
    seeds.user("guest").get(&packages(PRIV)).expect(404);
}

#[test]
fn a_token_that_is_taken_away_is_dead_at_once() {
    let seeds = Seeds::start();
    let guest = seeds.user("guest");
    guest.get(&packages(PRIV)).expect(200);
    seeds.run(
        "UPDATE access_tokens SET revoked = 1 WHERE user_id = ?1",
        [user_id("guest")],
    );
    guest.get(&packages(PRIV)).expect(401);
}

#[test]
fn the_root_token_is_random_and_its_owners_alone() {
    let app = TestApp::start();
    let mode = std::fs::metadata(app.data().join("root-token"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let random = || {
        packhouse::registry::Secret::random(packhouse::registry::SecretKind::AccessToken).unwrap()
    };
    assert_ne!(random().reveal(), random().reveal());
}

#[test]
fn no_secret_stands_in_the_database() {
    let seeds = Seeds::start();
    seeds.root().get(&packages(PUB)).expect(200);
    let data = seeds.app.stop();
    for name in ["packhouse.db", "packhouse.db-wal"] {
        let Ok(bytes) = std::fs::read(data.path().join(name)) else {
            continue; // the log is gone after a good end
        };
        let secret = crate::support::ROOT_TOKEN.as_bytes();
        assert!(
            !bytes.windows(secret.len()).any(|window| window == secret),
            "{name}"
        );
    }
}
