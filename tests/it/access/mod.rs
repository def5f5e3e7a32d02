//! Who may do what, on every route there is: the matrix, and the crawl of a private project.
//!
//! `matrix.txt` is the one data file. A new route fails these tests until it has its row there; a new format also needs its
//! function in `packages.rs`.

mod callers;
mod crawl;
mod matrix;
pub mod packages;
mod table;
