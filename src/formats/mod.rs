//! Every package format that this registry speaks. Adding one is a folder beside this file and a line in [`FORMATS`].
//!
//! A format parses what its client sends, calls the registry, and shapes what its client reads; it never
//! imports another format. What two of them share lies in `http` or `registry`.

mod composer;
mod conan;
mod generic;
mod golang;
mod helm;
mod maven;
mod npm;
mod nuget;
mod pypi;
mod terraform_module;

use crate::http::Mount;
use crate::registry::{DerivedFile, DisplayedFormat, PackageType};

/// One package format: what it is called, and where it is mounted.
pub struct Format {
    pub package_type: PackageType,
    pub mounts: &'static [Mount],
}

pub static FORMATS: &[Format] = &[
    composer::FORMAT,
    conan::FORMAT,
    generic::FORMAT,
    helm::FORMAT,
    golang::FORMAT,
    maven::FORMAT,
    npm::FORMAT,
    nuget::FORMAT,
    pypi::FORMAT,
    terraform_module::FORMAT,
];

/// Files whose content is made from the database, whatever a client has sent.
pub static DERIVED: &[DerivedFile] = &[maven::METADATA];

/// How formats describe their packages to people, from what they keep of them.
pub static DISPLAYS: &[DisplayedFormat] = &[
    composer::DISPLAY,
    conan::DISPLAY,
    golang::DISPLAY,
    helm::DISPLAY,
    maven::DISPLAY,
    npm::DISPLAY,
    nuget::DISPLAY,
    pypi::DISPLAY,
    terraform_module::DISPLAY,
];
