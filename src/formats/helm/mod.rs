//! Helm charts: chart repositories as `helm repo add` reads them and as `helm cm-push` fills them.
//!
//! | method | path below `/api/v4/projects/:id/packages/helm` | |
//! |---|---|---|
//! | GET, HEAD | `/:channel/index.yaml` | what the channel holds |
//! | GET, HEAD | `/:channel/charts/:file` | a chart; with `.prov` behind its name, who signed it |
//! | POST | `/api/:channel/charts` | upload: form field `chart`, perhaps `prov`, or the chart alone |
//! | POST | `/api/:channel/prov` | a signature that comes later (ours) |
//! | GET, HEAD | `/api/:channel/charts[/:name[/:version]]` | what is there, as JSON (ours) |
//! | DELETE | `/api/:channel/charts/:name/:version` | delete (ours) |
//! | GET | `/:channel[/]` | a word to people (ours) |
//!
//! `/api/v4/groups/:id/-/packages/helm/:channel/index.yaml` shows the charts of all readable projects (ours).
//!
//! A channel is a label that makes one project several repositories; a package is a chart's version in a channel. What is
//! marked as ours is mostly ChartMuseum's API. Charts are read before the answer, where GitLab answers first: nobody is
//! told 201 for a chart that never appears.
//!
//! Source of the rules: GitLab docs, "Helm charts in the package registry" and "Helm API"; Helm docs, "The chart
//! repository guide", "Charts" and "Helm provenance and integrity"; ChartMuseum's README.

mod archive;
mod channel;
mod chart;
mod display;
mod download;
mod index;
mod museum;
mod oci;
mod provenance;
mod upload;
mod yaml;

#[cfg(test)]
mod properties;

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use serde_json::json;

use crate::error::Error;
use crate::formats::Format;
use crate::http::{Mount, answer};
use crate::registry::{DisplayedFormat, PackageType};
use crate::routes;

pub(super) const DISPLAY: DisplayedFormat = DisplayedFormat {
    package_type: PackageType::Helm,
    display: display::display,
};

pub(super) const FORMAT: Format = Format {
    package_type: PackageType::Helm,
    mounts: MOUNTS,
};

const MOUNTS: &[Mount] = &[
    Mount {
        error_response,
        routes: routes! {
            GET "/{channel}" Public => channel::welcome;
            GET "/{channel}/" Public => channel::welcome;
            GET "/{channel}/index.yaml" Project(ReadPackage) => index::of_project;
            GET "/{channel}/charts/{file}" Project(ReadPackage) => download::download;
            GET "/api/{channel}/charts" Project(ReadPackage) => museum::all;
            POST "/api/{channel}/charts" Project(CreatePackage) => upload::chart;
            POST "/api/{channel}/prov" Project(CreatePackage) => upload::provenance;
            GET "/api/{channel}/charts/{name}" Project(ReadPackage) => museum::versions;
            GET "/api/{channel}/charts/{name}/{version}" Project(ReadPackage) => museum::version;
            DELETE "/api/{channel}/charts/{name}/{version}" Project(DestroyPackage) => museum::remove;
        },
        ..Mount::format("/api/v4/projects/{id}/packages/helm", PackageType::Helm)
    },
    Mount {
        error_response,
        routes: routes! {
            GET "/{channel}/index.yaml" Group(ReadGroup) => index::of_group;
        },
        ..Mount::format("/api/v4/groups/{id}/-/packages/helm", PackageType::Helm)
    },
    oci::MOUNT,
];

/// GitLab's errors, and beside them the key `error`, which is all that `helm cm-push` prints.
fn error_response(error: &Error) -> HttpResponse {
    let response = answer::error_response(error);
    let (mut body, text) = (error.body(), error.to_string());
    if let Error::Message { status, .. } = error
        && *status == StatusCode::CONFLICT
    {
        body["message"] = json!("Package already exists");
    }
    for key in ["message", "error"] {
        if body[key].is_null() {
            body[key] = json!(text);
        }
    }
    response.set_body(BoxBody::new(body.to_string()))
}

/// 409 for a file that is there already and may not be there twice.
fn taken(file_name: &str) -> Error {
    Error::message(StatusCode::CONFLICT, format!("{file_name} already exists"))
}

/// 404 with the name of what is missing.
fn missing(what: &str) -> Error {
    Error::message(StatusCode::NOT_FOUND, format!("{what} not found"))
}
