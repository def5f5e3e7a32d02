//! `packhouse backup`: a copy to start from, made beside a running server.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output;
use crate::error::Result;
use crate::registry::Registry;

#[derive(Args)]
pub(super) struct Command {
    /// Where the backup goes; one that is there already is brought up to date
    folder: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(super) fn run(self, registry: &Registry) -> Result<()> {
        let backup = registry.back_up(&self.folder)?;
        match self.json {
            true => output::print_json(&json!({
                "folder": backup.folder,
                "created_at": backup.created_at,
                "blobs": backup.blobs,
                "bytes": backup.bytes,
                "copied": backup.copied,
                "database_sha256": backup.database_sha256,
            })),
            false => output::print(&format!(
                "backed up the database and {} contents of {} bytes ({} of them new) into {}\n",
                backup.blobs,
                backup.bytes,
                backup.copied,
                backup.folder.display()
            )),
        }
    }
}
