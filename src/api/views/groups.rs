//! Groups (contract 11.3). What has no meaning in a package registry shows GitLab's default.

use serde_json::{Value, json};

use super::namespaces::web_url;
use crate::http::BaseUrl;
use crate::registry::GroupItem;

pub(in crate::api) fn group(item: &GroupItem, url: &BaseUrl) -> Value {
    let GroupItem { group, full_name } = item;
    json!({
        "id": group.id,
        "web_url": web_url(group, url),
        "name": group.name,
        "path": group.path,
        "description": group.description,
        "visibility": group.visibility,
        "share_with_group_lock": false,
        "require_two_factor_authentication": false,
        "two_factor_grace_period": 48,
        "project_creation_level": group.project_creation_level,
        "auto_devops_enabled": null,
        "subgroup_creation_level": group.subgroup_creation_level,
        "emails_disabled": false,
        "emails_enabled": true,
        "mentions_disabled": null,
        "lfs_enabled": true,
        "default_branch": null,
        "default_branch_protection": 2,
        "avatar_url": null,
        "request_access_enabled": true,
        "full_name": full_name,
        "full_path": group.full_path,
        "created_at": group.created_at,
        "parent_id": group.parent_id,
        "organization_id": 1,
    })
}

/// Alone, with the projects in it unless the caller does not want them.
pub(in crate::api) fn group_detail(
    item: &GroupItem,
    projects: Option<Vec<Value>>,
    url: &BaseUrl,
) -> Value {
    let mut view = group(item, url);
    view["shared_with_groups"] = json!([]);
    if let Some(projects) = projects {
        view["projects"] = Value::Array(projects);
        view["shared_projects"] = json!([]);
    }
    view
}
