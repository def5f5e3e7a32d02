//! `packhouse gc`: the disk space of what was deleted.

use clap::Args;
use serde_json::json;

use super::{output, wait};
use crate::error::Result;
use crate::registry::Registry;

#[derive(Args)]
pub(super) struct Command {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(super) fn run(self, registry: &Registry) -> Result<()> {
        // Without a server, what was deleted more than a minute ago still waits for its end.
        while wait(registry.destroy_pending())? {}
        let collected = registry.collect_garbage()?;
        match self.json {
            true => output::print_json(&json!({
                "blobs": collected.blobs,
                "bytes": collected.bytes,
            })),
            false => output::print(&format!(
                "freed {} bytes, {} contents that no package had any more\n",
                collected.bytes, collected.blobs
            )),
        }
    }
}
