//! What a path calls a project or group.

use crate::error::Result;
use crate::registry::{Namespace, Project};
use crate::storage::db::{Connection, namespaces, projects};

/// A name in a path: digits are an id and nothing else, anything else a full path.
enum Name<'a> {
    Id(i64),
    Path(&'a str),
}

impl Name<'_> {
    fn parse(text: &str) -> Name<'_> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Name::Id(text.parse().unwrap_or(0)) // beyond 64 bits: an id that nothing has
        } else {
            Name::Path(text)
        }
    }
}

pub(in crate::registry) fn find_project(conn: &Connection, id: &str) -> Result<Option<Project>> {
    match Name::parse(id) {
        Name::Id(id) => projects::find(conn, id),
        Name::Path(path) => projects::find_by_path(conn, path),
    }
}

pub(in crate::registry) fn find_namespace(
    conn: &Connection,
    id: &str,
) -> Result<Option<Namespace>> {
    match Name::parse(id) {
        Name::Id(id) => namespaces::find(conn, id),
        Name::Path(path) => namespaces::find_by_path(conn, path),
    }
}
