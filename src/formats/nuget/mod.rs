//! NuGet packages: .NET libraries and tools, as dotnet, nuget, Visual Studio and Chocolatey install them.
//!
//! | method | path below `/api/v4/projects/:id/packages/nuget` | |
//! |---|---|---|
//! | GET | `/index.json` | the v3 service index; needs no credentials |
//! | GET | `/download/:package/index.json` | the versions of a package |
//! | GET | `/download/:package/:version/:file` | a package, its symbols, its nuspec or its readme |
//! | GET | `/metadata/:package/index.json` | the registration: everything about all versions |
//! | GET | `/metadata/:package/page/:lower/:upper` | a part of one that is long |
//! | GET | `/metadata/:package/:version` | one version |
//! | GET | `/query`, `/autocomplete` | search |
//! | PUT | `` and `/`, `/v2` and `/v2/` | publish a package |
//! | PUT | `/symbolpackage` and `/symbolpackage/` | publish its symbols |
//! | DELETE | `/:package/:version`, `/v2/:package/:version` | delete, or unlist |
//! | POST | `/:package/:version` | list again |
//! | GET | `/v2` | the v2 feed of old clients: what it consists of |
//! | GET | `/v2/$metadata` | what an entry has; needs no credentials |
//! | GET | `/v2/Packages()`, `/v2/FindPackagesById()`, `/v2/Search()` | its queries |
//!
//! Everything of v3 that is read is also below `/api/v4/groups/:id/-/packages/nuget`. JSON documents answer without
//! their `.json` as well.
//!
//! Source of the rules: GitLab docs, "NuGet packages in the package registry" and "NuGet API"; Microsoft's "NuGet
//! server API" and ".nuspec reference"; the requests of dotnet, nuget 2.8 and 3.4, and choco. Beyond GitLab: versions are
//! found in every spelling, the v2 feed is a real one, autocomplete, downloads by group, unlisting, nuspecs and readmes.
//! There is no symbol server: `.snupkg` files are kept and sent, not looked into.

mod content;
mod display;
mod errors;
mod id;
mod manifest;
mod names;
mod nupkg;
mod odata;
mod path;
mod place;
mod push;
mod registration;
mod registration_page;
mod release;
mod remove;
mod search;
mod service_index;
mod v2;
mod version;

#[cfg(test)]
mod properties;

use crate::formats::Format;
use crate::http::Mount;
use crate::http::route::Carrier;
use crate::registry::{DisplayedFormat, PackageType};
use crate::routes;
use errors::refused;

pub(super) const DISPLAY: DisplayedFormat = DisplayedFormat {
    package_type: PackageType::Nuget,
    display: display::display,
};

pub(super) const FORMAT: Format = Format {
    package_type: PackageType::Nuget,
    mounts: &[PROJECT, GROUP],
};

const PROJECT: Mount = Mount {
    carriers: &[Carrier::ApiKey("x-nuget-apikey")],
    error_response: errors::error_response,
    routes: routes! {
        GET "/index" Public => service_index::of_project;
        GET "/index.json" Public => service_index::of_project;
        GET "/download/{package}/index" Project(ReadPackage) => content::versions;
        GET "/download/{package}/index.json" Project(ReadPackage) => content::versions;
        GET "/download/{package}/{version}/{file}" Project(ReadPackage) => content::download;
        GET "/metadata/{package}/index" Project(ReadPackage) => registration_page::index;
        GET "/metadata/{package}/index.json" Project(ReadPackage) => registration_page::index;
        GET "/metadata/{package}/page/{lower}/{upper}" Project(ReadPackage) => registration_page::page;
        GET "/metadata/{package}/{version}" Project(ReadPackage) => registration_page::leaf;
        GET "/query" Project(ReadPackage) => search::query;
        GET "/query.json" Project(ReadPackage) => search::query;
        GET "/autocomplete" Project(ReadPackage) => search::autocomplete;
        GET "/autocomplete.json" Project(ReadPackage) => search::autocomplete;
        PUT "" Project(CreatePackage) => push::package;
        PUT "/" Project(CreatePackage) => push::package;
        PUT "/symbolpackage" Project(CreatePackage) => push::symbols;
        PUT "/symbolpackage/" Project(CreatePackage) => push::symbols;
        DELETE "/{package}/{version}" Project(DestroyPackage) => remove::remove;
        POST "/{package}/{version}" Project(DestroyPackage) => remove::relist;
        GET "/v2" Project(ReadPackage) => v2::service;
        GET "/v2/" Project(ReadPackage) => v2::service;
        GET "/v2/$metadata" Public => v2::metadata;
        PUT "/v2" Project(CreatePackage) => push::package;
        PUT "/v2/" Project(CreatePackage) => push::package;
        GET "/v2/{*odata}" Project(ReadPackage) => v2::query;
        DELETE "/v2/{*odata}" Project(DestroyPackage) => remove::remove_by_v2;
        GET "//v2/{*odata}" Project(ReadPackage) => v2::query;
    },
    ..Mount::format("/api/v4/projects/{id}/packages/nuget", PackageType::Nuget)
};

/// The same documents over every project of a group that the caller may read.
const GROUP: Mount = Mount {
    prefix: "/api/v4/groups/{id}/-/packages/nuget",
    routes: routes! {
        GET "/index" Public => service_index::of_group;
        GET "/index.json" Public => service_index::of_group;
        GET "/download/{package}/index" Group(ReadGroup) => content::versions;
        GET "/download/{package}/index.json" Group(ReadGroup) => content::versions;
        GET "/download/{package}/{version}/{file}" Group(ReadGroup) => content::download;
        GET "/metadata/{package}/index" Group(ReadGroup) => registration_page::index;
        GET "/metadata/{package}/index.json" Group(ReadGroup) => registration_page::index;
        GET "/metadata/{package}/page/{lower}/{upper}" Group(ReadGroup) => registration_page::page;
        GET "/metadata/{package}/{version}" Group(ReadGroup) => registration_page::leaf;
        GET "/query" Group(ReadGroup) => search::query;
        GET "/query.json" Group(ReadGroup) => search::query;
        GET "/autocomplete" Group(ReadGroup) => search::autocomplete;
        GET "/autocomplete.json" Group(ReadGroup) => search::autocomplete;
    },
    ..PROJECT
};
