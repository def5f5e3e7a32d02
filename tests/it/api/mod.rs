//! GitLab's REST API: one file per resource.

mod access_tokens;
mod application_settings;
mod deploy_tokens;
mod groups;
mod jobs;
mod members;
mod namespaces;
mod package_pipelines;
mod package_settings;
mod personal_access_tokens;
mod pipelines;
mod projects;
mod protection_rules;
mod users;
