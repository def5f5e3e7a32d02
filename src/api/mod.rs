//! GitLab's own REST API, as far as package clients and the tools around them call it: one file per resource.
//! The JSON shapes are in [`views`].

mod access_tokens;
mod application_settings;
mod audit_events;
mod cleanup_access;
mod commit_statuses;
mod deploy_tokens;
mod groups;
mod job_token_scope;
mod jobs;
mod members;
mod metadata;
mod namespaces;
mod own_tokens;
mod package_display;
mod package_downloads;
mod package_files;
mod package_pipelines;
mod package_settings;
mod packages;
mod personal_access_tokens;
mod pipelines;
mod projects;
mod protection_rules;
mod quotas;
mod retention;
mod search;
mod session;
mod source_access;
mod storage;
mod token_shapes;
mod users;
mod views;

use crate::http::Mount;
use crate::registry::Door;

/// Every core route. What mount a route stands in says who it listens to and how it refuses (contract 3.6).
pub static MOUNTS: &[Mount] = &[
    // Packages: what you may not see is not there; jobs may call.
    core(packages::ROUTES).with_job_tokens(),
    core(package_files::ROUTES).with_job_tokens(),
    core(package_pipelines::ROUTES).with_job_tokens(),
    core(packages::GROUP_ROUTES),
    // Their neighbours that anybody may read.
    core(projects::ROUTES),
    core(groups::ROUTES),
    core(users::PUBLIC_ROUTES),
    // Ours, below `/-/`: what the web page asks for beyond GitLab's API.
    core(search::ROUTES),
    core(package_display::ROUTES),
    core(package_downloads::ROUTES),
    core(session::ROUTES),
    // Routes for signed-in callers.
    signed_in(metadata::ROUTES),
    signed_in(application_settings::ROUTES),
    signed_in(audit_events::ROUTES),
    signed_in(users::ROUTES),
    signed_in(namespaces::ROUTES),
    signed_in(projects::SIGNED_IN_ROUTES),
    signed_in(groups::SIGNED_IN_ROUTES),
    signed_in(members::ROUTES),
    signed_in(personal_access_tokens::ROUTES),
    signed_in(own_tokens::ROUTES),
    signed_in(access_tokens::ROUTES),
    signed_in(deploy_tokens::ROUTES),
    signed_in(protection_rules::ROUTES),
    signed_in(package_settings::ROUTES),
    signed_in(quotas::ROUTES),
    signed_in(storage::ROUTES),
    signed_in(retention::ROUTES),
    signed_in(pipelines::ROUTES).with_job_tokens(),
    signed_in(commit_statuses::ROUTES).with_job_tokens(),
    signed_in(jobs::OWN_ROUTES).with_job_tokens(),
    // A job must not give itself a longer life or wider reach.
    signed_in(jobs::ROUTES),
    signed_in(job_token_scope::ROUTES),
];

const fn core(routes: &'static [crate::http::Route]) -> Mount {
    mount(Door::Core, routes)
}

const fn signed_in(routes: &'static [crate::http::Route]) -> Mount {
    mount(Door::SignedIn, routes)
}

const fn mount(door: Door, routes: &'static [crate::http::Route]) -> Mount {
    Mount {
        door,
        routes,
        ..Mount::core("/api/v4")
    }
}
