//! What requests count without writing: downloads, and when a token was last used.
//!
//! Collected in memory, written every second and at shutdown. A crash loses at most that second of counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{PackageFile, Registry, Timestamp};
use crate::error::Result;
use crate::storage::db::{access_tokens, package_files};

#[derive(Default)]
pub(super) struct Counters {
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    downloads: HashMap<i64, (u64, Timestamp)>, // by file id: how many, and the last one
    tokens: HashMap<i64, Timestamp>,
}

impl Pending {
    /// Takes back what could not be written.
    fn add(&mut self, earlier: &Pending) {
        for (id, (downloads, last)) in &earlier.downloads {
            self.downloads.entry(*id).or_insert((0, *last)).0 += downloads;
        }
        for (id, used_at) in &earlier.tokens {
            self.tokens.entry(*id).or_insert(*used_at);
        }
    }
}

impl Counters {
    fn with<T>(&self, f: impl FnOnce(&mut Pending) -> T) -> T {
        f(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Registry {
    /// Counts one download of a file; visible in the API within a second.
    pub fn count_download(&self, file: &PackageFile) {
        let now = Timestamp::now();
        self.counters.with(|pending| {
            let (downloads, last) = pending.downloads.entry(file.id).or_insert((0, now));
            *downloads += 1;
            *last = now;
        });
    }

    /// Whether a file was downloaded since the counts were last written.
    pub(super) fn has_uncounted_download(&self, file_id: i64) -> bool {
        self.counters
            .with(|pending| pending.downloads.contains_key(&file_id))
    }

    pub(super) fn count_token_use(&self, token_id: i64) {
        self.counters
            .with(|pending| pending.tokens.insert(token_id, Timestamp::now()));
    }

    /// Writes down what was counted since the last time.
    pub async fn flush_counters(&self) -> Result<()> {
        let pending = self.counters.with(std::mem::take);
        if pending.downloads.is_empty() && pending.tokens.is_empty() {
            return Ok(());
        }
        let pending = Arc::new(pending);
        let counted = pending.clone();
        let written = self.db.write(move |tx| {
            for (id, (downloads, last)) in &counted.downloads {
                package_files::add_downloads(tx, *id, *downloads, *last)?;
            }
            for (id, used_at) in &counted.tokens {
                access_tokens::touch(tx, *id, *used_at)?;
            }
            Ok(())
        });
        written
            .await
            .inspect_err(|_not_written| self.counters.with(|now| now.add(&pending)))
    }
}
