//! Composer packages: PHP libraries, as Composer 2 installs them.
//!
//! | method | path | |
//! |---|---|---|
//! | GET, HEAD | `/api/v4/group/:id/-/packages/composer/packages[.json]` | the root of the repository |
//! | GET, HEAD | `/api/v4/group/:id/-/packages/composer/p2/:vendor/:name[~dev].json` | the versions of a name |
//! | GET, HEAD | `/api/v4/group/:id/-/packages/composer/list.json`, `…/search.json` | names (ours) |
//! | GET, HEAD | `/api/v4/projects/:id/packages/composer/archives/:vendor/:name.zip?sha=` | a zip by its reference |
//! | PUT, POST | `/api/v4/projects/:id/packages/composer` | publish a zip (ours); POST with `tag` or `branch` alone is 422 |
//!
//! The singular `group` is GitLab's; the plural answers as well, and a project is a repository of its own (both ours).
//!
//! GitLab makes these packages from the Git repository of a project. Here is none: what is published is a zip, kept byte
//! for byte. Its SHA-1 is its *reference*, lock files name it for years, and it never leads to other bytes.
//!
//! Sources of the rules: GitLab docs, "Composer packages in the package registry"; Composer docs, "Repositories" and "The
//! composer.json schema"; the grammar of versions is that of composer/semver. Composer 1 is told to update.

mod archive;
mod display;
mod manifest;
mod names;
mod normal;
mod path;
mod place;
mod publish;
mod read;
mod repository;
mod version;
mod versions;

#[cfg(test)]
mod properties;

use crate::formats::Format;
use crate::http::{Carrier, Mount};
use crate::registry::{DisplayedFormat, PackageType};
use crate::routes;

pub(super) const DISPLAY: DisplayedFormat = DisplayedFormat {
    package_type: PackageType::Composer,
    display: display::display,
};

pub(super) const FORMAT: Format = Format {
    package_type: PackageType::Composer,
    mounts: &[PROJECT, GROUP, GROUPS],
};

/// Composer sends a `gitlab-token` of a host that is not among its `gitlab-domains` as a user name.
const CARRIERS: &[Carrier] = &[Carrier::UserName(&["", "private-token", "x-oauth-basic"])];

const PROJECT: Mount = Mount {
    carriers: CARRIERS,
    routes: routes! {
        PUT "" Project(CreatePackage) => publish::put;
        POST "" Project(CreatePackage) => publish::post;
        GET "/packages" Project(ReadPackage) => read::root;
        GET "/packages.json" Project(ReadPackage) => read::root;
        GET "/p2/{*name}" Project(ReadPackage) => read::versions;
        GET "/list.json" Project(ReadPackage) => read::list;
        GET "/search.json" Project(ReadPackage) => read::search;
        GET "/archives/{*name}" Project(ReadPackage) => read::archive;
    },
    ..Mount::format(
        "/api/v4/projects/{id}/packages/composer",
        PackageType::Composer,
    )
};

const GROUP: Mount = Mount {
    prefix: "/api/v4/group/{id}/-/packages/composer",
    routes: routes! {
        GET "/packages" Group(ReadGroup) => read::root;
        GET "/packages.json" Group(ReadGroup) => read::root;
        GET "/p2/{*name}" Group(ReadGroup) => read::versions;
        GET "/list.json" Group(ReadGroup) => read::list;
        GET "/search.json" Group(ReadGroup) => read::search;
    },
    ..PROJECT
};

/// The spelling of all other formats.
const GROUPS: Mount = Mount {
    prefix: "/api/v4/groups/{id}/-/packages/composer",
    ..GROUP
};
