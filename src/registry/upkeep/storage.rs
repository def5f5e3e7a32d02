//! What takes how much room, for the administrators' page.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Event;
use crate::error::Result;
use crate::registry::{PackageType, Registry};
use crate::storage::db::maintenance::{self, Totals};
use crate::storage::db::{Connection, settings};

/// Bytes and files.
pub type Room = (i64, i64);

#[derive(Clone, Debug)]
pub struct StorageOfProject {
    pub id: i64,
    pub full_path: String,
    pub bytes: i64,
    pub files: i64,
    pub by_type: BTreeMap<PackageType, Room>,
}

/// What the registry holds, and what came of the last upkeep.
#[derive(Clone, Debug)]
pub struct Storage {
    /// The largest first.
    pub projects: Vec<StorageOfProject>,
    pub by_type: BTreeMap<PackageType, Room>,
    pub totals: Totals,
    pub last_backup: Option<Value>,
    pub last_fsck: Option<Value>,
    pub last_gc: Option<Value>,
}

impl Storage {
    /// What is not stored because the same content is there already.
    pub fn deduplicated_bytes(&self) -> i64 {
        let wanted = self.totals.bytes_of_blobs - self.totals.bytes_unwanted;
        (self.totals.bytes_of_files - wanted).max(0)
    }
}

impl Registry {
    /// Scans everything: for a page that administrators open now and then.
    pub async fn storage(&self) -> Result<Storage> {
        self.db.read(read).await
    }
}

fn read(conn: &Connection) -> Result<Storage> {
    let totals = maintenance::totals(conn)?;
    let mut projects: Vec<StorageOfProject> = Vec::new();
    let mut by_type: BTreeMap<PackageType, Room> = BTreeMap::new();
    for held in &totals.held {
        if projects
            .last()
            .is_none_or(|last| last.id != held.project_id)
        {
            projects.push(StorageOfProject {
                id: held.project_id,
                full_path: held.full_path.clone(),
                bytes: 0,
                files: 0,
                by_type: BTreeMap::new(),
            });
        }
        if let Some(project) = projects.last_mut() {
            project.bytes += held.bytes;
            project.files += held.files;
            project
                .by_type
                .insert(held.package_type, (held.bytes, held.files));
        }
        let room = by_type.entry(held.package_type).or_default();
        room.0 += held.bytes;
        room.1 += held.files;
    }
    projects.sort_by_key(|project| std::cmp::Reverse(project.bytes));
    let set: BTreeMap<String, Value> = settings::application(conn)?.into_iter().collect();
    let last = |event: Event| set.get(event.key()).cloned();
    Ok(Storage {
        projects,
        by_type,
        totals,
        last_backup: last(Event::Backup),
        last_fsck: last(Event::Fsck),
        last_gc: last(Event::Gc),
    })
}
