//! What lies below a recipe: its revisions, their binaries, and the revisions of those.

use super::file_name::FileName;
use super::reference::Reference;
use crate::error::{Error, Result};
use crate::http::{FromPath, PathParams};
use crate::registry::{BinaryPath, BinaryRevision, RevisionPath};

/// The only revision of the first protocol; the second one shows it and takes no files for it.
pub(super) const ZERO: &str = "0";

/// `R/revisions/RREV`, or `R/revisions/RREV/packages/PID/revisions/PREV`; in the first protocol `R`, or `R/packages/PID`.
pub(super) struct Revision {
    pub(super) reference: Reference,
    pub(super) path: RevisionPath,
}

impl FromPath for Revision {
    fn from_path(params: &PathParams) -> Result<Revision> {
        let reference = Reference::from_path(params)?;
        let binary = match params.get("conan_package_reference") {
            "" => None,
            _ => Some(BinaryRevision {
                reference: package_reference(params)?,
                revision: revision(params, "package_revision")?,
            }),
        };
        Ok(Revision {
            reference,
            path: RevisionPath {
                recipe: revision(params, "recipe_revision")?,
                binary,
            },
        })
    }
}

/// `R/revisions/RREV/packages/PID`: a binary, whatever its revision.
pub(super) struct Binary {
    pub(super) reference: Reference,
    pub(super) path: BinaryPath,
}

impl FromPath for Binary {
    fn from_path(params: &PathParams) -> Result<Binary> {
        Ok(Binary {
            reference: Reference::from_path(params)?,
            path: BinaryPath {
                recipe: revision(params, "recipe_revision")?,
                reference: package_reference(params)?,
            },
        })
    }
}

/// A file of a revision.
pub(super) struct File {
    pub(super) reference: Reference,
    pub(super) path: RevisionPath,
    pub(super) name: FileName,
    /// The second protocol names revisions by what is in them.
    is_second: bool,
}

impl File {
    /// 400 for `0` in the second protocol: a client of the first would read what the second has written there.
    pub(super) fn may_be_written(&self) -> Result<()> {
        let of_binary = self.path.binary.as_ref().map(|binary| &binary.revision);
        match self.is_second {
            true if self.path.recipe == ZERO => Err(invalid("recipe_revision")),
            true if of_binary.is_some_and(|revision| revision == ZERO) => {
                Err(invalid("package_revision"))
            }
            _ => Ok(()),
        }
    }
}

impl FromPath for File {
    fn from_path(params: &PathParams) -> Result<File> {
        let Revision { reference, path } = Revision::from_path(params)?;
        Ok(File {
            reference,
            path,
            name: FileName::parse(params.get("file_name"))?,
            is_second: !params.get("recipe_revision").is_empty(),
        })
    }
}

/// MD5, SHA-1 or a commit, in hex; `0` where the path has none, as in the first protocol.
fn revision(params: &PathParams, name: &'static str) -> Result<String> {
    match params.get(name) {
        "" | ZERO => Ok(ZERO.to_owned()),
        text if matches!(text.len(), 32 | 40)
            && text.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(invalid(name)),
    }
}

/// Conan's package id: SHA-1 in hex, or whatever `package_id()` made of it.
fn package_reference(params: &PathParams) -> Result<String> {
    let text = params.get("conan_package_reference");
    let is_good =
        (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match is_good {
        true => Ok(text.to_owned()),
        false => Err(invalid("conan_package_reference")),
    }
}

fn invalid(name: &str) -> Error {
    Error::invalid_param(format!("{name} is invalid"))
}
