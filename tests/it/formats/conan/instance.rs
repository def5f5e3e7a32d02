//! At instance level the user of a recipe names its project.

use serde_json::json;

use crate::support::conan::{INSTANCE, PID, binary, info, recipe};
use crate::support::seeds::{DEEP, PRIV, Seeds, packages};

#[test]
fn both_protocols_reach_the_project_that_the_user_names() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let reference = "Hello/0.1/acme+priv/stable";
    developer.put_recipe(&recipe(INSTANCE, reference, 'a'));
    developer.put_binary(
        &binary(INSTANCE, reference, 'a', PID, '1'),
        &info("Release"),
    );
    let items = developer.get(&packages(PRIV)).expect(200).json();
    assert_eq!(items[0]["name"], "Hello/0.1@acme+priv/stable");
    for spelling in [
        reference,
        "Hello/0.1/acme%2Bpriv/stable",
        "Hello/0.1/acme%20priv/stable",
    ] {
        developer
            .get(&format!("{INSTANCE}/v2/conans/{spelling}/latest"))
            .expect(200);
    }
    let urls = developer
        .post(
            &format!("{INSTANCE}/v1/conans/{reference}/upload_urls"),
            json!({ "conanfile.py": 1 }),
        )
        .expect(200)
        .json();
    let url = urls["conanfile.py"].as_str().unwrap();
    assert_eq!(
        url,
        seeds.url(&format!(
            "{INSTANCE}/v1/files/{reference}/0/export/conanfile.py"
        ))
    );
    developer
        .put(&url[url.find("/api/").unwrap()..], b"x")
        .expect(200);
    seeds
        .user("owner")
        .put_recipe(&recipe(INSTANCE, "deep/1/acme+sub+deep/stable", 'a'));
    assert_eq!(
        seeds.user("owner").get(&packages(DEEP)).expect(200).json()[0]["name"],
        "deep/1@acme+sub+deep/stable"
    );
}

#[test]
fn other_users_lead_to_no_project() {
    let seeds = Seeds::start();
    for reference in [
        "hello/0.1/_/_",
        "hello/0.1/acme/stable",
        "hello/0.1/203/stable",
        "hello/0.1/no+such/stable",
        "hello/0.1/vault+one/stable",
    ] {
        let path = format!("{INSTANCE}/v2/conans/{reference}/latest");
        let answer = seeds.user("developer").get(&path).expect(404).json();
        assert_eq!(answer["message"], "404 Project Not Found", "{reference}");
        seeds.anonymous().get(&path).expect(401);
        seeds
            .user("developer")
            .put_file(&recipe(INSTANCE, reference, 'a'), "conanfile.py", b"x")
            .expect(404);
    }
}

#[test]
fn a_name_that_is_nowhere_public_asks_who_is_asking() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    developer.put_recipe(&recipe(INSTANCE, "hello/0.1/acme+pub/stable", 'a'));
    let anonymous = seeds.anonymous();
    anonymous
        .get(&format!(
            "{INSTANCE}/v2/conans/hello/0.1/acme+pub/stable/latest"
        ))
        .expect(200);
    anonymous
        .get(&format!(
            "{INSTANCE}/v2/conans/hello/0.2/acme+pub/stable/latest"
        ))
        .expect(404);
    for path in [
        "v2/conans/none/0.1/acme+pub/stable/latest",
        "v2/conans/none/0.1/acme+pub/stable/revisions",
        "v1/conans/none/0.1/acme+pub/stable/digest",
    ] {
        anonymous.get(&format!("{INSTANCE}/{path}")).expect(401);
        developer.get(&format!("{INSTANCE}/{path}")).expect(404);
    }
}
