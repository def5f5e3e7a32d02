//! What is there: digests of files, their URLs, and the binaries of a recipe.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};

use super::urls;
use crate::error::{Error, Result};
use crate::formats::conan::conaninfo;
use crate::formats::conan::file_name::{FileName, MANIFEST};
use crate::formats::conan::path::{Revision, ZERO};
use crate::formats::conan::reference::Reference;
use crate::formats::conan::scope::Scope;
use crate::formats::conan::search;
use crate::http::{Path, answer};
use crate::registry::{PackageFile, Registry};

/// `GET …/v1/conans/R[/packages/PID]`: 200 `{"conanfile.py":"<md5>",…}`, `{}` where there is nothing.
pub(in crate::formats::conan) async fn snapshot(
    scope: Scope,
    Path(revision): Path<Revision>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let files = match files(&registry, &scope, &revision) {
        Ok(files) => files,
        Err(Error::NotFound(_)) => Arc::from([]),
        Err(error) => return Err(error),
    };
    let digests = files.iter().map(|file| {
        (
            FileName::of_stored(&file.file_name),
            file.md5.clone().into(),
        )
    });
    answer::ok(&digests.collect::<Map<String, Value>>())
}

/// `GET …/v1/conans/R[/packages/PID]/digest`: 200 `{"conanmanifest.txt":URL}`. The client fetches whatever is named here.
pub(in crate::formats::conan) async fn digest(
    scope: Scope,
    Path(revision): Path<Revision>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let missing = match revision.path.binary {
        None => "No recipe manifest found",
        Some(_) => "No package manifest found",
    };
    let found = files(&registry, &scope, &revision).map_err(|error| in_words(error, missing))?;
    if !found.iter().any(|file| file.file_name == MANIFEST) {
        return Err(in_words(Error::Missing, missing));
    }
    let names = [MANIFEST.to_owned()];
    answer::ok(&urls::of_files(&registry, &scope, &revision, names))
}

/// `GET …/v1/conans/R[/packages/PID]/download_urls`: 200 `{"conanfile.py":URL,…}`, all files.
pub(in crate::formats::conan) async fn download_urls(
    scope: Scope,
    Path(revision): Path<Revision>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let files = files(&registry, &scope, &revision)?;
    let names = files
        .iter()
        .map(|file| FileName::of_stored(&file.file_name));
    answer::ok(&urls::of_files(&registry, &scope, &revision, names))
}

/// `GET …/v1/conans/R/search`: 200 `{"PID":{"content":"<conaninfo.txt>"}}`.
pub(in crate::formats::conan) async fn search(
    scope: Scope,
    Path(reference): Path<Reference>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let form = conaninfo::content;
    search::of_revision(&registry, &scope, &reference, ZERO.to_owned(), form).await
}

fn files(registry: &Registry, scope: &Scope, revision: &Revision) -> Result<Arc<[PackageFile]>> {
    registry
        .revision_files(&scope.access, &revision.reference.key(), &revision.path)
        .map_err(|error| scope.missing(&revision.reference, error))
}

fn in_words(error: Error, words: &'static str) -> Error {
    match error {
        Error::NotFound(_) | Error::Missing => Error::message(error.status(), words),
        other => other,
    }
}
