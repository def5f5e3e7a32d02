//! The audit log (contract 14, "audit events"): GitLab's routes and shape, newest first.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use crate::error::Result;
use crate::http::describe::{
    Answer::*,
    Field, Operation,
    Shape::{self, *},
};
use crate::http::{Check, FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{
    AUDITED_ENTITIES, AuditEvent, AuditScope, GroupAccess, ProjectAccess, Registry,
};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/audit_events" Admin => list_of_instance, described LIST_OF_INSTANCE;
    GET "/audit_events/{event_id}" Admin => detail_of_instance, described DETAIL;
    GET "/groups/{id}/audit_events" Group(OwnGroup) => list_of_group, described LIST;
    GET "/groups/{id}/audit_events/{event_id}" Group(OwnGroup) => detail_of_group, described DETAIL;
    GET "/projects/{id}/audit_events" Project(AdminProject) => list_of_project, described LIST;
    GET "/projects/{id}/audit_events/{event_id}" Project(AdminProject) => detail_of_project, described DETAIL;
};

const EVENT: Shape = Named(
    "AuditEvent",
    &Object(&[&[
        ("id", Integer),
        ("author_id", Integer),
        ("entity_id", Integer),
        ("entity_type", Words(AUDITED_ENTITIES)),
        ("event_name", Text),
        ("details", Map(&Any)),
        ("created_at", Moment),
    ]]),
);
const BETWEEN: &[Field] = &[("created_after?", Moment), ("created_before?", Moment)];
const LIST_OF_INSTANCE: Operation = Operation::new("Audit events of the instance", Pages(&EVENT))
    .takes(&[
        &[
            ("entity_type?", Words(AUDITED_ENTITIES)),
            ("entity_id?", Integer),
        ],
        BETWEEN,
    ]);
const LIST: Operation = Operation::new("Audit events of a place", Pages(&EVENT)).takes(&[BETWEEN]);
const DETAIL: Operation = Operation::new("An audit event", Json(200, &EVENT));

/// `…/audit_events/:event_id`
struct EventId(i64);

impl FromPath for EventId {
    fn from_path(params: &PathParams) -> Result<EventId> {
        params.id("event_id").map(EventId)
    }
}

/// `GET /audit_events`: 200, a page of every event of the instance, or of one kind of entity, or of one entity.
async fn list_of_instance(
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let entity_type = check.choice("entity_type", AUDITED_ENTITIES);
    let entity_id = check.integer("entity_id");
    if entity_id.is_some() && entity_type.is_none() {
        check.refuse("entity_type is missing"); // ids of different kinds are not told apart without it
    }
    let scope = AuditScope::Instance {
        entity_type,
        entity_id,
    };
    answer_page(scope, check, request, registry).await
}

/// `GET /groups/:id/audit_events`: 200, a page of the group's own events; those of its projects are theirs.
async fn list_of_group(
    access: GroupAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    answer_page(
        AuditScope::of_group(&access),
        params.check(),
        request,
        registry,
    )
    .await
}

/// `GET /projects/:id/audit_events`: 200, a page of the project's events, its packages' among them.
async fn list_of_project(
    access: ProjectAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    answer_page(
        AuditScope::of_project(&access),
        params.check(),
        request,
        registry,
    )
    .await
}

async fn answer_page(
    scope: AuditScope,
    mut check: Check<'_>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let between = (
        check.moment("created_after"),
        check.moment("created_before"),
    );
    let page = check.page();
    let declared = check.done()?;
    let (events, total) = registry
        .audit_events(scope, between, (page.limit(), page.offset()))
        .await?;
    let views: Vec<Value> = events.iter().map(AuditEvent::to_json).collect();
    let mut response = answer::ok(&views)?;
    let url = registry.config().url();
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET /audit_events/:event_id`: 200.
async fn detail_of_instance(
    Path(EventId(id)): Path<EventId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let anything = AuditScope::Instance {
        entity_type: None,
        entity_id: None,
    };
    answer::ok(&registry.audit_event(anything, id)?.to_json())
}

/// `GET /groups/:id/audit_events/:event_id`: 200.
async fn detail_of_group(
    access: GroupAccess,
    Path(EventId(id)): Path<EventId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let event = registry.audit_event(AuditScope::of_group(&access), id)?;
    answer::ok(&event.to_json())
}

/// `GET /projects/:id/audit_events/:event_id`: 200.
async fn detail_of_project(
    access: ProjectAccess,
    Path(EventId(id)): Path<EventId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let event = registry.audit_event(AuditScope::of_project(&access), id)?;
    answer::ok(&event.to_json())
}
