//! What a distribution file says of itself. It counts more than the upload form: it is what gets installed.

use std::fs::File;
use std::io::BufReader;

use data_encoding::HEXLOWER;
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::core_metadata::{CoreMetadata, MOST_BYTES};
use super::file_name::{FileName, Kind};
use super::{name, version};
use crate::error::{Error, Result};
use crate::registry::archive::tar;
use crate::registry::archive::zip::Zip;

/// Bytes of an unpacked sdist that are searched for its `PKG-INFO`, which some build tools write last.
const MOST_OF_AN_SDIST: u64 = 4 << 30;

/// Metadata as it was found in a file.
pub(super) struct Found {
    pub(super) metadata: CoreMetadata,
    /// Of the `METADATA` of a wheel: what its `.metadata` twin is checked against (PEP 658).
    pub(super) wheel_metadata_sha256: Option<String>,
}

/// Reads the metadata of a wheel or sdist; `None` for the kinds that are kept unread.
///
/// Fails with 400 if it is not there or is of another project or version than the keys say.
pub(super) fn read(
    file: File,
    file_name: &FileName,
    name_key: &str,
    version_key: &str,
) -> Result<Option<Found>> {
    let (bytes, is_wheel) = match file_name.kind {
        Kind::Wheel => {
            let (path, bytes) = only_member(file, is_wheel_metadata, "METADATA")?;
            if !is_folder_of(&path, name_key, version_key) {
                return Err(refused(format!(
                    "`{}` is not of this version",
                    path.escape_debug()
                )));
            }
            (bytes, true)
        }
        Kind::SdistTarGz => (from_tar(file)?, false),
        Kind::SdistZip => (from_zip(file)?, false),
        Kind::Legacy => return Ok(None),
    };
    let metadata = CoreMetadata::parse(&bytes);
    let found_name = metadata.text("name").unwrap_or_default();
    if name::normal(found_name) != name_key {
        return Err(disagrees("name", found_name));
    }
    let found_version = metadata.text("version").unwrap_or_default();
    if version::key(found_version).as_deref() != Some(version_key) {
        return Err(disagrees("version", found_version));
    }
    let sha256 = is_wheel.then(|| HEXLOWER.encode(&Sha256::digest(&bytes)));
    Ok(Some(Found {
        metadata,
        wheel_metadata_sha256: sha256,
    }))
}

/// The bytes of `NAME-VERSION.dist-info/METADATA`. There must be exactly one, or installers would differ about it.
pub(super) fn wheel_metadata(file: File) -> Result<Vec<u8>> {
    Ok(only_member(file, is_wheel_metadata, "METADATA")?.1)
}

fn is_wheel_metadata(path: &str) -> bool {
    path.strip_suffix(".dist-info/METADATA")
        .is_some_and(|folder| !folder.contains('/'))
}

/// `NAME-VERSION.dist-info`, in any spelling: pip refuses a wheel whose folder is named otherwise.
fn is_folder_of(path: &str, name_key: &str, version_key: &str) -> bool {
    let folder = path.split(".dist-info/").next().unwrap_or_default();
    folder.rsplit_once('-').is_some_and(|(project, text)| {
        name::normal(project) == name_key && version::key(text).as_deref() == Some(version_key)
    })
}

fn from_zip(file: File) -> Result<Vec<u8>> {
    Ok(only_member(file, is_pkg_info, "PKG-INFO")?.1)
}

/// Path and bytes.
fn only_member(file: File, wanted: impl Fn(&str) -> bool, what: &str) -> Result<(String, Vec<u8>)> {
    let zip = Zip::open(file)?;
    let mut found = 0;
    let entries = zip.select(|entry| {
        found += usize::from(wanted(&entry.name));
        found <= 2 && wanted(&entry.name) // two are one too many, and enough to know
    })?;
    match entries.as_slice() {
        [entry] => Ok((entry.name.clone(), zip.read(entry, MOST_BYTES)?)),
        [] => Err(lacks(what)),
        _ => Err(refused(format!("it has more than one {what}"))),
    }
}

fn from_tar(file: File) -> Result<Vec<u8>> {
    let unpacked = MultiGzDecoder::new(BufReader::with_capacity(64 << 10, file));
    tar::find(unpacked, is_pkg_info, MOST_BYTES, MOST_OF_AN_SDIST)?.ok_or_else(|| lacks("PKG-INFO"))
}

/// `NAME-VERSION/PKG-INFO`; the one that setuptools writes into `NAME.egg-info` lies deeper.
fn is_pkg_info(path: &str) -> bool {
    path.strip_suffix("/PKG-INFO")
        .is_some_and(|folder| !folder.contains('/'))
}

fn lacks(what: &str) -> Error {
    refused(format!("it has no {what}"))
}

fn disagrees(field: &str, found: &str) -> Error {
    refused(format!(
        "its metadata has the {field} `{}`, the upload form and the file name another",
        found.chars().take(100).collect::<String>().escape_debug()
    ))
}

fn refused(why: String) -> Error {
    Error::bad_request(format!("the distribution is refused: {why}"))
}
