//! Who may: 401 for who shows nothing, so that the client logs in; 404 for strangers.

use serde_json::json;

use super::R;
use crate::support::conan::{PID, binary, conan, info, recipe};
use crate::support::seeds::{PRIV, PUB, Seeds};

#[test]
fn who_shows_nothing_is_asked_before_anything_is_told() {
    let seeds = Seeds::start();
    seeds
        .user("developer")
        .put_recipe(&recipe(&conan(PRIV), R, 'a'));
    for base in [conan(PRIV), conan(99_999)] {
        for path in [
            format!("v2/conans/{R}/latest"),
            format!("v2/conans/{R}/revisions"),
            "v2/conans/none/0.1/_/_/latest".to_owned(),
            "v2/conans/search?q=*".to_owned(),
            "v1/conans/search?q=*".to_owned(),
            format!("v1/conans/{R}"),
            format!("v1/conans/{R}/digest"),
            format!("v1/conans/{R}/download_urls"),
            format!("v1/files/{R}/0/export/conanfile.py"),
        ] {
            for caller in [seeds.anonymous(), seeds.with_basic("developer", "wrong")] {
                let answer = caller.get(&format!("{base}/{path}")).expect(401);
                assert_eq!(
                    answer.header("www-authenticate"),
                    "Basic realm=\"GitLab Packages Registry\"",
                    "{path}"
                );
            }
            seeds
                .user("stranger")
                .get(&format!("{base}/{path}"))
                .expect(404);
        }
    }
    let file = recipe(&conan(PUB), R, 'a');
    seeds
        .anonymous()
        .put_file(&file, "conanfile.py", b"x")
        .expect(401);
    seeds.anonymous().delete(&file).expect(401);
    seeds
        .anonymous()
        .get(&format!("{}/v2/conans/none/0.1/_/_/latest", conan(PUB)))
        .expect(404);
}

#[test]
fn roles_decide() {
    let seeds = Seeds::start();
    let base = conan(PRIV);
    let revision = recipe(&base, R, 'a');
    for (user, status) in [
        ("guest", 403),
        ("reporter", 403),
        ("stranger", 404),
        ("developer", 200),
    ] {
        seeds
            .user(user)
            .put_file(&revision, "conanfile.py", b"x")
            .expect(status);
    }
    seeds.user("developer").put_recipe(&revision);
    seeds
        .user("developer")
        .put_binary(&binary(&base, R, 'a', PID, '1'), &info("Release"));
    seeds
        .user("guest")
        .get(&format!("{revision}/files/conanfile.py"))
        .expect(200);
    for path in [
        format!("{base}/v2/conans/{R}"),
        format!("{base}/v1/conans/{R}"),
        revision.clone(),
        format!("{revision}/packages"),
        format!("{revision}/packages/{PID}"),
        binary(&base, R, 'a', PID, '1'),
    ] {
        seeds.user("developer").delete(&path).expect(403);
        seeds.user("stranger").delete(&path).expect(404);
        seeds.anonymous().delete(&path).expect(401);
    }
    seeds.user("maintainer").delete(&revision).expect(200);
}

#[test]
fn a_protected_name_is_neither_pushed_nor_deleted() {
    let seeds = Seeds::start();
    let (developer, maintainer, base) = (
        seeds.user("developer"),
        seeds.user("maintainer"),
        conan(PUB),
    );
    let (first, second) = (
        recipe(&base, "Hello/0.1/me/stable", 'a'),
        recipe(&base, "Hello/0.1/me/stable", 'b'),
    );
    developer.put_recipe(&first);
    developer.put_binary(
        &binary(&base, "Hello/0.1/me/stable", 'a', PID, '1'),
        &info("Release"),
    );
    // The rule is for the bare name, in any case, and for every file of the package.
    seeds.protect(
        PUB,
        packhouse::registry::PackageType::Conan,
        "hel*",
        Some(40),
        Some(50),
    );
    let refused = "403 Forbidden - Package protected.";
    for (revision, name) in [
        (&first, "conanfile.py"),
        (&first, "metadata/x"),
        (&second, "conanmanifest.txt"),
    ] {
        let answer = developer.put_file(revision, name, b"x").expect(403).json();
        assert_eq!(
            (&answer["message"], &answer["errors"][0]),
            (
                &json!(refused),
                &json!({ "status": 403, "message": refused })
            )
        );
    }
    developer
        .put(
            &format!("{base}/v1/files/Hello/0.1/me/stable/0/export/conanfile.py"),
            b"x",
        )
        .expect(403);
    developer
        .post(
            &format!("{base}/v1/conans/Hello/0.1/me/stable/upload_urls"),
            json!({ "conanfile.py": 1 }),
        )
        .expect(403);
    maintainer
        .put_file(&second, "conanfile.py", b"x")
        .expect(200);
    for path in [
        format!("{base}/v2/conans/Hello/0.1/me/stable"),
        first.clone(),
        format!("{first}/packages"),
        format!("{first}/packages/{PID}"),
        binary(&base, "Hello/0.1/me/stable", 'a', PID, '1'),
    ] {
        let answer = maintainer.delete(&path).expect(403).json();
        assert_eq!(
            answer["message"],
            "403 Forbidden - Package is deletion protected."
        );
    }
    seeds.user("owner").delete(&first).expect(200);
}

#[test]
fn uploads_belong_to_the_pipeline_they_came_from() {
    let seeds = Seeds::start();
    let job = seeds.job("developer", PUB);
    job.put_recipe(&recipe(&conan(PUB), R, 'a'));
    let pipeline = seeds.plant_pipelines(PUB, 1)[0];
    let linked = seeds
        .user("developer")
        .with("X-Package-Pipeline", &pipeline.to_string());
    linked.put_recipe(&recipe(
        "/api/v4/packages/conan",
        "other/1.0/acme+pub/stable",
        'a',
    ));
    let items = seeds
        .user("developer")
        .get("/api/v4/projects/201/packages?order_by=name")
        .expect(200)
        .json();
    assert!(items[0]["pipeline"]["id"].is_number(), "{items}");
    assert_eq!(items[1]["pipeline"]["id"], pipeline, "{items}");
}
