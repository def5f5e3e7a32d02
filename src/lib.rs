//! Packhouse: GitLab's package registry without GitLab.
//!
//! One executable, one data directory: metadata in SQLite, blobs on the local disk. It answers GitLab's own URLs, so
//! package clients work unchanged.
//!
//! # The map
//!
//! ```text
//! main.rs       parses the command line, prints an error
//! cli/          one file per command
//! server.rs     the route table, the life of a request, what runs in the background
//! api/          GitLab's own REST API: one file per resource
//! formats/      one folder per package format, one line each in its table
//! web/          the page that `web_path` leads to
//! auth/         who calls, and the decision whether the route lets them in
//! http/         routes as data, parameters, paging, uploads, downloads
//! registry/     the rules, free of HTTP and of formats
//! storage/      all SQL (db/), and the bytes (blobs.rs)
//! ```
//!
//! Who may import whom (a test reads `src/` and asserts it; everyone may use `error` and `config`):
//!
//! ```text
//! main → cli → server → { api, formats, web } → { auth, http } → registry → storage
//! ```
//!
//! # The life of a request
//!
//! An upload: the route table finds the row · `auth::decide` lets the caller in · the handler *understands* the path,
//! *stages* the body (`http::upload` → `storage::stage`: streamed, hashed, synced), *publishes* it
//! (`registry::publish`: rules, blob, rows, one transaction) and *answers*.
//!
//! A download: table · decision · `registry::resolve` finds the file's row · `http::download` sends its bytes.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that fails here has said enough")
)]

pub mod cli;
pub mod config;
pub mod error;
pub mod registry;
pub mod server;

pub mod api;
pub mod auth;
pub mod formats;
pub mod http;
pub mod storage;
pub mod web;

#[cfg(test)]
mod fuzz;
