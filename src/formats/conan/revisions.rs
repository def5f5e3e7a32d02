//! Which revisions there are, of a recipe and of a binary.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::path::Binary;
use super::reference::Reference;
use super::scope::Scope;
use crate::error::Result;
use crate::http::{Path, answer};
use crate::registry::{CompleteRevision, Registry};

/// `GET …/v2/conans/R/latest`: 200 `{"revision","time"}`.
pub(super) async fn latest_recipe(
    scope: Scope,
    Path(reference): Path<Reference>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let found = registry.latest_revision(&scope.access, &reference.key(), None);
    answer::ok(&shown(
        &found.map_err(|error| scope.missing(&reference, error))?,
    ))
}

/// `GET …/v2/conans/R/revisions`: 200 `{"reference","revisions":[…]}`, newest first.
pub(super) async fn of_recipe(
    scope: Scope,
    Path(reference): Path<Reference>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let found = registry
        .revisions(&scope.access, reference.key(), None)
        .await
        .map_err(|error| scope.missing(&reference, error))?;
    list(reference.to_string(), &found)
}

/// `GET …/v2/conans/R/revisions/RREV/packages/PID/latest`: 200 `{"revision","time"}`.
pub(super) async fn latest_binary(
    scope: Scope,
    Path(Binary { reference, path }): Path<Binary>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let found = registry.latest_revision(&scope.access, &reference.key(), Some(&path));
    answer::ok(&shown(
        &found.map_err(|error| scope.missing(&reference, error))?,
    ))
}

/// `GET …/v2/conans/R/revisions/RREV/packages/PID/revisions`: 200 `{"reference","revisions":[…]}`, newest first.
pub(super) async fn of_binary(
    scope: Scope,
    Path(Binary { reference, path }): Path<Binary>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let shown = format!("{reference}#{}:{}", path.recipe, path.reference);
    let found = registry
        .revisions(&scope.access, reference.key(), Some(path))
        .await
        .map_err(|error| scope.missing(&reference, error))?;
    list(shown, &found)
}

fn list(reference: String, revisions: &[CompleteRevision]) -> Result<HttpResponse> {
    let revisions: Vec<Value> = revisions.iter().map(shown).collect();
    answer::ok(&json!({ "reference": reference, "revisions": revisions }))
}

/// GitLab writes the offset without a colon; Conan reads both.
fn shown(revision: &CompleteRevision) -> Value {
    let time = revision.completed_at.to_string().replace('Z', "+0000");
    json!({ "revision": revision.revision, "time": time })
}
