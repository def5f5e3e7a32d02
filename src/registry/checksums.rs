//! Checksums that come or go as files of their own: compared, never stored, and remembered where they come first.

use std::io::Read;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha512};

use super::remove::record_file;
use super::{Package, PackageFile, PackageKey, ProjectAccess, Registry, StagedBlob};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, WriteTx, blobs, early_checksums, package_files, packages};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChecksumAlgorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

/// What a checksum said of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    Same,
    /// The file's row is gone if its uploader has just been told so.
    Different,
    /// There is no file yet; it will be compared when it comes.
    Early,
}

/// How long a checksum waits for its file.
const EARLY_SECS: i64 = 3_600;
/// A file that its own uploader says is broken, this soon and before anybody has read it, is taken back.
const TAKEN_BACK_SECS: i64 = 600;

impl ChecksumAlgorithm {
    /// By the ending of a file name: `sha1`.
    pub fn parse(ending: &str) -> Option<ChecksumAlgorithm> {
        Some(match ending {
            "md5" => ChecksumAlgorithm::Md5,
            "sha1" => ChecksumAlgorithm::Sha1,
            "sha256" => ChecksumAlgorithm::Sha256,
            "sha512" => ChecksumAlgorithm::Sha512,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            ChecksumAlgorithm::Md5 => "md5",
            ChecksumAlgorithm::Sha1 => "sha1",
            ChecksumAlgorithm::Sha256 => "sha256",
            ChecksumAlgorithm::Sha512 => "sha512",
        }
    }

    /// Hex digits of a digest.
    pub fn digits(self) -> usize {
        match self {
            ChecksumAlgorithm::Md5 => 32,
            ChecksumAlgorithm::Sha1 => 40,
            ChecksumAlgorithm::Sha256 => 64,
            ChecksumAlgorithm::Sha512 => 128,
        }
    }
}

impl Registry {
    /// A digest of a stored file, in hex. The SHA-512 of most files is computed when it is first asked for.
    pub async fn checksum(
        &self,
        file: &PackageFile,
        algorithm: ChecksumAlgorithm,
    ) -> Result<String> {
        Ok(match algorithm {
            ChecksumAlgorithm::Md5 => file.md5.clone(),
            ChecksumAlgorithm::Sha1 => file.sha1.clone(),
            ChecksumAlgorithm::Sha256 => file.sha256.clone(),
            ChecksumAlgorithm::Sha512 => match self.known_sha512(file)? {
                Some(known) => known,
                None => self.compute_sha512(file).await?,
            },
        })
    }

    pub fn known_sha512(&self, file: &PackageFile) -> Result<Option<String>> {
        let key = Sha512Key(file.sha256.clone());
        self.db
            .look(|db| db.remember(key, |conn| blobs::sha512(conn, &file.sha256)))
    }

    async fn compute_sha512(&self, file: &PackageFile) -> Result<String> {
        let blob = self.open_blob(file)?;
        let digest = actix_web::web::block(move || sha512_of(blob)).await??;
        let (sha256, sha512) = (file.sha256.clone(), digest.clone());
        self.db
            .write_soon(move |tx| blobs::set_sha512(tx, &sha256, &sha512));
        Ok(digest)
    }

    /// Computes the SHA-512 of a staged file if one of these waits for it. It is not computed on the way in: hardly any file
    /// needs it, and it would double the cost of an upload.
    pub(super) async fn prepare_for_early(
        &self,
        project_id: i64,
        key: &PackageKey,
        file_name: &str,
        staged: &mut StagedBlob,
    ) -> Result<()> {
        let place = early_checksums::Place {
            project_id,
            key,
            file_name,
        };
        let waits = |conn: &Connection| {
            early_checksums::waits(conn, place, ChecksumAlgorithm::Sha512.name())
        };
        if staged.digests.sha512.is_none() && self.db.look(|conn| waits(conn))? {
            staged.digests.sha512 = Some(self.inspect(staged, sha512_of).await?);
        }
        Ok(())
    }

    /// Compares a checksum with the files of this name; any of them will do, since two clients may deploy at once.
    pub async fn check_file(
        &self,
        access: &ProjectAccess,
        key: PackageKey,
        file_name: String,
        algorithm: ChecksumAlgorithm,
        digest: String,
    ) -> Result<Checked> {
        let rows = self
            .db
            .look(|conn| of_name(conn, access.project.id, &key, &file_name))?;
        if let Some((_, files)) = &rows {
            for file in files.iter().rev() {
                if self.checksum(file, algorithm).await? == digest {
                    return Ok(Checked::Same);
                }
            }
        }
        let compared: Vec<i64> = rows
            .into_iter()
            .flat_map(|(_, files)| files)
            .map(|file| file.id)
            .collect();
        let (registry, access) = (self.clone(), access.clone());
        self.db
            .write(move |tx| {
                let access = access.renew(tx)?;
                let Some((package, files)) = of_name(tx, access.project.id, &key, &file_name)?
                else {
                    let place = early_checksums::Place {
                        project_id: access.project.id,
                        key: &key,
                        file_name: &file_name,
                    };
                    early_checksums::forget_before(tx, tx.now.plus_secs(-EARLY_SECS))?;
                    early_checksums::insert(tx, place, algorithm.name(), &digest, tx.now)?;
                    return Ok(Checked::Early);
                };
                // What came in the meantime has only the digests that every row has.
                let is_new = |file: &&PackageFile| !compared.contains(&file.id);
                let has_digest =
                    |file: &PackageFile| [&file.md5, &file.sha1, &file.sha256].contains(&&digest);
                if files.iter().filter(is_new).any(has_digest) {
                    return Ok(Checked::Same);
                }
                if let Some(newest) = files.last() {
                    registry.take_back(tx, &access, &package, newest)?;
                }
                Ok(Checked::Different)
            })
            .await
    }

    /// Removes a file that arrived broken, if that harms nobody but the one who sent it.
    fn take_back(
        &self,
        tx: &WriteTx<'_>,
        access: &ProjectAccess,
        package: &Package,
        file: &PackageFile,
    ) -> Result<()> {
        let deadline = tx.now.plus_secs(-TAKEN_BACK_SECS);
        let own = package_files::uploader(tx, file.id)? == access.actor.stamp();
        let unread =
            package_files::downloads(tx, file.id)? == 0 && !self.has_uncounted_download(file.id);
        if own && unread && file.created_at > deadline {
            package_files::delete(tx, file.id)?;
            record_file(
                tx,
                &access.project,
                package,
                &file.file_name,
                ": its checksum is another",
            )?;
            packages::touch(tx, package.id, tx.now)?;
        }
        Ok(())
    }
}

/// The package, and its visible files of this name, oldest first; `None` if there is no such file.
fn of_name(
    conn: &Connection,
    project_id: i64,
    key: &PackageKey,
    file_name: &str,
) -> Result<Option<(Package, Vec<PackageFile>)>> {
    let Some(package) = packages::find_by_key(conn, project_id, key)? else {
        return Ok(None);
    };
    let files = package_files::of_name(conn, package.id, file_name)?;
    Ok((!files.is_empty()).then_some((package, files)))
}

fn sha512_of(mut file: std::fs::File) -> Result<String> {
    let mut sha512 = Sha512::new();
    let mut chunk = vec![0; 256 << 10];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(HEXLOWER.encode(&sha512.finalize())),
            length => sha512.update(&chunk[..length]),
        }
    }
}

/// Compares a file that arrives with the checksums that came before it, and forgets them. A SHA-512 that came after
/// [`Registry::prepare_for_early`] had looked is not compared: its siblings have said the same.
pub(super) fn take_early(
    tx: &WriteTx<'_>,
    project_id: i64,
    key: &PackageKey,
    file_name: &str,
    staged: &StagedBlob,
) -> Result<()> {
    let place = early_checksums::Place {
        project_id,
        key,
        file_name,
    };
    for (algorithm, promised) in early_checksums::take(tx, place)? {
        let digests = &staged.digests;
        let actual = ChecksumAlgorithm::parse(&algorithm).and_then(|algorithm| match algorithm {
            ChecksumAlgorithm::Md5 => Some(&digests.md5),
            ChecksumAlgorithm::Sha1 => Some(&digests.sha1),
            ChecksumAlgorithm::Sha256 => Some(&digests.sha256),
            ChecksumAlgorithm::Sha512 => digests.sha512.as_ref(),
        });
        if actual.is_some_and(|actual| promised != *actual) {
            return Err(Error::message(
                actix_web::http::StatusCode::CONFLICT,
                "409 Conflict",
            ));
        }
    }
    Ok(())
}

#[derive(PartialEq, Eq, Hash)]
struct Sha512Key(String);
