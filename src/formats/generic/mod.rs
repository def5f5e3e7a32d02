//! Generic packages: any file, under a name and a version.
//!
//! | method | path below `/api/v4/projects/:id/packages/generic` | |
//! |---|---|---|
//! | PUT | `/:package_name/:package_version/[*path/]:file_name` | publish a file, raw or multipart |
//! | GET, HEAD | same | download the newest file of this name |
//! | DELETE | same | delete every file of this name (ours) |
//!
//! Project level only; there is no index document. Source of the rules: GitLab docs, "GitLab generic packages
//! repository", and the behaviour of its API. GitLab's `…/authorize` twins, which its own front proxy
//! calls, do not exist here: 404.

mod path;
mod routes;

#[cfg(test)]
mod properties;

use crate::formats::Format;
use crate::http::Mount;
use crate::registry::PackageType;
use crate::routes;

pub(super) const FORMAT: Format = Format {
    package_type: PackageType::Generic,
    mounts: MOUNTS,
};

const MOUNTS: &[Mount] = &[Mount {
    routes: routes! {
        PUT "/{package_name}/{package_version}/{*file}" Project(CreatePackage) => routes::upload;
        GET "/{package_name}/{package_version}/{*file}" Project(ReadPackage) => routes::download;
        DELETE "/{package_name}/{package_version}/{*file}" Project(DestroyPackage) => routes::remove;
    },
    ..Mount::format(
        "/api/v4/projects/{id}/packages/generic",
        PackageType::Generic,
    )
}];
