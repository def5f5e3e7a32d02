//! Looking into archives without unpacking them: one small member of a zip or tar file, read under a limit.
//!
//! Nothing here writes to the disk, and no archive decides how much memory it takes: the index of a zip file is
//! streamed, a tar file is walked, and a member that grows beyond the caller's limit is an error.

pub mod tar;
pub mod zip;

#[cfg(test)]
mod properties;

use std::io::Read;

use crate::error::{Error, Result};

/// All of `reader`, or 400 if it is more than `limit` bytes or cannot be read.
fn read_at_most(reader: impl Read, limit: u64, what: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| broken(format!("{what} cannot be read: {error}")))?;
    if bytes.len() as u64 > limit {
        return Err(broken(format!("{what} is larger than {limit} bytes")));
    }
    Ok(bytes)
}

/// The archive is at fault, and so is who sent it.
fn broken(why: impl std::fmt::Display) -> Error {
    Error::bad_request(format!("the archive is refused: {why}"))
}

/// Whether a member would be unpacked outside of its folder.
fn climbs(name: &str) -> bool {
    name.starts_with(['/', '\\'])
        || name.contains('\0')
        || name.as_bytes().get(1) == Some(&b':')
        || name.split(['/', '\\']).any(|segment| segment == "..")
}
