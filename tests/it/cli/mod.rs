//! The binary: its command line, its start and its end, and what it keeps when it is killed or the disk fails.

mod commands;
mod commits;
mod config;
mod crash;
mod disk_full;
mod first_start;
mod log;
mod refusals;
mod shutdown;
mod tls;
mod upkeep;
