//! The archive of a module: read to its end, within limits, for what a person wants to know of it.

use std::fs::File;
use std::io::{BufReader, Read, Seek};

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::module::Sources;
use crate::error::{Error, Result};
use crate::registry::archive::tar::{self, Limits};
use crate::registry::archive::zip::Zip;

/// What an archive may unpack to: so much at any rate, and so many times its own size.
const UNPACKED_ANYWAY: u64 = 256 << 20;
const UNPACKED_RATIO: u64 = 100;
const MOST_MEMBERS: u64 = 100_000;

/// A source file that is larger is not read; a reader would not either.
const LARGEST_FILE: u64 = 1 << 20;

pub(super) struct Archive {
    /// `tgz` or `zip`: what it is, whatever it is called.
    pub(super) kind: &'static str,
    /// Readme, inputs and outputs, for display.
    pub(super) about: Value,
}

/// Fails with 400 for what the clients could not unpack, or should not. A module that cannot be understood is one all the same.
pub(super) fn read(mut file: File, size: u64) -> Result<Archive> {
    let mut magic = Vec::new();
    (&mut file).take(4).read_to_end(&mut magic)?;
    file.rewind()?;
    let mut sources = Sources::default();
    let kind = match magic.as_slice() {
        [0x1f, 0x8b, ..] => {
            read_tar(file, size, &mut sources)?;
            "tgz"
        }
        b"PK\x03\x04" => {
            read_zip(file, &mut sources)?;
            "zip"
        }
        _ => return Err(Error::bad_request("not a gzip tar archive")),
    };
    Ok(Archive {
        kind,
        about: sources.into_about(),
    })
}

fn read_tar(file: File, size: u64, sources: &mut Sources) -> Result<()> {
    let limits = Limits {
        bytes: UNPACKED_ANYWAY.max(size.saturating_mul(UNPACKED_RATIO)),
        members: MOST_MEMBERS,
    };
    let unpacked = MultiGzDecoder::new(BufReader::with_capacity(64 << 10, file));
    tar::walk(unpacked, &limits, |name, size, content| {
        if sources.wants(name) && size <= LARGEST_FILE {
            sources.add(name, &content.read()?);
        }
        Ok(())
    })
}

fn read_zip(file: File, sources: &mut Sources) -> Result<()> {
    let zip = Zip::open(file)?;
    for entry in zip.entries(|name| sources.wants(name))? {
        if entry.size <= LARGEST_FILE {
            sources.add(&entry.name, &zip.read(&entry, LARGEST_FILE)?);
        }
    }
    Ok(())
}
