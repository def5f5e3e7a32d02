//! The bytes of package files: immutable, named by their SHA-256, stored once.
//!
//! ```text
//! <data>/blobs/2c/2cf24dba…   one file for each content; 256 folders, made at the start
//! <data>/tmp/                 uploads on their way; swept at the start
//! ```
//!
//! Which files are wanted is known to SQLite alone (`package_files.sha256`), and the order of the steps is
//! the whole safety argument: bytes are synced when they are staged, renamed inside the writer's
//! transaction, the folder synced before COMMIT. So **a row never points at a missing blob**; a crash in
//! between leaves a blob without rows, which costs space and nothing else.
//!
//! A blob is never opened for writing here, and no name that a client chose ever becomes a path.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::db::WriteTx;
use super::stage::{self, StagedBlob};
use crate::error::Result;

#[derive(Clone)]
pub struct Blobs {
    root: Arc<Path>,
    tmp: Arc<Path>,
    small: Arc<Cache<String, Bytes, Weight>>,
}

/// Up to this size, in bytes, what was read is kept in memory: opening and closing such a file costs more than sending it.
pub const SMALL: u64 = 64 << 10;
const KEPT: u64 = 8 << 20;

#[derive(Clone)]
struct Weight;

impl Weighter<String, Bytes> for Weight {
    fn weight(&self, _: &String, bytes: &Bytes) -> u64 {
        bytes.len().max(1) as u64
    }
}

impl Blobs {
    /// Makes the folders, durably, and sweeps what an earlier process left half-written.
    ///
    /// Only for the process that holds the data directory's lock: it deletes staged uploads.
    pub fn create(data: &Path) -> Result<Blobs> {
        let blobs = Blobs::beside_a_server(data);
        fs::create_dir_all(&blobs.tmp)?;
        for entry in fs::read_dir(&blobs.tmp)? {
            fs::remove_file(entry?.path())?;
        }
        if !blobs.root.join("ff").exists() {
            for shard in 0..=255u8 {
                fs::create_dir_all(blobs.root.join(format!("{shard:02x}")))?;
            }
            File::open(&blobs.root)?.sync_all()?;
            File::open(data)?.sync_all()?;
        }
        Ok(blobs)
    }

    /// The same folders for a command that runs beside a server: nothing is made and nothing swept.
    pub fn beside_a_server(data: &Path) -> Blobs {
        Blobs {
            root: data.join("blobs").into(),
            tmp: data.join("tmp").into(),
            small: Arc::new(Cache::with_weighter(512, KEPT, Weight)),
        }
    }

    /// Streams `body` into a temporary file, hashing as it goes, and syncs it. Nothing is visible yet.
    ///
    /// `None`: it was larger than the plan's limit, and reading stopped there.
    pub async fn stage<S>(&self, body: S, plan: stage::Plan) -> Result<Option<StagedBlob>>
    where
        S: futures_util::Stream<Item = Result<bytes::Bytes>> + Unpin,
    {
        stage::stage(&self.tmp, body, plan).await
    }

    /// Gives a staged blob its name, inside the transaction that will point at it.
    /// Storing the same content twice is fine.
    pub fn commit(&self, tx: &WriteTx<'_>, staged: StagedBlob) -> Result<()> {
        let path = self.path(&staged.digests.sha256);
        staged.file.persist(&path).map_err(|error| error.error)?;
        tx.sync_folder(path.parent().expect("a blob lies in a folder").to_owned());
        Ok(())
    }

    /// A blob for reading. A missing one is an error: rows never point at nothing.
    pub fn open(&self, sha256: &str) -> io::Result<File> {
        File::open(self.path(sha256))
    }

    /// All bytes of a blob of at most [`SMALL`]. What a name stands for never changes, so it may be kept.
    pub fn read_small(&self, sha256: &str, size: u64) -> io::Result<Bytes> {
        if let Some(bytes) = self.small.get(sha256) {
            return Ok(bytes);
        }
        let mut bytes = vec![0; usize::try_from(size).map_err(io::Error::other)?];
        self.open(sha256)?.read_exact(&mut bytes)?;
        let bytes = Bytes::from(bytes);
        self.small.insert(sha256.to_owned(), bytes.clone());
        Ok(bytes)
    }

    /// Whether the folders can be reached.
    pub fn check(&self) -> Result<()> {
        fs::metadata(self.root.join("ff"))?;
        Ok(fs::metadata(&self.tmp).map(|_found| ())?)
    }

    /// Removes a blob, inside the transaction that has made sure that nothing points at it: while it lasts, nobody can
    /// begin to. One that is gone already is as good as removed.
    pub fn remove(&self, _tx: &WriteTx<'_>, sha256: &str) -> Result<()> {
        match fs::remove_file(self.path(sha256)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// What lies in one of the 256 folders, with its size.
    pub fn names(&self, shard: u8) -> Result<Vec<(String, u64)>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join(format!("{shard:02x}")))? {
            let entry = entry?;
            let size = entry.metadata()?.len();
            // Any other name is none of ours.
            if let Ok(name) = entry.file_name().into_string()
                && name.len() == 64
                && name.bytes().all(|byte| byte.is_ascii_hexdigit())
            {
                names.push((name, size));
            }
        }
        Ok(names)
    }

    /// Where a blob lies.
    pub fn path(&self, sha256: &str) -> PathBuf {
        self.root.join(&sha256[..2]).join(sha256)
    }
}
