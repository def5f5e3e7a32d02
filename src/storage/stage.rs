//! An upload on its way in: the stream goes to a temporary file while every digest is computed, in one pass.
//!
//! A small body is collected, then hashed, written and synced by one task on the blocking pool. A large
//! one is fed to that task through a bounded channel, and MD5, which costs more than the others together,
//! runs on a thread of its own beside it. Either way memory stays flat.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc as sync_mpsc;
use std::thread;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use futures_util::{Stream, StreamExt};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

use crate::error::{Error, Result};

/// What an upload may be and what is wanted of it.
pub struct Plan {
    /// Bytes; `u64::MAX` for no limit.
    pub limit: u64,
    /// npm and NuGet name files by it; for the others it is not worth its cost.
    pub sha512: bool,
}

/// Lower-case hex, as rows and answers have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    pub sha256: String,
    pub md5: String,
    pub sha1: String,
    pub sha512: Option<String>,
}

/// A body that has arrived whole, is synced, and waits to be published. Dropping it deletes it.
pub struct StagedBlob {
    pub(super) file: NamedTempFile,
    pub size: u64,
    pub digests: Digests,
}

impl StagedBlob {
    /// For a format that reads its metadata from the file between staging and publishing.
    pub fn open(&self) -> Result<File> {
        Ok(self.file.reopen()?)
    }
}

/// A body up to this many bytes is hashed and written in one go.
const SMALL: usize = 1 << 20;
/// Larger ones go to the writing task in pieces of at least this many bytes, `IN_FLIGHT` of them at a time.
const PIECE: usize = 256 << 10;
const IN_FLIGHT: usize = 4;

/// `None`: more than `plan.limit` bytes have come, and reading stopped there.
pub(super) async fn stage<S>(tmp: &Path, mut body: S, plan: Plan) -> Result<Option<StagedBlob>>
where
    S: Stream<Item = Result<Bytes>> + Unpin,
{
    let folder = tmp.to_owned();
    let mut start = Vec::new();
    let mut size = 0;
    while let Some(chunk) = body.next().await.transpose()? {
        size += chunk.len() as u64;
        if size > plan.limit {
            return Ok(None);
        }
        start.push(chunk);
        if size > SMALL as u64 {
            return stage_large(folder, start, body, size, plan).await;
        }
    }
    let staged = actix_web::web::block(move || {
        let mut intake = Intake::new(&folder, plan.sha512)?;
        let mut md5 = Md5::new();
        for chunk in &start {
            md5.update(chunk);
            intake.take(chunk)?;
        }
        intake.finish(md5)
    });
    staged.await?.map(Some)
}

async fn stage_large<S>(
    folder: PathBuf,
    start: Vec<Bytes>,
    mut body: S,
    mut size: u64,
    plan: Plan,
) -> Result<Option<StagedBlob>>
where
    S: Stream<Item = Result<Bytes>> + Unpin,
{
    let (pieces, arriving) = mpsc::channel(IN_FLIGHT);
    let sha512 = plan.sha512;
    let writer = actix_web::web::block(move || write_large(&folder, arriving, sha512));
    let writer = actix_web::rt::spawn(writer); // it must run while this task still reads the body
    let mut piece = start;
    let mut length = SMALL;
    while let Some(chunk) = body.next().await.transpose()? {
        size += chunk.len() as u64;
        if size > plan.limit {
            return Ok(None);
        }
        length += chunk.len();
        piece.push(chunk);
        if length >= PIECE {
            length = 0;
            if pieces.send(std::mem::take(&mut piece)).await.is_err() {
                break; // the writer has failed and will say why
            }
        }
    }
    // The empty piece says that the body is whole; a stream that just ends was broken off.
    for last in [piece, Vec::new()] {
        let _ = pieces.send(last).await;
    }
    let staged = writer.await.map_err(Error::internal)??;
    staged.map(Some)
}

/// Writes and hashes what arrives, until the empty piece that ends a whole body.
fn write_large(
    folder: &Path,
    mut arriving: mpsc::Receiver<Vec<Bytes>>,
    sha512: bool,
) -> Result<StagedBlob> {
    let mut intake = Intake::new(folder, sha512)?;
    thread::scope(|scope| {
        let (to_md5, chunks) = sync_mpsc::sync_channel::<Bytes>(64);
        let md5 = scope.spawn(move || {
            chunks
                .iter()
                .fold(Md5::new(), |md5, chunk| md5.chain_update(chunk))
        });
        loop {
            match arriving.blocking_recv() {
                None => return Err(Error::bad_request("the upload was broken off")),
                Some(piece) if piece.is_empty() => break,
                Some(piece) => piece.into_iter().try_for_each(|chunk| {
                    let _ = to_md5.send(chunk.clone()); // it only stops when we do
                    intake.take(&chunk)
                })?,
            }
        }
        drop(to_md5);
        let md5 = md5
            .join()
            .map_err(|_panic| Error::internal("the MD5 thread panicked"))?;
        intake.finish(md5)
    })
}

/// The temporary file and the digests that are computed where it is written.
struct Intake {
    file: NamedTempFile,
    size: u64,
    sha256: Sha256,
    sha1: Sha1,
    sha512: Option<Sha512>,
}

impl Intake {
    fn new(folder: &Path, sha512: bool) -> Result<Intake> {
        let file = tempfile::Builder::new()
            .prefix("upload-")
            .tempfile_in(folder)?;
        Ok(Intake {
            file,
            size: 0,
            sha256: Sha256::new(),
            sha1: Sha1::new(),
            sha512: sha512.then(Sha512::new),
        })
    }

    fn take(&mut self, chunk: &[u8]) -> Result<()> {
        self.size += chunk.len() as u64;
        self.sha256.update(chunk);
        self.sha1.update(chunk);
        if let Some(sha512) = &mut self.sha512 {
            sha512.update(chunk);
        }
        Ok(self.file.write_all(chunk)?)
    }

    fn finish(self, md5: Md5) -> Result<StagedBlob> {
        self.file.as_file().sync_all()?;
        let digests = Digests {
            sha256: HEXLOWER.encode(&self.sha256.finalize()),
            md5: HEXLOWER.encode(&md5.finalize()),
            sha1: HEXLOWER.encode(&self.sha1.finalize()),
            sha512: self
                .sha512
                .map(|digest| HEXLOWER.encode(&digest.finalize())),
        };
        Ok(StagedBlob {
            file: self.file,
            size: self.size,
            digests,
        })
    }
}
