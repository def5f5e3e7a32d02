//! Requests for what is not here: sent on only where somebody said so, and never for a name that is ours.

use packhouse::registry::{PackageStatus, PackageType};

use super::npm;
use crate::support::seeds::{ACME, DEEP, INT, ONE, PRIV, PUB, Planted, SUB, Seeds, VAULT, package};
use crate::support::{Actor, Answer};

const CONFIGURED: &str = r#"
[forwarding]
npm = "https://npm.example.com/"
pypi = "https://pypi.example.com/simple"
maven = "https://maven.example.com/maven2"
"#;

const KINDS: [&str; 3] = ["npm", "pypi", "maven"];

/// With URLs, and every switch on.
fn switched_on() -> Seeds {
    let seeds = Seeds::start_with_file(CONFIGURED);
    for group in [ACME, VAULT] {
        for kind in KINDS {
            seeds.set(
                group,
                &format!("{kind}_package_requests_forwarding"),
                "true",
            );
        }
    }
    seeds
}

fn of_project(project: i64, path: &str) -> String {
    format!("/api/v4/projects/{project}/packages/{path}")
}

fn of_group(group: i64, path: &str) -> String {
    format!("/api/v4/groups/{group}/-/packages/{path}")
}

/// Names that nobody here has.
const MISSING: [(&str, &str); 8] = [
    ("npm/left-pad", "https://npm.example.com/left-pad"),
    ("npm/@babel%2fcore", "https://npm.example.com/@babel/core"),
    (
        "npm/left-pad/1.0.0",
        "https://npm.example.com/left-pad/1.0.0",
    ),
    (
        "pypi/simple/Some.Thing/",
        "https://pypi.example.com/simple/some-thing/",
    ),
    (
        "pypi/simple/some-thing",
        "https://pypi.example.com/simple/some-thing/",
    ),
    (
        "maven/org/example/lib/1.0/lib-1.0.pom",
        "https://maven.example.com/maven2/org/example/lib/1.0/lib-1.0.pom",
    ),
    (
        "maven/org/example/lib/1.0/lib-1.0.jar.sha1",
        "https://maven.example.com/maven2/org/example/lib/1.0/lib-1.0.jar.sha1",
    ),
    (
        "maven/org/example/lib/maven-metadata.xml",
        "https://maven.example.com/maven2/org/example/lib/maven-metadata.xml",
    ),
];

#[track_caller]
fn goes_to(answer: Answer, url: &str) {
    let answer = answer.expect(302);
    assert_eq!(answer.header("location"), url);
    assert!(answer.body.is_empty());
}

#[test]
fn what_nobody_here_has_is_sent_on() {
    let seeds = switched_on();
    let owner = seeds.user("owner");
    for (path, url) in MISSING {
        goes_to(owner.get(&of_project(PUB, path)), url);
        goes_to(owner.get(&of_project(PRIV, path)), url);
        goes_to(owner.get(&of_group(ACME, path)), url);
        goes_to(owner.get(&of_group(SUB, path)), url);
        goes_to(owner.head(&of_project(PUB, path)), url);
    }
}

#[test]
fn it_takes_a_url_and_a_switch() {
    let without_url = Seeds::start();
    let without_switch = Seeds::start_with_file(CONFIGURED);
    let switched_off = switched_on();
    for kind in KINDS {
        without_url.set(ACME, &format!("{kind}_package_requests_forwarding"), "true");
        switched_off.set(
            ACME,
            &format!("{kind}_package_requests_forwarding"),
            "false",
        );
    }
    for seeds in [without_url, without_switch, switched_off] {
        for (path, _) in MISSING {
            seeds.user("owner").get(&of_project(PUB, path)).expect(404);
            seeds.user("owner").get(&of_group(ACME, path)).expect(404);
        }
    }
}

/// One private package of each format, which the caller of the tests below may not see.
fn hide_names(seeds: &Seeds, project: i64) {
    for (kind, name, version) in [
        (PackageType::Npm, "left-pad", "2.0.0"),
        (PackageType::Npm, "@babel/own", "1.0.0"),
        (PackageType::Pypi, "some-thing", "1.0"),
        (PackageType::Maven, "org/example/own", "1.0"),
    ] {
        seeds.plant(project, &Planted::new(kind, name).version(version));
    }
}

/// The same name, the same scope, the same group.
const TAKEN: [&str; 5] = [
    "npm/left-pad",
    "npm/@babel%2fcore",
    "npm/left-pad/1.0.0",
    "pypi/simple/Some.Thing/",
    "maven/org/example/lib/1.0/lib-1.0.pom",
];

#[test]
fn a_name_that_exists_privately_is_never_sent_on() {
    let seeds = switched_on();
    hide_names(&seeds, PRIV);
    let (owner, developer) = (seeds.user("owner"), seeds.user("developer"));
    for path in TAKEN {
        // In a neighbour project, for members and for the owner of everything.
        for caller in [&owner, &developer] {
            caller.get(&of_project(PUB, path)).expect(404);
            caller.get(&of_project(INT, path)).expect(404);
        }
        owner.get(&of_project(DEEP, path)).expect(404);
        owner.get(&of_group(SUB, path)).expect(404);
        // Below another top-level group it is nobody's name.
        seeds.root().get(&of_project(ONE, path)).expect(302);
    }
    // Another scope, another Maven group, another name: still sent on.
    for (path, url) in [
        ("npm/right-pad", "https://npm.example.com/right-pad"),
        ("npm/@types%2fnode", "https://npm.example.com/@types/node"),
        (
            "maven/org/example/sub/lib/1.0/lib-1.0.pom",
            "https://maven.example.com/maven2/org/example/sub/lib/1.0/lib-1.0.pom",
        ),
    ] {
        goes_to(owner.get(&of_project(PUB, path)), url);
    }
}

#[test]
fn hidden_and_deleted_names_are_still_ours() {
    let seeds = switched_on();
    let owner = seeds.user("owner");
    let prefix = of_project(PUB, "npm");
    npm::release(&owner, &prefix, "gone", "1.0.0").expect(200);
    let listed = owner
        .get(&format!("/api/v4/projects/{PUB}/packages"))
        .expect(200)
        .json();
    owner
        .delete(&package(PUB, listed[0]["id"].as_i64().unwrap()))
        .expect(204);
    owner.get(&of_project(PUB, "npm/gone")).expect(404);
    for (name, status) in [
        ("broken", PackageStatus::Error),
        ("busy", PackageStatus::Processing),
    ] {
        let planted = Planted::new(PackageType::Npm, name)
            .version("1.0.0")
            .status(status);
        seeds.plant(DEEP, &planted);
        owner
            .get(&of_project(PUB, &format!("npm/{name}")))
            .expect(404);
    }
}

#[test]
fn a_scope_that_is_a_group_here_is_ours_though_it_be_empty() {
    let seeds = switched_on();
    let owner = seeds.user("owner");
    for scope in ["@acme", "@ACME", "@vault", "@stranger"] {
        owner
            .get(&of_project(PUB, &format!("npm/{scope}%2fnothing")))
            .expect(404);
    }
    owner
        .get("/api/v4/packages/npm/@acme%2fnothing")
        .expect(404);
}

/// Authorization comes first: who may not read is refused as ever, whether the name exists or not.
#[test]
fn who_may_not_read_is_never_sent_on() {
    let seeds = switched_on();
    hide_names(&seeds, PRIV);
    let refused = |caller: &Actor, path: &str, status: u16| {
        let answer = caller.get(path).expect(status);
        assert_eq!(answer.find_header("location"), None);
    };
    for (path, _) in MISSING {
        refused(&seeds.anonymous(), &of_project(PRIV, path), 401);
        refused(&seeds.anonymous(), &of_project(ONE, path), 401);
        refused(&seeds.user("stranger"), &of_project(PRIV, path), 404);
        refused(&seeds.user("stranger"), &of_project(ONE, path), 404);
        refused(
            &seeds.with_token("glpat-nobody"),
            &of_project(PUB, path),
            401,
        );
        // Over a group, who is nobody is asked who he is, whatever the name.
        refused(&seeds.anonymous(), &of_group(ACME, path), 401);
        refused(&seeds.anonymous(), &of_group(VAULT, path), 401);
    }
}

/// Sent on or not is a difference: who does not see everything below the top-level group must not learn by it what there is.
#[test]
fn nobody_learns_by_it_which_private_names_there_are() {
    let seeds = switched_on();
    hide_names(&seeds, PRIV);
    for caller in [
        seeds.anonymous(),
        seeds.user("stranger"),
        seeds.user("external"),
    ] {
        for path in TAKEN
            .into_iter()
            .chain(MISSING.map(|(path, _)| path))
            .chain(["npm/right-pad", "pypi/simple/other/"])
        {
            let answer = caller.get(&of_project(PUB, path)).expect(404);
            assert_eq!(answer.find_header("location"), None, "{path}");
        }
    }
    // Where everything is public there is nothing to learn.
    seeds.run(
        "UPDATE projects SET visibility = 20 WHERE namespace_id IN (?1, ?2)",
        [ACME, SUB],
    );
    goes_to(
        seeds.anonymous().get(&of_project(PUB, "npm/right-pad")),
        "https://npm.example.com/right-pad",
    );
    seeds
        .anonymous()
        .get(&of_project(PUB, "npm/left-pad"))
        .expect(404);
}

#[test]
fn what_is_to_be_changed_must_be_here() {
    let seeds = switched_on();
    let owner = seeds.user("owner");
    owner
        .get(&of_project(PUB, "npm/left-pad?write=true"))
        .expect(404);
    owner
        .get(&of_project(PUB, "npm/left-pad/-/left-pad-1.0.0.tgz"))
        .expect(404);
    let files = of_project(PUB, &format!("pypi/files/{}/a-1.0.tar.gz", "0".repeat(64)));
    owner.get(&files).expect(404);
}

#[test]
fn a_wrong_table_is_told_at_the_start() {
    use crate::support::Packhouse;
    for (text, sentence) in [
        (
            "[forwarding]\nhelm = \"https://example.com\"",
            "`[forwarding]` has no package type `helm`",
        ),
        (
            "[forwarding]\nnpm = \"example.com\"",
            "`example.com` is no base URL",
        ),
    ] {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("packhouse.toml");
        std::fs::write(&file, text).unwrap();
        let server =
            Packhouse::on(data.path()).args([std::ffi::OsStr::new("--config"), file.as_os_str()]);
        let errors = server.refused(1);
        assert!(errors.contains(sentence), "{errors}");
    }
}
