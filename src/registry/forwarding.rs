//! Sending on a request for what is not here (contract 12.1): off until somebody switches it on *and* says where to.
//!
//! Authorization first, existence second, forwarding last. A name that anybody has ever used below the same top-level
//! group is never sent on, whoever may see it: else its namesake elsewhere would be installed in its place.

use super::{Actor, GroupAccess, PackageType, ProjectAccess, Registry};
use crate::error::Result;
use crate::storage::db::{Connection, namespaces, packages, retention, settings};

/// What a client asks for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    Name(&'a str),
    /// Whatever lies in this folder of names: an npm scope, a Maven group.
    Folder(&'a str),
}

impl Registry {
    /// The URL of `path` where a caller of a project is to look for what is not there; `None`: nowhere.
    pub fn forward_from_project(
        &self,
        access: &ProjectAccess,
        package_type: PackageType,
        wanted: &[Wanted<'_>],
        path: &str,
    ) -> Result<Option<String>> {
        let namespace = access.project.namespace_id;
        let is_member = access.level.is_some();
        self.forward(
            namespace,
            &access.actor,
            is_member,
            package_type,
            wanted,
            path,
        )
    }

    /// The same for a group. Who is nobody is asked to sign in instead: the name may be one that only members see.
    pub fn forward_from_group(
        &self,
        access: &GroupAccess,
        package_type: PackageType,
        wanted: &[Wanted<'_>],
        path: &str,
    ) -> Result<Option<String>> {
        if access.actor.is_anonymous() {
            return Ok(None);
        }
        let is_member = access.level.is_some();
        self.forward(
            access.group.id,
            &access.actor,
            is_member,
            package_type,
            wanted,
            path,
        )
    }

    fn forward(
        &self,
        namespace: i64,
        actor: &Actor,
        is_member: bool,
        package_type: PackageType,
        wanted: &[Wanted<'_>],
        path: &str,
    ) -> Result<Option<String>> {
        let Some(url) = self.config.forwarding.get(&package_type) else {
            return Ok(None);
        };
        let allowed = self.db.look(|conn| {
            if !is_on(conn, namespace, package_type)? {
                return Ok(None);
            }
            let above = namespaces::with_ancestors(conn, namespace)?;
            let root = above.last().map_or(namespace, |root| root.id);
            for wanted in wanted {
                if exists(conn, root, package_type, *wanted)? {
                    return Ok(None);
                }
            }
            Ok(Some(retention::projects_of(
                conn,
                super::Source::Group(root),
            )?))
        })?;
        let Some(projects_of_root) = allowed else {
            return Ok(None);
        };
        // Who does not see everything here would learn from the difference which names he does not see.
        if !is_member {
            let readable = self.readable_everywhere(actor)?;
            if projects_of_root
                .iter()
                .any(|id| readable.binary_search(id).is_err())
            {
                return Ok(None);
            }
        }
        Ok(Some(url.absolute(path)))
    }
}

fn exists(
    conn: &Connection,
    root: i64,
    package_type: PackageType,
    wanted: Wanted<'_>,
) -> Result<bool> {
    match wanted {
        Wanted::Name(name) => packages::name_is_known_below(conn, root, package_type, name),
        Wanted::Folder(folder) => {
            // npm: a scope that is the path of a top-level namespace here is ours, though it be empty.
            let own = folder
                .strip_prefix('@')
                .map(|path| namespaces::find_by_path(conn, path));
            Ok(own.transpose()?.flatten().is_some()
                || packages::folder_is_known_below(conn, root, package_type, folder)?
                || packages::folder_is_known_below(
                    conn,
                    root,
                    package_type,
                    &folder.to_lowercase(),
                )?)
        }
    }
}

fn name_of(package_type: PackageType) -> String {
    format!("{package_type}_package_requests_forwarding")
}

fn name_of_lock(package_type: PackageType) -> String {
    format!("lock_{package_type}_package_requests_forwarding")
}

/// Whether the switch is on for this namespace: its own word, or that of the nearest above, or the instance's. Below a lock
/// only what the highest lock holds, and what lies above that, counts.
pub(super) fn is_on(conn: &Connection, namespace: i64, package_type: PackageType) -> Result<bool> {
    let locked_at = highest_lock(conn, namespace, package_type)?.unwrap_or(0);
    let set = settings::on_path(conn, namespace, &name_of(package_type))?
        .into_iter()
        .find(|(distance, _)| *distance >= locked_at)
        .and_then(|(_, value)| value.as_bool());
    if let Some(on) = set {
        return Ok(on);
    }
    let of_instance = settings::application(conn)?
        .into_iter()
        .find(|(name, _)| *name == name_of(package_type))
        .and_then(|(_, value)| value.as_bool());
    Ok(of_instance.unwrap_or(false))
}

/// Whether this namespace itself locks the switch.
pub(super) fn locks(conn: &Connection, namespace: i64, package_type: PackageType) -> Result<bool> {
    let set = settings::on_path(conn, namespace, &name_of_lock(package_type))?;
    Ok(set
        .iter()
        .any(|(distance, value)| *distance == 0 && value.as_bool() == Some(true)))
}

/// Whether one above it does.
pub(super) fn is_locked_above(
    conn: &Connection,
    namespace: i64,
    package_type: PackageType,
) -> Result<bool> {
    Ok(highest_lock(conn, namespace, package_type)?.is_some_and(|distance| distance > 0))
}

fn highest_lock(
    conn: &Connection,
    namespace: i64,
    package_type: PackageType,
) -> Result<Option<i64>> {
    let set = settings::on_path(conn, namespace, &name_of_lock(package_type))?;
    let locks = set
        .into_iter()
        .filter(|(_, value)| value.as_bool() == Some(true));
    Ok(locks.map(|(distance, _)| distance).max())
}
