//! npm: packages for npm, yarn, pnpm, bun and deno.
//!
//! | method | path below a prefix | |
//! |---|---|---|
//! | GET, HEAD | `/:name` | packument, full or abbreviated by `Accept` |
//! | GET, HEAD | `/:name/:version_or_tag` | one manifest |
//! | GET, HEAD | `/:name/-/:file` | tarball |
//! | PUT | `/:name` | publish; without `_attachments`: deprecate and undeprecate |
//! | PUT | `/:name/-rev/:rev` | unpublish, first step: the versions that are to stay |
//! | DELETE | `/:name/-/:file/-rev/:rev` | unpublish, second step: the tarball |
//! | DELETE | `/:name/-rev/:rev` | unpublish everything |
//! | GET, PUT, DELETE | `/-/package/:name/dist-tags[/:tag]` | tags |
//! | GET | `/-/ping`, `/-/whoami`, `/-/v1/search` | |
//! | POST | `/-/npm/v1/security/…` | audit: no advisories are known here |
//! | PUT, DELETE | `/-/user/org.couchdb.user::name`, `/-/user/token/:token` | `npm login`, `npm logout` |
//!
//! Prefixes: `/api/v4/projects/:id/packages/npm`, which alone publishes; `/api/v4/groups/:id/-/packages/npm`;
//! `/api/v4/packages/npm`, where the scope names a top-level group. Sources: the npm registry API as its clients speak it,
//! and GitLab docs, "npm packages in the package registry". What lies below `/-/` and is not listed is 404.

mod body;
mod compare;
mod display;
mod errors;
mod model;
mod names;
mod path;
mod routes;
mod tarball;

#[cfg(test)]
mod properties;

use crate::formats::Format;
use crate::http::Mount;
use crate::registry::{DisplayedFormat, PackageType};
use crate::routes;
use routes::{account, audit, package, publish, search, tags, unpublish};

pub(super) const DISPLAY: DisplayedFormat = DisplayedFormat {
    package_type: PackageType::Npm,
    display: display::display,
};

pub(super) const FORMAT: Format = Format {
    package_type: PackageType::Npm,
    mounts: &[PROJECT, GROUP, INSTANCE],
};

const PROJECT: Mount = Mount {
    error_response: errors::error_response,
    routes: routes! {
        GET "/-/ping" Public => account::ping;
        GET "/-/whoami" Anyone => account::whoami;
        GET "/-/v1/search" Project(ReadPackage) => search::search;
        GET "/-/package/{*path}" Project(ReadPackage) => tags::list;
        PUT "/-/package/{*path}" Project(CreatePackage) => tags::set;
        DELETE "/-/package/{*path}" Project(DestroyPackage) => tags::remove;
        POST "/-/npm/v1/security/advisories/bulk" Project(ReadPackage) => audit::bulk;
        POST "/-/npm/v1/security/audits" Project(ReadPackage) => audit::report;
        POST "/-/npm/v1/security/audits/quick" Project(ReadPackage) => audit::report;
        PUT "/-/user/{user}" Public => account::login;
        DELETE "/-/user/token/{token}" Public => account::logout;
        GET "/{*path}" Project(ReadPackage) => package::show;
        PUT "/{*path}" Project(CreatePackage) => publish::publish;
        DELETE "/{*path}" Project(DestroyPackage) => unpublish::remove;
        POST "/{*path}" Public => account::unknown;
    },
    ..Mount::format("/api/v4/projects/{id}/packages/npm", PackageType::Npm)
};

const GROUP: Mount = Mount {
    prefix: "/api/v4/groups/{id}/-/packages/npm",
    routes: routes! {
        GET "/-/ping" Public => account::ping;
        GET "/-/whoami" Anyone => account::whoami;
        GET "/-/v1/search" Group(ReadGroup) => search::search;
        GET "/-/package/{*path}" Group(ReadGroup) => tags::list;
        PUT "/-/package/{*path}" Group(ReadGroup) => tags::set_in_its_project;
        DELETE "/-/package/{*path}" Group(ReadGroup) => tags::remove_in_its_project;
        POST "/-/npm/v1/security/advisories/bulk" Group(ReadGroup) => audit::bulk;
        POST "/-/npm/v1/security/audits" Group(ReadGroup) => audit::report;
        POST "/-/npm/v1/security/audits/quick" Group(ReadGroup) => audit::report;
        PUT "/-/user/{user}" Public => account::login;
        DELETE "/-/user/token/{token}" Public => account::logout;
        GET "/{*path}" Group(ReadGroup) => package::show;
        PUT "/{*path}" Group(ReadGroup) => publish::not_here;
        DELETE "/{*path}" Group(ReadGroup) => publish::not_here;
        POST "/{*path}" Public => account::unknown;
    },
    ..PROJECT
};

/// The scope of the name says which group is meant.
const INSTANCE: Mount = Mount {
    prefix: "/api/v4/packages/npm",
    error_response: errors::of_the_instance,
    routes: routes! {
        GET "/-/ping" Public => account::ping;
        GET "/-/whoami" Anyone => account::whoami;
        GET "/-/v1/search" Anyone => search::search;
        GET "/-/package/{*path}" GroupOf(ReadGroup, path::scope) => tags::list;
        PUT "/-/package/{*path}" GroupOf(ReadGroup, path::scope) => tags::set_in_its_project;
        DELETE "/-/package/{*path}" GroupOf(ReadGroup, path::scope) => tags::remove_in_its_project;
        POST "/-/npm/v1/security/advisories/bulk" Anyone => audit::bulk;
        POST "/-/npm/v1/security/audits" Anyone => audit::report;
        POST "/-/npm/v1/security/audits/quick" Anyone => audit::report;
        PUT "/-/user/{user}" Public => account::login;
        DELETE "/-/user/token/{token}" Public => account::logout;
        GET "/{*path}" GroupOf(ReadGroup, path::scope) => package::show, check_first path::check;
        PUT "/{*path}" GroupOf(ReadGroup, path::scope) => publish::not_here, check_first path::check;
        DELETE "/{*path}" GroupOf(ReadGroup, path::scope) => publish::not_here, check_first path::check;
        POST "/{*path}" Public => account::unknown;
    },
    ..PROJECT
};
