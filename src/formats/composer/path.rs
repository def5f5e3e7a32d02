//! The paths of the documents: a name, and which of its versions.

use super::names::Name;
use crate::error::Result;
use crate::http::{FromPath, PathParams};

/// `p2/:vendor/:name.json`, `p2/:vendor/:name~dev.json`
pub(super) struct VersionsPath {
    /// `None` for what cannot be a name: it is not here.
    pub(super) name: Option<Name>,
    pub(super) dev: bool,
}

impl FromPath for VersionsPath {
    fn from_path(params: &PathParams) -> Result<VersionsPath> {
        let name = params.get("name").strip_suffix(".json").unwrap_or("");
        let (name, dev) = match name.strip_suffix("~dev") {
            Some(name) => (name, true),
            None => (name, false),
        };
        Ok(VersionsPath {
            name: Name::asked_for(name),
            dev,
        })
    }
}

/// `archives/:vendor/:name.zip`
pub(super) struct ArchivePath {
    pub(super) name: Option<Name>,
}

impl FromPath for ArchivePath {
    fn from_path(params: &PathParams) -> Result<ArchivePath> {
        let name = params.get("name").strip_suffix(".zip").unwrap_or("");
        Ok(ArchivePath {
            name: Name::asked_for(name),
        })
    }
}
