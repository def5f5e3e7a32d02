//! PyPI packages: Python distributions, as pip, uv and poetry install them and twine uploads them.
//!
//! | method | path | |
//! |---|---|---|
//! | POST | `/api/v4/projects/:id/packages/pypi[/]` | the upload form of PyPI's legacy API |
//! | GET, HEAD | `/api/v4/projects/:id/packages/pypi/simple[/]` | all names |
//! | GET, HEAD | `/api/v4/projects/:id/packages/pypi/simple/:name[/]` | the files of a name |
//! | GET, HEAD | `/api/v4/projects/:id/packages/pypi/files/:sha256/:file` | a file |
//! | GET, HEAD | the same + `.metadata`, `.asc`, `.provenance` | a wheel's metadata, a signature, attestations |
//!
//! Everything but the upload also below `/api/v4/groups/:id/-/packages/pypi`. Both slash forms answer directly: a
//! redirect makes some clients forget their credentials. A caller without credentials is asked for some before it may
//! learn that a name is not here, or it would go on to a public index and install what it finds there.
//!
//! Source of the rules: GitLab docs, "PyPI packages in the package registry" and "PyPI API"; PyPA specifications
//! "Simple repository API" (PEP 503, 592, 658, 691, 700, 714), "Core metadata", "Version specifiers" (PEP 440);
//! PyPI docs, "Upload API"; PEP 740. Our own additions to GitLab are the core metadata, sizes and upload times, yanked
//! versions and attestations.

mod attestations;
mod core_metadata;
mod display;
mod distribution;
mod file_name;
mod files;
mod form;
mod name;
mod negotiate;
mod pages;
mod simple;
mod upload;
mod version;

#[cfg(test)]
mod properties;

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::formats::Format;
use crate::http::{Mount, answer};
use crate::registry::{DisplayedFormat, PackageType};
use crate::routes;

pub(super) const DISPLAY: DisplayedFormat = DisplayedFormat {
    package_type: PackageType::Pypi,
    display: display::display,
};

pub(super) const FORMAT: Format = Format {
    package_type: PackageType::Pypi,
    mounts: MOUNTS,
};

const MOUNTS: &[Mount] = &[
    Mount {
        error_response,
        routes: routes! {
            POST "" Project(CreatePackage) => upload::upload;
            POST "/" Project(CreatePackage) => upload::upload;
            GET "/simple" Project(ReadPackage) => simple::project_names;
            GET "/simple/" Project(ReadPackage) => simple::project_names;
            GET "/simple/{name}" Project(ReadPackage) => simple::project_files;
            GET "/simple/{name}/" Project(ReadPackage) => simple::project_files;
            GET "/files/{sha256}/{file}" Project(ReadPackage) => files::from_project;
        },
        ..Mount::format("/api/v4/projects/{id}/packages/pypi", PackageType::Pypi)
    },
    Mount {
        error_response,
        routes: routes! {
            GET "/simple" Group(ReadGroup) => simple::group_names;
            GET "/simple/" Group(ReadGroup) => simple::group_names;
            GET "/simple/{name}" Group(ReadGroup) => simple::group_files;
            GET "/simple/{name}/" Group(ReadGroup) => simple::group_files;
            GET "/files/{sha256}/{file}" Group(ReadGroup) => files::from_group;
        },
        ..Mount::format("/api/v4/groups/{id}/-/packages/pypi", PackageType::Pypi)
    },
];

const TAKEN: &str = "400 Bad request - Validation failed: File name has already been taken";

/// What is kept with a file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct FileMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    filetype: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pyversion: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requires_python: Option<String>,
    /// Of a wheel's `METADATA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_sha256: Option<String>,
    /// The detached signature, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attestations: Option<Value>,
}

/// GitLab's errors. A file that is there already gets a second sentence: `--skip-existing` looks for one or the other.
fn error_response(error: &Error) -> HttpResponse {
    let mut response = answer::error_response(error);
    if matches!(error, Error::Message { text, .. } if text == TAKEN) {
        let body = serde_json::json!({ "message": TAKEN, "error": "File already exists" });
        response = response.set_body(actix_web::body::BoxBody::new(body.to_string()));
    }
    response
}

fn taken() -> Error {
    Error::message(actix_web::http::StatusCode::BAD_REQUEST, TAKEN)
}
