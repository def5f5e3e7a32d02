//! The real clients against the real server.

mod python;
