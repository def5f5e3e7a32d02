//! The page that `web_path` leads to: a small shell, rendered here, that works without script.
//!
//! It shows what the visitor's own rights show and nothing else: a package that is not there and one that the visitor
//! may not see are the same page.

mod assets;
mod html;
mod package;

use crate::http::Mount;
use crate::routes;

pub static MOUNTS: &[Mount] = &[Mount {
    routes: routes! {
        GET "/{id}/-/packages/{package_id}" Anyone => package::show;
        GET "/{id}/-/terraform_module_registry/{package_id}" Anyone => package::show;
        GET "/static/{file}" Public => assets::send;
    },
    ..Mount::core("")
}];
