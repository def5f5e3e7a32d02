//! Storage quotas of projects and groups (contract 12.3); GitLab has none, so these routes are ours.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::source_access::SourceAccess;
use crate::error::Result;
use crate::http::describe::{
    Answer::*,
    Operation,
    Shape::{self, *},
};
use crate::http::{Check, Params, Route, answer};
use crate::registry::{GroupAccess, PackageType, ProjectAccess, QuotaChanges, QuotaUse, Registry};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/-/packages/quota" Project(AdminPackage) => show, described SHOW;
    PUT "/projects/{id}/-/packages/quota" Project(OwnProject) => update_of_project, described UPDATE;
    GET "/groups/{id}/-/packages/quota" Group(AdminGroup) => show, described SHOW;
    PUT "/groups/{id}/-/packages/quota" Group(OwnGroup) => update_of_group, described UPDATE;
};

const QUOTA: Shape = Named(
    "PackageQuota",
    &Object(&[&[
        ("max_bytes", Maybe(&Integer)),
        ("max_files", Maybe(&Integer)),
        ("max_bytes_per_type", Map(&Integer)),
        ("used_bytes", Integer),
        ("used_files", Integer),
        ("used_bytes_per_type", Map(&Integer)),
    ]]),
);
const SHOW: Operation = Operation::new("Limits, and what is used of them", Json(200, &QUOTA));
const UPDATE: Operation = Operation::new("Change limits", Json(200, &QUOTA)).takes(&[&[
    ("max_bytes?", Maybe(&Integer)),
    ("max_files?", Maybe(&Integer)),
    ("max_bytes_per_type?", Map(&Maybe(&Integer))),
]]);

/// `GET …/-/packages/quota`: 200, the limits and what is used of them.
async fn show(access: SourceAccess, registry: web::Data<Registry>) -> Result<HttpResponse> {
    answer::ok(&view(&registry.quota(access.source)?))
}

/// `PUT /projects/:id/-/packages/quota`: 200, the same after the change; for administrators and owners of the group.
async fn update_of_project(
    access: ProjectAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let changes = parse(&params)?;
    answer::ok(&view(&registry.set_project_quota(&access, changes).await?))
}

/// `PUT /groups/:id/-/packages/quota`: 200, the same after the change.
async fn update_of_group(
    access: GroupAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let changes = parse(&params)?;
    answer::ok(&view(&registry.set_group_quota(&access, changes).await?))
}

const PER_TYPE: &str = "max_bytes_per_type";

fn parse(params: &Params) -> Result<QuotaChanges> {
    let mut check = params.check();
    let mut changes = QuotaChanges {
        max_bytes: limit(&mut check, params, "max_bytes"),
        max_files: limit(&mut check, params, "max_files"),
        ..QuotaChanges::default()
    };
    match params.text(PER_TYPE) {
        Some(text) => match per_type(text) {
            Some(limits) => changes.max_bytes_per_type = limits,
            None => check.refuse(format!("{PER_TYPE} does not have a valid value")),
        },
        None => changes.clear_types = params.is_given(PER_TYPE),
    }
    for word in PackageType::WORDS {
        let name = format!("{PER_TYPE}[{word}]");
        if let (Some(most), Some(package_type)) =
            (limit(&mut check, params, &name), PackageType::parse(word))
        {
            changes.max_bytes_per_type.insert(package_type, most);
        }
    }
    check.done()?;
    Ok(changes)
}

/// `None`: not given. `Some(None)`: null, which takes the limit away.
fn limit(check: &mut Check<'_>, params: &Params, name: &str) -> Option<Option<i64>> {
    let number = check.natural(name);
    params.is_given(name).then_some(number)
}

/// A JSON object of types and bytes.
fn per_type(text: &str) -> Option<BTreeMap<PackageType, Option<i64>>> {
    let object: BTreeMap<String, Value> = serde_json::from_str(text).ok()?;
    let one = |(word, value): (String, Value)| {
        let most = match value {
            Value::Null => None,
            number => Some(number.as_i64().filter(|number| *number >= 0)?),
        };
        Some((PackageType::parse(&word)?, most))
    };
    object.into_iter().map(one).collect()
}

fn view(quota: &QuotaUse) -> Value {
    let words = |by_type: &BTreeMap<PackageType, i64>| {
        let entry = |(package_type, bytes): (&PackageType, &i64)| {
            (package_type.as_str().to_owned(), json!(bytes))
        };
        Value::Object(by_type.iter().map(entry).collect())
    };
    json!({
        "max_bytes": quota.quota.max_bytes,
        "max_files": quota.quota.max_files,
        "max_bytes_per_type": words(&quota.quota.max_bytes_per_type),
        "used_bytes": quota.used.bytes,
        "used_files": quota.used.files,
        "used_bytes_per_type": words(&quota.used.bytes_per_type),
    })
}
