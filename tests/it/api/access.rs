//! Who is let in where: the status matrices of the contract, sections 3.2 to 3.6, written down by hand.

use serde_json::json;

use crate::support::Actor;
use crate::support::seeds::{
    ACME, DEEP, INT, ONE, PRIV, PUB, Planted, SUB, Seeds, VAULT, files, generic, group_packages,
    package, packages,
};
use crate::support::shape::ids;

/// What a caller is answered: reading and deleting in `acme/pub`, `acme/int` and `acme/priv`.
struct Row {
    caller: &'static str,
    public: [u16; 2],
    internal: [u16; 2],
    private: [u16; 2],
}

const fn row(caller: &'static str, public: [u16; 2], internal: [u16; 2], private: [u16; 2]) -> Row {
    Row {
        caller,
        public,
        internal,
        private,
    }
}

/// Section 3.4.
const PROJECT_ROUTES: &[Row] = &[
    row("anonymous", [200, 403], [404, 404], [404, 404]),
    row("stranger", [200, 403], [200, 403], [404, 404]),
    row("external", [200, 403], [404, 404], [404, 404]),
    row("guest", [200, 403], [200, 403], [200, 403]),
    row("reporter", [200, 403], [200, 403], [200, 403]),
    row("developer", [200, 403], [200, 403], [200, 403]),
    row("maintainer", [200, 204], [200, 204], [200, 204]),
    row("owner", [200, 204], [200, 204], [200, 204]),
    row("admin", [200, 204], [200, 204], [200, 204]),
    row("job of stranger", [200, 403], [200, 403], [403, 403]),
    row("job of guest", [200, 403], [200, 403], [200, 403]),
    row("job of developer", [200, 403], [200, 403], [200, 403]),
    row("job of maintainer", [200, 204], [200, 204], [200, 204]),
    row("unknown token", [401, 401], [401, 401], [401, 401]),
    row("unknown job", [401, 401], [401, 401], [401, 401]),
    row("deploy token", [200, 403], [404, 404], [404, 404]),
    row("basic pair", [200, 403], [404, 404], [404, 404]),
];

fn caller(seeds: &Seeds, name: &str, project: i64) -> Actor {
    match name.strip_prefix("job of ") {
        // A stranger's job runs where a stranger may: in a project of the outside.
        Some("stranger") => return seeds.job("stranger", DEEP),
        Some(user) => return seeds.job(user, project),
        None => {}
    }
    match name {
        "anonymous" => seeds.anonymous(),
        "admin" => seeds.root(),
        "unknown token" => seeds.with_token("glpat-unknown"),
        "unknown job" => seeds.with_header("JOB-TOKEN", "glcbt-unknown"),
        "deploy token" => seeds.deploy("gldt-whatever"),
        "basic pair" => seeds.with_basic("maintainer", &seeds.token("maintainer")),
        user => seeds.user(user),
    }
}

#[test]
fn item01_item02_item03_the_matrix_of_the_project_routes() {
    let seeds = Seeds::start();
    for row in PROJECT_ROUTES {
        for (project, [read, delete]) in
            [(PUB, row.public), (INT, row.internal), (PRIV, row.private)]
        {
            let id = seeds.plant(project, &Planted::generic(row.caller));
            let file = seeds.plant_file(id, "a.txt", b"bytes");
            let caller = caller(&seeds, row.caller, project);
            let place = format!("{} in {project}", row.caller);
            let download = format!("{}/{file}/download", files(project, id));
            let pipelines = format!("{}/pipelines", package(project, id));
            for path in [
                packages(project),
                package(project, id),
                files(project, id),
                download,
                pipelines,
            ] {
                assert_eq!(caller.get(&path).status, read, "{place} reads {path}");
                assert_eq!(caller.head(&path).status, read, "{place} asks for {path}");
            }
            let one_file = format!("{}/{file}", files(project, id));
            for path in [one_file, package(project, id)] {
                assert_eq!(
                    caller.delete(&path).status,
                    delete,
                    "{place} deletes {path}"
                );
            }
            let stays = seeds.root().get(&package(project, id)).status == 200;
            assert_eq!(stays, delete != 204, "{place}");
        }
    }
}

#[test]
fn the_refusals_of_the_project_routes_have_their_texts() {
    let seeds = Seeds::start();
    let id = seeds.plant(PUB, &Planted::generic("tool"));
    let hidden = json!({ "message": "404 Project Not Found" });
    for project in [PRIV, INT, 999_999] {
        seeds
            .anonymous()
            .get(&packages(project))
            .expect_json(404, hidden.clone());
    }
    seeds
        .user("stranger")
        .get(&packages(PRIV))
        .expect_json(404, hidden);
    let forbidden = json!({ "message": "403 Forbidden" });
    seeds
        .user("guest")
        .delete(&package(PUB, id))
        .expect_json(403, forbidden);
    let text = "403 Forbidden - Authentication by CI/CD job token not allowed from deep to priv.";
    seeds
        .job("stranger", DEEP)
        .get(&packages(PRIV))
        .expect_json(403, json!({ "message": text }));
}

/// What a caller is answered by `GET /groups/:id/packages`: public, internal and private group (section 3.5).
const GROUP_ROUTE: &[(&str, [u16; 3])] = &[
    ("anonymous", [200, 404, 404]),
    ("stranger", [200, 200, 404]),
    ("external", [200, 404, 404]),
    ("reporter", [200, 200, 200]), // of one project below
    ("guest", [200, 200, 200]),    // of the group
    ("admin", [200, 200, 200]),
    ("job of guest", [200, 404, 404]),
    ("deploy token", [200, 404, 404]),
    ("basic pair", [200, 404, 404]),
    ("unknown job", [200, 404, 404]),
    ("unknown token", [401, 401, 401]),
];

#[test]
fn item18_the_matrix_of_the_group_route_has_no_role_403() {
    let seeds = Seeds::start();
    seeds.join_project("reporter", ONE, 20);
    seeds.join_group("guest", VAULT, 10);
    for (name, expected) in GROUP_ROUTE {
        for (visibility, status) in [20, 10, 0].into_iter().zip(expected) {
            seeds.run(
                "UPDATE namespaces SET visibility = ?2 WHERE id = ?1",
                [VAULT, visibility],
            );
            let answer = caller(&seeds, name, ONE).get(&group_packages(VAULT));
            assert_eq!(answer.status, *status, "{name} at visibility {visibility}");
            if *status == 404 {
                answer.expect_json(404, json!({ "message": "404 Group Not Found" }));
            }
        }
    }
}

#[test]
fn the_group_route_refuses_in_order_credential_group_parameters() {
    let seeds = Seeds::start();
    let wrong = format!("{}?sort=x", group_packages(VAULT));
    seeds.with_token("glpat-unknown").get(&wrong).expect(401);
    seeds.anonymous().get(&wrong).expect(404);
    seeds.user("stranger").get(&wrong).expect(404);
    seeds.root().get(&wrong).expect(400);
}

#[test]
fn roles_come_from_the_project_and_every_group_above_and_the_highest_counts() {
    let seeds = Seeds::start();
    let id = seeds.plant(DEEP, &Planted::generic("tool"));
    // The owner of acme owns acme/sub/deep as well.
    let links = seeds
        .user("owner")
        .get(&package(DEEP, id))
        .expect(200)
        .json()["_links"]
        .clone();
    assert!(links.get("delete_api_path").is_some());
    seeds.join_group("stranger", SUB, 10);
    seeds
        .user("stranger")
        .delete(&package(DEEP, id))
        .expect(403);
    seeds.join_project("stranger", DEEP, 40);
    seeds
        .user("stranger")
        .delete(&package(DEEP, id))
        .expect(204);
    seeds.join_group("external", ACME, 10);
    seeds.user("external").get(&packages(INT)).expect(200);
    seeds.user("external").get(&packages(PRIV)).expect(200);
}

#[test]
fn a_membership_that_is_over_counts_for_nothing() {
    let seeds = Seeds::start();
    let today = packhouse::registry::Timestamp::now().date();
    seeds.user("guest").get(&packages(PRIV)).expect(200);
    seeds.run("UPDATE members SET expires_at = ?1", [today]);
    seeds.user("guest").get(&packages(PRIV)).expect(404);
    seeds.user("owner").get(&packages(PRIV)).expect(404);
}

#[test]
fn the_owner_of_a_personal_namespace_owns_its_projects() {
    let seeds = Seeds::start();
    let home = crate::support::seeds::user_id("stranger");
    seeds.run(
        "UPDATE projects SET namespace_id = ?2 WHERE id = ?1",
        [ONE, home],
    );
    let id = seeds.plant(ONE, &Planted::generic("mine"));
    seeds.user("stranger").delete(&package(ONE, id)).expect(204);
    seeds.user("guest").get(&packages(ONE)).expect(404);
}

#[test]
fn guests_can_be_kept_from_pulling() {
    let seeds = Seeds::start_with_file("guests_can_pull = false");
    let id = seeds.plant(PRIV, &Planted::generic("tool"));
    seeds.plant_file(id, "a.txt", b"bytes");
    let file = generic(PRIV, "tool/1.0/a.txt");
    let forbidden = json!({ "message": "403 Forbidden" });
    for path in [
        packages(PRIV),
        package(PRIV, id),
        files(PRIV, id),
        file.clone(),
        format!("{}?sort=x", packages(PRIV)),
    ] {
        seeds
            .user("guest")
            .get(&path)
            .expect_json(403, forbidden.clone());
    }
    seeds
        .job("guest", PRIV)
        .get(&packages(PRIV))
        .expect_json(403, forbidden);
    for path in [packages(PRIV), file] {
        seeds.user("reporter").get(&path).expect(200);
    }
    // Public and internal projects stay as open as they are; the group list is shortened, never refused.
    seeds.user("guest").get(&packages(PUB)).expect(200);
    seeds.user("guest").get(&packages(INT)).expect(200);
    assert!(ids(&seeds.user("guest").get(&group_packages(ACME)).expect(200)).is_empty());
    assert_eq!(
        ids(&seeds
            .user("reporter")
            .get(&group_packages(ACME))
            .expect(200)),
        [id]
    );
}

/// What callers are answered when a project's registry is switched: who, core read, format read, format write.
type Switched = (&'static str, u16, u16, u16);

fn check_switch(level: &str, project: i64, expected: &[Switched]) {
    let seeds = Seeds::start();
    let id = seeds.plant(project, &Planted::generic("tool"));
    seeds.plant_file(id, "a.txt", b"bytes");
    seeds.switch_registry(project, level);
    for (name, core, read, write) in expected {
        let caller = caller(&seeds, name, project);
        let place = format!("{name}, registry {level}, project {project}");
        for path in [packages(project), package(project, id), files(project, id)] {
            assert_eq!(caller.get(&path).status, *core, "{place}: {path}");
        }
        assert_eq!(
            caller.get(&generic(project, "tool/1.0/a.txt")).status,
            *read,
            "{place}"
        );
        let upload = generic(project, &format!("by/1.0/{}", name.replace(' ', "-")));
        assert_eq!(caller.put(&upload, b"x").status, *write, "{place}");
    }
}

#[test]
fn a_registry_that_is_disabled_is_closed_to_everybody_who_sees_the_project() {
    check_switch(
        "disabled",
        PUB,
        &[
            ("anonymous", 403, 403, 403),
            ("stranger", 403, 403, 403),
            ("guest", 403, 403, 403),
            ("maintainer", 403, 403, 403),
            ("owner", 403, 403, 403),
            ("admin", 403, 403, 403),
            ("job of maintainer", 403, 403, 403),
        ],
    );
    check_switch(
        "disabled",
        PRIV,
        &[
            ("anonymous", 404, 401, 401),
            ("stranger", 404, 404, 404),
            ("guest", 403, 403, 403),
            ("owner", 403, 403, 403),
        ],
    );
}

#[test]
fn a_registry_that_is_private_is_for_members() {
    for project in [PUB, INT] {
        check_switch(
            "private",
            project,
            &[
                ("stranger", 403, 403, 403),
                ("guest", 200, 200, 403),
                ("developer", 200, 200, 201),
                ("owner", 200, 200, 201),
                ("admin", 200, 200, 201),
            ],
        );
    }
    check_switch("private", PUB, &[("anonymous", 403, 401, 401)]);
    check_switch(
        "private",
        INT,
        &[("anonymous", 404, 401, 401), ("external", 404, 404, 404)],
    );
}

#[test]
fn a_registry_that_is_public_lets_everybody_pull_by_format_routes_alone() {
    for project in [PRIV, INT] {
        check_switch(
            "public",
            project,
            &[
                ("anonymous", 404, 200, 401),
                ("guest", 200, 200, 403),
                ("developer", 200, 200, 201),
                ("external", 404, 200, 404),
            ],
        );
    }
    check_switch("public", PRIV, &[("stranger", 404, 200, 404)]);
    check_switch("public", INT, &[("stranger", 200, 200, 403)]);
}

#[test]
fn a_job_of_another_project_needs_the_allowlist_of_a_private_one() {
    let seeds = Seeds::start();
    let path = generic(PRIV, "tool/1.0/a.txt");
    seeds.user("developer").put(&path, b"bytes").expect(201);
    let job = seeds.job("maintainer", PUB);
    let text = "403 Forbidden - Authentication by CI/CD job token not allowed from pub to priv.";
    let refusal = json!({ "message": text });
    job.get(&packages(PRIV)).expect_json(403, refusal.clone());
    job.get(&path).expect_json(403, refusal.clone()); // visible to this user, so the reason is told
    job.put(&path, b"x").expect_json(403, refusal);
    // What everybody signed in may read needs no list; writing there does.
    job.get(&packages(INT)).expect(200);
    job.put(&generic(INT, "x/1/y"), b"x").expect(403);
    seeds.run(
        "INSERT INTO job_token_allowlist (project_id, source_project_id) VALUES (?1, ?2)",
        [PRIV, PUB],
    );
    job.get(&packages(PRIV)).expect(200);
    job.get(&path).expect(200);
    job.put(&path, b"x").expect(201);
    seeds.run("DELETE FROM job_token_allowlist", []);
    seeds.run(
        "INSERT INTO job_token_allowlist (project_id, source_namespace_id) VALUES (?1, ?2)",
        [PRIV, ACME],
    );
    job.get(&packages(PRIV)).expect(200);
    seeds.run("DELETE FROM job_token_allowlist", []);
    seeds.run(
        "UPDATE projects SET inbound_job_token_scope = 0 WHERE id = ?1",
        [PRIV],
    );
    job.get(&packages(PRIV)).expect(200);
    // A guest's job stays a guest's, allowed or not.
    seeds.job("guest", PUB).put(&path, b"x").expect(403);
}
