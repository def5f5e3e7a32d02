//! Real clients against the server.

mod javascript;
mod npm;
