//! READMEs that nobody keeps: members of a package's zip file, read when a person looks at them.

use crate::error::Result;
use crate::registry::archive::zip;
use crate::registry::{Readme, Registry};

/// A member of a package file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedReadme {
    /// The zip file.
    pub sha256: String,
    /// The member, in any case.
    pub name: String,
}

/// A member that is larger is no readme.
const LARGEST: u64 = 1 << 20;

impl Registry {
    /// `None` for one that is not there, or cannot be read: the page tells of the package without it.
    pub(super) async fn unpack_readme(&self, packed: PackedReadme) -> Result<Option<Readme>> {
        let archive = self.blobs.open(&packed.sha256)?;
        let read = move || {
            let bytes = zip::find(archive, &packed.name, LARGEST).ok().flatten()?;
            let text = String::from_utf8_lossy(&bytes);
            Readme::new(text.trim_start_matches('\u{feff}'), &packed.name)
        };
        Ok(actix_web::web::block(read).await?)
    }
}
