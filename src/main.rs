//! `packhouse`: see `packhouse --help`, and the crate's own page for the map of the code.

use std::process::ExitCode;

fn main() -> ExitCode {
    packhouse::cli::run()
}
