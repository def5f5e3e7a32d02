//! Damaged uploads, through the whole server: whatever arrives is refused or kept, and nobody falls over.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::fuzz;
use crate::support::{Actor, TestApp};

/// Uploads of one format: where they go, as what, and the folder of the corpus that they are made from.
struct Uploads {
    method: &'static str,
    path: &'static str,
    content_type: &'static str,
    folder: &'static str,
}

const UPLOADS: &[Uploads] = &[
    Uploads {
        method: "POST",
        path: "pypi",
        content_type: "multipart/form-data; boundary=limit",
        folder: "pypi-form",
    },
    Uploads {
        method: "PUT",
        path: "generic/demo/1.0/demo.bin",
        content_type: "multipart/form-data; boundary=limit",
        folder: "pypi-form",
    },
    Uploads {
        method: "PUT",
        path: "npm/demo",
        content_type: "application/json",
        folder: "npm-body",
    },
    Uploads {
        method: "PUT",
        path: "maven/com/acme/demo/maven-metadata.xml",
        content_type: "application/xml",
        folder: "xml",
    },
    Uploads {
        method: "PUT",
        path: "maven/com/acme/demo/1.0/demo-1.0.pom",
        content_type: "application/xml",
        folder: "xml",
    },
    Uploads {
        method: "PUT",
        path: "composer?version=1.0.0",
        content_type: "application/zip",
        folder: "composer-zip",
    },
];

/// Paths of packages that were never made, in every spelling.
const PATHS: &[&str] = &[
    "generic",
    "npm",
    "maven",
    "pypi",
    "simple",
    "composer",
    "p2",
    "/",
    "%2F",
    "..",
    "%2e%2e",
    "-",
    "@acme",
    "demo",
    "1.0",
    ".tgz",
    "?",
    "&",
    "=",
    "package_name",
    "%00",
    "%ff",
    "\"",
];

fn each<T: std::fmt::Debug>(inputs: &impl Strategy<Value = T>, send: impl Fn(T) -> u16) {
    let config = proptest::test_runner::Config {
        cases: fuzz::config().cases.div_ceil(8), // each is a request
        failure_persistence: None,
        ..fuzz::config()
    };
    let tried = TestRunner::new(config).run(inputs, |input| {
        let status = send(input);
        prop_assert!(status < 500, "{status}");
        Ok(())
    });
    tried.unwrap();
}

#[test]
fn damaged_uploads_are_refused_or_kept_and_never_an_error_of_ours() {
    let app = TestApp::start();
    for uploads in UPLOADS {
        let sender: Actor = app.root().with("Content-Type", uploads.content_type);
        let path = format!("/api/v4/projects/1/packages/{}", uploads.path);
        each(&fuzz::files(uploads.folder), |body| {
            sender.send(uploads.method, &path, &body).status
        });
        app.root().get("/api/v4/projects/1/packages").expect(200);
    }
}

#[test]
fn strange_paths_and_searches_are_answered() {
    let app = TestApp::start();
    each(&fuzz::texts(PATHS), |text| {
        let plain: String = text.chars().filter(|c| c.is_ascii_graphic()).collect();
        let path = format!(
            "/api/v4/projects/1/packages/{}",
            plain.replace(['"', '\\', '#', '<', '>', '^', '`', '{', '|', '}'], "")
        );
        app.root().get(&path).status
    });
    each(
        &fuzz::texts(&[
            "\"", " ", "left", "pad", "*", "(", "AND", "NEAR", ":", "'", "%",
        ]),
        |text| {
            let search: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let answer = app.root().get(&format!(
                "/api/v4/projects/1/packages?package_name={search}"
            ));
            app.root()
                .get(&format!("/api/v4/projects?search={search}"))
                .status
                .max(answer.status)
        },
    );
}
