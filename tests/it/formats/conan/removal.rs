//! Removal: of recipes, revisions, binaries and their revisions. Clients take 200 for done.

use serde_json::json;

use super::R;
use crate::support::conan::{PID, binary, conan, info, recipe, rev};
use crate::support::seeds::{PUB, Seeds, packages};

#[test]
fn the_latest_is_what_is_left() {
    let seeds = Seeds::start();
    let (maintainer, base) = (seeds.user("maintainer"), conan(PUB));
    for revision in ['a', 'b'] {
        maintainer.put_recipe(&recipe(&base, R, revision));
    }
    let gone = maintainer.delete(&recipe(&base, R, 'b')).expect(200);
    assert_eq!(gone.text(), "");
    let latest = maintainer
        .get(&format!("{base}/v2/conans/{R}/latest"))
        .expect(200)
        .json();
    assert_eq!(latest["revision"], rev('a'));
    maintainer.delete(&recipe(&base, R, 'b')).expect(404);
    maintainer.delete(&recipe(&base, R, 'a')).expect(200);
    maintainer
        .get(&format!("{base}/v2/conans/{R}/latest"))
        .expect(404);
    assert_eq!(maintainer.get(&packages(PUB)).expect(200).json(), json!([]));
}

#[test]
fn binaries_go_one_by_one_or_all_at_once() {
    let seeds = Seeds::start();
    let (maintainer, base) = (seeds.user("maintainer"), conan(PUB));
    let revision = recipe(&base, R, 'a');
    maintainer.put_recipe(&revision);
    for (pid, number) in [(PID, '1'), (PID, '2'), ("cafe", '1'), ("beef", '1')] {
        maintainer.put_binary(&binary(&base, R, 'a', pid, number), &info("Release"));
    }
    let left = || {
        let found = maintainer
            .get(&format!("{revision}/search"))
            .expect(200)
            .json();
        found
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    maintainer
        .delete(&binary(&base, R, 'a', PID, '2'))
        .expect(200);
    let latest = maintainer
        .get(&format!("{revision}/packages/{PID}/latest"))
        .expect(200)
        .json();
    assert_eq!(latest["revision"], rev('1'));
    maintainer
        .delete(&format!("{revision}/packages/{PID}"))
        .expect(200);
    assert_eq!(left(), ["beef", "cafe"]);
    maintainer
        .delete(&format!("{revision}/packages/{PID}"))
        .expect(404);
    maintainer
        .delete(&format!("{revision}/packages"))
        .expect(200);
    assert!(left().is_empty());
    maintainer
        .delete(&format!("{revision}/packages"))
        .expect(404);
    maintainer.get(&format!("{revision}/files")).expect(200);
}

#[test]
fn a_recipe_goes_with_everything_it_has() {
    let seeds = Seeds::start();
    let (maintainer, base) = (seeds.user("maintainer"), conan(PUB));
    maintainer.put_recipe(&recipe(&base, R, 'a'));
    maintainer.put_recipe(&recipe(&base, "hello/0.1/me/stable", 'a'));
    maintainer.put_binary(&binary(&base, R, 'a', PID, '1'), &info("Release"));
    maintainer
        .delete(&format!("{base}/v2/conans/{R}"))
        .expect(200);
    maintainer
        .get(&format!("{}/files", recipe(&base, R, 'a')))
        .expect(404);
    let left = maintainer
        .get(&format!("{base}/v2/conans/search?q=*"))
        .expect(200)
        .json();
    assert_eq!(left, json!({ "results": ["hello/0.1@me/stable"] }));
    maintainer
        .delete(&format!("{base}/v2/conans/{R}"))
        .expect(404);
}

#[test]
fn what_is_being_uploaded_survives_the_removal_of_what_is_there() {
    let seeds = Seeds::start();
    let (maintainer, base) = (seeds.user("maintainer"), conan(PUB));
    maintainer.put_recipe(&recipe(&base, R, 'a'));
    maintainer
        .put_file(&recipe(&base, R, 'b'), "conanfile.py", b"x")
        .expect(200);
    maintainer.delete(&recipe(&base, R, 'a')).expect(200);
    assert_eq!(maintainer.get(&packages(PUB)).expect(200).json(), json!([]));
    maintainer
        .put_file(&recipe(&base, R, 'b'), "conanmanifest.txt", b"x")
        .expect(200);
    let latest = maintainer
        .get(&format!("{base}/v2/conans/{R}/latest"))
        .expect(200)
        .json();
    assert_eq!(latest["revision"], rev('b'));
    assert_eq!(
        maintainer.get(&packages(PUB)).expect(200).json()[0]["status"],
        "default"
    );
}
