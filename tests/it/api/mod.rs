//! GitLab's REST API: one file per resource.

mod access;
mod access_tokens;
mod application_settings;
mod audit_events;
mod auth_failures;
mod authentication;
mod conventions;
mod deploy_tokens;
mod group_packages;
mod groups;
mod jobs;
mod members;
mod namespaces;
mod package_files;
mod package_pipelines;
mod package_settings;
mod packages;
mod pagination;
mod personal_access_tokens;
mod pipelines;
mod projects;
mod protection_rules;
mod users;
