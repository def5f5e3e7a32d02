//! The digests of every stored content; the bytes are files (`storage/blobs.rs`).

use rusqlite::{Connection, named_params};

use super::run;
use crate::error::Result;
use crate::storage::stage::Digests;

/// Notes a content. Seen before: its row stays, and learns the SHA-512 that it lacked.
pub fn insert(conn: &Connection, size: u64, digests: &Digests) -> Result<()> {
    run(
        conn,
        "INSERT INTO blobs (sha256, size, md5, sha1, sha512)
         VALUES (:sha256, :size, :md5, :sha1, :sha512)
         ON CONFLICT DO UPDATE SET sha512 = excluded.sha512 WHERE sha512 IS NULL AND excluded.sha512 IS NOT NULL",
        named_params! {
            ":sha256": digests.sha256, ":size": size as i64, ":md5": digests.md5,
            ":sha1": digests.sha1, ":sha512": digests.sha512,
        },
    )?;
    Ok(())
}
