//! Upkeep: what takes how much room, freeing what nobody wants any more, checking that what is there is what it was,
//! and copies that can be started from.
//!
//! All of it works beside a running server; only a restore wants the data directory for itself. Garbage collection,
//! checks and backups keep out of each other's way by a lock of their own, so that nothing is collected while it is copied.

mod backup;
mod collect;
mod copy;
mod fsck;
mod restore;
mod storage;

pub use backup::Backup;
pub use collect::Collected;
pub use fsck::Checkup;
pub use restore::{Restored, restore};
pub use storage::{Room, Storage, StorageOfProject};

use std::fs::{File, TryLockError};

use serde_json::Value;

use super::Registry;
use crate::error::{Error, Result};
use crate::storage::db::settings;

/// When each kind of upkeep was last done, and what came of it; stored as settings of the instance.
#[derive(Clone, Copy)]
enum Event {
    Backup,
    Fsck,
    Gc,
}

impl Event {
    fn key(self) -> &'static str {
        match self {
            Event::Backup => "last_backup",
            Event::Fsck => "last_fsck",
            Event::Gc => "last_gc",
        }
    }
}

impl Registry {
    fn note(&self, event: Event, outcome: Value) -> Result<()> {
        self.db
            .write_blocking(move |tx| settings::set_application(tx, event.key(), &outcome))
    }

    /// Held for as long as the file lives.
    fn upkeep_lock(&self) -> Result<File> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.config.data.join("upkeep-lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Error::for_a_person(
                "another `packhouse backup`, `gc` or `fsck` works on this data directory\n\
                 hint: wait until it is done",
            )),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

/// Rows of one step.
const PAGE: i64 = 500;
