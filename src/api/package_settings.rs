//! Package settings of a group (contract 12.2): GitLab has them in GraphQL alone, so these routes are ours.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::error::Result;
use crate::http::{Params, Route, answer};
use crate::registry::{GroupAccess, PACKAGE_SETTINGS, Registry, SettingKind};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/groups/{id}/-/packages/settings" Group(AdminGroup) => show;
    PUT "/groups/{id}/-/packages/settings" Group(AdminGroup) => update;
};

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
