//! Package settings of a group (contract 12.2): GitLab has them in GraphQL alone, so these routes are ours.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::error::Result;
use crate::http::describe::{
    Answer::*,
    Field, Operation,
    Shape::{self, *},
};
use crate::http::{Params, Route, answer};
use crate::registry::{GroupAccess, PACKAGE_SETTINGS, Registry, SettingKind};
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
    ("nuget_delete_unlists", Flag),
    ("nuget_symbol_server_enabled", Flag),
    ("maven_package_requests_forwarding", Flag),
    ("lock_maven_package_requests_forwarding", Flag),
    ("maven_package_requests_forwarding_locked", Flag),
    ("npm_package_requests_forwarding", Flag),
    ("lock_npm_package_requests_forwarding", Flag),
    ("npm_package_requests_forwarding_locked", Flag),
    ("pypi_package_requests_forwarding", Flag),
    ("lock_pypi_package_requests_forwarding", Flag),
    ("pypi_package_requests_forwarding_locked", Flag),
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
    ("nuget_delete_unlists?", Flag),
    ("nuget_symbol_server_enabled?", Flag),
    ("maven_package_requests_forwarding?", Maybe(&Flag)),
    ("lock_maven_package_requests_forwarding?", Flag),
    ("npm_package_requests_forwarding?", Maybe(&Flag)),
    ("lock_npm_package_requests_forwarding?", Flag),
    ("pypi_package_requests_forwarding?", Maybe(&Flag)),
    ("lock_pypi_package_requests_forwarding?", Flag),
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
    let mut changes = Vec::new();
    for setting in PACKAGE_SETTINGS {
        let value = match setting.kind {
            SettingKind::Switch { .. } | SettingKind::ForwardingLock(_) => {
                check.flag(setting.name).map(|on| json!(on))
            }
            SettingKind::Pattern => check.text_or_empty(setting.name).map(|text| json!(text)),
            SettingKind::Forwarding(_) => {
                let on = check.flag(setting.name);
                params.is_given(setting.name).then(|| json!(on))
            }
            SettingKind::ForwardingLocked(_) => None,
        };
        changes.extend(value.map(|value| (setting, value)));
    }
    check.done()?;
    registry.set_package_settings(&access, changes).await?;
    answer::ok(&registry.package_settings(&access)?)
}
