//! Settings of the whole instance (contract 12.2): GitLab's route, the few settings that mean something here.

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::http::describe::{
    Answer::*,
    Operation,
    Shape::{self, *},
};
use crate::http::{Params, Route, answer};
use crate::registry::{ApplicationChanges, FORWARDING_SETTINGS, Registry, Visibility};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/application/settings" Admin => show, described SHOW;
    PUT "/application/settings" Admin => update, described UPDATE;
};

const SETTINGS: Shape = Named(
    "ApplicationSettings",
    &Object(&[&[
        ("default_project_visibility", Words(Visibility::WORDS)),
        ("npm_package_requests_forwarding", Flag),
        ("maven_package_requests_forwarding", Flag),
        ("pypi_package_requests_forwarding", Flag),
    ]]),
);
const SHOW: Operation = Operation::new("Settings of the instance", Json(200, &SETTINGS));
const UPDATE: Operation = Operation::new("Change settings of the instance", Json(200, &SETTINGS))
    .takes(&[&[
        ("default_project_visibility?", Words(Visibility::WORDS)),
        ("npm_package_requests_forwarding?", Flag),
        ("maven_package_requests_forwarding?", Flag),
        ("pypi_package_requests_forwarding?", Flag),
    ]]);

/// `GET /application/settings`: 200, the settings as they hold.
async fn show(registry: web::Data<Registry>) -> Result<HttpResponse> {
    let settings: Map<String, Value> = registry
        .application_settings()?
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    answer::ok(&settings)
}

/// `PUT /application/settings`: 200, the settings as they hold now; GitLab's other settings are ignored.
async fn update(params: Params, registry: web::Data<Registry>) -> Result<HttpResponse> {
    let mut check = params.check();
    let changes = ApplicationChanges {
        default_project_visibility: check
            .choice("default_project_visibility", Visibility::WORDS)
            .and_then(Visibility::parse),
        forwarding: FORWARDING_SETTINGS
            .iter()
            .filter_map(|name| Some((*name, check.flag(name)?)))
            .collect(),
    };
    check.done()?;
    registry.set_application_settings(changes).await?;
    show(registry).await
}
