//! What takes how much room (page data): for administrators, and ours.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::error::Result;
use crate::http::describe::{
    Answer::*,
    Operation, PAGE,
    Shape::{self, *},
};
use crate::http::{Params, Route, answer};
use crate::registry::{PackageType, Registry, Room, StorageOfProject};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/-/storage" Admin => show, described SHOW;
};

const BY_TYPE: Shape = Map(&Object(&[&[("bytes", Integer), ("files", Integer)]]));
const STORAGE: Shape = Named(
    "Storage",
    &Object(&[&[
        ("bytes", Integer),
        ("files", Integer),
        ("package_types", BY_TYPE),
        (
            "projects",
            List(&Object(&[&[
                ("id", Integer),
                ("path_with_namespace", Text),
                ("bytes", Integer),
                ("files", Integer),
                ("package_types", BY_TYPE),
            ]])),
        ),
        ("blobs", Integer),
        ("stored_bytes", Integer),
        ("deduplicated_bytes", Integer),
        ("reclaimable_blobs", Integer),
        ("reclaimable_bytes", Integer),
        ("database_bytes", Integer),
        ("last_backup", Maybe(&Map(&Any))),
        ("last_fsck", Maybe(&Map(&Any))),
        ("last_gc", Maybe(&Map(&Any))),
    ]]),
);
const SHOW: Operation =
    Operation::new("What takes how much room", Json(200, &STORAGE)).takes(&[PAGE]);

/// `GET /-/storage`: 200, what the registry holds by type and by project (a page of them, the largest first), what storing
/// equal content once saves, what `gc` would free, and what came of the last backup, check and collection.
async fn show(
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let page = check.page();
    let declared = check.done()?;
    let storage = registry.storage().await?;
    let deduplicated = storage.deduplicated_bytes();
    let (projects, total) = page.cut(storage.projects);
    let bytes: i64 = storage.by_type.values().map(|(bytes, _)| bytes).sum();
    let files: i64 = storage.by_type.values().map(|(_, files)| files).sum();
    let totals = storage.totals;
    let mut response = answer::ok(&json!({
        "bytes": bytes,
        "files": files,
        "package_types": by_type(&storage.by_type),
        "projects": projects.iter().map(project).collect::<Vec<_>>(),
        "blobs": totals.blobs,
        "stored_bytes": totals.bytes_of_blobs,
        "deduplicated_bytes": deduplicated,
        "reclaimable_blobs": totals.unwanted,
        "reclaimable_bytes": totals.bytes_unwanted,
        "database_bytes": totals.database_bytes,
        "last_backup": storage.last_backup,
        "last_fsck": storage.last_fsck,
        "last_gc": storage.last_gc,
    }))?;
    let url = registry.config().url();
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

fn project(project: &StorageOfProject) -> Value {
    json!({
        "id": project.id,
        "path_with_namespace": project.full_path,
        "bytes": project.bytes,
        "files": project.files,
        "package_types": by_type(&project.by_type),
    })
}

fn by_type(rooms: &BTreeMap<PackageType, Room>) -> Value {
    let entry = |(package_type, (bytes, files)): (&PackageType, &Room)| {
        (
            package_type.as_str().to_owned(),
            json!({ "bytes": bytes, "files": files }),
        )
    };
    Value::Object(rooms.iter().map(entry).collect())
}
