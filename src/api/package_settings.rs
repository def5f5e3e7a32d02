//! Package settings of a group (contract 12.2): GitLab has them in GraphQL alone, so these routes are ours.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::error::Result;
use crate::http::describe::{
    Answer::*,
    Field, Operation,
    Shape::{self, *},
};
use crate::http::{Params, Route, answer};
use crate::registry::{DUPLICATE_SETTINGS, GroupAccess, Registry, SettingKind};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/groups/{id}/-/packages/settings" Group(AdminGroup) => show, described SHOW;
    PUT "/groups/{id}/-/packages/settings" Group(AdminGroup) => update, described UPDATE;
};

const SETTINGS: Shape = Named("PackageSettings", &Object(&[SHOWN]));
const SHOWN: &[Field] = &[
    ("maven_duplicates_allowed", Flag),
    ("maven_duplicate_exception_regex", Text),
    ("generic_duplicates_allowed", Flag),
    ("generic_duplicate_exception_regex", Text),
    ("nuget_duplicates_allowed", Flag),
    ("nuget_duplicate_exception_regex", Text),
    ("helm_duplicates_allowed", Flag),
    ("helm_duplicate_exception_regex", Text),
    ("composer_duplicates_allowed", Flag),
    ("composer_duplicate_exception_regex", Text),
    ("npm_republish_allowed", Flag),
    ("golang_republish_allowed", Flag),
    ("terraform_module_duplicates_allowed", Flag),
    ("terraform_module_duplicate_exception_regex", Text),
];
const TAKEN: &[Field] = &[
    ("maven_duplicates_allowed?", Flag),
    ("maven_duplicate_exception_regex?", Text),
    ("generic_duplicates_allowed?", Flag),
    ("generic_duplicate_exception_regex?", Text),
    ("nuget_duplicates_allowed?", Flag),
    ("nuget_duplicate_exception_regex?", Text),
    ("helm_duplicates_allowed?", Flag),
    ("helm_duplicate_exception_regex?", Text),
    ("composer_duplicates_allowed?", Flag),
    ("composer_duplicate_exception_regex?", Text),
    ("npm_republish_allowed?", Flag),
    ("golang_republish_allowed?", Flag),
    ("terraform_module_duplicates_allowed?", Flag),
    ("terraform_module_duplicate_exception_regex?", Text),
];
const SHOW: Operation = Operation::new("Package settings of a group", Json(200, &SETTINGS));
const UPDATE: Operation =
    Operation::new("Change package settings of a group", Json(200, &SETTINGS)).takes(&[TAKEN]);

/// `GET /groups/:id/-/packages/settings`: 200, every setting as it holds for the group.
async fn show(access: GroupAccess, registry: web::Data<Registry>) -> Result<HttpResponse> {
    answer::ok(&registry.package_settings(&access)?)
}

/// `PUT /groups/:id/-/packages/settings`: 200, the same after setting those that the request names.
async fn update(
    access: GroupAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let mut changes: Vec<(&'static str, Value)> = Vec::new();
    for setting in DUPLICATE_SETTINGS {
        let value = match setting.kind {
            SettingKind::Switch { .. } => check.flag(setting.name).map(|on| json!(on)),
            SettingKind::Pattern => check.text_or_empty(setting.name).map(|text| json!(text)),
        };
        changes.extend(value.map(|value| (setting.name, value)));
    }
    check.done()?;
    registry.set_package_settings(&access, changes).await?;
    answer::ok(&registry.package_settings(&access)?)
}
