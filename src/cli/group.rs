//! `packhouse group`: what holds projects and other groups.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{find, flags, output};
use crate::error::Result;
use crate::registry::{Namespace, NewGroup, Registry, Visibility};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create a group, or with `parent/name` a subgroup
    Create(Create),
    /// List the groups
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete a group with its subgroups, projects and packages
    Delete {
        /// Full path or number
        group: String,
    },
}

#[derive(Args)]
pub(super) struct Create {
    /// The full path, such as `acme` or `acme/backend`
    path: String,
    /// Display name [default: the last segment of the path]
    #[arg(long)]
    name: Option<String>,
    #[arg(long, default_value = "")]
    description: String,
    /// private, internal or public: the most that its projects may be
    #[arg(long, value_parser = flags::visibility, default_value = "private")]
    visibility: Visibility,
    /// The user that becomes its owner
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(super) fn run(self, registry: &Registry) -> Result<()> {
        match self {
            Command::Create(create) => create.run(registry),
            Command::List { json } => list(registry, json),
            Command::Delete { group } => {
                let group = find::group(registry, &group)?;
                registry.delete_namespace_blocking(group.id)?;
                output::print(&format!("deleted group `{}`\n", group.full_path))
            }
        }
    }
}

impl Create {
    fn run(self, registry: &Registry) -> Result<()> {
        let (parent, path) = find::parent_and_name(&self.path);
        let parent = parent
            .map(|parent| find::group(registry, parent))
            .transpose()?;
        let owner = self.owner.map(|owner| find::user(registry, &owner));
        let group = registry.create_group_blocking(NewGroup {
            name: self.name.unwrap_or_else(|| path.to_owned()),
            path: path.to_owned(),
            parent_id: parent.map(|parent| parent.id),
            description: self.description,
            visibility: self.visibility,
            creator_id: owner.transpose()?.map(|owner| owner.id),
        })?;
        if self.json {
            return output::print_json(&as_json(&group));
        }
        output::print(&format!(
            "created {} group `{path}` (id {})\nhint: `packhouse project create {path}/<name>` makes a project in it\n",
            group.visibility,
            group.id,
            path = group.full_path
        ))
    }
}

fn list(registry: &Registry, json: bool) -> Result<()> {
    let mut groups = registry.list_groups_blocking()?;
    groups.sort_by_cached_key(|group| group.full_path.to_lowercase());
    let columns = ["id", "path", "visibility", "name"];
    output::print_list(json, &groups, as_json, &columns, |group| {
        vec![
            group.id.to_string(),
            group.full_path.clone(),
            group.visibility.to_string(),
            group.name.clone(),
        ]
    })
}

fn as_json(group: &Namespace) -> Value {
    json!({
        "id": group.id,
        "name": group.name,
        "path": group.path,
        "full_path": group.full_path,
        "description": group.description,
        "visibility": group.visibility,
        "parent_id": group.parent_id,
        "created_at": group.created_at,
    })
}
