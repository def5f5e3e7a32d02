//! Maven packages: the whole repository layout, for mvn, Gradle, Ivy, sbt, Leiningen.
//!
//! | method | path | level | |
//! |---|---|---|---|
//! | GET, HEAD | `/api/v4/projects/:id/packages/maven/*path` | project | a file, its checksums, `maven-metadata.xml` |
//! | GET, HEAD | `/api/v4/groups/:id/-/packages/maven/*path` | group | the same over every project that the caller may read |
//! | GET, HEAD | `/api/v4/packages/maven/*path` | instance | of the project whose path is the package's name |
//! | PUT | `/api/v4/projects/:id/packages/maven/*path` | project | a file, a checksum, a `maven-metadata.xml` |
//!
//! `com/acme/demo/1.0/demo-1.0.jar` is a file of version `1.0` of the package `com/acme/demo`; nothing is ever taken
//! from the POM but its description. `maven-metadata.xml` is made from the database: clients read, merge and write it
//! without a lock, so what they write is kept, and what they read is the truth. Checksums are compared when they come
//! and computed when they are asked for; they are no files.
//!
//! Sources: Maven's "Repository Layout" and "Repository Metadata"; GitLab docs, "Maven packages in the package registry".

mod display;
mod file_name;
mod metadata;
mod path;
mod pom;
mod read;
mod render;
mod version;
mod write;

#[cfg(test)]
mod properties;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::error::Error;
use crate::formats::Format;
use crate::http::{Mount, answer};
use crate::registry::{DerivedFile, DisplayedFormat, PackageType};
use crate::routes;

pub(super) const DISPLAY: DisplayedFormat = DisplayedFormat {
    package_type: PackageType::Maven,
    display: display::display,
};

pub(super) const FORMAT: Format = Format {
    package_type: PackageType::Maven,
    mounts: MOUNTS,
};

/// `maven-metadata.xml`, as the package lists show it.
pub(super) const METADATA: DerivedFile = DerivedFile {
    package_type: PackageType::Maven,
    file_name: path::METADATA,
    document: metadata::of_package,
    ends_with_versions: metadata::ends_with_versions,
};

const MOUNTS: &[Mount] = &[
    Mount {
        routes: routes! {
            GET "/{*path}" Project(ReadPackage) => read::in_project;
            PUT "/{*path}" Project(CreatePackage) => write::upload;
        },
        ..Mount::format("/api/v4/projects/{id}/packages/maven", PackageType::Maven)
    },
    Mount {
        routes: routes! {
            GET "/{*path}" Group(ReadGroup) => read::in_group;
        },
        ..Mount::format("/api/v4/groups/{id}/-/packages/maven", PackageType::Maven)
    },
    Mount {
        error_response: of_the_instance,
        routes: routes! {
            GET "/{*path}" ProjectOf(ReadPackage, path::project) => read::in_instance;
        },
        ..Mount::format("/api/v4/packages/maven", PackageType::Maven)
    },
];

/// A project that the caller may not see reads like a path that nothing has.
fn of_the_instance(error: &Error) -> HttpResponse {
    match error.status() {
        StatusCode::NOT_FOUND => answer::error_response(&Error::not_found("Package")),
        _ => answer::error_response(error),
    }
}
