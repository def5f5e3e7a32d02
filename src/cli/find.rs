//! What the words of a command name. Whatever is not there is said with the command that lists what is.

use super::flags::Place;
use crate::error::{Error, Result};
use crate::registry::{Namespace, Registry, Source, User};

/// By user name or number; a name of digits alone is a number.
pub(super) fn user(registry: &Registry, text: &str) -> Result<User> {
    let found = match text.parse() {
        Ok(id) => registry.user(id)?,
        Err(_not_a_number) => registry.user_by_name(text)?,
    };
    found.ok_or_else(|| missing("user", text))
}

/// By full path or number.
pub(super) fn group(registry: &Registry, text: &str) -> Result<Namespace> {
    registry
        .namespace_by_id_or_path(text)?
        .filter(Namespace::is_group)
        .ok_or_else(|| missing("group", text))
}

/// A group or a personal namespace.
pub(super) fn namespace(registry: &Registry, text: &str) -> Result<Namespace> {
    registry
        .namespace_by_id_or_path(text)?
        .ok_or_else(|| missing("group", text))
}

/// The place of a membership or deploy token, and what to call it.
pub(super) fn place(registry: &Registry, place: &Place) -> Result<(Source, String)> {
    if let Some(text) = &place.group {
        let group = group(registry, text)?;
        return Ok((Source::Group(group.id), group.full_path));
    }
    let text = place.project.as_deref().unwrap_or_default(); // clap asks for one of the two
    let project = registry.project_for_operator(text)?.project;
    Ok((Source::Project(project.id), project.full_path.clone()))
}

/// `parent/path`, cut at the last slash.
pub(super) fn parent_and_name(full_path: &str) -> (Option<&str>, &str) {
    match full_path.rsplit_once('/') {
        Some((parent, name)) => (Some(parent), name),
        None => (None, full_path),
    }
}

fn missing(kind: &str, text: &str) -> Error {
    Error::for_a_person(format!(
        "there is no {kind} `{text}`\nhint: `packhouse {kind} list` shows what there is"
    ))
}
