//! The package file, a zip with its nuspec at the root.

use std::fs::File;

use super::manifest::Nuspec;
use super::refused;
use crate::error::Result;
use crate::registry::archive::zip::{self, Zip};

/// Bytes that a nuspec may have once unpacked (GitLab's limit), and a readme.
const MOST_NUSPEC: u64 = 4 << 20;
const MOST_README: u64 = 1 << 20;

/// Reads who the package is. Fails with 400 for what is no package.
pub(super) fn read(file: File) -> Result<Nuspec> {
    Nuspec::parse(&nuspec(file)?)
}

/// The bytes of the nuspec. There must be exactly one, or clients would differ about which package this is.
pub(super) fn nuspec(file: File) -> Result<Vec<u8>> {
    let zip = Zip::open(file)?;
    let is_nuspec = |name: &str| {
        let ending = name
            .len()
            .checked_sub(".nuspec".len())
            .and_then(|at| name.get(at..));
        let at_root = !name.contains(['/', '\\']);
        at_root && ending.is_some_and(|ending| ending.eq_ignore_ascii_case(".nuspec"))
    };
    match zip.entries(is_nuspec)?.as_slice() {
        [entry] if entry.size > MOST_NUSPEC => Err(refused("nuspec file too big")),
        [entry] => zip.read(entry, MOST_NUSPEC),
        [] => Err(refused("nuspec file not found")),
        _ => Err(refused(
            "the package has more than one nuspec file at its root",
        )),
    }
}

/// A member that the nuspec names; `None` if it is not there or larger than anybody reads.
pub(super) fn readme(file: File, name: &str) -> Result<Option<Vec<u8>>> {
    zip::find(file, name, MOST_README)
}
