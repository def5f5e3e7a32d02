//! `npm unpublish`, in all of its forms.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::error::{Error, Result};
use crate::formats::npm::body::Sent;
use crate::formats::npm::path::NpmPath;
use crate::http::{Path, answer};
use crate::registry::{PackageType, ProjectAccess, Registry, Removal};

/// `PUT …/:name/-rev/:rev`: the versions that are not in the document go; 200 `{"ok":true}`. 409 for an old revision.
pub(super) async fn keep_only(
    registry: &Registry,
    access: &ProjectAccess,
    name: String,
    sent: Sent,
    revision: String,
) -> Result<HttpResponse> {
    // `npm owner` sends no versions: who maintains a package is decided by the project's members.
    let kept = sent.versions.ok_or(Error::Forbidden)?;
    let kept = kept.into_iter().map(|sent| sent.version).collect();
    registry
        .remove_versions(
            access,
            PackageType::Npm,
            name,
            Removal::AllBut(kept),
            checked(revision),
        )
        .await?;
    answer::ok(&json!({ "ok": true }))
}

/// `DELETE …/:name/-/:file/-rev/:rev` and `DELETE …/:name/-rev/:rev`: 200 `{"ok":true}`, for what is gone already, too.
pub(in crate::formats::npm) async fn remove(
    access: ProjectAccess,
    Path(path): Path<NpmPath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let (name, removal, revision) = match path {
        NpmPath::TarballRevision { name, version } => (name, Removal::One(version), None),
        NpmPath::Revision { name, revision } => (name, Removal::All, checked(revision)),
        _ => return Err(Error::not_found("Package")),
    };
    registry
        .remove_versions(&access, PackageType::Npm, name, removal, revision)
        .await?;
    answer::ok(&json!({ "ok": true }))
}

/// A client that has seen no revision sends `undefined`.
fn checked(revision: String) -> Option<String> {
    Some(revision).filter(|revision| revision != "undefined")
}
