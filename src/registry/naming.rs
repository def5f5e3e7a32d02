//! Names that are one project's in all of a top-level namespace: GitLab's convention for scoped names, and Terraform modules.

use super::settings::duplicates_allowed;
use super::{PackageKey, ProjectAccess, Registry};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, namespaces, packages, projects};

/// What is said where another project has the version already; gets that project's path if the caller may see it.
pub type TakenBy = fn(Option<&str>) -> Error;

impl Registry {
    /// A name `@root/…` that begins with the project's top-level namespace may have each version once among all projects
    /// below it, or reading the group would be a matter of luck.
    pub(super) fn allow_within_root(
        &self,
        conn: &Connection,
        access: &ProjectAccess,
        key: &PackageKey,
        refusal: TakenBy,
    ) -> Result<()> {
        let above = namespaces::with_ancestors(conn, access.project.namespace_id)?;
        let Some(root) = above.iter().find(|namespace| namespace.parent_id.is_none()) else {
            return Ok(());
        };
        let scoped = key
            .name
            .strip_prefix('@')
            .and_then(|name| name.split_once('/'));
        if scoped.is_none_or(|(scope, _)| scope != root.full_path) {
            return Ok(());
        }
        let below = format!("{}/", root.full_path);
        for project_id in packages::projects_with(conn, key)? {
            if project_id == access.project.id {
                continue;
            }
            let other = projects::find(conn, project_id)?;
            if let Some(other) = other.filter(|other| other.full_path.starts_with(&below)) {
                let seen = self.sight(conn, &access.actor)?.sees_project(&other);
                return Err(refusal(seen.then_some(other.full_path.as_str())));
            }
        }
        Ok(())
    }
}

/// Refuses a name that another project below the same top-level namespace has, unless the group's setting allows it: a
/// module's address names the namespace and no project.
pub(super) fn allow_in_namespace(
    conn: &Connection,
    access: &ProjectAccess,
    key: &PackageKey,
    refusal: fn() -> Error,
) -> Result<()> {
    let above = namespaces::with_ancestors(conn, access.project.namespace_id)?;
    let Some(root) = above.iter().find(|namespace| namespace.parent_id.is_none()) else {
        return Ok(());
    };
    let below = namespaces::with_descendants(conn, root.id)?;
    match packages::is_elsewhere(conn, &below, access.project.id, key)? {
        true if !duplicates_allowed(conn, access.project.namespace_id, key)? => Err(refusal()),
        _ => Ok(()),
    }
}
