//! Garbage collection: contents that no file has any more.
//!
//! A content goes in the same transaction that forgets its row. Publishers wait for that long, so none can come between and
//! point at what is just going; should the commit fail, the row is back, nothing points at it, and whoever publishes the
//! content again brings its bytes along.

use serde_json::json;

use super::{Event, PAGE};
use crate::error::Result;
use crate::registry::{Registry, Timestamp};
use crate::storage::db::maintenance;

/// What a collection freed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Collected {
    pub blobs: u64,
    pub bytes: u64,
}

/// Contents of one commit.
const AT_ONCE: usize = 100;

impl Registry {
    /// Frees what nobody wants: contents without files, and files on the disk that a crash left without a row.
    pub fn collect_garbage(&self) -> Result<Collected> {
        let _lock = self.upkeep_lock()?;
        let mut collected = Collected::default();
        let mut after = String::new();
        loop {
            let page = self
                .db
                .read_blocking(|conn| maintenance::contents(conn, false, &after, PAGE))?;
            let Some(last) = page.last() else { break };
            after = last.sha256.clone();
            for some in page.chunks(AT_ONCE) {
                let (blobs, some) = (self.blobs.clone(), some.to_vec());
                let freed = self.db.write_blocking(move |tx| {
                    let mut freed = Collected::default();
                    for content in some {
                        if maintenance::forget_unwanted(tx, &content.sha256)? {
                            blobs.remove(tx, &content.sha256)?;
                            freed.add(content.size);
                        }
                    }
                    Ok(freed)
                })?;
                collected.blobs += freed.blobs;
                collected.bytes += freed.bytes;
            }
        }
        for shard in 0..=u8::MAX {
            for (name, size) in self.blobs.names(shard)? {
                let known = self
                    .db
                    .read_blocking(|conn| maintenance::is_known(conn, &name))?;
                if known {
                    continue;
                }
                let blobs = self.blobs.clone();
                let removed = self.db.write_blocking(move |tx| {
                    let stray = !maintenance::is_known(tx, &name)?; // none is being published just now
                    if stray {
                        blobs.remove(tx, &name)?;
                    }
                    Ok(stray)
                })?;
                if removed {
                    collected.add(size);
                }
            }
        }
        self.note(
            Event::Gc,
            json!({
                "finished_at": Timestamp::now(),
                "blobs": collected.blobs,
                "bytes": collected.bytes,
            }),
        )?;
        Ok(collected)
    }
}

impl Collected {
    fn add(&mut self, size: u64) {
        self.blobs += 1;
        self.bytes += size;
    }
}
