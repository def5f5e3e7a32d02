//! PUT of a package: a publish where there is a tarball inside, otherwise a change to what is published.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::receive::receive;
use super::unpublish;
use crate::error::{Error, Result};
use crate::formats::npm::body::{Sent, SentVersion};
use crate::formats::npm::names::{self, refusal};
use crate::formats::npm::path::NpmPath;
use crate::formats::npm::{compare, model, tarball};
use crate::http::{Path, answer};
use crate::registry::{
    Ability, Door, NewFile, NewPackage, OnExisting, Package, PackageType, ProjectAccess, Registry,
    StagedBlob,
};

/// `PUT …/:name`: publishes (200 and the package), deprecates and undeprecates, takes stars (200 `{"ok":true}`).
/// `PUT …/:name/-rev/:rev`: the first step of an unpublish.
pub(in crate::formats::npm) async fn publish(
    access: ProjectAccess,
    Path(path): Path<NpmPath>,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let (name, revision) = match path {
        NpmPath::Package { name } => (name, None),
        NpmPath::Revision { name, revision } => (name, Some(revision)),
        _ => return Err(Error::not_found("Package")),
    };
    names::check_name(&name)?;
    // Before the body is read: the name alone may be refused.
    let announced = NewPackage::new(names::key(&name, ""), ON_EXISTING);
    registry.may_publish(&access, &announced, None)?;
    let (sent, staged) = receive(&registry, &request, body).await?;
    if let Some(revision) = revision {
        let access = may_remove(&registry, &access)?;
        return unpublish::keep_only(&registry, &access, name, sent, revision).await;
    }
    if sent.name.as_ref().is_some_and(|sent| *sent != name) {
        return Err(refusal("The name in the body is not the one in the URL."));
    }
    match sent.has_attachments {
        true => store(&registry, &access, &name, sent, staged).await,
        false => change(&registry, &access, name, sent).await,
    }
}

/// `PUT` and `DELETE` at group and instance level: 404 with a sentence; nothing is stored there.
pub(in crate::formats::npm) async fn not_here() -> Result<HttpResponse> {
    Err(Error::message(
        StatusCode::NOT_FOUND,
        "Publish to a project: /api/v4/projects/:id/packages/npm. Groups and the instance have no packages of their own.",
    ))
}

const ON_EXISTING: OnExisting =
    OnExisting::RefuseFile(|| Error::message(StatusCode::FORBIDDEN, "Package already exists."));

async fn store(
    registry: &Registry,
    access: &ProjectAccess,
    name: &str,
    sent: Sent,
    staged: Option<StagedBlob>,
) -> Result<HttpResponse> {
    let versions = sent
        .versions
        .ok_or_else(|| Error::invalid_param("versions is missing"))?;
    let [
        SentVersion {
            version,
            manifest,
            deprecated,
        },
    ] = <[SentVersion; 1]>::try_from(versions).map_err(|list| match list.is_empty() {
        true => Error::invalid_param("versions is missing"),
        false => refusal("One version can be published at a time."),
    })?;
    if version.is_empty() {
        return Err(refusal("Version is empty."));
    }
    names::check_version(&version)?;
    let manifest = manifest.unwrap_or(Value::Null);
    if manifest["name"] != name || manifest["version"] != version.as_str() {
        return Err(refusal(
            "The manifest's name and version are not those that it is published under.",
        ));
    }
    for (tag, tagged) in &sent.tags {
        names::check_tag(tag)?;
        if *tagged != version {
            return Err(refusal(
                "A tag must point to the version that is published.",
            ));
        }
    }
    let staged = staged.ok_or_else(|| refusal("Attachment data is empty."))?;
    let key = names::key(name, &version);
    let file_name = names::file_name(name, &version);
    let new = NewPackage {
        once_within_root: Some(sibling),
        ..NewPackage::new(key, ON_EXISTING)
    };
    registry.may_publish(access, &new, Some(&file_name))?;
    verify(&manifest["dist"], &staged)?;
    let size = staged.size;
    let contents = registry
        .inspect(&staged, move |file| tarball::read(file, size))
        .await?;
    compare::compare(&manifest, &contents)?;
    let new = NewPackage {
        metadata: Some(model::kept(&manifest, sent.readme.as_deref(), &contents)),
        tags: sent.tags.into_iter().map(|(tag, _)| tag).collect(),
        ..new
    };
    let published = registry
        .publish_file(access, new, NewFile::new(file_name, staged))
        .await?;
    if let Some(message) = deprecated.filter(|message| !message.is_empty()) {
        let messages = vec![(version, Some(message))];
        registry
            .deprecate(access, PackageType::Npm, name.to_owned(), messages)
            .await?;
    }
    answer::ok(&package(&published.package))
}

/// GitLab's refusal where a sibling project under the same top-level group has this version; the sibling by its path, if the
/// caller may see it.
fn sibling(path: Option<&str>) -> Error {
    match path {
        Some(path) => refusal(format!(
            "Validation failed: Package already exists in {path}"
        )),
        None => refusal("Validation failed: Package already exists"),
    }
}

/// The digests that the client promises must be those of the bytes that came.
fn verify(dist: &Value, staged: &StagedBlob) -> Result<()> {
    let (Some(shasum), Some(_)) = (dist["shasum"].as_str(), dist["tarball"].as_str()) else {
        return Err(refusal(
            "Validation failed: Package json structure is invalid",
        ));
    };
    if !shasum.eq_ignore_ascii_case(&staged.digests.sha1) {
        return Err(refusal("dist.shasum is not the SHA-1 of the tarball."));
    }
    let ours = staged.digests.sha512.as_deref().map(model::integrity);
    let promised = dist["integrity"].as_str().unwrap_or_default();
    let strong = promised
        .split_ascii_whitespace()
        .find(|hash| hash.starts_with("sha512-"))
        .map(|hash| hash.split('?').next().unwrap_or(hash));
    if strong.is_some() && strong != ours.as_deref() {
        return Err(refusal("dist.integrity is not the SHA-512 of the tarball."));
    }
    Ok(())
}

/// Deprecate and undeprecate: each version has its own say, and one without the key is left alone.
async fn change(
    registry: &Registry,
    access: &ProjectAccess,
    name: String,
    sent: Sent,
) -> Result<HttpResponse> {
    let Some(versions) = sent.versions else {
        return match sent.has_users {
            true => answer::ok(&json!({ "ok": true })), // stars are not kept
            false => Err(Error::invalid_param("versions is missing")),
        };
    };
    let access = may_remove(registry, access)?;
    let known: Vec<(String, Option<String>)> = versions
        .into_iter()
        .filter_map(|sent| {
            let message = sent.deprecated?;
            Some((sent.version, Some(message).filter(|text| !text.is_empty())))
        })
        .collect();
    let changed = registry
        .deprecate(&access, PackageType::Npm, name, known)
        .await?;
    match changed {
        0 => Err(Error::bad_request(
            "\"package versions to deprecate\" not given",
        )),
        _ => answer::ok(&json!({ "ok": true })),
    }
}

/// The same caller in the same project, asked for the right to delete.
fn may_remove(registry: &Registry, access: &ProjectAccess) -> Result<ProjectAccess> {
    registry.project_access(
        &access.project.id.to_string(),
        access.actor.clone(),
        Ability::DestroyPackage,
        Door::Format,
    )
}

/// The package as GitLab prints its record. npm reads no more than the status.
fn package(package: &Package) -> Value {
    json!({
        "id": package.id,
        "project_id": package.project_id,
        "created_at": package.created_at,
        "updated_at": package.updated_at,
        "name": package.name,
        "version": package.version,
        "package_type": package.package_type,
        "creator_id": package.creator_id,
        "status": package.status,
        "last_downloaded_at": package.last_downloaded_at,
        "status_message": package.status_message,
    })
}
