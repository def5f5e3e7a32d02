//! One integration crate: one link, everything in parallel. `support` has the server and the actors; the rest mirrors
//! the product: `api`, `formats`, `clients` (real ones), `cli`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that fails here has said enough"
)]
#![allow(unreachable_pub, reason = "nothing leaves a test crate")]

mod access;
mod api;
mod architecture;
mod cli;
mod clients;
mod coverage;
mod formats;
mod migrations;
mod security;
mod support;
mod web;
