//! `packhouse restore`: a data directory from a backup. The only command that wants no server beside it.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output;
use crate::config::Config;
use crate::error::Result;
use crate::registry::restore;
use crate::server::take_data_directory;

#[derive(Args)]
pub(super) struct Command {
    /// A folder that `packhouse backup` wrote
    backup: PathBuf,
    /// Put it in the place of the database that is there, which is kept as `packhouse.db.before-restore`
    #[arg(long)]
    replace: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(super) fn run(self, config: &Config) -> Result<()> {
        let _lock = take_data_directory(config)?;
        let restored = restore(&self.backup, &config.data, self.replace)?;
        match self.json {
            true => output::print_json(&json!({
                "created_at": restored.created_at,
                "blobs": restored.blobs,
                "bytes": restored.bytes,
                "copied": restored.copied,
            })),
            false => output::print(&format!(
                "restored the backup of {}: the database and {} contents of {} bytes\n\
                 tokens and passwords are those of that moment\n",
                restored.created_at, restored.blobs, restored.bytes
            )),
        }
    }
}
