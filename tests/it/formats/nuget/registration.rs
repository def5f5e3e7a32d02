//! Registrations: index, pages, leaves; kept ready.

use serde_json::{Value, json};

use super::leaves;
use crate::support::nuget::{nuget, nupkg, push};
use crate::support::seeds::{PUB, Seeds, package, packages};
use crate::support::shape::{ids, lacks};

const DEPENDENCIES: &str = "<dependencies><dependency id='Loose' version='1.0'/>\
    <group targetFramework='net6.0'/><group targetFramework='net8.0'><dependency id='Dep' version='[1.0, )'/><dependency id='Any'/></group></dependencies>";

#[test]
fn an_index_says_everything_that_the_nuspec_says() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let more = format!(
        "<title>Core</title><summary>Short</summary><tags>a b</tags><projectUrl>https://example.com/p</projectUrl>\
         <licenseUrl>https://example.com/l</licenseUrl><iconUrl>https://example.com/i</iconUrl><license type='expression'>MIT</license>\
         <language>en-US</language><requireLicenseAcceptance>true</requireLicenseAcceptance>{DEPENDENCIES}"
    );
    push(&developer, PUB, &nupkg("Acme.Core", "2.0", "")).expect(201);
    push(&developer, PUB, &nupkg("Acme.Core", "0.9-b+c", &more)).expect(201);
    let base = seeds.url(&nuget(PUB));
    let index = developer
        .get(&format!("{}/metadata/acme.core/index.json", nuget(PUB)))
        .expect(200)
        .json();
    assert_eq!(index["count"], 1);
    let page = &index["items"][0];
    assert_eq!(page["@id"], format!("{base}/metadata/acme.core/index.json"));
    assert_eq!(
        (&page["count"], &page["lower"], &page["upper"]),
        (&json!(2), &json!("0.9.0-b"), &json!("2.0.0"))
    );
    let leaf = &page["items"][0];
    assert_eq!(
        leaf["@id"],
        format!("{base}/metadata/acme.core/0.9.0-b.json")
    );
    let content = format!("{base}/download/acme.core/0.9.0-b/acme.core.0.9.0-b.nupkg");
    assert_eq!(leaf["packageContent"], content);
    let entry = &leaf["catalogEntry"];
    for (key, value) in [
        (
            "@id",
            json!(format!("{base}/metadata/acme.core/0.9.0-b.json")),
        ),
        ("id", json!("Acme.Core")),
        ("version", json!("0.9.0-b+c")),
        ("authors", json!("Ann, Bob")),
        ("description", json!("A test")),
        ("summary", json!("Short")),
        ("title", json!("Core")),
        ("tags", json!("a b")),
        ("listed", json!(true)),
        ("packageContent", json!(content)),
        ("projectUrl", json!("https://example.com/p")),
        ("licenseUrl", json!("https://example.com/l")),
        ("iconUrl", json!("https://example.com/i")),
        ("licenseExpression", json!("MIT")),
        ("language", json!("en-US")),
        ("requireLicenseAcceptance", json!(true)),
    ] {
        assert_eq!(entry[key], value, "{key}");
    }
    let groups = entry["dependencyGroups"].as_array().unwrap();
    lacks(&groups[0], "targetFramework");
    assert_eq!(groups[0]["dependencies"][0]["range"], "1.0");
    assert_eq!(
        (&groups[1]["targetFramework"], &groups[1]["dependencies"]),
        (&json!("net6.0"), &json!([]))
    );
    assert_eq!(groups[2]["dependencies"][0]["id"], "Dep");
    lacks(&groups[2]["dependencies"][1], "range");
    // What is not known is not there.
    let plain = &page["items"][1]["catalogEntry"];
    for key in ["projectUrl", "licenseUrl", "iconUrl", "deprecation"] {
        lacks(plain, key);
    }
    assert_eq!(plain["dependencyGroups"], json!([]));
    let alone = developer
        .get(&format!("{}/metadata/acme.core/0.9-B.json", nuget(PUB)))
        .expect(200)
        .json();
    assert_eq!(&alone, leaf);
    let without_ending = developer
        .get(&format!("{}/metadata/acme.core/0.9-B", nuget(PUB)))
        .expect(200)
        .json();
    assert_eq!(&without_ending, leaf);
    let index_without = developer
        .get(&format!("{}/metadata/Acme.Core/index", nuget(PUB)))
        .expect(200)
        .json();
    assert_eq!(index_without, index);
}

#[test]
fn a_document_is_ready_packed_and_known_by_its_tag() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    push(&developer, PUB, &nupkg("Acme", "1.0", "")).expect(201);
    for (version, path) in [
        ("2.0", "metadata/acme/index.json"),
        ("3.0", "download/acme/index.json"),
    ] {
        let path = format!("{}/{path}", nuget(PUB));
        let plain = developer
            .with("Accept-Encoding", "identity")
            .get(&path)
            .expect(200);
        assert_eq!(plain.find_header("content-encoding"), None);
        let packed = developer
            .with("Accept-Encoding", "gzip, deflate")
            .get(&path)
            .expect(200);
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert_ne!(plain.header("etag"), packed.header("etag"));
        let etag = plain.header("etag").to_owned();
        let again = developer
            .with("Accept-Encoding", "identity")
            .with("If-None-Match", &etag);
        again.get(&path).expect(304);
        push(&developer, PUB, &nupkg("Acme", version, "")).expect(201);
        again.get(&path).expect(200);
    }
}

#[test]
fn a_long_registration_comes_in_pages() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    push(&developer, PUB, &nupkg("Acme", "0.0.1", "")).expect(201);
    let first = ids(&developer.get(&packages(PUB)).expect(200))[0];
    // Five hundred more rows with the file of the first.
    for patch in 2..=501 {
        let version = format!("0.0.{patch}");
        seeds.run(
            "INSERT INTO packages (project_id, name_id, package_type, name, version, version_key, metadata, created_at, updated_at)
             SELECT project_id, name_id, package_type, name, ?2, ?2, metadata, created_at, updated_at FROM packages WHERE id = ?1",
            (first, &version),
        );
        seeds.run(
            "INSERT INTO package_files (package_id, file_name, sha256, created_at)
             SELECT (SELECT max(id) FROM packages), 'acme.' || ?2 || '.nupkg', sha256, created_at FROM package_files WHERE package_id = ?1",
            (first, &version),
        );
    }
    push(&developer, PUB, &nupkg("Acme", "0.1", "")).expect(201);
    let base = seeds.url(&nuget(PUB));
    let index = developer
        .get(&format!("{}/metadata/acme/index.json", nuget(PUB)))
        .expect(200)
        .json();
    assert_eq!(index["count"], 8);
    let pages = index["items"].as_array().unwrap();
    assert_eq!(
        pages
            .iter()
            .map(|page| page["count"].as_i64().unwrap())
            .sum::<i64>(),
        502
    );
    let mut seen = Vec::new();
    for page in pages {
        lacks(page, "items");
        let url = page["@id"].as_str().unwrap();
        let document = developer
            .get(&url[url.find("/api/").unwrap()..])
            .expect(200)
            .json();
        assert_eq!(
            document["parent"],
            format!("{base}/metadata/acme/index.json")
        );
        assert_eq!(
            (&document["lower"], &document["upper"]),
            (&page["lower"], &page["upper"])
        );
        let items = document["items"].as_array().unwrap();
        assert_eq!(items[0]["catalogEntry"]["version"], page["lower"]);
        seen.extend(
            items
                .iter()
                .map(|item| item["catalogEntry"]["version"].clone()),
        );
    }
    assert_eq!((seen.len(), &seen[501]), (502, &json!("0.1.0")));
    for range in ["0.0.1/0.0.2", "0.0.2/0.0.64", "x/y", "9.0.0/9.0.1"] {
        developer
            .get(&format!("{}/metadata/acme/page/{range}.json", nuget(PUB)))
            .expect(404);
    }
}

#[test]
fn a_deprecated_version_says_why() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    push(&maintainer, PUB, &nupkg("Acme", "1.0", "")).expect(201);
    let id = ids(&maintainer.get(&packages(PUB)).expect(200))[0];
    let body = json!({ "status": "deprecated", "message": "use 2.0" });
    maintainer.patch(&package(PUB, id), body).expect(200);
    let entry: Value = leaves(&maintainer, &nuget(PUB), "acme")[0]["catalogEntry"].clone();
    assert_eq!(entry["deprecation"]["message"], "use 2.0");
    assert_eq!(entry["deprecation"]["reasons"], json!(["Other"]));
    assert_eq!(entry["listed"], true);
}
