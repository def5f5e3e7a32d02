//! `packhouse package`: what a project holds.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{flags, output, wait};
use crate::error::{Error, Result};
use crate::registry::{
    PackageFilter, PackageItem, PackageOrder, PackageOrderBy, PackageStatus, PackageType, Registry,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List the packages of a project, by name and version
    List(List),
    /// Show, hide or deprecate a package
    Status(Status),
    /// Delete a package; its disk space is freed later
    Delete {
        /// Full path or number
        project: String,
        /// As `packhouse package list` shows it
        id: i64,
    },
}

#[derive(Args)]
pub(super) struct List {
    /// Full path or number
    project: String,
    /// Only packages of this type
    #[arg(long = "type", value_name = "TYPE", value_parser = flags::package_type)]
    package_type: Option<PackageType>,
    /// Only names that contain every one of these words
    #[arg(long)]
    name: Option<String>,
    /// Only this version
    #[arg(long)]
    version: Option<String>,
    /// Only this status [default: default, deprecated and error]
    #[arg(long, value_parser = any_status)]
    status: Option<PackageStatus>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Status {
    /// Full path or number
    project: String,
    /// As `packhouse package list` shows it
    id: i64,
    /// default (shown), hidden (installable by its exact name alone) or deprecated
    #[arg(value_parser = settable_status)]
    status: PackageStatus,
    /// Why it is deprecated; clients show it
    #[arg(long)]
    message: Option<String>,
}

impl Command {
    pub(super) fn run(self, registry: &Registry) -> Result<()> {
        match self {
            Command::List(list) => list.run(registry),
            Command::Status(status) => status.run(registry),
            Command::Delete { project, id } => {
                let access = registry.project_for_operator(&project)?;
                wait(registry.remove_package(&access, id, None)).map_err(|error| {
                    missing(error, &access.project.full_path, id, "a hidden one must be shown again first: `packhouse package status … default`")
                })?;
                output::print(&format!("deleted package {id}\n"))
            }
        }
    }
}

impl List {
    fn run(self, registry: &Registry) -> Result<()> {
        let access = registry.project_for_operator(&self.project)?;
        let terms = self.name.as_deref().unwrap_or_default().split_whitespace();
        let filter = PackageFilter {
            package_type: self.package_type,
            name_terms: terms.map(str::to_owned).collect(),
            version: self.version,
            status: self.status,
            include_versionless: true,
        };
        let order = PackageOrder {
            by: PackageOrderBy::Name,
            descending: false,
        };
        let (items, _) = wait(registry.list_packages(&access, filter, order, i64::MAX, 0))?;
        let columns = ["id", "type", "name", "version", "status", "created"];
        output::print_list(self.json, &items, as_json, &columns, |item| {
            let package = &item.package;
            vec![
                package.id.to_string(),
                package.package_type.to_string(),
                package.name.clone(),
                package.version.clone().unwrap_or_else(|| "-".into()),
                package.status.to_string(),
                package.created_at.to_string(),
            ]
        })
    }
}

impl Status {
    fn run(self, registry: &Registry) -> Result<()> {
        let access = registry.project_for_operator(&self.project)?;
        let changed = registry.set_package_status(&access, self.id, self.status, self.message);
        let package = wait(changed).map_err(|error| {
            missing(
                error,
                &access.project.full_path,
                self.id,
                "`packhouse package list` shows the numbers",
            )
        })?;
        let version = package.version.as_deref().unwrap_or("");
        output::print(&format!(
            "package {} ({} {version}) is {}\n",
            package.id, package.name, package.status
        ))
    }
}

fn missing(error: Error, project: &str, id: i64, hint: &str) -> Error {
    match error {
        Error::RecordNotFound => Error::for_a_person(format!(
            "`{project}` has no package {id} that this can be done to\nhint: {hint}"
        )),
        other => other,
    }
}

fn as_json(item: &PackageItem) -> Value {
    let package = &item.package;
    json!({
        "id": package.id,
        "name": package.name,
        "version": package.version,
        "package_type": package.package_type,
        "status": package.status,
        "status_message": package.status_message,
        "created_at": package.created_at,
        "last_downloaded_at": package.last_downloaded_at,
    })
}

fn any_status(word: &str) -> Result<PackageStatus, String> {
    PackageStatus::parse(word).ok_or_else(|| flags::one_of(PackageStatus::WORDS))
}

fn settable_status(word: &str) -> Result<PackageStatus, String> {
    PackageStatus::parse(word)
        .filter(|status| status.is_settable())
        .ok_or_else(|| flags::one_of(&["default", "hidden", "deprecated"]))
}
