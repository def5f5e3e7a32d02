//! How large an upload may be, and its way into the staging area.

use bytes::Bytes;
use futures_util::Stream;

use super::{PackageType, Registry, StagedBlob};
use crate::error::{Error, Result};
use crate::storage::stage::Plan;

impl Registry {
    /// Bytes that one file of this type may have; `u64::MAX` where the limit is switched off.
    pub fn upload_limit(&self, package_type: PackageType) -> u64 {
        self.config.limits.of(package_type)
    }

    pub fn too_large(&self, package_type: PackageType) -> Error {
        Error::TooLarge(format!(
            "File is too large: the limit for {package_type} is {}",
            human_size(self.upload_limit(package_type))
        ))
    }

    /// Streams a body into the staging area, digests and all. Nothing is published yet.
    pub async fn stage<S>(&self, body: S, package_type: PackageType) -> Result<StagedBlob>
    where
        S: Stream<Item = Result<Bytes>> + Unpin,
    {
        let limit = self.upload_limit(package_type);
        let sha512 = matches!(package_type, PackageType::Npm | PackageType::Nuget);
        match self.blobs.stage(body, Plan { limit, sha512 }).await? {
            Some(staged) => Ok(staged),
            None => Err(self.too_large(package_type)),
        }
    }
}

impl Registry {
    /// Reads a staged file off the async threads, between staging and publishing: how a format learns its metadata.
    pub async fn inspect<T, F>(&self, staged: &StagedBlob, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(std::fs::File) -> Result<T> + Send + 'static,
    {
        let file = staged.open()?;
        actix_web::web::block(move || read(file)).await?
    }
}

/// `5 GiB`, as the configuration would be written.
pub(super) fn human_size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS
        .iter()
        .find(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit))
    {
        Some((name, unit)) => format!("{} {name}", bytes / unit),
        None if bytes == 1 => "1 byte".to_owned(),
        None => format!("{bytes} bytes"),
    }
}
