//! Namespaces (contract 11.3), on their own and inside projects.

use serde_json::{Value, json};

use crate::http::BaseUrl;
use crate::registry::{Namespace, NamespaceItem};

pub(in crate::api) fn namespace(item: NamespaceItem, url: &BaseUrl) -> Value {
    let mut view = of_project(&item.namespace, url);
    if let Some(members) = item.members {
        view["members_count_with_descendants"] = json!(members);
    }
    view
}

/// The key `namespace` of a project.
pub(super) fn of_project(namespace: &Namespace, url: &BaseUrl) -> Value {
    json!({
        "id": namespace.id,
        "name": namespace.name,
        "path": namespace.path,
        "kind": if namespace.is_group() { "group" } else { "user" },
        "full_path": namespace.full_path,
        "parent_id": namespace.parent_id,
        "avatar_url": null,
        "web_url": web_url(namespace, url),
    })
}

pub(super) fn web_url(namespace: &Namespace, url: &BaseUrl) -> String {
    let path = &namespace.full_path;
    match namespace.is_group() {
        true => url.absolute(&format!("/groups/{path}")),
        false => url.absolute(&format!("/{path}")),
    }
}
