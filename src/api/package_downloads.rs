//! Downloads of a package over time (ours).

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::packages::PackageId;
use crate::error::Result;
use crate::http::describe::{Answer::*, Operation, Shape::*};
use crate::http::{Path, Route, answer};
use crate::registry::{ProjectAccess, Registry};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/-/projects/{id}/packages/{package_id}/downloads" Project(ReadPackage) => show, described SHOW;
};

const SHOW: Operation = Operation::new(
    "Downloads of a package, day by day",
    Json(
        200,
        &Object(&[&[
            ("total", Integer),
            (
                "days",
                List(&Object(&[&[("date", Date), ("downloads", Integer)]])),
            ),
        ]]),
    ),
);

/// `GET /-/projects/:id/packages/:package_id/downloads`: 200, `total` since the publish, and `days`: each of the last
/// 90 days in UTC, oldest first, `{"date":"2026-11-21","downloads":3}`. A download is told within a second or two.
async fn show(
    access: ProjectAccess,
    Path(PackageId(id)): Path<PackageId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let downloads = registry.package_downloads(&access, id).await?;
    let day = |(date, downloads): &(String, i64)| json!({ "date": date, "downloads": downloads });
    let days: Vec<Value> = downloads.days.iter().map(day).collect();
    answer::ok(&json!({ "total": downloads.total, "days": days }))
}
