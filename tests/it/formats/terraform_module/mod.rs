//! Terraform modules.

mod access;
mod bad_input;
mod protocol;
mod uploads;
