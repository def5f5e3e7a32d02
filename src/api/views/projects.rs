//! Projects (contract 11.2): basic for anonymous callers and `simple=true`, full for everybody else.

use serde_json::{Value, json};

use super::namespaces::of_project;
use super::{UserView, merge};
use crate::http::BaseUrl;
use crate::registry::{AccessLevel, Feature, ProjectItem};

/// In the form that this caller gets.
pub(in crate::api) fn project(item: &ProjectItem, full: bool, url: &BaseUrl) -> Value {
    if full {
        full_project(item, url)
    } else {
        basic(item, url)
    }
}

fn basic(item: &ProjectItem, url: &BaseUrl) -> Value {
    let project = &item.project;
    let topics = project.topics();
    let web_url = url.absolute(&format!("/{}", project.full_path));
    json!({
        "id": project.id,
        "description": project.description,
        "name": project.name,
        "name_with_namespace": format!("{} / {}", item.namespace_name, project.name),
        "path": project.path,
        "path_with_namespace": project.full_path,
        "created_at": project.created_at,
        "default_branch": project.default_branch,
        "tag_list": topics,
        "topics": topics,
        "ssh_url_to_repo": null, // there is no repository, and nothing listens for SSH
        "http_url_to_repo": format!("{web_url}.git"), // what tools know a project by
        "web_url": web_url,
        "readme_url": null,
        "forks_count": 0,
        "avatar_url": null,
        "star_count": 0,
        "last_activity_at": project.updated_at,
        "visibility": project.visibility,
        "namespace": of_project(&item.namespace, url),
    })
}

pub(in crate::api) fn full_project(item: &ProjectItem, url: &BaseUrl) -> Value {
    let project = &item.project;
    let api = url.absolute(&format!("/api/v4/projects/{}", project.id));
    let registry = project.package_registry_access_level;
    let mut more = json!({
        "_links": { "self": api, "members": format!("{api}/members") },
        "packages_enabled": registry != Feature::Disabled,
        "package_registry_access_level": registry.as_str(),
        "empty_repo": true,
        "archived": false,
        "creator_id": project.creator_id,
        "import_status": "none",
        "open_issues_count": 0,
        "updated_at": project.updated_at,
        "ci_job_token_scope_enabled": project.ci_job_token_scope_enabled,
        "public_jobs": project.public_jobs,
        "shared_with_groups": [],
        "jobs_enabled": project.builds_access_level != Feature::Disabled,
        "builds_access_level": project.builds_access_level.as_str(),
        "repository_access_level": "disabled",
        "issues_enabled": false,
        "merge_requests_enabled": false,
        "wiki_enabled": false,
        "container_registry_enabled": false,
        "permissions": {
            "project_access": membership(item.project_level),
            "group_access": membership(item.group_level),
        },
    });
    if let Some(owner) = item.owner.clone() {
        more["owner"] = merge(&UserView::new(owner, url), json!({}));
    }
    merge(&basic(item, url), more)
}

fn membership(level: Option<AccessLevel>) -> Value {
    let view = |level| json!({ "access_level": level as i64, "notification_level": 3 });
    level.map_or(Value::Null, view)
}
