//! The same version once more: by the group's setting.

use serde_json::json;

use super::{created, leaves};
use crate::support::nuget::{nuget, nupkg, push};
use crate::support::seeds::{ACME, PUB, Seeds, files, packages};
use crate::support::shape::{each, ids};

#[test]
fn where_duplicates_are_allowed_the_newest_counts_with_all_it_says() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let first = nupkg(
        "Acme",
        "1.0",
        "<tags>one</tags><dependencies><dependency id='Old' version='1'/></dependencies>",
    );
    let second = nupkg(
        "ACME",
        "1.0.0",
        "<tags>two</tags><dependencies><dependency id='New' version='2'/></dependencies>",
    );
    push(&developer, PUB, &first).expect_json(201, created());
    push(&developer, PUB, &second).expect_json(201, created());
    push(&developer, PUB, &second).expect_json(201, created());
    let listed = developer.get(&packages(PUB)).expect(200);
    assert_eq!(ids(&listed).len(), 1);
    assert_eq!(listed.json()[0]["tags"][0]["name"], "two");
    let names = each(
        &developer.get(&files(PUB, ids(&listed)[0])).expect(200),
        "file_name",
    );
    assert_eq!(
        names,
        ["acme.1.0.0.nupkg", "acme.1.0.0.nupkg"],
        "equal bytes keep their row"
    );
    let path = format!("{}/download/acme/1.0.0/acme.1.0.0.nupkg", nuget(PUB));
    assert_eq!(developer.get(&path).expect(200).body, second);
    let shown = leaves(&developer, &nuget(PUB), "acme");
    assert_eq!(
        shown[0]["catalogEntry"]["dependencyGroups"][0]["dependencies"][0]["id"],
        "New"
    );
}

#[test]
fn where_they_are_not_409_says_so_and_nothing_changes() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let first = nupkg("Acme", "1.0.0", "");
    push(&developer, PUB, &first).expect(201);
    seeds.set(ACME, "nuget_duplicates_allowed", "false");
    let told = json!({ "message": "A package with the same name and version already exists" });
    for version in ["1.0.0", "1.0", "01.0.0.0", "1.0.0+build"] {
        let answer = push(&developer, PUB, &nupkg("ACME", version, "<tags>new</tags>"));
        let answer = answer.expect_json(409, told.clone());
        assert_eq!(
            answer.header("x-nuget-warning"),
            "A package with the same name and version already exists"
        );
    }
    let path = format!("{}/download/acme/1.0.0/acme.1.0.0.nupkg", nuget(PUB));
    assert_eq!(developer.get(&path).expect(200).body, first);
    push(&developer, PUB, &nupkg("Acme", "1.0.1", "")).expect(201);
}

#[test]
fn an_exception_turns_the_setting_around() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    seeds.set(ACME, "nuget_duplicates_allowed", "false");
    seeds.set(ACME, "nuget_duplicate_exception_regex", "\".*-dev\"");
    for (version, status) in [("1.0-dev", 201), ("1.0", 409)] {
        push(&developer, PUB, &nupkg("Acme", version, "")).expect(201);
        push(&developer, PUB, &nupkg("Acme", version, "<tags>x</tags>")).expect(status);
    }
}

#[test]
fn of_two_that_come_at_once_one_is_refused() {
    let seeds = Seeds::start();
    seeds.set(ACME, "nuget_duplicates_allowed", "false");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let pushes: Vec<_> = (0..6)
            .map(|at| {
                let developer = seeds.user("developer");
                scope.spawn(move || {
                    push(
                        &developer,
                        PUB,
                        &nupkg("Acme", "1.0", &format!("<tags>t{at}</tags>")),
                    )
                    .status
                })
            })
            .collect();
        pushes
            .into_iter()
            .map(|push| push.join().unwrap())
            .collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 409).count(),
        5,
        "{statuses:?}"
    );
}
