//! Protocol behaviour of each format.

mod generic;
mod maven;
