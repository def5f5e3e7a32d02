//! The v3 service index: which URL is for what.
//!
//! It needs no credentials and is made from the path alone: bots that update dependencies stop at a 401 here, and
//! whether the project exists is not told.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::place::Urls;
use crate::error::Result;
use crate::http::{FromPath, Path, PathParams, answer};
use crate::registry::Registry;

/// Clients look for the newest type that they know, and old ones for a single type each.
const SEARCH: &[&str] = &[
    "SearchQueryService",
    "SearchQueryService/3.0.0-beta",
    "SearchQueryService/3.0.0-rc",
    "SearchQueryService/3.5.0",
];
const AUTOCOMPLETE: &[&str] = &[
    "SearchAutocompleteService",
    "SearchAutocompleteService/3.0.0-beta",
    "SearchAutocompleteService/3.0.0-rc",
    "SearchAutocompleteService/3.5.0",
];
const REGISTRATIONS: &[&str] = &[
    "RegistrationsBaseUrl",
    "RegistrationsBaseUrl/3.0.0-beta",
    "RegistrationsBaseUrl/3.0.0-rc",
    "RegistrationsBaseUrl/3.4.0",
    "RegistrationsBaseUrl/3.6.0",
];

/// The project or group, as the path has it.
pub(super) struct Id(String);

impl FromPath for Id {
    fn from_path(params: &PathParams) -> Result<Id> {
        Ok(Id(params.get("id").to_owned()))
    }
}

/// `GET …/projects/:id/packages/nuget/index.json`: 200.
pub(super) async fn of_project(
    Path(Id(id)): Path<Id>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let urls = Urls::of_project(&registry, &id);
    let mut resources = read_resources(&urls);
    let mut add = |path: &str, name: &str, comment: &str| {
        resources.push(resource(format!("{}{path}", urls.prefix), name, comment));
    };
    add("", "PackagePublish/2.0.0", "Push and delete packages.");
    add(
        "/symbolpackage",
        "SymbolPackagePublish/4.9.0",
        "Push symbol packages.",
    );
    add("/v2", "LegacyGallery", "The v2 feed.");
    add("/v2", "LegacyGallery/2.0.0", "The v2 feed.");
    index(resources)
}

/// `GET …/groups/:id/-/packages/nuget/index.json`: 200; nothing is pushed to a group.
pub(super) async fn of_group(
    Path(Id(id)): Path<Id>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    index(read_resources(&Urls::of_group(&registry, &id)))
}

fn index(resources: Vec<Value>) -> Result<HttpResponse> {
    answer::ok(&json!({ "version": "3.0.0", "resources": resources }))
}

fn read_resources(urls: &Urls) -> Vec<Value> {
    let prefix = &urls.prefix;
    let mut resources = Vec::new();
    for (path, types, comment) in [
        (
            "/query",
            SEARCH,
            "Filter and search for packages by keyword.",
        ),
        (
            "/autocomplete",
            AUTOCOMPLETE,
            "Complete package ids and versions.",
        ),
        (
            "/metadata",
            REGISTRATIONS,
            "Everything about the versions of a package.",
        ),
        (
            "/download",
            &["PackageBaseAddress/3.0.0"],
            "The versions of a package, and their content.",
        ),
    ] {
        let url = format!("{prefix}{path}");
        resources.extend(
            types
                .iter()
                .map(|name| resource(url.clone(), name, comment)),
        );
    }
    let readme = format!("{prefix}/download/{{lower_id}}/{{lower_version}}/readme");
    resources.push(resource(
        readme,
        "ReadmeUriTemplate/6.13.0",
        "The readme of a package.",
    ));
    resources
}

fn resource(url: String, name: &str, comment: &str) -> Value {
    json!({ "@id": url, "@type": name, "comment": comment })
}
