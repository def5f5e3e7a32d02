//! Composer packages from a few words, and their upload.

use serde_json::{Value, json};

use super::archives::zip;
use super::{Actor, Answer};

/// `/api/v4/projects/:id/packages/composer`
pub fn composer(project: i64) -> String {
    format!("/api/v4/projects/{project}/packages/composer")
}

/// `/api/v4/group/:id/-/packages/composer`
pub fn group_composer(group: i64) -> String {
    format!("/api/v4/group/{group}/-/packages/composer")
}

/// A package below one folder, as Git hosts zip it. `more` is further keys of its `composer.json`, `text` what its only
/// function says.
pub fn package(name: &str, more: Value, text: &str) -> Vec<u8> {
    let mut manifest = json!({
        "name": name,
        "description": "a demonstration",
        "autoload": { "files": ["src/hello.php"] },
    });
    for (key, value) in more.as_object().expect("an object") {
        manifest[key] = value.clone();
    }
    let function = name.replace(['/', '-', '.'], "_");
    zip(&[
        ("hello-main/", b""),
        ("hello-main/composer.json", manifest.to_string().as_bytes()),
        (
            "hello-main/src/hello.php",
            format!("<?php\nfunction {function}() {{ return '{text}'; }}\n").as_bytes(),
        ),
    ])
}

/// Uploads a zip as a version of its package.
pub fn upload(actor: &Actor, project: i64, version: &str, zip: &[u8]) -> Answer {
    let version: String = form_urlencoded::byte_serialize(version.as_bytes()).collect();
    actor.put(&format!("{}?version={version}", composer(project)), zip)
}

/// Publishes a version that says its own name and number.
#[track_caller]
pub fn publish(actor: &Actor, project: i64, name: &str, version: &str) {
    let zip = package(name, json!({}), &format!("{name} {version}"));
    upload(actor, project, version, &zip).expect(201);
}

/// The versions of a name in one of its documents, as `p2/acme/hello.json` or `p2/acme/hello~dev.json` shows them.
#[track_caller]
pub fn versions(actor: &Actor, base: &str, name: &str) -> Vec<Value> {
    let answer = actor.get(&format!("{base}/p2/{name}.json")).expect(200);
    let name = name.trim_end_matches("~dev");
    let packages = answer.json()["packages"].clone();
    assert_eq!(
        packages.as_object().map(serde_json::Map::len),
        Some(1),
        "{packages}"
    );
    packages[name].as_array().expect("a list").clone()
}

/// The path in a version's archive URL.
pub fn archive_of(version: &Value) -> String {
    let url = version["dist"]["url"].as_str().expect("a URL");
    url[url.find("/api/").expect("it is of the API")..].to_owned()
}
