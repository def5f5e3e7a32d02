//! GitLab's REST API: the wire contract, row by row.

mod access;
mod authentication;
mod conventions;
mod group_packages;
mod package_files;
mod packages;
mod pagination;
