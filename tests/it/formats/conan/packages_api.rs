//! Conan packages as GitLab's Packages API shows them.

use serde_json::json;

use crate::support::conan::{PID, binary, conan, info, recipe};
use crate::support::seeds::{PUB, Seeds, files, md5, package, packages, sha1, sha256};

#[test]
fn s41_s42_an_uploaded_recipe_is_known_by_its_reference() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    developer.put_recipe(&recipe(&conan(PUB), "Hello/0.1/mycompany/stable", 'a'));
    developer.put_recipe(&recipe(&conan(PUB), "zlib/1.3/_/_", 'a'));
    let items = developer
        .get(&format!("{}?order_by=name", packages(PUB)))
        .expect(200)
        .json();
    for (item, name, bare, version) in [
        (&items[0], "Hello/0.1@mycompany/stable", "Hello", "0.1"),
        (&items[1], "zlib/1.3", "zlib", "1.3"),
    ] {
        assert_eq!(item["name"], name);
        assert_eq!(item["conan_package_name"], bare);
        assert_eq!(item["version"], version);
        assert_eq!(
            (&item["package_type"], &item["tags"]),
            (&json!("conan"), &json!([]))
        );
    }
    for (query, found) in [
        ("package_name=ell", 1),
        ("package_name=stable", 0),
        ("package_type=conan", 2),
        ("package_type=npm", 0),
        ("package_version=1.3", 1),
    ] {
        let items = developer
            .get(&format!("{}?{query}", packages(PUB)))
            .expect(200)
            .json();
        assert_eq!(items.as_array().map(Vec::len), Some(found), "{query}");
    }
}

#[test]
fn one_package_holds_the_files_of_all_its_revisions() {
    let seeds = Seeds::start();
    let (developer, base) = (seeds.user("developer"), conan(PUB));
    let reference = "hello/0.1/_/_";
    developer.put_recipe(&recipe(&base, reference, 'a'));
    developer.put_binary(&binary(&base, reference, 'a', PID, '1'), &info("Release"));
    developer.put_recipe(&recipe(&base, reference, 'b'));
    let items = developer.get(&packages(PUB)).expect(200).json();
    assert_eq!(items.as_array().map(Vec::len), Some(1));
    let id = items[0]["id"].as_i64().unwrap();
    let shown = developer.get(&files(PUB, id)).expect(200).json();
    let shown = shown.as_array().unwrap();
    assert_eq!(shown.len(), 9);
    let archive = shown
        .iter()
        .find(|file| file["file_name"] == "conan_package.tgz")
        .unwrap();
    assert_eq!(archive["size"], 7);
    assert_eq!(
        (
            &archive["file_md5"],
            &archive["file_sha1"],
            &archive["file_sha256"]
        ),
        (
            &json!(md5("package")),
            &json!(sha1("package")),
            &json!(sha256("package"))
        )
    );
    let download = format!("{}/{}/download", files(PUB, id), archive["id"]);
    assert_eq!(developer.get(&download).expect(200).body, b"package");
    seeds
        .user("maintainer")
        .delete(&package(PUB, id))
        .expect(204);
    developer
        .get(&format!("{base}/v2/conans/{reference}/latest"))
        .expect(404);
    // The name is free again.
    developer.put_recipe(&recipe(&base, reference, 'a'));
    developer
        .get(&format!("{base}/v2/conans/{reference}/latest"))
        .expect(200);
}
