//! Tests of `clients`.

mod maven;
