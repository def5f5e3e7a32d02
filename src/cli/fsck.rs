//! `packhouse fsck`: is everything still there, and what it was?

use clap::Args;
use serde_json::json;

use super::output;
use crate::error::{Error, Result};
use crate::registry::Registry;

#[derive(Args)]
pub(super) struct Command {
    /// Compare sizes alone, without reading every content
    #[arg(long)]
    quick: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(super) fn run(self, registry: &Registry) -> Result<()> {
        let checkup = registry.check_everything(self.quick)?;
        if self.json {
            output::print_json(&json!({
                "blobs": checkup.blobs,
                "bytes": checkup.bytes,
                "problems": checkup.problems,
            }))?;
        } else {
            for problem in &checkup.problems {
                output::print(&format!("{problem}\n"))?;
            }
        }
        match checkup.problems.len() {
            0 if self.json => Ok(()),
            0 => output::print(&format!(
                "all is well: the database and {} contents of {} bytes\n",
                checkup.blobs, checkup.bytes
            )),
            count => Err(Error::for_a_person(format!(
                "{count} things are wrong\nhint: publish the damaged files again, or restore a backup with `packhouse restore`"
            ))),
        }
    }
}
