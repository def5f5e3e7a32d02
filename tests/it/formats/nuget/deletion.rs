//! Deleting, unlisting, listing again.

use packhouse::registry::PackageType::Nuget;
use serde_json::json;

use super::{leaves, versions};
use crate::support::nuget::{nuget, nupkg, push};
use crate::support::seeds::{ACME, PUB, Seeds, package, packages};
use crate::support::shape::ids;

#[test]
fn a_version_is_deleted_by_any_spelling() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    let base = nuget(PUB);
    for path in [
        "Acme.Core/1.0-RC",
        "acme.core/1.0.0-rc",
        "ACME.CORE/01.0.0.0-Rc+build",
        "v2/Acme.Core/1.0.0-rc",
    ] {
        push(&maintainer, PUB, &nupkg("Acme.Core", "1.0-RC", "")).expect(201);
        let answer = maintainer.delete(&format!("{base}/{path}")).expect(204);
        assert!(answer.body.is_empty());
        maintainer
            .get(&format!("{base}/download/acme.core/index.json"))
            .expect(404);
    }
    let gone = json!({ "message": "404 Package Not Found" });
    maintainer
        .delete(&format!("{base}/acme.core/1.0.0-rc"))
        .expect_json(404, gone.clone());
    maintainer
        .delete(&format!("{base}/acme.core/x"))
        .expect_json(404, gone);
    // A package may be called like a part of a path.
    for id in ["v2", "download", "metadata", "symbolpackage"] {
        push(&maintainer, PUB, &nupkg(id, "1.0.0", "")).expect(201);
        maintainer.delete(&format!("{base}/{id}/1.0.0")).expect(204);
    }
}

#[test]
fn a_delete_needs_a_maintainer_and_obeys_rules() {
    let seeds = Seeds::start();
    let base = nuget(PUB);
    push(&seeds.user("developer"), PUB, &nupkg("Acme", "1.0", "")).expect(201);
    let path = format!("{base}/acme/1.0");
    seeds.anonymous().delete(&path).expect(401);
    seeds
        .user("developer")
        .delete(&path)
        .expect_json(403, json!({ "message": "403 Forbidden" }));
    seeds.protect(PUB, Nuget, "acme", None, Some(50));
    let protected = json!({ "message": "403 Forbidden - Package is deletion protected." });
    seeds
        .user("maintainer")
        .delete(&path)
        .expect_json(403, protected);
    seeds.unprotect(PUB);
    let long_ago = seeds
        .user("maintainer")
        .with("If-Unmodified-Since", "Thu, 01 Jan 2015 00:00:00 GMT");
    long_ago.delete(&path).expect(412);
    let token = seeds.deploy_token(Some(PUB), None, &["write_package_registry"]);
    seeds
        .anonymous()
        .with("X-NuGet-ApiKey", &token)
        .delete(&path)
        .expect(204);
}

#[test]
fn an_unlisted_version_is_found_by_nobody_and_installed_by_who_names_it() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    let base = nuget(PUB);
    for version in ["1.0", "2.0"] {
        push(&maintainer, PUB, &nupkg("Acme", version, "")).expect(201);
    }
    seeds.set(ACME, "nuget_delete_unlists", "true");
    for _ in 0..2 {
        maintainer.delete(&format!("{base}/Acme/2.0")).expect(204);
    }
    assert_eq!(
        versions(&maintainer, PUB, "acme"),
        json!(["1.0.0", "2.0.0"])
    );
    maintainer
        .get(&format!("{base}/download/acme/2.0.0/acme.2.0.0.nupkg"))
        .expect(200);
    let shown = leaves(&maintainer, &base, "acme");
    assert_eq!(
        (
            &shown[0]["catalogEntry"]["listed"],
            &shown[1]["catalogEntry"]["listed"]
        ),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        shown[1]["catalogEntry"]["published"],
        "1900-01-01T00:00:00.000Z"
    );
    let latest = || {
        maintainer
            .get(&format!("{base}/query?q=acme"))
            .expect(200)
            .json()["data"][0]["version"]
            .clone()
    };
    assert_eq!(latest(), "1.0.0");
    let completed = maintainer
        .get(&format!("{base}/autocomplete?id=acme"))
        .expect(200)
        .json();
    assert_eq!(completed["data"], json!(["1.0.0"]));
    assert_eq!(ids(&maintainer.get(&packages(PUB)).expect(200)).len(), 1);

    seeds
        .user("developer")
        .send("POST", &format!("{base}/acme/2.0"), b"")
        .expect(403);
    maintainer
        .send("POST", &format!("{base}/acme/2.0"), b"")
        .expect(200);
    assert_eq!(latest(), "2.0.0");
    maintainer
        .send("POST", &format!("{base}/acme/3.0"), b"")
        .expect(404);

    maintainer.delete(&format!("{base}/Acme/1.0")).expect(204);
    maintainer.delete(&format!("{base}/Acme/2.0")).expect(204);
    assert_eq!(
        maintainer
            .get(&format!("{base}/query?q=acme"))
            .expect(200)
            .json()["totalHits"],
        0
    );
    seeds.set(ACME, "nuget_delete_unlists", "false");
    maintainer.delete(&format!("{base}/Acme/1.0")).expect(204);
    assert_eq!(versions(&maintainer, PUB, "acme"), json!(["2.0.0"]));
}

#[test]
fn the_setting_is_one_of_the_group() {
    let seeds = Seeds::start();
    let path = format!("/api/v4/groups/{ACME}/-/packages/settings");
    let owner = seeds.user("owner");
    assert_eq!(
        owner.get(&path).expect(200).json()["nuget_delete_unlists"],
        false
    );
    let set = owner
        .put_json(&path, json!({ "nuget_delete_unlists": true }))
        .expect(200)
        .json();
    assert_eq!(set["nuget_delete_unlists"], true);
}

#[test]
fn what_was_deprecated_is_so_again_when_it_is_listed_again() {
    let seeds = Seeds::start();
    let maintainer = seeds.user("maintainer");
    let base = nuget(PUB);
    push(&maintainer, PUB, &nupkg("Acme", "1.0", "")).expect(201);
    let id = ids(&maintainer.get(&packages(PUB)).expect(200))[0];
    let deprecated = json!({ "status": "deprecated", "message": "old" });
    maintainer.patch(&package(PUB, id), deprecated).expect(200);
    seeds.set(ACME, "nuget_delete_unlists", "true");
    maintainer.delete(&format!("{base}/acme/1.0")).expect(204);
    maintainer
        .send("POST", &format!("{base}/acme/1.0"), b"")
        .expect(200);
    assert_eq!(
        leaves(&maintainer, &base, "acme")[0]["catalogEntry"]["deprecation"]["message"],
        "old"
    );
}
