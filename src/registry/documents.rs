//! Ready documents: the index pages of the formats, rendered once per change and kept as bytes.
//!
//! A publish moves the revision of its name in its own transaction, and renders nothing. The first read after that
//! renders, once, whoever else is waiting; every other is answered with ready bytes, their ETag and their gzip form.
//! What is kept has no authority: it is found by the revisions that the caller's own readable projects have at this
//! moment, so two callers with different rights never see each other's document or validator.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use tokio::sync::OnceCell;

use super::{ChecksumAlgorithm, PackageFile, PackageType, Registry, Timestamp};
use crate::error::Result;
use crate::storage::db::Connection;
use crate::storage::db::packages::{self, NameRevision};

/// A rendered document in both of its encodings.
#[derive(Debug)]
pub struct Document {
    pub identity: Bytes,
    pub gzip: Bytes,
    /// SHA-256 of the identity form, in hex: what the ETags are made from.
    pub digest: String,
    /// When it was made, in seconds since 1970: another moment than that of every other document under the same key.
    /// It may lie a few seconds ahead.
    pub made_at: i64,
    checksums: OnceLock<[String; 3]>, // MD5, SHA-1, SHA-512: only some clients ask
}

/// What a document is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DocumentKey {
    pub package_type: PackageType,
    /// Which of the format's documents: `full`, `abbreviated`, `html`.
    pub kind: &'static str,
    pub name_key: String,
    /// What else its text depends on: the URL prefix that it repeats.
    pub prefix: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Edition {
    key: DocumentKey,
    /// The name in each readable project: which, and at which revision.
    names: Vec<NameRevision>,
}

type Slot = Arc<OnceCell<Arc<Document>>>;

/// Bounded, filled on demand: an idle server holds nothing.
#[derive(Default)]
pub(super) struct Documents {
    kept: Mutex<HashMap<Edition, Slot>>,
    moments: Moments,
}

/// Bytes that are kept at most.
const MOST: usize = 64 << 20;

impl Registry {
    /// The document of a name over these projects; `None` where none of them knows the name.
    ///
    /// `render` gets the ids of the name in each project and works on the blocking pool; it answers `None` if there is
    /// nothing to show.
    pub async fn document<F>(
        &self,
        projects: &[i64],
        key: DocumentKey,
        render: F,
    ) -> Result<Option<Arc<Document>>>
    where
        F: FnOnce(&Connection, &[i64]) -> Result<Option<Vec<u8>>> + Send + 'static,
    {
        let of = (key.package_type, key.name_key.clone());
        let find = |conn: &Connection| packages::revisions(conn, projects, of.0, &of.1);
        let names = match self.ready(projects, &key, find)? {
            Ok(document) => return Ok(Some(document)),
            Err(names) if names.is_empty() => return Ok(None),
            Err(names) => names,
        };
        let ids: Vec<i64> = names.iter().map(|name| name.name_id).collect();
        let edition = Edition { key, names };
        self.edition(edition, move |conn| render(conn, &ids)).await
    }

    /// The list of all names of a type over these projects: as [`Registry::document`], and new with every change to
    /// the packages of one of them. The key's `name_key` is empty.
    pub async fn document_of_all<F>(
        &self,
        projects: &[i64],
        key: DocumentKey,
        render: F,
    ) -> Result<Option<Arc<Document>>>
    where
        F: FnOnce(&Connection, &[i64]) -> Result<Option<Vec<u8>>> + Send + 'static,
    {
        let find = |conn: &Connection| packages::revisions_of_projects(conn, projects);
        let names = match self.ready(projects, &key, find)? {
            Ok(document) => return Ok(Some(document)),
            Err(names) => names,
        };
        let edition = Edition { key, names };
        let projects = projects.to_vec();
        self.edition(edition, move |conn| render(conn, &projects))
            .await
    }

    /// The document as it is kept for the present revisions, or these revisions. What was found is remembered until anything is
    /// committed, without holding on to it: what is thrown out to make room is gone.
    fn ready(
        &self,
        projects: &[i64],
        key: &DocumentKey,
        find: impl Fn(&Connection) -> Result<Vec<NameRevision>>,
    ) -> Result<Result<Arc<Document>, Vec<NameRevision>>> {
        self.db.look(|db| {
            let mut names = None;
            let wanted = ReadyKey(projects.to_vec(), key.clone());
            let ready = db.remember(wanted, |conn| {
                let edition = Edition {
                    key: key.clone(),
                    names: find(conn)?,
                };
                let kept = self.documents.kept(&edition);
                names = Some(edition.names);
                Ok(kept.map(|document| Arc::downgrade(&document)))
            })?;
            Ok(match (ready.and_then(|ready| ready.upgrade()), names) {
                (Some(document), _) => Ok(document),
                (None, Some(names)) => Err(names),
                (None, None) => Err(find(db)?),
            })
        })
    }

    async fn edition<F>(&self, edition: Edition, render: F) -> Result<Option<Arc<Document>>>
    where
        F: FnOnce(&Connection) -> Result<Option<Vec<u8>>> + Send + 'static,
    {
        let slot = self.documents.slot(&edition);
        let rendered = slot.get_or_try_init(|| async {
            let made_at = self.documents.moments.next(&edition.key);
            let make = move |bytes| Document::new(bytes, made_at);
            let bytes = self
                .db
                .read(move |conn| render(conn)?.map(make).transpose())
                .await?;
            let document = Arc::new(bytes.ok_or(Nothing::ToShow)?);
            self.documents.make_room(&edition, document.size());
            Ok(document)
        });
        match rendered.await {
            Ok(document) => Ok(Some(document.clone())),
            Err(nothing) => {
                self.documents.forget(&edition);
                match nothing {
                    Nothing::ToShow => Ok(None),
                    Nothing::Failed(error) => Err(error),
                }
            }
        }
    }
}

/// A document over these projects.
#[derive(PartialEq, Eq, Hash)]
struct ReadyKey(Vec<i64>, DocumentKey);

/// Why there is no document.
enum Nothing {
    ToShow,
    Failed(crate::error::Error),
}

impl From<crate::error::Error> for Nothing {
    fn from(error: crate::error::Error) -> Nothing {
        Nothing::Failed(error)
    }
}

impl Document {
    /// A text that was made just now, to be sent like one that is kept: some microseconds for each KiB.
    pub fn of_now(identity: Vec<u8>) -> Result<Document> {
        Document::new(identity, Timestamp::now().as_millis() / 1000)
    }

    fn new(identity: Vec<u8>, made_at: i64) -> Result<Document> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::new(6));
        gzip.write_all(&identity)?;
        let digest = HEXLOWER.encode(&Sha256::digest(&identity));
        Ok(Document {
            gzip: gzip.finish()?.into(),
            identity: identity.into(),
            digest,
            made_at,
            checksums: OnceLock::new(),
        })
    }

    /// A digest of the identity form: of this very revision, whatever has changed in the meantime.
    pub fn checksum(&self, algorithm: ChecksumAlgorithm) -> String {
        let [md5, sha1, sha512] = self.checksums.get_or_init(|| {
            [
                HEXLOWER.encode(&Md5::digest(&self.identity)),
                HEXLOWER.encode(&Sha1::digest(&self.identity)),
                HEXLOWER.encode(&Sha512::digest(&self.identity)),
            ]
        });
        let digest = match algorithm {
            ChecksumAlgorithm::Md5 => md5,
            ChecksumAlgorithm::Sha1 => sha1,
            ChecksumAlgorithm::Sha256 => &self.digest,
            ChecksumAlgorithm::Sha512 => sha512,
        };
        digest.clone()
    }

    /// A file row that shows this document as its content.
    pub(super) fn describe(&self, file: PackageFile) -> PackageFile {
        PackageFile {
            size: self.identity.len() as u64,
            md5: self.checksum(ChecksumAlgorithm::Md5),
            sha1: self.checksum(ChecksumAlgorithm::Sha1),
            sha256: self.digest.clone(),
            ..file
        }
    }

    fn size(&self) -> usize {
        self.identity.len() + self.gzip.len()
    }
}

impl Documents {
    fn with<T>(&self, f: impl FnOnce(&mut HashMap<Edition, Slot>) -> T) -> T {
        f(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn kept(&self, edition: &Edition) -> Option<Arc<Document>> {
        self.with(|kept| kept.get(edition)?.get().cloned())
    }

    fn slot(&self, edition: &Edition) -> Slot {
        self.with(|kept| match kept.get(edition) {
            Some(slot) => slot.clone(),
            None => kept.entry(edition.clone()).or_default().clone(),
        })
    }

    fn forget(&self, edition: &Edition) {
        self.with(|kept| kept.remove(edition));
    }

    /// Before a new document of `size` bytes is kept: its older editions go, and everything if that is not enough.
    fn make_room(&self, edition: &Edition, size: usize) {
        self.with(|kept| {
            let older = |other: &Edition| {
                other.key == edition.key && other != edition && other.is_of_the_same_names(edition)
            };
            kept.retain(|other, _| !older(other));
            let bytes: usize = kept
                .values()
                .filter_map(|slot| slot.get())
                .map(|document| document.size())
                .sum();
            if bytes + size > MOST {
                kept.retain(|other, _| other == edition);
            }
        });
    }
}

/// The moments at which documents were made, no two alike under one key: a client that shows nothing but a date must be
/// told apart from one that has seen another edition in the same second, or by other rights.
struct Moments {
    /// The last one of all keys whose hash ends so: some keys share one, so that memory is bounded.
    last: [AtomicI64; 1024],
}

impl Default for Moments {
    fn default() -> Moments {
        Moments {
            last: [const { AtomicI64::new(0) }; 1024],
        }
    }
}

impl Moments {
    fn next(&self, key: &DocumentKey) -> i64 {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let bucket = &self.last[(hasher.finish() % 1024) as usize];
        let now = Timestamp::now().as_millis() / 1000;
        let after = |last: i64| Some(now.max(last + 1));
        match bucket.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after) {
            Ok(last) | Err(last) => now.max(last + 1),
        }
    }
}

impl Edition {
    fn is_of_the_same_names(&self, other: &Edition) -> bool {
        let ids = |edition: &Edition| {
            edition
                .names
                .iter()
                .map(|name| name.name_id)
                .collect::<Vec<_>>()
        };
        ids(self) == ids(other)
    }
}
