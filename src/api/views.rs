//! The JSON shapes that more than one resource shows (contract, section 5), keys in GitLab's order.
//! Those of packages stand here, those of their neighbours (section 11) in a file each.

mod groups;
mod namespaces;
mod projects;
pub(super) mod shapes;
mod users;

pub(super) use groups::{group, group_detail};
pub(super) use namespaces::namespace;
pub(super) use projects::{full_project, project};
pub(super) use users::{member, user, whole_user};

use serde::Serialize;
use serde_json::{Value, json};

use crate::http::BaseUrl;
use crate::registry::{
    Package, PackageFile, PackageItem, PackageStatus, PackageType, Pipeline, Tag, Timestamp, User,
};

#[derive(Serialize)]
pub(super) struct PackageView {
    id: i64,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    conan_package_name: Option<String>,
    version: Option<String>,
    package_type: PackageType,
    status: PackageStatus,
    #[serde(rename = "_links")]
    links: Links,
    created_at: Timestamp,
    last_downloaded_at: Option<Timestamp>,
    creator_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_path: Option<String>,
    tags: Vec<TagView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline: Option<PipelineView>,
    /// Deprecated by GitLab: empty as soon as there is a pipeline, absent while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pipelines: Option<[(); 0]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    versions: Option<Vec<VersionView>>,
}

#[derive(Serialize)]
struct Links {
    #[serde(skip_serializing_if = "Option::is_none")]
    web_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_api_path: Option<String>,
}

#[derive(Serialize)]
struct VersionView {
    id: i64,
    version: Option<String>,
    created_at: Timestamp,
    tags: Vec<TagView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline: Option<PipelineView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pipelines: Vec<PipelineView>,
}

#[derive(Serialize)]
struct TagView {
    id: i64,
    package_id: i64,
    name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    project_id: i64,
}

#[derive(Clone, Serialize)]
pub(super) struct PipelineView {
    id: i64,
    iid: i64,
    project_id: i64,
    sha: String,
    #[serde(rename = "ref")]
    ref_name: String,
    status: String,
    source: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    web_url: String,
    user: Option<UserView>,
}

/// GitLab's "basic user".
#[derive(Clone, Serialize)]
pub(super) struct UserView {
    id: i64,
    username: String,
    public_email: &'static str,
    name: String,
    state: &'static str,
    locked: bool,
    avatar_url: Option<String>,
    web_url: String,
}

#[derive(Serialize)]
pub(super) struct PackageFileView {
    id: i64,
    package_id: i64,
    created_at: Timestamp,
    file_name: String,
    size: u64,
    file_md5: String,
    file_sha1: String,
    file_sha256: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pipelines: Vec<PipelineView>,
}

impl PackageView {
    /// As a project's list shows it.
    pub(super) fn in_project(item: PackageItem, url: &BaseUrl) -> PackageView {
        let PackageItem {
            package,
            project_path,
            access,
            tags,
            pipelines,
        } = item;
        let newest = pipelines.into_iter().next();
        let pipeline =
            newest.map(|(pipeline, user)| PipelineView::new(pipeline, user, &project_path, url));
        let name = shown_name(&package);
        PackageView {
            id: package.id,
            name,
            conan_package_name: (package.package_type == PackageType::Conan)
                .then(|| package.name.clone()),
            version: package.version.clone(),
            package_type: package.package_type,
            status: package.status,
            links: Links {
                web_path: package
                    .status
                    .has_details()
                    .then(|| url.path_of(&web_path(&package, &project_path))),
                delete_api_path: access.destroy.then(|| {
                    url.absolute(&format!(
                        "/api/v4/projects/{}/packages/{}",
                        package.project_id, package.id
                    ))
                }),
            },
            created_at: package.created_at,
            last_downloaded_at: package.last_downloaded_at,
            creator_id: package.creator_id,
            project_id: None,
            project_path: None,
            tags: tag_views(tags, package.project_id),
            pipelines: pipeline.is_some().then_some([]),
            pipeline,
            versions: None,
        }
    }

    /// As a group's list shows it: with its project.
    pub(super) fn in_group(item: PackageItem, url: &BaseUrl) -> PackageView {
        let (project_id, project_path) = (item.package.project_id, item.project_path.clone());
        PackageView {
            project_id: Some(project_id),
            project_path: Some(project_path),
            ..PackageView::in_project(item, url)
        }
    }

    /// On its own: with its other versions.
    pub(super) fn detail(
        item: PackageItem,
        versions: Vec<PackageItem>,
        url: &BaseUrl,
    ) -> PackageView {
        let versions = versions
            .into_iter()
            .map(|version| VersionView::new(version, url))
            .collect();
        PackageView {
            versions: Some(versions),
            ..PackageView::in_project(item, url)
        }
    }
}

/// Conan packages are known by their recipe; every other type by its name.
fn shown_name(package: &Package) -> String {
    match (
        package.package_type,
        &package.version,
        package.qualifier.as_str(),
    ) {
        (PackageType::Conan, Some(version), "") => format!("{}/{version}", package.name),
        (PackageType::Conan, Some(version), user_and_channel) => {
            format!("{}/{version}@{user_and_channel}", package.name)
        }
        _ => package.name.clone(),
    }
}

fn web_path(package: &Package, project_path: &str) -> String {
    let page = match package.package_type {
        PackageType::TerraformModule => "terraform_module_registry",
        _ => "packages",
    };
    format!("/{project_path}/-/{page}/{}", package.id)
}

impl VersionView {
    fn new(item: PackageItem, url: &BaseUrl) -> VersionView {
        let PackageItem {
            package,
            project_path,
            tags,
            pipelines,
            ..
        } = item;
        let pipelines: Vec<PipelineView> = pipelines
            .into_iter()
            .map(|(pipeline, user)| PipelineView::new(pipeline, user, &project_path, url))
            .collect();
        VersionView {
            id: package.id,
            version: package.version,
            created_at: package.created_at,
            tags: tag_views(tags, package.project_id),
            pipeline: pipelines.first().cloned(),
            pipelines,
        }
    }
}

fn tag_views(tags: Vec<Tag>, project_id: i64) -> Vec<TagView> {
    let view = |tag: Tag| TagView {
        id: tag.id,
        package_id: tag.package_id,
        name: tag.name,
        created_at: tag.created_at,
        updated_at: tag.updated_at,
        project_id,
    };
    tags.into_iter().map(view).collect()
}

impl PipelineView {
    pub(super) fn new(
        pipeline: Pipeline,
        user: Option<User>,
        project_path: &str,
        url: &BaseUrl,
    ) -> PipelineView {
        PipelineView {
            id: pipeline.id,
            iid: pipeline.iid,
            project_id: pipeline.project_id,
            sha: pipeline.sha,
            ref_name: pipeline.ref_name,
            status: pipeline.status,
            source: pipeline.source,
            created_at: pipeline.created_at,
            updated_at: pipeline.updated_at,
            web_url: url.absolute(&format!("/{project_path}/-/pipelines/{}", pipeline.id)),
            user: user.map(|user| UserView::new(user, url)),
        }
    }
}

impl UserView {
    pub(super) fn new(user: User, url: &BaseUrl) -> UserView {
        UserView {
            id: user.id,
            public_email: "",
            name: user.name,
            state: if user.blocked { "blocked" } else { "active" },
            locked: false,
            avatar_url: None,
            web_url: url.absolute(&format!("/{}", user.username)),
            username: user.username,
        }
    }
}

impl PackageFileView {
    pub(super) fn new(
        file: PackageFile,
        pipelines: Vec<(Pipeline, Option<User>)>,
        project_path: &str,
        url: &BaseUrl,
    ) -> PackageFileView {
        PackageFileView {
            id: file.id,
            package_id: file.package_id,
            created_at: file.created_at,
            file_name: file.file_name,
            size: file.size,
            file_md5: file.md5,
            file_sha1: file.sha1,
            file_sha256: file.sha256,
            pipelines: pipelines
                .into_iter()
                .map(|(pipeline, user)| PipelineView::new(pipeline, user, project_path, url))
                .collect(),
        }
    }
}

/// One JSON object over another: how GitLab's entities extend each other.
pub(super) fn merge(base: &impl Serialize, more: Value) -> Value {
    let mut merged = serde_json::to_value(base).unwrap_or_else(|_| json!({}));
    if let (Value::Object(merged), Value::Object(more)) = (&mut merged, more) {
        merged.extend(more);
    }
    merged
}
