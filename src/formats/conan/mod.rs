//! Conan packages: C and C++ recipes with their binaries, for Conan 1 and Conan 2.
//!
//! Below `/api/v4/projects/:id/packages/conan`, and below `/api/v4/packages/conan`, where the recipe's user names the
//! project (`acme+tools` is `acme/tools`). `R` is `name/version/user/channel`, `_/_` where there is neither.
//!
//! | method | path | |
//! |---|---|---|
//! | GET | `/v1/ping`, `/v2/ping` | what this server can do; to anybody |
//! | GET | `/v{1,2}/users/authenticate`, `/v{1,2}/users/check_credentials` | a token for a token, and whether it is good |
//! | GET | `/v{1,2}/conans/search?q=` | recipes by a shell pattern |
//! | GET | `/v{1,2}/conans/R/search`, `/v2/conans/R/revisions/RREV/search` | the binaries of a recipe |
//! | GET | `/v1/conans/R[/packages/PID][/digest, /download_urls]` | file digests and URLs |
//! | POST | `/v1/conans/R[/packages/PID]/upload_urls` | where to put files |
//! | GET, PUT | `/v1/files/R/0/export/:file`, `/v1/files/R/0/package/PID/0/:file` | a file |
//! | DELETE, POST | `/v1/conans/R`, `…/packages/delete`, `…/remove_files` | removal |
//! | GET | `/v2/conans/R/{latest, revisions}`, `…/revisions/RREV/packages/PID/{latest, revisions}` | revisions |
//! | GET | `…/revisions/RREV[/packages/PID/revisions/PREV]/files` | names of files |
//! | GET, PUT | `…/files/*file` | a file |
//! | DELETE | `/v2/conans/R`, `…/revisions/RREV`, `…/packages`, `…/packages/PID`, `…/revisions/PREV` | removal |
//!
//! The first protocol knows one revision, `0`. A revision, of a recipe or of a binary, is there once its
//! `conanmanifest.txt` has come, which clients send last: until then it is not listed, and nothing of it can be had.
//!
//! Sources: GitLab docs, "Conan packages in the package registry" and "Conan API"; the client's own source for what it
//! sends and accepts. Ours are: the second protocol at instance level, patterns, challenges, removal of single binaries,
//! metadata files and all compressions.

mod conanfile;
mod conaninfo;
mod display;
mod errors;
mod file_name;
mod files;
mod glob;
mod path;
mod reference;
mod remove;
mod revisions;
mod scope;
mod search;
mod session;
mod v1;

#[cfg(test)]
mod properties;

use crate::formats::Format;
use crate::http::{Carrier, Mount};
use crate::registry::{DisplayedFormat, PackageType};
use crate::routes;

pub(super) const DISPLAY: DisplayedFormat = DisplayedFormat {
    package_type: PackageType::Conan,
    display: display::display,
};

pub(super) const FORMAT: Format = Format {
    package_type: PackageType::Conan,
    mounts: MOUNTS,
};

/// The same routes at both levels; they differ in how the path names the project.
macro_rules! table {
    ($level:ident $(, $place:path)?) => {
        routes! {
            GET "/v1/ping" Public => session::ping;
            GET "/v2/ping" Public => session::ping;
            GET "/v1/users/authenticate" Anyone => session::authenticate;
            GET "/v2/users/authenticate" Anyone => session::authenticate;
            GET "/v1/users/check_credentials" Anyone => session::check_credentials;
            GET "/v2/users/check_credentials" Anyone => session::check_credentials;

            GET "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}" $level(ReadPackage $(, $place)?) => v1::read::snapshot;
            DELETE "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}" $level(DestroyPackage $(, $place)?) => remove::recipe;
            GET "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}/digest" $level(ReadPackage $(, $place)?) => v1::read::digest;
            GET "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}/download_urls" $level(ReadPackage $(, $place)?) => v1::read::download_urls;
            POST "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}/upload_urls" $level(CreatePackage $(, $place)?) => v1::write::upload_urls;
            POST "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}/remove_files" $level(DestroyPackage $(, $place)?) => v1::write::remove_files;
            POST "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}/packages/delete" $level(DestroyPackage $(, $place)?) => v1::write::remove_packages;
            GET "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}/search" $level(ReadPackage $(, $place)?) => v1::read::search;
            GET "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}/packages/{conan_package_reference}" $level(ReadPackage $(, $place)?) => v1::read::snapshot;
            GET "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}/packages/{conan_package_reference}/digest" $level(ReadPackage $(, $place)?) => v1::read::digest;
            GET "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}/packages/{conan_package_reference}/download_urls" $level(ReadPackage $(, $place)?) => v1::read::download_urls;
            POST "/v1/conans/{package_name}/{package_version}/{package_username}/{package_channel}/packages/{conan_package_reference}/upload_urls" $level(CreatePackage $(, $place)?) => v1::write::upload_urls;
            GET "/v1/files/{package_name}/{package_version}/{package_username}/{package_channel}/0/export/{*file_name}" $level(ReadPackage $(, $place)?) => files::download;
            PUT "/v1/files/{package_name}/{package_version}/{package_username}/{package_channel}/0/export/{*file_name}" $level(CreatePackage $(, $place)?) => files::upload;
            GET "/v1/files/{package_name}/{package_version}/{package_username}/{package_channel}/0/package/{conan_package_reference}/0/{*file_name}" $level(ReadPackage $(, $place)?) => files::download;
            PUT "/v1/files/{package_name}/{package_version}/{package_username}/{package_channel}/0/package/{conan_package_reference}/0/{*file_name}" $level(CreatePackage $(, $place)?) => files::upload;

            DELETE "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}" $level(DestroyPackage $(, $place)?) => remove::recipe;
            GET "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/latest" $level(ReadPackage $(, $place)?) => revisions::latest_recipe;
            GET "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions" $level(ReadPackage $(, $place)?) => revisions::of_recipe;
            GET "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/search" $level(ReadPackage $(, $place)?) => search::binaries_of_latest;
            DELETE "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}" $level(DestroyPackage $(, $place)?) => remove::revision;
            GET "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/search" $level(ReadPackage $(, $place)?) => search::binaries;
            GET "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/files" $level(ReadPackage $(, $place)?) => files::list;
            GET "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/files/{*file_name}" $level(ReadPackage $(, $place)?) => files::download;
            PUT "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/files/{*file_name}" $level(CreatePackage $(, $place)?) => files::upload;
            DELETE "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/packages" $level(DestroyPackage $(, $place)?) => remove::binaries;
            DELETE "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/packages/{conan_package_reference}" $level(DestroyPackage $(, $place)?) => remove::binary;
            GET "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/packages/{conan_package_reference}/latest" $level(ReadPackage $(, $place)?) => revisions::latest_binary;
            GET "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/packages/{conan_package_reference}/revisions" $level(ReadPackage $(, $place)?) => revisions::of_binary;
            DELETE "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/packages/{conan_package_reference}/revisions/{package_revision}" $level(DestroyPackage $(, $place)?) => remove::revision;
            GET "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/packages/{conan_package_reference}/revisions/{package_revision}/files" $level(ReadPackage $(, $place)?) => files::list;
            GET "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/packages/{conan_package_reference}/revisions/{package_revision}/files/{*file_name}" $level(ReadPackage $(, $place)?) => files::download;
            PUT "/v2/conans/{package_name}/{package_version}/{package_username}/{package_channel}/revisions/{recipe_revision}/packages/{conan_package_reference}/revisions/{package_revision}/files/{*file_name}" $level(CreatePackage $(, $place)?) => files::upload;
        }
    };
}

/// Searches look at what the caller may read, be it one project or many.
macro_rules! search {
    ($permission:ident $(($ability:ident))?, $handler:path) => {
        routes! {
            GET "/v1/conans/search" $permission $(($ability))? => $handler;
            GET "/v2/conans/search" $permission $(($ability))? => $handler;
        }
    };
}

const fn mount(prefix: &'static str) -> Mount {
    Mount {
        carriers: &[Carrier::SessionBearer(session::PURPOSE)],
        error_response: errors::error_response,
        ..Mount::format(prefix, PackageType::Conan)
    }
}

const PROJECT: &str = "/api/v4/projects/{id}/packages/conan";
const INSTANCE: &str = "/api/v4/packages/conan";

const MOUNTS: &[Mount] = &[
    Mount {
        routes: table!(Project),
        ..mount(PROJECT)
    },
    Mount {
        routes: search!(Project(ReadPackage), search::in_project),
        ..mount(PROJECT)
    },
    Mount {
        routes: table!(ProjectOf, reference::project),
        ..mount(INSTANCE)
    },
    Mount {
        routes: search!(Anyone, search::in_instance),
        ..mount(INSTANCE)
    },
];
