//! The web page: what is here, what a package is, the line that installs it.
//!
//! Reading works without script: these pages are rendered here, through the registry, with the visitor's own rights. A
//! package that is not there and one that the visitor may not see are the same page. What changes anything is done by
//! `static/app.js`, with the public REST API and the session that signing in has begun.
//!
//! | path | |
//! |---|---|
//! | `/` | newest packages, projects; `?search=` |
//! | `/:group`, `/:project`, with `/-/packages` | their packages |
//! | `/groups/:group/-/packages` | as in GitLab |
//! | `/:project/-/packages/:id`, `/:project/-/terraform_module_registry/:id` | one package (`web_path`) |
//! | `/:project/-/settings` | for maintainers |
//! | `/-/setup`, `/-/sign_in`, `/-/tokens`, `/-/admin` | |
//! | `/static/:file` | style sheet, script, icon |

mod assets;
mod chart;
mod forms;
mod frame;
mod home;
mod html;
mod lines;
mod package;
mod package_parts;
mod place;
mod rows;
mod setup;
mod snippets;
mod words;

use crate::http::Mount;
use crate::routes;

pub static MOUNTS: &[Mount] = &[Mount {
    routes: routes! {
        GET "/" Anyone => home::show;
        GET "/-/setup" Anyone => setup::show;
        GET "/-/sign_in" Anyone => forms::sign_in;
        GET "/-/tokens" Anyone => forms::tokens;
        GET "/-/admin" Anyone => forms::admin;
        GET "/{id}" Anyone => place::show;
        GET "/{id}/-/packages" Anyone => place::packages;
        GET "/{id}/-/packages/{package_id}" Anyone => package::show;
        GET "/{id}/-/terraform_module_registry/{package_id}" Anyone => package::show;
        GET "/{id}/-/settings" Anyone => forms::settings;
        GET "/static/{file}" Public => assets::send;
    },
    ..Mount::core("")
}];
