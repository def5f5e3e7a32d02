//! Quotas: how much a project or a group may hold (contract 12.3). What is held is counted by the database itself.

use std::collections::BTreeMap;

use super::audit::Event;
use super::limits::human_size;
use super::{AccessLevel, GroupAccess, PackageType, Project, ProjectAccess, Registry, Source};
use crate::error::{Error, Result};
use crate::storage::db::quotas::{self, Bound, Holding, Quota};
use crate::storage::db::{Connection, Timestamp, members, namespaces};

/// What a publish adds to its project.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Growth {
    bytes: i64,
    files: i64,
}

impl Growth {
    pub(super) fn add(&mut self, size: u64) {
        self.bytes = self.bytes.saturating_add_unsigned(size);
        self.files += 1;
    }

    pub(super) fn remove(&mut self, size: u64) {
        self.bytes = self.bytes.saturating_sub_unsigned(size);
        self.files -= 1;
    }
}

/// The quota of a place, and what it holds.
#[derive(Clone, Debug)]
pub struct QuotaUse {
    pub quota: Quota,
    pub used: Holding,
}

/// What `PUT …/quota` changes: absent stays, `Some(None)` takes a limit away.
#[derive(Debug, Default)]
pub struct QuotaChanges {
    pub max_bytes: Option<Option<i64>>,
    pub max_files: Option<Option<i64>>,
    pub max_bytes_per_type: BTreeMap<PackageType, Option<i64>>,
    /// Takes away every limit by type first.
    pub clear_types: bool,
}

/// Inside the transaction, when the rows of a publish stand: 403 if a quota of the project or of a group above does
/// not allow what they have added. What takes no more room is never refused.
pub(super) fn allow(
    conn: &Connection,
    project: &Project,
    package_type: PackageType,
    growth: Growth,
) -> Result<()> {
    if growth.bytes <= 0 && growth.files <= 0 {
        return Ok(());
    }
    check(conn, project, package_type, growth, Growth::default())
}

/// Before the body: what can be said of an upload of which perhaps not even the size is known.
pub(super) fn advise(
    conn: &Connection,
    access: &ProjectAccess,
    package_type: PackageType,
) -> Result<()> {
    let to_come = Growth {
        bytes: access
            .body_size
            .map_or(1, |size| i64::try_from(size).unwrap_or(i64::MAX)),
        files: 1,
    };
    check(
        conn,
        &access.project,
        package_type,
        Growth::default(),
        to_come,
    )
}

/// `counted` is in the counters already, `to_come` is not.
fn check(
    conn: &Connection,
    project: &Project,
    package_type: PackageType,
    counted: Growth,
    to_come: Growth,
) -> Result<()> {
    for bound in quotas::binding(conn, project.id, project.namespace_id)? {
        let used = quotas::holding(conn, bound.source)?;
        let used_of_type = used.bytes_per_type.get(&package_type).copied().unwrap_or(0);
        let Bound {
            full_path, quota, ..
        } = &bound;
        let new_bytes = counted.bytes.saturating_add(to_come.bytes);
        let new_files = counted.files.saturating_add(to_come.files);
        let limits = [
            (
                quota.max_bytes,
                used.bytes - counted.bytes,
                new_bytes,
                Unit::Bytes,
            ),
            (
                quota.max_bytes_per_type.get(&package_type).copied(),
                used_of_type - counted.bytes,
                new_bytes,
                Unit::BytesOf(package_type),
            ),
            (
                quota.max_files,
                used.files - counted.files,
                new_files,
                Unit::Files,
            ),
        ];
        for (most, before, more, unit) in limits {
            let Some(most) = most else { continue };
            if more > 0 && before.saturating_add(more) > most {
                let left = (most - before).max(0);
                return Err(Error::refused(format!(
                    "Storage quota of {full_path} exceeded: {} left of {}",
                    unit.write(left, false),
                    unit.write(most, true)
                )));
            }
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Unit {
    Bytes,
    BytesOf(PackageType),
    Files,
}

impl Unit {
    fn write(self, number: i64, is_limit: bool) -> String {
        let size = human_size(number.unsigned_abs());
        match self {
            Unit::BytesOf(package_type) if is_limit => format!("{size} for {package_type}"),
            Unit::Bytes | Unit::BytesOf(_) => size,
            Unit::Files if number == 1 => "1 file".to_owned(),
            Unit::Files => format!("{number} files"),
        }
    }
}

impl Registry {
    /// A quota and its use, for those who may administer the place.
    pub fn quota(&self, source: Source) -> Result<QuotaUse> {
        self.db.look(|conn| {
            Ok(QuotaUse {
                quota: quotas::find(conn, source)?,
                used: quotas::holding(conn, source)?,
            })
        })
    }

    /// The quota of a project is set by those who answer for what is above it: administrators and owners of its group.
    pub async fn set_project_quota(
        &self,
        access: &ProjectAccess,
        changes: QuotaChanges,
    ) -> Result<QuotaUse> {
        self.db.look(|conn| match owns_the_group(conn, access)? {
            true => Ok(()),
            false => Err(Error::Forbidden),
        })?;
        self.set_quota(Source::Project(access.project.id), changes)
            .await
    }

    pub async fn set_group_quota(
        &self,
        access: &GroupAccess,
        changes: QuotaChanges,
    ) -> Result<QuotaUse> {
        self.set_quota(Source::Group(access.group.id), changes)
            .await
    }

    async fn set_quota(&self, source: Source, changes: QuotaChanges) -> Result<QuotaUse> {
        self.db
            .write(move |tx| {
                let mut quota = quotas::find(tx, source)?;
                if let Some(most) = changes.max_bytes {
                    quota.max_bytes = most;
                }
                if let Some(most) = changes.max_files {
                    quota.max_files = most;
                }
                if changes.clear_types {
                    quota.max_bytes_per_type.clear();
                }
                for (package_type, most) in changes.max_bytes_per_type {
                    match most {
                        Some(most) => quota.max_bytes_per_type.insert(package_type, most),
                        None => quota.max_bytes_per_type.remove(&package_type),
                    };
                }
                quotas::set(tx, source, &quota)?;
                Event::in_source(tx, "package_storage_quota_updated", source)?
                    .with("max_bytes", quota.max_bytes)
                    .with("max_files", quota.max_files)
                    .with("max_bytes_per_type", &quota.max_bytes_per_type)
                    .saying("Changed the storage quota")
                    .record(tx)?;
                Ok(QuotaUse {
                    quota,
                    used: quotas::holding(tx, source)?,
                })
            })
            .await
    }
}

fn owns_the_group(conn: &Connection, access: &ProjectAccess) -> Result<bool> {
    if access.is_at_least(AccessLevel::Admin) {
        return Ok(true);
    }
    let namespace = namespaces::find(conn, access.project.namespace_id)?;
    let (Some(user), Some(group)) = (
        access.actor.user(),
        namespace.filter(|found| found.is_group()),
    ) else {
        return Ok(false);
    };
    let level = members::level_in_namespace(conn, user.id, group.id, &Timestamp::now().date())?;
    Ok(level >= Some(AccessLevel::Owner))
}
