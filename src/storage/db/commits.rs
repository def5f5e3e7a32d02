//! Has anybody committed anything? Asked at the start of every request, so it must cost next to nothing.
//!
//! `PRAGMA data_version` answers the same question through a read transaction: two `fcntl` locks and a mutex that all
//! threads share, a quarter of what a small download costs. The head of the WAL index (`packhouse.db-shm`) holds the
//! same knowledge: every commit, of any process, writes a new one (<https://sqlite.org/walformat.html>, "the WAL-index
//! header": `iChange`, `mxFrame`, salts and checksums). 48 bytes are compared as a whole; a commit that is just being
//! written shows as a difference, which is the safe side.

use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What the head of the WAL index was: equal as long as nothing was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commit([u8; 48]);

impl Commit {
    pub(super) const NONE: Commit = Commit([0; 48]);
}

/// The WAL index, open for reading.
///
/// Never closed: closing any descriptor of a file drops all POSIX locks that the process holds on it, SQLite's own
/// among them.
pub(super) struct Commits {
    index: ManuallyDrop<File>,
}

impl Commits {
    /// After the database was opened: a connection in WAL mode has made the index, and keeps it.
    pub(super) fn watch(database: &Path) -> io::Result<Commits> {
        let mut path = database.as_os_str().to_owned();
        path.push("-shm");
        Ok(Commits {
            index: ManuallyDrop::new(File::open(path)?),
        })
    }

    pub(super) fn latest(&self) -> io::Result<Commit> {
        let mut head = Commit::NONE;
        self.index.read_exact_at(&mut head.0, 0)?;
        Ok(head)
    }
}
