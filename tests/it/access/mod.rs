//! Who may do what, on every route there is.

pub mod packages;
