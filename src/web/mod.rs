//! The page that `web_path` leads to: a small shell, rendered here, that works without script.
//!
//! It shows what the visitor's own rights show and nothing else: a package that is not there and one that the visitor
//! may not see are the same page.

mod assets;
mod html;
mod package;

use crate::http::{Mount, answer};
use crate::registry::Door;
use crate::routes;

pub static MOUNTS: &[Mount] = &[Mount {
    prefix: "",
    door: Door::Core,
    job_tokens: false,
    package_type: None,
    error_response: answer::error_response,
    routes: routes! {
        GET "/{id}/-/packages/{package_id}" Anyone => package::show;
        GET "/{id}/-/terraform_module_registry/{package_id}" Anyone => package::show;
        GET "/static/{file}" Public => assets::send;
    },
}];
