//! The command line: one file per command. `packhouse` alone means `packhouse serve`.
//!
//! Commands work on the data directory itself, beside a running server. Messages are for a person: lower case,
//! the next step after `hint:`. `--json` is for scripts.

mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Flags};
use crate::error::Result;

/// GitLab's package registry without GitLab: one executable, one SQLite file, blobs on local disk.
#[derive(Parser)]
#[command(name = "packhouse", version, disable_help_subcommand = true)]
struct CommandLine {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve packages (the default)
    Serve,
}

/// Runs the command line; the exit code says whether it worked.
pub fn run() -> ExitCode {
    let line = CommandLine::parse();
    let done = Config::load(line.flags)
        .and_then(|config| line.command.unwrap_or(Command::Serve).run(config));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", error.cause());
            ExitCode::FAILURE
        }
    }
}

impl Command {
    fn run(self, config: Config) -> Result<()> {
        match self {
            Command::Serve => serve::run(config),
        }
    }
}
