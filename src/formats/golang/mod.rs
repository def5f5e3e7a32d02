//! Go modules: the GOPROXY protocol over modules that were uploaded as zip files.
//!
//! | method | path below `/api/v4/projects/:id/packages/go` | |
//! |---|---|---|
//! | GET, HEAD | `/:module/@v/list` | the versions, one a line |
//! | GET, HEAD | `/:module/@latest` | the newest version and its time (ours) |
//! | GET, HEAD | `/:module/@v/:version.info`, `.mod`, `.zip` | a version: its time, its go.mod, its files |
//! | GET, HEAD | `/:module/@v/:version.sum` | its lines for `go.sum` (ours) |
//! | GET, HEAD | `/sumdb/*` | 404, whoever asks: no checksum database is mirrored here |
//! | PUT | `/upload` | publish a module zip, which says itself what it is (ours) |
//! | PUT | `/:module/@v/:version.zip`, `.mod`, `.info` | the same, as mirrors do it (ours) |
//! | DELETE | `/:module/@v/:version` | delete a version (ours) |
//!
//! The GET routes also below `/api/v4/groups/:id/-/packages/go` (ours), and `GET /:project?go-get=1` leads clients that
//! use no proxy here (ours). There is no git: GitLab serves tags, this registry what was uploaded.
//!
//! `go` asks the next proxy for a module after 404 and 410, and after nothing else. So a module that the caller may
//! not see is refused and never missing, or its name would travel to a public proxy.
//!
//! Sources: Go's "Modules Reference" (GOPROXY protocol, module zip files, module paths, versions);
//! golang.org/x/mod's packages `module`, `zip` and `sumdb/dirhash`; GitLab docs, "Go proxy for GitLab".

mod display;
mod go_import;
mod go_mod;
mod module_path;
mod module_zip;
mod path;
mod read;
mod version;
mod write;

#[cfg(test)]
mod properties;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::formats::Format;
use crate::http::{Mount, answer};
use crate::registry::{DisplayedFormat, PackageFile, PackageKey, PackageType, Registry, Timestamp};
use crate::routes;
use version::Version;

pub(super) const DISPLAY: DisplayedFormat = DisplayedFormat {
    package_type: PackageType::Golang,
    display: display::display,
};

pub(super) const FORMAT: Format = Format {
    package_type: PackageType::Golang,
    mounts: MOUNTS,
};

const PROJECT: &str = "/api/v4/projects/{id}/packages/go";
const GROUP: &str = "/api/v4/groups/{id}/-/packages/go";

const MOUNTS: &[Mount] = &[
    Mount {
        error_response: in_text,
        routes: routes! {
            GET "/sumdb/{*path}" Public => read::checksum_database;
            GET "/{*path}" Project(ReadPackage) => read::in_project;
        },
        ..Mount::format(PROJECT, PackageType::Golang)
    },
    Mount {
        error_response: in_json,
        routes: routes! {
            PUT "/upload" Project(CreatePackage) => write::upload;
            PUT "/{*path}" Project(CreatePackage) => write::put;
            DELETE "/{*path}" Project(DestroyPackage) => write::remove;
        },
        ..Mount::format(PROJECT, PackageType::Golang)
    },
    Mount {
        error_response: in_text,
        routes: routes! {
            GET "/sumdb/{*path}" Public => read::checksum_database;
            GET "/{*path}" Group(ReadGroup) => read::in_group;
        },
        ..Mount::format(GROUP, PackageType::Golang)
    },
    Mount {
        error_response: in_text,
        routes: routes! {
            GET "/{id}/-/go-get" Anyone => go_import::show;
        },
        ..Mount::format("", PackageType::Golang)
    },
];

/// What is kept with the zip of a version.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// When the version was made, where that is not when it was uploaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    /// The sums of `go.sum`: of the zip, and of go.mod alone.
    h1: String,
    go_mod_h1: String,
}

impl Kept {
    fn of(registry: &Registry, zip: &PackageFile) -> Result<Kept> {
        let kept = registry.file_metadata(zip)?.ok_or(Error::Missing)?;
        Ok(serde_json::from_value(kept)?)
    }
}

fn key(module: &str, version: &Version) -> PackageKey {
    PackageKey::exact(PackageType::Golang, module, version.as_str())
}

fn zip_name(version: &Version) -> String {
    format!("{version}.zip")
}

fn mod_name(version: &Version) -> String {
    format!("{version}.mod")
}

/// RFC 3339 in whole seconds, as `.info` has it.
fn in_seconds(time: Timestamp) -> String {
    let text = time.to_string();
    format!("{}Z", text.split('.').next().unwrap_or_default())
}

/// `go` prints a refusal if it is plain text.
fn in_text(error: &Error) -> HttpResponse {
    refuse(error, |error| {
        let mut response = HttpResponse::build(error.status())
            .content_type("text/plain; charset=utf-8")
            .body(error.to_string());
        answer::add_error_headers(&mut response, error);
        response
    })
}

/// For those who publish, which is done with curl.
fn in_json(error: &Error) -> HttpResponse {
    refuse(error, answer::error_response)
}

/// A project or group that is not there, or not for this caller, is forbidden: after 404 `go` would ask the next proxy.
fn refuse(error: &Error, render: fn(&Error) -> HttpResponse) -> HttpResponse {
    match error {
        Error::NotFound(what) if what == "Project" || what == "Group" => render(&Error::Forbidden),
        error => render(error),
    }
}

/// The 404 that lets `go` try a shorter path, another version, the next proxy.
fn unknown(what: &str) -> Error {
    Error::message(StatusCode::NOT_FOUND, format!("not found: {what}"))
}
