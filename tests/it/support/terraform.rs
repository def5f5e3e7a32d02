//! Terraform modules from a few words, and where they are.

use super::archives::tar_gz;
use super::{Actor, Answer};

/// `J`: `/api/v4/projects/:id/packages/terraform/modules/:name/:system`
pub fn of_project(project: i64, module: &str) -> String {
    format!("/api/v4/projects/{project}/packages/terraform/modules/{module}")
}

/// `N`: `/api/v4/packages/terraform/modules/v1/:namespace/:name/:system`
pub fn of_namespace(namespace: &str, module: &str) -> String {
    format!("/api/v4/packages/terraform/modules/v1/{namespace}/{module}")
}

/// A module that says its version, with one more in a folder.
pub fn module(version: &str) -> Vec<u8> {
    let main = format!(
        "variable \"greeting\" {{\n  type    = string\n  default = \"hello\"\n}}\noutput \"version\" {{\n  value = \"{version}\"\n}}\n"
    );
    tar_gz(&[
        ("./main.tf", main.as_bytes()),
        ("./README.md", b"# A module\n"),
        (
            "./modules/part/main.tf",
            b"output \"part\" {\n  value = 1\n}\n",
        ),
    ])
}

/// `PUT J/:version/file`
pub fn upload(actor: &Actor, project: i64, module: &str, version: &str, archive: &[u8]) -> Answer {
    actor.put(
        &format!("{}/{version}/file", of_project(project, module)),
        archive,
    )
}
