//! The simple index.

use serde_json::json;

use super::{JSON, files_of, path_of};
use crate::support::python::{core_metadata, group_pypi, pypi, sdist, wheel};
use crate::support::seeds::{ACME, DEEP, PRIV, PUB, SUB, Seeds, sha256};

#[test]
fn json_says_everything_that_installers_ask() {
    let seeds = Seeds::start();
    let dist = wheel("Acme.Demo", "1.0", "Requires-Python: >=3.8,<4\n");
    dist.upload(&seeds.user("developer"), PUB).expect(201);
    let answer = seeds
        .anonymous()
        .with("Accept", JSON)
        .get(&format!("{}/simple/acme-demo/", pypi(PUB)))
        .expect(200);
    assert_eq!(answer.header("content-type"), JSON);
    assert!(answer.header("vary").contains("Accept"));
    let page = answer.json();
    assert_eq!(page["meta"], json!({ "api-version": "1.1" }));
    assert_eq!(page["name"], "acme-demo");
    assert_eq!(page["versions"], json!(["1.0"]));
    let file = &page["files"][0];
    let digest = sha256(&dist.bytes);
    let metadata = sha256(core_metadata(
        "Acme.Demo",
        "1.0",
        "Requires-Python: >=3.8,<4\n",
    ));
    assert_eq!(file["filename"], "Acme.Demo-1.0-py3-none-any.whl");
    assert_eq!(file["hashes"], json!({ "sha256": digest }));
    assert_eq!(file["size"], dist.bytes.len());
    assert_eq!(file["requires-python"], ">=3.8,<4");
    assert_eq!(file["core-metadata"], json!({ "sha256": metadata }));
    assert_eq!(file["dist-info-metadata"], json!({ "sha256": metadata }));
    assert_eq!(file["yanked"], false);
    let time = file["upload-time"].as_str().unwrap();
    assert!(time.ends_with('Z') && time.len() == 24, "{time}");
    assert_eq!(
        file["url"],
        seeds.url(&format!(
            "{}/files/{digest}/Acme.Demo-1.0-py3-none-any.whl",
            pypi(PUB)
        ))
    );
}

#[test]
fn html_says_the_same() {
    let seeds = Seeds::start();
    let dist = wheel("acme", "1.0+cu118", "Requires-Python: >=3.8\n");
    dist.upload(&seeds.user("developer"), PUB).expect(201);
    sdist("acme", "1.0+cu118", "")
        .upload(&seeds.user("developer"), PUB)
        .expect(201);
    let answer = seeds
        .anonymous()
        .get(&format!("{}/simple/acme", pypi(PUB)))
        .expect(200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let (digest, page) = (sha256(&dist.bytes), answer.text());
    let metadata = sha256(core_metadata(
        "acme",
        "1.0+cu118",
        "Requires-Python: >=3.8\n",
    ));
    let url = seeds.url(&format!(
        "{}/files/{digest}/acme-1.0%2Bcu118-py3-none-any.whl",
        pypi(PUB)
    ));
    let anchor = format!(
        "<a href=\"{url}#sha256={digest}\" data-requires-python=\"&gt;=3.8\" data-dist-info-metadata=\"sha256={metadata}\" \
         data-core-metadata=\"sha256={metadata}\">acme-1.0+cu118-py3-none-any.whl</a><br>"
    );
    assert!(page.contains(&anchor), "{page}");
    assert_eq!(page.matches("<a ").count(), 2);
    assert_eq!(page.matches("data-requires-python").count(), 1);
    for plus in ["+", "%2B"] {
        let path = format!(
            "{}/files/{digest}/acme-1.0{plus}cu118-py3-none-any.whl",
            pypi(PUB)
        );
        assert_eq!(seeds.anonymous().get(&path).expect(200).body, dist.bytes);
    }
}

#[test]
fn every_spelling_and_both_slash_forms_find_a_name() {
    let seeds = Seeds::start();
    wheel("My_Pkg", "1.0", "")
        .upload(&seeds.user("developer"), PUB)
        .expect(201);
    for name in ["my-pkg", "My.Pkg", "my_pkg", "MY--PKG"] {
        for slash in ["", "/"] {
            seeds
                .anonymous()
                .get(&format!("{}/simple/{name}{slash}", pypi(PUB)))
                .expect(200);
        }
    }
    let missing = json!({ "message": "404 Package Not Found" });
    seeds
        .anonymous()
        .get(&format!("{}/simple/mypkg/", pypi(PUB)))
        .expect_json(404, missing);
}

#[test]
fn a_project_named_by_its_path_keeps_that_path_in_its_urls() {
    let seeds = Seeds::start();
    wheel("acme", "1.0", "")
        .upload(&seeds.user("developer"), PUB)
        .expect(201);
    let page = files_of(
        &seeds.anonymous(),
        "/api/v4/projects/acme%2Fpub/packages/pypi",
        "acme",
    );
    let path = path_of(&page["files"][0]);
    assert!(
        path.starts_with("/api/v4/projects/acme%2Fpub/packages/pypi/files/"),
        "{path}"
    );
    seeds.anonymous().get(&path).expect(200);
}

#[test]
fn the_list_of_names_has_each_once_and_is_never_stale() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let names = || {
        let page = seeds
            .anonymous()
            .with("Accept", JSON)
            .get(&format!("{}/simple/", pypi(PUB)))
            .expect(200)
            .json();
        page["projects"].clone()
    };
    assert_eq!(names(), json!([]));
    for (name, version) in [("Zoo", "1.0"), ("acme_demo", "1.0"), ("Acme.Demo", "2.0")] {
        wheel(name, version, "").upload(&developer, PUB).expect(201);
    }
    assert_eq!(names(), json!([{ "name": "acme-demo" }, { "name": "zoo" }]));
    let page = seeds
        .anonymous()
        .get(&format!("{}/simple", pypi(PUB)))
        .expect(200)
        .text();
    let href = seeds.url(&format!("{}/simple/acme-demo/", pypi(PUB)));
    assert!(
        page.contains(&format!("<a href=\"{href}\">Acme.Demo</a><br>")),
        "{page}"
    );
}

#[test]
fn a_page_is_packed_and_known_again_until_something_changes() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    wheel("acme", "1.0", "").upload(&developer, PUB).expect(201);
    let path = format!("{}/simple/acme/", pypi(PUB));
    let first = seeds
        .anonymous()
        .with("Accept-Encoding", "identity")
        .get(&path)
        .expect(200);
    let etag = first.header("etag").to_owned();
    let again = seeds
        .anonymous()
        .with("Accept-Encoding", "identity")
        .with("If-None-Match", &etag);
    assert!(again.get(&path).expect(304).body.is_empty());
    let packed = seeds
        .anonymous()
        .with("Accept-Encoding", "gzip")
        .head(&path)
        .expect(200);
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_ne!(packed.header("etag"), etag);
    assert_ne!(
        seeds
            .anonymous()
            .with("Accept", JSON)
            .get(&path)
            .header("etag"),
        etag
    );
    wheel("acme", "2.0", "").upload(&developer, PUB).expect(201);
    again.get(&path).expect(200);
}

#[test]
fn a_deprecated_version_is_yanked_and_a_hidden_one_not_listed() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    for version in ["1.0", "2.0", "3.0"] {
        wheel("acme", version, "")
            .upload(&developer, PUB)
            .expect(201);
    }
    let set = |version: &str, status: i64, message: Option<&str>| {
        seeds.run(
            "UPDATE packages SET status = ?2, status_message = ?3 WHERE version = ?1",
            (version, status, message),
        );
        seeds.run("UPDATE package_names SET revision = revision + 1", []);
    };
    let before = files_of(&developer, &pypi(PUB), "acme");
    set("1.0", 5, Some("a <bad> idea"));
    set("2.0", 5, None);
    set("3.0", 1, None);
    let page = files_of(&developer, &pypi(PUB), "acme");
    assert_eq!(page["files"][0]["yanked"], "a <bad> idea");
    assert_eq!(page["files"][1]["yanked"], true);
    assert_eq!(page["versions"], json!(["1.0", "2.0"]));
    assert_eq!(page["files"][0]["url"], before["files"][0]["url"]);
    let html = developer
        .get(&format!("{}/simple/acme/", pypi(PUB)))
        .expect(200)
        .text();
    assert!(
        html.contains("data-yanked=\"a &lt;bad&gt; idea\""),
        "{html}"
    );
    assert!(html.contains("data-yanked=\"\""), "{html}");
    developer.get(&path_of(&before["files"][2])).expect(200);
}

#[test]
fn requires_python_belongs_to_the_file() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    wheel("acme", "1.0", "Requires-Python: >=3.9\n")
        .form()
        .send(&developer, &pypi(PUB))
        .expect(201);
    sdist("acme", "1.0", "").upload(&developer, PUB).expect(201);
    let page = files_of(&developer, &pypi(PUB), "acme");
    assert_eq!(page["files"][0]["requires-python"], ">=3.9");
    assert_eq!(page["files"][1].get("requires-python"), None);
    let long = format!("Requires-Python: >={}\n", "3".repeat(255));
    wheel("acme", "2.0", &long)
        .upload(&developer, PUB)
        .expect(400);
}

#[test]
fn a_group_shows_what_each_caller_may_read_and_the_newest_package_of_a_version() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    wheel("acme", "1.0", "").upload(&owner, PUB).expect(201);
    wheel("acme", "1.0.0", "Keywords: newer\n")
        .upload(&owner, PRIV)
        .expect(201);
    wheel("acme", "2.0", "").upload(&owner, DEEP).expect(201);
    wheel("secret", "1.0", "").upload(&owner, PRIV).expect(201);
    let base = group_pypi(ACME);
    let mine = files_of(&owner, &base, "acme");
    assert_eq!(mine["versions"], json!(["1.0.0", "2.0"]));
    let all = files_of(&seeds.anonymous(), &base, "acme");
    assert_eq!(all["versions"], json!(["1.0", "2.0"]));
    assert_eq!(
        files_of(&owner, &base, "acme"),
        mine,
        "callers who alternate never see each other's page"
    );
    assert_eq!(files_of(&seeds.anonymous(), &base, "acme"), all);
    assert_eq!(
        files_of(&owner, &group_pypi(SUB), "acme")["versions"],
        json!(["2.0"])
    );
    for file in mine["files"].as_array().unwrap() {
        let path = path_of(file);
        assert!(path.starts_with(&base), "{path}");
        owner.get(&path).expect(200);
    }
    let names = |actor: crate::support::Actor| {
        actor
            .with("Accept", JSON)
            .get(&format!("{base}/simple"))
            .expect(200)
            .json()["projects"]
            .clone()
    };
    assert_eq!(
        names(owner.clone()),
        json!([{ "name": "acme" }, { "name": "secret" }])
    );
    assert_eq!(names(seeds.anonymous()), json!([{ "name": "acme" }]));
    let secret = path_of(&files_of(&owner, &base, "secret")["files"][0]);
    seeds.anonymous().get(&secret).expect(401);
    seeds.user("stranger").get(&secret).expect(404);
}
