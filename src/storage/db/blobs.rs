//! The digests of every stored content; the bytes are files (`storage/blobs.rs`).

use rusqlite::{Connection, named_params};

use super::{one, run};
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

/// The SHA-512 of a content, if somebody has computed it.
pub fn sha512(conn: &Connection, sha256: &str) -> Result<Option<String>> {
    Ok(one(
        conn,
        "SELECT sha512 FROM blobs WHERE sha256 = ?1",
        [sha256],
        |row| row.get(0),
    )?
    .flatten())
}

pub fn set_sha512(conn: &Connection, sha256: &str, sha512: &str) -> Result<()> {
    run(
        conn,
        "UPDATE blobs SET sha512 = ?2 WHERE sha256 = ?1",
        (sha256, sha512),
    )?;
    Ok(())
}
