//! Where files may be put, and what is to go.

use actix_web::{HttpResponse, web};

use super::{body, urls};
use crate::error::Result;
use crate::formats::conan::file_name::FileName;
use crate::formats::conan::path::{Revision, ZERO};
use crate::formats::conan::reference::Reference;
use crate::formats::conan::remove::{done, remove};
use crate::formats::conan::scope::Scope;
use crate::http::{Path, answer};
use crate::registry::{Registry, RevisionsToRemove};

/// `POST …/v1/conans/R[/packages/PID]/upload_urls` with `{"conanfile.py":320,…}`: 200 `{"conanfile.py":URL,…}`. Names that
/// have no place in a recipe or a binary are left out.
pub(in crate::formats::conan) async fn upload_urls(
    scope: Scope,
    Path(revision): Path<Revision>,
    payload: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry.may_publish_revision(&scope.access, &revision.reference.key())?;
    let wanted = body::read(payload).await?;
    let in_binary = revision.path.binary.is_some();
    let names = wanted
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| FileName::parse(name).is_ok_and(|name| name.is_known(in_binary)));
    answer::ok(&urls::of_files(&registry, &scope, &revision, names))
}

/// `POST …/v1/conans/R/remove_files` with `{"files":[…]}`: 200; what a new upload of the recipe no longer has.
pub(in crate::formats::conan) async fn remove_files(
    scope: Scope,
    Path(revision): Path<Revision>,
    payload: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let names = body::texts(&body::read(payload).await?, "files");
    let names = names.iter().filter_map(|name| FileName::parse(name).ok());
    let names = names.map(|name| name.stored()).collect();
    let key = revision.reference.key();
    registry
        .remove_revision_files(&scope.access, key, revision.path, names)
        .await?;
    Ok(done())
}

/// `POST …/v1/conans/R/packages/delete` with `{"package_ids":[…]}`: 200; these binaries, or with `[]` all.
pub(in crate::formats::conan) async fn remove_packages(
    scope: Scope,
    Path(reference): Path<Reference>,
    payload: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let ids = body::texts(&body::read(payload).await?, "package_ids");
    let what = match ids.is_empty() {
        true => RevisionsToRemove::Binaries(ZERO.to_owned()),
        false => RevisionsToRemove::BinariesOf(ZERO.to_owned(), ids),
    };
    remove(&registry, &scope, &reference, what).await
}
