//! Terraform modules: the module registry protocol for Terraform and OpenTofu, and GitLab's uploads and project downloads.
//!
//! | method | path | |
//! |---|---|---|
//! | GET | `/.well-known/terraform.json` | where modules are, asked before anything else |
//! | GET | `N/versions` | the versions of a module |
//! | GET | `N/download`, `N` | the latest: a redirect to its `download`; what it is |
//! | GET | `N/:version/download`, `N/:version` | where the archive is, in `X-Terraform-Get`; what it is |
//! | GET, HEAD | `N/:version/file` | the archive, by the short-lived token in that address |
//! | GET | `M/:namespace[/:name]`, `M/search?q=` | lists (ours; the clients do not ask) |
//! | PUT | `J/:version/file` | upload |
//! | GET, HEAD | `J/:version`, `J` | the archive, or with `?terraform-get=1` where it is |
//!
//! `M` is `/api/v4/packages/terraform/modules/v1`, `N` is `M/:namespace/:name/:system`, `J` is
//! `/api/v4/projects/:id/packages/terraform/modules/:name/:system`. A namespace is a top-level group, or a user (ours); a
//! module lies in any project below it.
//!
//! Source of the rules: HashiCorp, "Module Registry Protocol", "Remote Service Discovery" and "Module Sources"; GitLab docs,
//! "Terraform module registry" and "Terraform Module Registry API".

mod archive;
mod details;
mod display;
mod download;
mod hcl;
mod list;
mod module;
mod path;
mod place;
mod project;
mod upload;
mod versions;

#[cfg(test)]
mod properties;

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use serde_json::json;

use crate::error::Error;
use crate::formats::Format;
use crate::http::{Carrier, Mount, answer};
use crate::registry::{DisplayedFormat, PackageType};
use crate::routes;

pub(super) const DISPLAY: DisplayedFormat = DisplayedFormat {
    package_type: PackageType::TerraformModule,
    display: display::display,
};

pub(super) const FORMAT: Format = Format {
    package_type: PackageType::TerraformModule,
    mounts: MOUNTS,
};

const MODULES: &str = "/api/v4/packages/terraform/modules/v1";

const MOUNTS: &[Mount] = &[
    Mount {
        routes: routes! {
            GET "/terraform.json" Public => place::discovery;
        },
        ..Mount::core("/.well-known")
    },
    Mount {
        error_response: of_the_protocol,
        routes: routes! {
            GET "/search" Anyone => list::search;
            GET "/{namespace}" Anyone => list::of_namespace;
            GET "/{namespace}/{name}" Anyone => list::of_name;
            GET "/{namespace}/{name}/{system}" Anyone => details::latest;
            GET "/{namespace}/{name}/{system}/versions" Anyone => versions::versions;
            GET "/{namespace}/{name}/{system}/download" Anyone => download::latest;
            GET "/{namespace}/{name}/{system}/{version}" Anyone => details::of_version;
            GET "/{namespace}/{name}/{system}/{version}/download" Anyone => download::address;
            GET "/{namespace}/{name}/{system}/{version}/{*rest}" Public => place::nowhere;
        },
        ..Mount::format(MODULES, PackageType::TerraformModule)
    },
    // On its own, because nowhere else is such a token good.
    Mount {
        error_response: of_the_protocol,
        carriers: &[Carrier::SessionParameter("token", path::purpose)],
        routes: routes! {
            GET "/{namespace}/{name}/{system}/{version}/file" Anyone => download::file;
        },
        ..Mount::format(MODULES, PackageType::TerraformModule)
    },
    Mount {
        error_response: answer::error_response,
        routes: routes! {
            GET "/{name}/{system}" Project(ReadPackage) => project::latest;
            GET "/{name}/{system}/{version}" Project(ReadPackage) => project::of_version;
            PUT "/{name}/{system}/{version}/file" Project(CreatePackage) => upload::upload;
        },
        ..Mount::format(
            "/api/v4/projects/{id}/packages/terraform/modules",
            PackageType::TerraformModule,
        )
    },
];

/// GitLab's errors, and the protocol's list of them, in which there is room for what would help.
fn of_the_protocol(error: &Error) -> HttpResponse {
    let hint = match error {
        Error::Challenge | Error::Unauthorized | Error::InvalidToken(_) => Some(
            "send a token of a reader as `Authorization: Bearer TOKEN`; Terraform takes it from a `credentials` block or \
             from TF_TOKEN_<host>, dots written as _",
        ),
        Error::NotFound(_) | Error::Missing | Error::NoSuchRoute => Some(
            "the source of a module is HOST/NAMESPACE/NAME/SYSTEM, NAMESPACE being the path of a top-level group",
        ),
        _ => None,
    };
    let response = answer::error_response(error);
    let mut body = error.body();
    let text = match error.status().as_u16() {
        404 => "Not Found".to_owned(),
        _ => error.to_string(),
    };
    body["errors"] = json!([text]);
    if let Some(hint) = hint {
        body["hint"] = json!(hint);
    }
    response.set_body(BoxBody::new(body.to_string()))
}
