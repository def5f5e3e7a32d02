//! `packhouse project`: what holds packages.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{find, flags, output};
use crate::error::{Error, Result};
use crate::registry::{Feature, NewProject, Project, ProjectChanges, Registry, Visibility};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create a project in a group or in a user's own namespace
    Create(Create),
    /// List the projects
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete a project with its packages
    Delete {
        /// Full path or number
        project: String,
    },
    /// Change who sees a project and its packages
    Set(Set),
}

#[derive(Args)]
pub(super) struct Create {
    /// The full path, such as `acme/tools`
    path: String,
    /// Display name [default: the last segment of the path]
    #[arg(long)]
    name: Option<String>,
    /// The user that becomes its maintainer, where it is not the owner already
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
pub(super) struct Set {
    /// The full path or number
    project: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct Settings {
    /// private, internal or public
    #[arg(long, value_parser = flags::visibility)]
    visibility: Option<Visibility>,
    /// Packages: enabled (whoever sees the project), private (members), public (everyone) or disabled
    #[arg(long, value_name = "WHO", value_parser = feature)]
    package_registry: Option<Feature>,
    #[arg(long)]
    description: Option<String>,
}

impl Command {
    pub(super) fn run(self, registry: &Registry) -> Result<()> {
        match self {
            Command::Create(create) => create.run(registry),
            Command::List { json } => list(registry, json),
            Command::Delete { project } => {
                let project = registry.project_for_operator(&project)?.project;
                registry.delete_project_blocking(project.id)?;
                output::print(&format!("deleted project `{}`\n", project.full_path))
            }
            Command::Set(set) => set.run(registry),
        }
    }
}

impl Create {
    fn run(self, registry: &Registry) -> Result<()> {
        let (Some(parent), path) = find::parent_and_name(&self.path) else {
            return Err(Error::for_a_person(format!(
                "a project lies in a group or in a user's namespace, and `{path}` names none\n\
                 hint: `packhouse project create local/{path}`",
                path = self.path
            )));
        };
        let owner = self.owner.map(|owner| find::user(registry, &owner));
        let project = registry.create_project_blocking(NewProject {
            namespace_id: find::namespace(registry, parent)?.id,
            name: self.name,
            path: Some(path.to_owned()),
            visibility: self
                .settings
                .visibility
                .unwrap_or(registry.config().default_project_visibility),
            creator_id: owner.transpose()?.map(|owner| owner.id),
            changes: self.settings.changes(),
        })?;
        if self.json {
            return output::print_json(&as_json(&project));
        }
        let Project {
            id,
            full_path,
            visibility,
            ..
        } = project;
        output::print(&format!(
            "created {visibility} project `{full_path}` (id {id})\n\
             hint: its packages are at `/api/v4/projects/{id}/packages`\n"
        ))
    }
}

impl Set {
    fn run(self, registry: &Registry) -> Result<()> {
        if self.settings.is_empty() {
            return Err(Error::for_a_person(
                "there is nothing to change\n\
                 hint: say what with `--visibility`, `--package-registry` or `--description`",
            ));
        }
        let project = registry.project_for_operator(&self.project)?.project;
        let project = registry.update_project_blocking(project.id, self.settings.changes())?;
        if self.json {
            return output::print_json(&as_json(&project));
        }
        output::print(&format!(
            "project `{}` is {}, its package registry {}\n",
            project.full_path,
            project.visibility,
            project.package_registry_access_level.as_str()
        ))
    }
}

impl Settings {
    fn is_empty(&self) -> bool {
        self.visibility.is_none() && self.package_registry.is_none() && self.description.is_none()
    }

    fn changes(self) -> ProjectChanges {
        ProjectChanges {
            visibility: self.visibility,
            package_registry_access_level: self.package_registry,
            description: self.description,
            ..ProjectChanges::default()
        }
    }
}

fn list(registry: &Registry, json: bool) -> Result<()> {
    let projects = registry.list_projects_blocking()?;
    let columns = ["id", "path", "visibility", "package registry", "name"];
    output::print_list(json, &projects, as_json, &columns, |project| {
        vec![
            project.id.to_string(),
            project.full_path.clone(),
            project.visibility.to_string(),
            project.package_registry_access_level.as_str().to_owned(),
            project.name.clone(),
        ]
    })
}

fn as_json(project: &Project) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "path": project.path,
        "path_with_namespace": project.full_path,
        "description": project.description,
        "visibility": project.visibility,
        "package_registry_access_level": project.package_registry_access_level.as_str(),
        "created_at": project.created_at,
    })
}

fn feature(word: &str) -> Result<Feature, String> {
    Feature::parse(word).ok_or_else(|| flags::one_of(&["disabled", "private", "enabled", "public"]))
}
