//! One proxy for every project of a group that the caller may read.

use crate::support::golang::{go_upload, greeter, module_zip};
use crate::support::seeds::{ACME, DEEP, INT, PRIV, PUB, SUB, Seeds, VAULT};

fn group(id: i64) -> String {
    format!("/api/v4/groups/{id}/-/packages/go")
}

fn seeds() -> Seeds {
    let seeds = Seeds::start();
    for (project, module, version) in [
        (PUB, "example.com/acme/pub", "v1.0.0"),
        (DEEP, "example.com/acme/pub", "v1.1.0"),
        (INT, "example.com/acme/int", "v1.0.0"),
        (PRIV, "example.com/acme/priv", "v1.0.0"),
        (PRIV, "example.com/acme/pub", "v9.0.0"),
    ] {
        let zip = match version {
            // The private project has a version of the public module, too.
            "v9.0.0" => module_zip(
                &format!("{module}/v9"),
                version,
                &[("go.mod", "module example.com/acme/pub/v9\n")],
            ),
            version => greeter(module, version),
        };
        seeds.root().put(&go_upload(project), zip).expect(201);
    }
    seeds
}

#[test]
fn a_group_unites_what_the_caller_may_read() {
    let seeds = seeds();
    let list = |who: &str, module: &str| {
        let actor = if who == "anonymous" {
            seeds.anonymous()
        } else {
            seeds.user(who)
        };
        let answer = actor.get(&format!("{}/{module}/@v/list", group(ACME)));
        (answer.status, answer.text())
    };
    let both = (200, "v1.0.0\nv1.1.0\n".to_owned());
    for who in ["anonymous", "stranger", "guest"] {
        assert_eq!(list(who, "example.com/acme/pub"), both, "{who}");
    }
    assert_eq!(list("anonymous", "example.com/acme/int").0, 401);
    assert_eq!(list("stranger", "example.com/acme/int").0, 200);
    assert_eq!(list("stranger", "example.com/acme/priv").0, 404);
    assert_eq!(list("guest", "example.com/acme/priv").0, 200);
    // Two callers with different rights who take turns.
    for _ in 0..2 {
        assert_eq!(list("guest", "example.com/acme/pub/v9").1, "v9.0.0\n");
        assert_eq!(list("stranger", "example.com/acme/pub/v9").0, 404);
    }
    for (path, status) in [
        ("@v/v1.1.0.zip", 200),
        ("@v/v1.1.0.mod", 200),
        ("@latest", 200),
        ("@v/v1.2.0.info", 404),
    ] {
        let path = format!("{}/example.com/acme/pub/{path}", group(ACME));
        assert_eq!(seeds.user("stranger").get(&path).status, status, "{path}");
    }
    let below = seeds
        .anonymous()
        .get(&format!("{}/example.com/acme/pub/@v/list", group(SUB)));
    assert_eq!(below.expect(200).text(), "v1.1.0\n");
}

#[test]
fn an_anonymous_caller_of_a_group_is_asked_who_he_is_before_a_name_is_missing() {
    let seeds = seeds();
    let anonymous = seeds.anonymous();
    for path in [
        "example.com/acme/priv",
        "example.com/acme/none",
        "example.com/acme",
        "example.com",
        "example.com/acme/public",
    ] {
        let answer = anonymous
            .get(&format!("{}/{path}/@v/list", group(ACME)))
            .expect(401);
        assert!(answer.find_header("www-authenticate").is_some());
        anonymous
            .get(&format!("{}/{path}/@latest", group(ACME)))
            .expect(401);
        anonymous
            .get(&format!("{}/{path}/@v/main.info", group(ACME)))
            .expect(401);
    }
    // Packages below a module that is here: `go` asks for the longer path first, and must hear that it is none.
    for path in [
        "example.com/acme/pub/cmd/tool/@v/list",
        "example.com/acme/pub/v9/@v/list",
    ] {
        anonymous
            .get(&format!("{}/{path}", group(ACME)))
            .expect(404);
    }
}

#[test]
fn a_group_that_may_not_be_seen_is_refused_like_one_that_is_not_there() {
    let seeds = seeds();
    for id in [VAULT, 99_999] {
        let path = format!("{}/example.com/x/@v/list", group(id));
        seeds.anonymous().get(&path).expect(401);
        let answer = seeds.user("stranger").get(&path).expect(403);
        assert_eq!(answer.text(), "403 Forbidden");
    }
}

#[test]
fn of_equal_versions_the_newest_package_is_served_whole() {
    let seeds = seeds();
    let other = module_zip(
        "example.com/acme/pub",
        "v1.0.0",
        &[("go.mod", "module example.com/acme/pub // other\n")],
    );
    seeds.root().put(&go_upload(INT), &other).expect(201);
    let base = format!("{}/example.com/acme/pub/@v", group(ACME));
    let member = seeds.user("guest");
    assert!(member.get(&format!("{base}/v1.0.0.zip")).expect(200).body == other);
    let go_mod = member.get(&format!("{base}/v1.0.0.mod")).expect(200);
    assert_eq!(go_mod.text(), "module example.com/acme/pub // other\n");
    assert_eq!(
        member.get(&format!("{base}/list")).text(),
        "v1.0.0\nv1.1.0\n"
    );
    let first = greeter("example.com/acme/pub", "v1.0.0");
    let anonymous = seeds.anonymous();
    assert!(
        anonymous
            .get(&format!("{base}/v1.0.0.zip"))
            .expect(200)
            .body
            == first
    );
}
