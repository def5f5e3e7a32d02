//! The command line: one file per command. `packhouse` alone means `packhouse serve`.
//!
//! Commands work on the data directory itself, beside a running server: what they change is served at once.
//! Messages are for a person: lower case, literals in back-ticks, the next step after `hint:`. `--json` is for
//! scripts. Exit codes: 0 done, 1 not done, 2 not understood.

mod backup;
mod find;
mod flags;
mod fsck;
mod gc;
mod group;
mod member;
mod output;
mod package;
mod project;
mod restore;
mod serve;
mod token;
mod user;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::Config;
use crate::error::Result;
use crate::registry::{Origin, Registry};
use crate::server::open_for_command;
use flags::{Everywhere, Listening};

/// GitLab's package registry without GitLab: one executable, one SQLite file, blobs on local disk.
#[derive(Parser)]
#[command(
    name = "packhouse",
    version,
    disable_help_subcommand = true,
    after_help = "`packhouse` alone means `packhouse serve`. Flags beat the environment, the environment beats the configuration file.\n\
                  PACKHOUSE_ROOT_TOKEN chooses root's access token at the first start."
)]
struct CommandLine {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(flatten)]
    listening: Listening,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve packages (the default)
    Serve(Listening),
    /// People and their accounts
    #[command(subcommand)]
    User(user::Command),
    /// Groups, which hold projects and other groups
    #[command(subcommand)]
    Group(group::Command),
    /// Projects, which hold packages
    #[command(subcommand)]
    Project(project::Command),
    /// Who may do what in a project or group
    #[command(subcommand)]
    Member(member::Command),
    /// Access tokens of users, deploy tokens of projects and groups
    #[command(subcommand)]
    Token(token::Command),
    /// The packages of a project
    #[command(subcommand)]
    Package(package::Command),
    /// Copy the database and everything it points at into a folder, beside a running server
    Backup(backup::Command),
    /// Make a data directory from a backup; no server may run on it
    Restore(restore::Command),
    /// Check that everything is still there and what it was
    #[command(visible_alias = "scrub")]
    Fsck(fsck::Command),
    /// Free the disk space of what was deleted
    Gc(gc::Command),
}

/// Runs the command line; the exit code says whether it worked.
pub fn run() -> ExitCode {
    let mut command = flags::with_environment(CommandLine::command());
    let matches = command.get_matches_mut();
    let line = CommandLine::from_arg_matches(&matches)
        .map_err(|error| error.format(&mut command))
        .unwrap_or_else(|error| error.exit());
    if !matches!(line.command, None | Some(Command::Serve(_))) {
        flags::refuse_listening(&mut command, &matches);
    }
    match line.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::say(&format!("error: {}", output::sentence(&error)));
            ExitCode::FAILURE
        }
    }
}

impl CommandLine {
    fn run(self) -> Result<()> {
        let (everywhere, listening) = (self.everywhere, self.listening);
        let config = || Config::load(everywhere.clone().with(Listening::default()));
        let registry = || open_for_command(config()?);
        match self.command {
            None => serve::run(Config::load(everywhere.with(listening))?),
            Some(Command::Serve(own)) => {
                serve::run(Config::load(everywhere.with(own.or(listening)))?)
            }
            Some(Command::Restore(command)) => command.run(&config()?),
            Some(other) => Origin::operator().behind_sync(|| other.run(&registry()?)),
        }
    }
}

impl Command {
    /// What works on the data directory beside a server. The audit log says that the command line was behind it.
    fn run(self, registry: &Registry) -> Result<()> {
        match self {
            Command::Serve(_) | Command::Restore(_) => Ok(()), // work on no data directory that is in use
            Command::User(command) => command.run(registry),
            Command::Group(command) => command.run(registry),
            Command::Project(command) => command.run(registry),
            Command::Member(command) => command.run(registry),
            Command::Token(command) => command.run(registry),
            Command::Package(command) => command.run(registry),
            Command::Backup(command) => command.run(registry),
            Command::Fsck(command) => command.run(registry),
            Command::Gc(command) => command.run(registry),
        }
    }
}

/// Runs what the server would await.
fn wait<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    actix_web::rt::System::new().block_on(work)
}
