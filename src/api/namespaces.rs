//! Namespaces: groups and personal namespaces seen as one kind of thing (contract 11.3).

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::views;
use super::views::shapes::NAMESPACE;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::describe::{Answer::*, Operation, Shape::*};
use crate::http::{FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{Ability, Door, NamespaceFilter, Registry, Search};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/namespaces" SignedIn => list, described LIST;
    GET "/namespaces/{id}" SignedIn => detail, described DETAIL;
    GET "/namespaces/{id}/exists" SignedIn => exists, described EXISTS;
};

const LIST: Operation = Operation::new("Namespaces of the caller", Pages(&NAMESPACE)).takes(&[&[
    ("search?", Text),
    ("owned_only?", Flag),
    ("top_level_only?", Flag),
]]);
const DETAIL: Operation = Operation::new("A namespace", Json(200, &NAMESPACE));
const EXISTS: Operation = Operation::new(
    "Whether a path is taken",
    Json(
        200,
        &Object(&[&[("exists", Flag), ("suggests", List(&Text))]]),
    ),
)
.takes(&[&[("parent_id?", Integer)]]);

/// `/namespaces/:id`: a number or a full path; of `…/exists` a path.
struct NamespaceName(String);

impl FromPath for NamespaceName {
    fn from_path(params: &PathParams) -> Result<NamespaceName> {
        Ok(NamespaceName(params.get("id").to_owned()))
    }
}

/// `GET /namespaces`: 200, a page of those that the caller belongs to; administrators see all of them.
async fn list(
    Caller(actor): Caller,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let filter = NamespaceFilter {
        search: Search::parse(&check.text("search").unwrap_or_default()),
        owned_only: check.flag("owned_only").unwrap_or(false),
        top_level_only: check.flag("top_level_only").unwrap_or(false),
    };
    let page = check.page();
    let declared = check.done()?;
    let (items, total) = registry
        .list_namespaces(actor, filter, page.limit(), page.offset())
        .await?;
    let url = registry.config().url();
    let views: Vec<_> = items
        .into_iter()
        .map(|item| views::namespace(item, &url))
        .collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET /namespaces/:id`: 200, a namespace that the caller belongs to.
async fn detail(
    Caller(actor): Caller,
    Path(NamespaceName(id)): Path<NamespaceName>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let user = actor.user().ok_or(Error::Unauthorized)?;
    let item = registry.namespace_for(&id, user)?;
    answer::ok(&views::namespace(item, &registry.config().url()))
}

/// `GET /namespaces/:id/exists`: 200 `{"exists":…,"suggests":[…]}`, so that a form can say in time that a path is taken.
async fn exists(
    Caller(actor): Caller,
    Path(NamespaceName(path)): Path<NamespaceName>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let parent_id = check.integer("parent_id");
    check.done()?;
    let (exists, suggests) = match parent_id {
        None => registry.namespace_exists(&path, None)?,
        // Below a group that the caller may not know of there is nothing.
        Some(id) => {
            match registry.group_access(&id.to_string(), actor, Ability::ReadGroup, Door::SignedIn)
            {
                Ok(parent) => registry.namespace_exists(&path, Some(&parent.group))?,
                Err(Error::NotFound(_)) => (false, Vec::new()),
                Err(error) => return Err(error),
            }
        }
    };
    answer::ok(&json!({ "exists": exists, "suggests": suggests }))
}
