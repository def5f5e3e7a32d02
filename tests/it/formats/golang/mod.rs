//! Go modules: what the proxy answers, what may be uploaded, and who is refused how.

mod access;
mod bad_zips;
mod deletion;
mod go_import;
mod groups;
mod reading;
mod uploads;

const CREATED: &str = r#"{"message":"201 Created"}"#;
