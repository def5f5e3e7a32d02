//! GitLab's REST API: one file per resource.

mod application_settings;
mod groups;
mod members;
mod namespaces;
mod projects;
mod users;
