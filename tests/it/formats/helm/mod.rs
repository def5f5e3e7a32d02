//! Helm charts.

mod access;
mod bad_input;
mod index;
mod museum;
mod uploads;
