//! GitLab's REST API.

mod access;
mod access_tokens;
mod authentication;
mod conventions;
mod deploy_tokens;
mod group_packages;
mod jobs;
mod package_files;
mod package_pipelines;
mod package_settings;
mod packages;
mod pagination;
mod personal_access_tokens;
mod pipelines;
mod protection_rules;
