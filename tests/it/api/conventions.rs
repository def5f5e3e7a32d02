//! What all routes share: paths, methods, headers, where URLs come from.

use packhouse::http::BaseUrl;
use serde_json::{Value, json};

use crate::support::seeds::{
    ACME, DEEP, ONE, PRIV, PUB, Planted, Seeds, files, generic, group_packages, package, packages,
};
use crate::support::shape::{ids, item};
use crate::support::{Actor, Raw};

fn no_route() -> Value {
    json!({ "error": "404 Not Found" })
}

/// A package of one file in `acme/pub`: both ids.
fn tool(seeds: &Seeds) -> (i64, i64) {
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    (id, seeds.plant_file(id, "a.txt", b"bytes"))
}

#[test]
fn s1_s10_every_route_exists_on_a_fresh_install() {
    let seeds = Seeds::start();
    let (id, file) = tool(&seeds);
    let maintainer = seeds.user("maintainer");
    for path in [
        packages(PUB),
        group_packages(ACME),
        package(PUB, id),
        files(PUB, id),
    ] {
        maintainer.get(&path).expect(200);
    }
    maintainer
        .get(&format!("{}/pipelines", package(PUB, id)))
        .expect(200);
    maintainer
        .get(&format!("{}/{file}/download", files(PUB, id)))
        .expect(200);
    maintainer
        .delete(&format!("{}/{file}", files(PUB, id)))
        .expect(204);
    maintainer.delete(&package(PUB, id)).expect(204);
}

#[test]
fn s15_every_parameter_is_optional() {
    let seeds = Seeds::start();
    let (id, _) = tool(&seeds);
    for path in [
        packages(PUB),
        group_packages(ACME),
        package(PUB, id),
        files(PUB, id),
    ] {
        seeds.anonymous().get(&path).expect(200);
    }
}

#[test]
fn s2_item24_a_project_is_named_by_id_or_by_its_encoded_path() {
    let seeds = Seeds::start();
    let (id, file) = tool(&seeds);
    let anonymous = seeds.anonymous();
    for rest in [
        "".to_owned(),
        format!("/{id}"),
        format!("/{id}/package_files"),
        format!("/{id}/package_files/{file}/download"),
    ] {
        let by_id = anonymous
            .get(&format!("{}{rest}", packages(PUB)))
            .expect(200);
        for path in [
            "acme%2Fpub",
            "acme%2fpub",
            "ACME%2FPub",
            "%61cme%2Fpub",
            "acme%2F%70%75%62",
        ] {
            let by_path = anonymous
                .get(&format!("/api/v4/projects/{path}/packages{rest}"))
                .expect(200);
            assert_eq!(by_path.body, by_id.body, "{path}{rest}");
        }
    }
    seeds.plant(DEEP, &Planted::generic("deep"));
    let deep = anonymous
        .get("/api/v4/projects/acme%2Fsub%2Fdeep/packages")
        .expect(200);
    assert_eq!(deep.body, anonymous.get(&packages(DEEP)).expect(200).body);
    let maintainer = seeds.user("maintainer");
    let path = "/api/v4/projects/acme%2Fpub/packages/generic/tool/1.0/b.txt";
    maintainer.put(path, b"b").expect(201);
    maintainer.delete(path).expect(204);
    maintainer
        .delete(&format!(
            "/api/v4/projects/acme%2Fpub/packages/{id}/package_files/{file}"
        ))
        .expect(204);
    maintainer
        .delete(&format!("/api/v4/projects/acme%2Fpub/packages/{id}"))
        .expect(204);
}

#[test]
fn item24_an_unencoded_path_matches_no_route() {
    let seeds = Seeds::start();
    for path in [
        "/api/v4/projects/acme/pub/packages",
        "/api/v4/groups/acme/sub/packages",
        "/api/v4/projects/acme/sub/deep/packages/1",
    ] {
        seeds.root().get(path).expect_json(404, no_route());
    }
}

#[test]
fn a_project_path_is_looked_up_whole_and_decoded_once() {
    let seeds = Seeds::start();
    let missing = json!({ "message": "404 Project Not Found" });
    for path in [
        "pub",
        "acme",
        "acme%2F",
        "%2Facme%2Fpub",
        "acme%2Fpub%2F",
        "acme%252Fpub",
        "acme%2F..%2Facme%2Fpub",
        "acme%2F%2Fpub",
        "acme%5Cpub",
        "acme%2Fpub%00",
        "%FF",
        "201.0",
        "+201",
        "%20201",
    ] {
        let path = format!("/api/v4/projects/{path}/packages");
        seeds.root().get(&path).expect_json(404, missing.clone());
    }
}

#[test]
fn s4_s5_ids_that_are_no_integers_are_told_after_the_access_checks() {
    let seeds = Seeds::start();
    let (id, _) = tool(&seeds);
    let maintainer = seeds.user("maintainer");
    let no_package = json!({ "error": "package_id is invalid" });
    for wrong in ["abc", "1.5", "1x", "%20", "0x1", "%D9%A1", "generic", "-"] {
        let path = format!("{}/{wrong}", packages(PUB));
        maintainer.get(&path).expect_json(400, no_package.clone());
        maintainer
            .delete(&path)
            .expect_json(400, no_package.clone());
        maintainer
            .get(&format!("{path}/package_files"))
            .expect_json(400, no_package.clone());
    }
    let no_file = json!({ "error": "package_file_id is invalid" });
    maintainer
        .delete(&format!("{}/abc", files(PUB, id)))
        .expect_json(400, no_file.clone());
    maintainer
        .get(&format!("{}/abc/download", files(PUB, id)))
        .expect_json(400, no_file);
    // Who may not see the project is not told what is wrong with the id.
    seeds
        .anonymous()
        .get(&format!("{}/abc", packages(PRIV)))
        .expect(404);
    seeds
        .anonymous()
        .get(&format!("{}/abc", packages(PUB)))
        .expect_json(400, no_package);
}

#[test]
fn ids_that_no_record_can_have_are_not_found_and_never_a_failure() {
    let seeds = Seeds::start();
    let (id, _) = tool(&seeds);
    let maintainer = seeds.user("maintainer");
    for odd in [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999",
    ] {
        let record = json!({ "message": "404 Not found" });
        maintainer
            .get(&format!("{}/{odd}", packages(PUB)))
            .expect_json(404, record.clone());
        maintainer
            .delete(&format!("{}/{odd}", packages(PUB)))
            .expect_json(404, record.clone());
        maintainer
            .get(&format!("{}/{odd}/package_files", packages(PUB)))
            .expect_json(404, record);
        let file = json!({ "message": "404 Not Found" });
        maintainer
            .delete(&format!("{}/{odd}", files(PUB, id)))
            .expect_json(404, file.clone());
        maintainer
            .get(&format!("{}/{odd}/download", files(PUB, id)))
            .expect_json(404, file);
        let project = json!({ "message": "404 Project Not Found" });
        maintainer
            .get(&format!("/api/v4/projects/{odd}/packages"))
            .expect_json(404, project);
        let group = json!({ "message": "404 Group Not Found" });
        maintainer
            .get(&format!("/api/v4/groups/{odd}/packages"))
            .expect_json(404, group);
    }
}

#[test]
fn what_no_route_has_is_404_under_error() {
    let seeds = Seeds::start();
    for path in [
        "/api/v4",
        "/api/v4/",
        "/api/v4/nothing",
        "/api/v5/projects",
        "/api/v4/projects/201/packages/1/nothing",
    ] {
        for caller in [seeds.anonymous(), seeds.root()] {
            let answer = caller.get(path).expect_json(404, no_route());
            assert_eq!(answer.header("content-type"), "application/json");
        }
    }
}

#[test]
fn version_three_of_the_api_is_gone() {
    let seeds = Seeds::start();
    let gone = json!({ "error": "API V3 is no longer supported. Use API V4 instead." });
    seeds
        .anonymous()
        .get("/api/v3/projects/201/packages")
        .expect_json(410, gone.clone());
    seeds.anonymous().delete("/api/v3/x").expect_json(410, gone);
}

#[test]
fn a_method_that_a_path_does_not_take_is_405_and_says_which_it_takes() {
    let seeds = Seeds::start();
    let (id, file) = tool(&seeds);
    let paths = [
        (packages(PUB), vec!["GET", "HEAD"]),
        (package(PUB, id), vec!["DELETE", "GET", "HEAD", "PATCH"]),
        (format!("{}/{file}", files(PUB, id)), vec!["DELETE"]),
        (
            generic(PUB, "tool/1.0/a.txt"),
            vec!["DELETE", "GET", "HEAD", "PUT"],
        ),
    ];
    for (path, takes) in paths {
        for method in ["POST", "TRACE", "OPTIONS"] {
            let answer = seeds.root().send(method, &path, b"");
            let answer = answer.expect_json(405, json!({ "error": "405 Not Allowed" }));
            let mut allowed: Vec<&str> = answer.header("allow").split(", ").collect();
            allowed.sort_unstable();
            assert_eq!(allowed, takes, "{method} {path}");
        }
    }
}

#[test]
fn head_answers_like_get_without_the_body() {
    let seeds = Seeds::start();
    let (id, file) = tool(&seeds);
    let paths = [
        packages(PUB),
        group_packages(ACME),
        package(PUB, id),
        files(PUB, id),
        format!("{}/{file}/download", files(PUB, id)),
        generic(PUB, "tool/1.0/a.txt"),
        packages(PRIV),
        generic(PRIV, "tool/1.0/a.txt"),
        package(PUB, 999_999),
        "/api/v4/nothing".to_owned(),
    ];
    for path in paths {
        let (get, head) = (seeds.anonymous().get(&path), seeds.anonymous().head(&path));
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty());
        for (name, value) in &get.headers {
            if !["date", "x-request-id", "content-length"].contains(&name.as_str()) {
                assert_eq!(head.headers.get(name), Some(value), "{name} of {path}");
            }
        }
        assert_eq!(
            head.header("content-length"),
            get.body.len().to_string(),
            "{path}"
        );
    }
}

#[test]
fn the_common_headers_stand_on_every_answer() {
    let seeds = Seeds::start();
    let (id, _) = tool(&seeds);
    let mut seen = Vec::new();
    for path in [
        packages(PUB),
        packages(PRIV),
        package(PUB, id),
        "/api/v4/nothing".into(),
        generic(PUB, "tool/1.0/a.txt"),
        generic(PRIV, "x/1/y"),
    ] {
        let answer = seeds.anonymous().get(&path);
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN", "{path}");
        assert_eq!(answer.header("vary"), "Origin", "{path}");
        seen.push(answer.header("x-request-id").to_owned());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 6, "every request has an id of its own");
}

#[test]
fn a_list_that_is_known_already_is_not_sent_again() {
    let seeds = Seeds::start();
    let (id, _) = tool(&seeds);
    for path in [
        packages(PUB),
        group_packages(ACME),
        package(PUB, id),
        files(PUB, id),
    ] {
        let first = seeds.anonymous().get(&path).expect(200);
        let etag = first.header("etag").to_owned();
        assert!(etag.starts_with("W/\""), "{etag}");
        assert_eq!(
            first.header("cache-control"),
            "max-age=0, private, must-revalidate"
        );
        let again = seeds
            .anonymous()
            .with("If-None-Match", &etag)
            .get(&path)
            .expect(304);
        assert!(again.body.is_empty());
        assert_eq!(again.header("etag"), etag);
        seeds
            .anonymous()
            .with("If-None-Match", "W/\"0\"")
            .get(&path)
            .expect(200);
        seeds
            .anonymous()
            .with("If-None-Match", &format!("\"x\", {etag}"))
            .get(&path)
            .expect(304);
    }
    let etag = seeds
        .anonymous()
        .get(&packages(PUB))
        .expect(200)
        .header("etag")
        .to_owned();
    seeds.plant(PUB, &Planted::generic("news"));
    seeds
        .anonymous()
        .with("If-None-Match", &etag)
        .get(&packages(PUB))
        .expect(200);
}

#[test]
fn what_one_caller_may_see_is_never_called_unchanged_to_another() {
    let seeds = Seeds::start();
    tool(&seeds);
    let maintainers = seeds
        .user("maintainer")
        .get(&packages(PUB))
        .expect(200)
        .header("etag")
        .to_owned();
    let anonymous = seeds
        .anonymous()
        .with("If-None-Match", &maintainers)
        .get(&packages(PUB))
        .expect(200);
    assert_ne!(anonymous.header("etag"), maintainers);
}

#[test]
fn urls_come_from_the_configuration_and_never_from_the_host_header() {
    let seeds = Seeds::start_with(|config| {
        config.url = Some(BaseUrl::parse("https://packages.example.com").unwrap());
    });
    let (id, _) = tool(&seeds);
    let token = seeds.token("maintainer");
    let mut raw = Raw::connect(seeds.address);
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: ftp\r\n\
         PRIVATE-TOKEN: {token}\r\nConnection: close\r\n\r\n",
        packages(PUB)
    );
    let answer = raw.send(request).answer();
    assert!(!answer.text().contains("evil") && !answer.header("link").contains("evil"));
    let delete = item(&answer, id)["_links"]["delete_api_path"].clone();
    assert_eq!(
        delete,
        format!("https://packages.example.com{}", package(PUB, id))
    );
    assert!(
        answer
            .header("link")
            .starts_with("<https://packages.example.com/api/v4/projects/")
    );
}

#[test]
fn below_a_sub_path_routes_answer_with_it_and_without_it() {
    let seeds = Seeds::start_with(|config| {
        config.url = Some(BaseUrl::parse("https://example.com/tools/packhouse").unwrap());
    });
    let (id, _) = tool(&seeds);
    let maintainer: Actor = seeds.user("maintainer");
    for prefix in ["", "/tools/packhouse"] {
        let answer = maintainer
            .get(&format!("{prefix}{}", packages(PUB)))
            .expect(200);
        let links = item(&answer, id)["_links"].clone();
        assert_eq!(
            links["web_path"],
            format!("/tools/packhouse/acme/pub/-/packages/{id}")
        );
        let expected = format!("https://example.com/tools/packhouse{}", package(PUB, id));
        assert_eq!(links["delete_api_path"], expected);
        let first = format!(
            "<https://example.com/tools/packhouse{}?id={PUB}&",
            packages(PUB)
        );
        assert!(
            answer.header("link").starts_with(&first),
            "{}",
            answer.header("link")
        );
        let upload = format!(
            "{prefix}{}?select=package_file",
            generic(PUB, "tool/1.0/b.txt")
        );
        let file = maintainer.put(&upload, b"b").expect(200).json()["file"].clone();
        assert_eq!(
            file["url"],
            format!("/tools/packhouse{}", generic(PUB, "tool/1.0/b.txt"))
        );
    }
    maintainer
        .get("/tools/packhouse2/api/v4/projects/201/packages")
        .expect_json(404, no_route());
    maintainer.get("/tools/packhouse").expect(404);
}

#[test]
fn s11_a_link_can_be_called_unchanged_although_it_repeats_the_id() {
    let seeds = Seeds::start();
    seeds.plant(ONE, &Planted::generic("vaulted"));
    let (id, _) = tool(&seeds);
    // The path wins over a parameter of the same name.
    let answer = seeds
        .anonymous()
        .get(&format!("{}?id={ONE}&package_id=0", packages(PUB)))
        .expect(200);
    assert_eq!(ids(&answer), [id]);
    seeds
        .anonymous()
        .get(&format!("{}?package_id=999999&id={ONE}", package(PUB, id)))
        .expect(200);
}

#[test]
fn parameters_may_stand_in_the_body_as_form_or_json() {
    let seeds = Seeds::start();
    let (id, _) = tool(&seeds);
    let token = seeds.token("maintainer");
    let form = seeds.with_header("Content-Type", "application/x-www-form-urlencoded");
    form.send(
        "DELETE",
        &package(PUB, id),
        format!("private_token={token}").as_bytes(),
    )
    .expect(204);
    let (id, _) = tool(&seeds);
    seeds
        .anonymous()
        .send_json(
            "DELETE",
            &package(PUB, id),
            json!({ "private_token": token }),
        )
        .expect(204);
    let (id, _) = tool(&seeds);
    let broken = seeds.with_header("Content-Type", "application/json").send(
        "DELETE",
        &package(PUB, id),
        b"{",
    );
    broken.expect(400);
}
