//! GitLab's naming convention for scoped names.

use super::{PackageKey, ProjectAccess, Registry};
use crate::error::{Error, Result};
use crate::storage::db::{namespaces, packages, projects};

impl Registry {
    /// GitLab's naming convention: a name `@root/…` that begins with the project's top-level namespace may have each version
    /// once among all projects below it, or reading the group would be a matter of luck. `refusal` gets the other
    /// project's path where the caller may see it. Advice before the publish.
    pub fn allow_within_root(
        &self,
        access: &ProjectAccess,
        key: &PackageKey,
        refusal: fn(Option<&str>) -> Error,
    ) -> Result<()> {
        self.db.look(|conn| {
            let above = namespaces::with_ancestors(conn, access.project.namespace_id)?;
            let Some(root) = above.iter().find(|namespace| namespace.parent_id.is_none()) else {
                return Ok(());
            };
            let scope = key
                .name
                .strip_prefix('@')
                .and_then(|name| name.split_once('/'));
            if scope.is_none_or(|(scope, _)| scope != root.full_path) {
                return Ok(());
            }
            for project_id in packages::projects_with(conn, key)? {
                if project_id == access.project.id {
                    continue;
                }
                let Some(other) = projects::find(conn, project_id)? else {
                    continue;
                };
                let below = format!("{}/", root.full_path);
                if other.full_path.starts_with(&below) {
                    let sight = self.sight(conn, &access.actor)?;
                    let path = sight
                        .sees_project(&other)
                        .then_some(other.full_path.as_str());
                    return Err(refusal(path));
                }
            }
            Ok(())
        })
    }
}
