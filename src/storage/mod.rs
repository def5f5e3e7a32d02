//! Where everything is kept: rows in SQLite ([`db`]), bytes in files ([`blobs`]).
//!
//! Nothing here knows of HTTP, of clients or of package formats, and no rule about who may do what
//! lives here. All SQL of the product is below `storage/db`.

pub mod blobs;
pub mod db;
pub mod stage;

pub use stage::StagedBlob;
