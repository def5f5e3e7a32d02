//! Copying a content so that the copy is whole, the right one and on the disk, or not there at all.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::error::Result;

/// What became of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copied {
    Now,
    /// The same stood there already.
    Before,
    /// The source is not there.
    Missing,
    /// The source is not what its name says.
    Damaged,
}

/// Whether a text can be the digest that names a content: nothing else ever becomes a path.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// SHA-256 and length of what can be read.
pub(super) fn digest(mut from: impl Read, mut to: impl Write) -> Result<(String, u64)> {
    let mut sha256 = Sha256::new();
    let mut size = 0;
    let mut chunk = vec![0; 256 << 10];
    loop {
        match from.read(&mut chunk)? {
            0 => return Ok((HEXLOWER.encode(&sha256.finalize()), size)),
            length => {
                sha256.update(&chunk[..length]);
                to.write_all(&chunk[..length])?;
                size += length as u64;
            }
        }
    }
}

/// Copies a content to `target`, through a temporary file beside it; the caller syncs the folder. With `verify`, what
/// stands there already is read again; else its size is enough, since nothing but this function puts files there.
pub(super) fn copy(
    source: &Path,
    target: &Path,
    sha256: &str,
    size: u64,
    verify: bool,
) -> Result<Copied> {
    if let Ok(found) = fs::metadata(target)
        && found.len() == size
        && (!verify || digest(File::open(target)?, std::io::sink())?.0 == sha256)
    {
        return Ok(Copied::Before);
    }
    let Ok(from) = File::open(source) else {
        return Ok(Copied::Missing);
    };
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    let (actual, length) = digest(from, &mut temporary)?;
    if actual != sha256 || length != size {
        return Ok(Copied::Damaged);
    }
    temporary.as_file().sync_all()?;
    temporary.persist(target).map_err(|error| error.error)?;
    Ok(Copied::Now)
}

/// A folder of its owner alone, with everything above it.
pub(super) fn make_folder(path: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)?;
    Ok(())
}

pub(super) fn sync_folder(path: &Path) -> Result<()> {
    Ok(File::open(path)?.sync_all()?)
}
