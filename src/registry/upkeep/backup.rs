//! A backup: the database as it is at one moment, and every content that it points at.
//!
//! ```text
//! <backup>/packhouse.db   a snapshot
//! <backup>/blobs/2c/…     contents, as in a data directory
//! <backup>/backup.json    written last: what the snapshot is known by
//! ```
//!
//! Contents never change, so a second backup into the same folder copies only what is new.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::copy::{self, Copied};
use super::{Event, PAGE};
use crate::error::{Error, Result};
use crate::registry::{Registry, Timestamp, database_path};
use crate::storage::db::maintenance;

/// What a backup holds.
#[derive(Clone, Debug)]
pub struct Backup {
    pub folder: PathBuf,
    pub created_at: Timestamp,
    pub blobs: u64,
    pub bytes: u64,
    /// Contents that were not there from an earlier backup.
    pub copied: u64,
    pub database_sha256: String,
}

/// `backup.json`
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) created_at: String,
    pub(super) schema_version: i64,
    pub(super) blobs: u64,
    pub(super) bytes: u64,
    pub(super) database_sha256: String,
}

pub(super) const MANIFEST: &str = "backup.json";

impl Registry {
    /// Writes a backup into a folder, which is made if it is not there. A content that is missing or damaged fails it, after
    /// everything else was copied, with the digests of what is wrong.
    pub fn back_up(&self, folder: &Path) -> Result<Backup> {
        let _lock = self.upkeep_lock()?;
        copy::make_folder(folder)?;
        if fs::canonicalize(folder)? == fs::canonicalize(&self.config.data)? {
            return Err(Error::for_a_person(
                "a backup cannot go into the data directory itself\nhint: name another folder, best on another disk",
            ));
        }
        let created_at = Timestamp::now();
        let snapshot = folder.join("packhouse.db.new");
        remove_if_there(&snapshot)?;
        maintenance::snapshot(&database_path(&self.config.data), &snapshot)?;
        make_private(&snapshot)?;
        File::open(&snapshot)?.sync_all()?;
        let (database_sha256, _) = copy::digest(File::open(&snapshot)?, std::io::sink())?;
        let conn = maintenance::open_copy(&snapshot)?;
        let schema_version = maintenance::version(&conn)?;
        let mut backup = Backup {
            folder: folder.to_owned(),
            created_at,
            blobs: 0,
            bytes: 0,
            copied: 0,
            database_sha256,
        };
        self.copy_contents(&conn, &mut backup)?;
        drop(conn);
        // An older manifest must not stand beside the new database, nor the new one beside the old.
        remove_if_there(&folder.join(MANIFEST))?;
        fs::rename(&snapshot, folder.join("packhouse.db"))?;
        let manifest = Manifest {
            created_at: created_at.to_string(),
            schema_version,
            blobs: backup.blobs,
            bytes: backup.bytes,
            database_sha256: backup.database_sha256.clone(),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
        file.as_file().sync_all()?;
        file.persist(folder.join(MANIFEST))
            .map_err(|error| error.error)?;
        copy::sync_folder(folder)?;
        self.note(
            Event::Backup,
            json!({
                "finished_at": Timestamp::now(),
                "blobs": backup.blobs,
                "bytes": backup.bytes,
            }),
        )?;
        Ok(backup)
    }

    fn copy_contents(
        &self,
        conn: &crate::storage::db::Connection,
        backup: &mut Backup,
    ) -> Result<()> {
        let root = backup.folder.join("blobs");
        let mut touched = BTreeSet::new();
        let mut wrong = Vec::new();
        let mut after = String::new();
        loop {
            let page = maintenance::contents(conn, true, &after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.sha256.clone();
            for content in page {
                let shard = root.join(&content.sha256[..2]);
                if !shard.is_dir() {
                    copy::make_folder(&shard)?;
                }
                let source = self.blobs.path(&content.sha256);
                let target = shard.join(&content.sha256);
                match copy::copy(&source, &target, &content.sha256, content.size, false)? {
                    Copied::Now => {
                        touched.insert(shard);
                        backup.copied += 1;
                    }
                    Copied::Before => {}
                    Copied::Missing => wrong.push(format!("{} is missing", content.sha256)),
                    Copied::Damaged => wrong.push(format!("{} is damaged", content.sha256)),
                }
                backup.blobs += 1;
                backup.bytes += content.size;
            }
        }
        touched
            .iter()
            .try_for_each(|folder| copy::sync_folder(folder))?;
        if root.is_dir() {
            copy::sync_folder(&root)?;
        }
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(damaged("the data directory", &wrong)),
        }
    }
}

/// A list of what is wrong, cut where nobody would read on.
pub(super) fn damaged(place: &str, wrong: &[String]) -> Error {
    const MOST: usize = 20;
    let mut text = format!(
        "{} contents of {place} are not what they were:",
        wrong.len()
    );
    for line in wrong.iter().take(MOST) {
        text.push_str("\n  ");
        text.push_str(line);
    }
    if wrong.len() > MOST {
        text.push_str("\n  …");
    }
    text.push_str("\nhint: `packhouse fsck` tells which packages they belong to");
    Error::for_a_person(text)
}

pub(super) fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Token digests and private names are for the owner alone.
pub(super) fn make_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o600),
    )?)
}
