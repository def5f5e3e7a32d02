//! Tests of `clients`.

mod jvm;
mod maven;
