//! ChartMuseum's API, and the words to those who ask at the wrong door.

use serde_json::json;

use crate::support::each;
use crate::support::helm::{chart, charts, helm, index, read_index, upload};
use crate::support::seeds::{PUB, Seeds, packages};

#[test]
fn charts_are_listed_one_by_one_and_removed() {
    let seeds = Seeds::start();
    let owner = seeds.user("owner");
    for version in ["1.0.0", "1.1.0"] {
        upload(&owner, PUB, "stable", &chart("web", version, "")).expect(201);
    }
    upload(&owner, PUB, "devel", &chart("web", "9.0.0", "")).expect(201);
    let base = charts(PUB, "stable");
    let all = owner.get(&base).expect(200);
    assert_eq!(all.header("content-type"), "application/json");
    assert_eq!(each(&all.json()["web"], "version"), ["1.1.0", "1.0.0"]);
    let of_name = owner.get(&format!("{base}/web")).expect(200).json();
    assert_eq!(each(&of_name, "version"), ["1.1.0", "1.0.0"]);
    let one = owner.get(&format!("{base}/web/1.0.0")).expect(200).json();
    assert_eq!(one, of_name[1]);
    assert_eq!(one["urls"], json!(["charts/web-1.0.0.tgz"]));
    owner.head(&format!("{base}/web/1.0.0")).expect(200);
    owner.head(&format!("{base}/web/9.0.0")).expect(404);
    owner.get(&format!("{base}/nothing")).expect_json(
        404,
        json!({ "message": "nothing not found", "error": "nothing not found" }),
    );
    let missing = owner.get(&format!("{base}/web/3.0.0")).expect(404).json();
    assert_eq!(missing["error"], "web-3.0.0 not found");

    let gone = owner.delete(&format!("{base}/web/1.0.0"));
    gone.expect_json(200, json!({ "deleted": true }));
    owner.get(&format!("{base}/web/1.0.0")).expect(404);
    let again = owner
        .delete(&format!("{base}/web/1.0.0"))
        .expect(404)
        .json();
    assert_eq!(again["error"], "web-1.0.0 not found");
    assert_eq!(
        each(
            &read_index(&owner, &index(PUB, "stable"))["entries"]["web"],
            "version"
        ),
        ["1.1.0"]
    );
    let left = owner.get(&packages(PUB)).expect(200).json();
    assert_eq!(
        left.as_array().unwrap().len(),
        2,
        "the other channel keeps its own"
    );
}

#[test]
fn who_asks_at_the_wrong_door_is_told_the_right_one() {
    let seeds = Seeds::start();
    let anonymous = seeds.anonymous();
    let hint = anonymous
        .get(&format!("{}/index.yaml", charts(PUB, "stable")))
        .expect(404)
        .json();
    let right = seeds.url(&format!("{}/stable", helm(PUB)));
    assert!(hint["error"].as_str().unwrap().contains(&right), "{hint}");
    for path in [
        format!("{}/stable", helm(PUB)),
        format!("{}/stable/", helm(999)),
    ] {
        let word = anonymous.get(&path).expect(200);
        assert!(word.header("content-type").starts_with("text/plain"));
        assert!(word.text().contains("helm repo add"), "{}", word.text());
    }
    // `helm push` to an address that is no registry of artifacts.
    for (method, path) in [("GET", "/v2/"), ("POST", "/v2/acme/web/blobs/uploads/")] {
        let refused = anonymous.send(method, path, b"").expect(404).json();
        let message = refused["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("helm cm-push"), "{message}");
    }
}
