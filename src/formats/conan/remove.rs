//! Removal. Clients take 200 for done and nothing else.

use actix_web::{HttpResponse, web};

use super::path::{Binary, Revision};
use super::reference::Reference;
use super::scope::Scope;
use crate::error::Result;
use crate::http::Path;
use crate::registry::{Registry, RevisionsToRemove};

/// `DELETE …/conans/R`: 200; the recipe with all its revisions and binaries.
pub(super) async fn recipe(
    scope: Scope,
    Path(reference): Path<Reference>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    remove(&registry, &scope, &reference, RevisionsToRemove::All).await
}

/// `DELETE …/revisions/RREV` and `DELETE …/packages/PID/revisions/PREV`: 200; with the last revision of a recipe goes the
/// package.
pub(super) async fn revision(
    scope: Scope,
    Path(Revision { reference, path }): Path<Revision>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    remove(&registry, &scope, &reference, RevisionsToRemove::One(path)).await
}

/// `DELETE …/revisions/RREV/packages`: 200; every binary of a revision of the recipe.
pub(super) async fn binaries(
    scope: Scope,
    Path(Revision { reference, path }): Path<Revision>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let what = RevisionsToRemove::Binaries(path.recipe);
    remove(&registry, &scope, &reference, what).await
}

/// `DELETE …/revisions/RREV/packages/PID`: 200; all revisions of one binary.
pub(super) async fn binary(
    scope: Scope,
    Path(Binary { reference, path }): Path<Binary>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let what = RevisionsToRemove::BinariesOf(path.recipe, vec![path.reference]);
    remove(&registry, &scope, &reference, what).await
}

pub(super) async fn remove(
    registry: &Registry,
    scope: &Scope,
    reference: &Reference,
    what: RevisionsToRemove,
) -> Result<HttpResponse> {
    registry
        .remove_revisions(&scope.access, reference.key(), what)
        .await?;
    Ok(done())
}

pub(super) fn done() -> HttpResponse {
    HttpResponse::Ok().finish()
}
