//! gitbeaker: the JavaScript library, by a script of its own, and its command `gitbeaker`.

use crate::support::clients::{Sandbox, npm_modules, npm_program, system_program};
use crate::support::{ROOT_TOKEN, TestApp, each};

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/clients/gitbeaker.mjs"
);

#[test]
fn the_library_does_everything_scripts_ask_of_it() {
    let app = TestApp::watched();
    let modules = npm_modules("gitbeaker").display().to_string();
    let args = [SCRIPT, &modules, &app.url(""), ROOT_TOKEN];
    Sandbox::new().run(&system_program("node"), args).succeeds();

    let seen = app.seen();
    let lines: Vec<String> = seen.iter().map(ToString::to_string).collect();
    assert_eq!(lines[0], "GET /api/v4/user 200");
    let file = "/api/v4/projects/acme%2Fkit/packages/generic/tool/1.0.0/tool-1.0.tgz";
    let published = seen.iter().find(|seen| seen.target == file).unwrap();
    assert_eq!(published.to_string(), format!("PUT {file} 201"));
    let content_type = published.header("content-type").unwrap();
    assert!(content_type.starts_with("multipart/form-data; boundary="));
    let pages: Vec<&str> = seen
        .iter()
        .filter_map(|seen| {
            seen.target
                .strip_prefix("/api/v4/projects/acme%2Fkit/packages?")
        })
        .collect();
    assert_eq!(pages.len(), 3, "{pages:?}");
    assert_eq!(pages[0], "per_page=3");
    assert!(pages[2].contains("page=3"), "{pages:?}");
    assert!(!seen.iter().any(|seen| seen.status >= 500), "{lines:#?}");

    // Seven packages of `many` are left, the framing of their forms is not in them.
    let left = app
        .root()
        .get("/api/v4/projects/acme%2Fkit/packages")
        .expect(200)
        .json();
    assert_eq!(each(&left, "name"), ["many"; 7]);
    let many = "/api/v4/projects/acme%2Fkit/packages/generic/many/0.6/x";
    assert_eq!(app.root().get(many).expect(200).body, b"x");
}

#[test]
fn the_command_lists_packages() {
    let app = TestApp::watched();
    let file = "/api/v4/projects/1/packages/generic/tool/1.0/tool.bin";
    app.root().put(file, "tool").expect(201);
    let mut sandbox = Sandbox::new();
    sandbox
        .set("GITBEAKER_HOST", app.url(""))
        .set("GITBEAKER_TOKEN", ROOT_TOKEN);
    let args = ["packages", "all", "--project-id=1", "--package-name=tool"];
    let ran = sandbox
        .run(&npm_program("gitbeaker", "gitbeaker"), args)
        .succeeds();
    assert_eq!(each(&ran.json(), "name"), ["tool"]);
    assert_eq!(
        app.lines(),
        ["GET /api/v4/projects/1/packages?package_name=tool 200"]
    );
}
