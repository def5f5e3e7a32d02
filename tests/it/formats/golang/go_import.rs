//! `?go-get=1`: clients without a proxy are led to it.

use crate::support::seeds::{PRIV, PUB, Seeds};
use packhouse::http::BaseUrl;

#[test]
fn a_path_below_a_readable_project_leads_to_its_proxy() {
    let seeds = Seeds::start_with(|config| {
        config.url = Some(BaseUrl::parse("https://packages.example.com/sub").unwrap());
    });
    let tag = |path: &str, project: i64| {
        format!(
            "<meta name=\"go-import\" content=\"packages.example.com/sub/{path} mod https://packages.example.com/sub/api/v4/projects/{project}/packages/go\">"
        )
    };
    for path in [
        "/acme/pub",
        "/acme/pub/",
        "/acme/pub/cmd/tool",
        "/sub/acme/pub",
    ] {
        let answer = seeds
            .anonymous()
            .get(&format!("{path}?go-get=1"))
            .expect(200);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(
            answer.text().contains(&tag("acme/pub", PUB)),
            "{}",
            answer.text()
        );
    }
    let deep = seeds
        .anonymous()
        .get("/acme/sub/deep/v2?go-get=1")
        .expect(200);
    assert!(
        deep.text()
            .contains("packages.example.com/sub/acme/sub/deep mod "),
        "{}",
        deep.text()
    );
    let member = seeds.user("guest").get("/acme/priv/x?go-get=1").expect(200);
    assert!(
        member.text().contains(&tag("acme/priv", PRIV)),
        "{}",
        member.text()
    );
}

#[test]
fn nobody_learns_from_it_what_he_may_not_read() {
    let seeds = Seeds::start();
    for path in [
        "/acme/priv",
        "/acme/none",
        "/nobody/nothing",
        "/acme",
        "/a%22b/c",
    ] {
        let path = format!("{path}?go-get=1");
        let anonymous = seeds.anonymous().get(&path).expect(401);
        assert!(anonymous.find_header("www-authenticate").is_some());
        seeds.user("stranger").get(&path).expect(404);
    }
    seeds.anonymous().get("/acme/pub").expect(404); // without the question there is no such page
    seeds
        .anonymous()
        .get("/api/v4/projects/201/packages?go-get=1")
        .expect(200);
}
