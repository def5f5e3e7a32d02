//! Composer packages: uploads, the documents of a repository, archives.

mod access;
mod archives;
mod bad_input;
mod documents;
mod publishing;
