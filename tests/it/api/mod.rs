//! GitLab's REST API.

mod access_tokens;
mod deploy_tokens;
mod jobs;
mod package_pipelines;
mod package_settings;
mod personal_access_tokens;
mod pipelines;
mod protection_rules;
