//! Starting from a backup. Nothing in it is believed: the snapshot must be the one that the manifest names, each content
//! what its digest says, and no name in it becomes a path unless it is a digest.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::PAGE;
use super::backup::{MANIFEST, Manifest, damaged, make_private, remove_if_there};
use super::copy::{self, Copied};
use crate::error::{Error, Result};
use crate::registry::database_path;
use crate::storage::blobs::Blobs;
use crate::storage::db::{SCHEMA_VERSION, maintenance};

/// What was put back.
#[derive(Clone, Debug)]
pub struct Restored {
    pub created_at: String,
    pub blobs: u64,
    pub bytes: u64,
    /// Contents that were not in the data directory any more.
    pub copied: u64,
}

/// Puts a backup into a data directory, whose lock the caller holds. The database is put in place last, so that a restore
/// that fails or is interrupted leaves what was there before. With `replace` a database that is there is kept
/// as `packhouse.db.before-restore`; without, it is refused.
pub fn restore(backup: &Path, data: &Path, replace: bool) -> Result<Restored> {
    let database = database_path(data);
    if database.exists() && !replace {
        return Err(Error::for_a_person(format!(
            "`{}` has a database already\n\
             hint: name an empty data directory with `--data`, or put the backup in its place with `--replace`",
            data.display()
        )));
    }
    let manifest = read_manifest(backup)?;
    let restored = data.join("packhouse.db.restored");
    remove_if_there(&restored)?;
    let from = File::open(backup.join("packhouse.db")).map_err(|error| {
        Error::for_a_person(format!("the backup has no `packhouse.db`: {error}"))
    })?;
    let (sha256, _) = copy::digest(from, File::create(&restored)?)?;
    if sha256 != manifest.database_sha256 {
        remove_if_there(&restored)?;
        return Err(Error::for_a_person(format!(
            "the database of the backup is not the one that `{MANIFEST}` names: it was changed, or the backup was interrupted\n\
             hint: restore another backup"
        )));
    }
    make_private(&restored)?;
    File::open(&restored)?.sync_all()?;
    let outcome = check_and_copy(backup, data, &restored, manifest);
    if outcome.is_err() {
        remove_if_there(&restored)?;
        return outcome;
    }
    for suffix in ["", "-wal", "-shm"] {
        let old = data.join(format!("packhouse.db{suffix}"));
        let kept = data.join(format!("packhouse.db.before-restore{suffix}"));
        remove_if_there(&kept)?;
        if old.exists() {
            fs::rename(old, kept)?;
        }
    }
    fs::rename(&restored, &database)?;
    copy::sync_folder(data)?;
    outcome
}

/// Ours are a few lines.
const LONGEST_MANIFEST: u64 = 64 << 10;

fn read_manifest(backup: &Path) -> Result<Manifest> {
    let path = backup.join(MANIFEST);
    let file = File::open(&path).map_err(|error| {
        Error::for_a_person(format!(
            "`{}` is no finished backup: {MANIFEST} cannot be read: {error}",
            backup.display()
        ))
    })?;
    serde_json::from_reader(file.take(LONGEST_MANIFEST)).map_err(|error| {
        Error::for_a_person(format!("`{}` is no manifest: {error}", path.display()))
    })
}

fn check_and_copy(
    backup: &Path,
    data: &Path,
    restored: &Path,
    manifest: Manifest,
) -> Result<Restored> {
    let conn = maintenance::open_copy(restored)?;
    let version = maintenance::version(&conn)?;
    if !(1..=SCHEMA_VERSION).contains(&version) {
        return Err(Error::for_a_person(format!(
            "the backup has schema version {version}, and this program knows versions up to {SCHEMA_VERSION}\n\
             hint: restore it with the release of packhouse that made it"
        )));
    }
    let problems = maintenance::problems(&conn)?;
    if !problems.is_empty() {
        return Err(Error::for_a_person(format!(
            "the database of the backup is damaged:\n  {}",
            problems.join("\n  ")
        )));
    }
    Blobs::create(data)?;
    let blobs = Blobs::beside_a_server(data);
    let mut done = Restored {
        created_at: manifest.created_at,
        blobs: 0,
        bytes: 0,
        copied: 0,
    };
    let mut touched = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut after = String::new();
    loop {
        let page = maintenance::contents(&conn, true, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.sha256.clone();
        for content in page {
            let sha256 = &content.sha256;
            if !copy::is_digest(sha256) {
                wrong.push(format!("{sha256:?} is no digest"));
                continue;
            }
            let source = backup.join("blobs").join(&sha256[..2]).join(sha256);
            let target = blobs.path(sha256);
            match copy::copy(&source, &target, sha256, content.size, true)? {
                Copied::Now => {
                    touched.extend(target.parent().map(Path::to_owned));
                    done.copied += 1;
                }
                Copied::Before => {}
                Copied::Missing => wrong.push(format!("{sha256} is missing")),
                Copied::Damaged => wrong.push(format!("{sha256} is damaged")),
            }
            done.blobs += 1;
            done.bytes += content.size;
        }
    }
    touched
        .iter()
        .try_for_each(|folder| copy::sync_folder(folder))?;
    match wrong.is_empty() {
        true => Ok(done),
        false => Err(damaged("the backup", &wrong)),
    }
}
