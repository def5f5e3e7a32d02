//! Where the files of a recipe or a binary lie, for clients that ask before they read or write.

use serde_json::{Map, Value};

use crate::formats::conan::path::Revision;
use crate::formats::conan::scope::Scope;
use crate::registry::Registry;

/// `{"conanfile.py":"https://…"}` on the same level as the request. No query: Conan 1 sends its token along only to a URL
/// that does not look signed.
pub(super) fn of_files(
    registry: &Registry,
    scope: &Scope,
    revision: &Revision,
    names: impl IntoIterator<Item = String>,
) -> Map<String, Value> {
    let place = match &revision.path.binary {
        None => "0/export".to_owned(),
        Some(binary) => format!("0/package/{}/0", binary.reference),
    };
    let folder = format!(
        "{}/v1/files/{}/{place}",
        scope.prefix,
        revision.reference.path()
    );
    let folder = registry.config().url().absolute(&folder);
    names
        .into_iter()
        .map(|name| {
            let url = format!("{folder}/{name}");
            (name, url.into())
        })
        .collect()
}
