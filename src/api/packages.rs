//! Packages of a project and of a group: lists, detail, deletion (contract, sections 6 and 9.1).

use actix_web::{HttpRequest, HttpResponse, web};

use super::views::PackageView;
use super::views::shapes::{GROUP_PACKAGE, PACKAGE, PACKAGE_DETAIL};
use crate::error::{Error, Result};
use crate::http::describe::{Answer::*, Field, Operation, Shape::*};
use crate::http::download::unmodified_since;
use crate::http::{Check, FromPath, Page, Params, Path, PathParams, Route, answer};
use crate::registry::{
    GroupAccess, PackageFilter, PackageOrder, PackageOrderBy, PackageStatus, PackageType,
    ProjectAccess, Registry, search_terms,
};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/packages" Project(ReadPackage) => list, described LIST;
    GET "/projects/{id}/packages/{package_id}" Project(ReadPackage) => detail, described DETAIL;
    PATCH "/projects/{id}/packages/{package_id}" Project(DestroyPackage) => change_status, described CHANGE_STATUS;
    DELETE "/projects/{id}/packages/{package_id}" Project(DestroyPackage) => remove, described REMOVE;
};

/// Alone in not listening to jobs.
pub(super) const GROUP_ROUTES: &[Route] = routes! {
    GET "/groups/{id}/packages" Group(ReadGroup) => list_in_group, described LIST_IN_GROUP;
};

const FILTERS: &[Field] = &[
    ("sort?", Words(&["asc", "desc"])),
    ("package_type?", Words(PackageType::WORDS)),
    ("package_name?", Text),
    ("package_version?", Text),
    ("include_versionless?", Flag),
    ("status?", Words(PackageStatus::WORDS)),
];
const LIST: Operation = Operation::new("Packages of a project", Pages(&PACKAGE))
    .takes(&[FILTERS, &[("order_by?", Words(PROJECT_ORDERS))]]);
const LIST_IN_GROUP: Operation = Operation::new("Packages of a group", Pages(&GROUP_PACKAGE))
    .takes(&[
        FILTERS,
        &[
            ("order_by?", Words(GROUP_ORDERS)),
            ("exclude_subgroups?", Flag),
        ],
    ]);
const DETAIL: Operation = Operation::new(
    "A package with its other versions",
    Json(200, &PACKAGE_DETAIL),
);
const CHANGE_STATUS: Operation = Operation::new(
    "Hide, show or deprecate a package",
    Json(200, &PACKAGE_DETAIL),
)
.takes(&[&[("status", Words(SETTABLE)), ("message?", Text)]]);
const REMOVE: Operation = Operation::new("Delete a package", Empty(204)).refuses(&[412]);

/// `…/packages/:package_id`
pub(super) struct PackageId(pub(super) i64);

impl FromPath for PackageId {
    fn from_path(params: &PathParams) -> Result<PackageId> {
        params.id("package_id").map(PackageId)
    }
}

/// `GET /projects/:id/packages`: 200, a page of packages.
async fn list(
    access: ProjectAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let ListQuery {
        order,
        filter,
        page,
    } = ListQuery::parse(&mut check, PROJECT_ORDERS);
    let declared = check.done()?;
    let (items, total) = registry
        .list_packages(&access, filter, order, page.limit(), page.offset())
        .await?;
    let url = registry.config().url();
    let views: Vec<PackageView> = items
        .into_iter()
        .map(|item| PackageView::in_project(item, &url))
        .collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET /groups/:id/packages`: 200, a page of what the caller may read of the group's projects.
async fn list_in_group(
    access: GroupAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let exclude_subgroups = check.flag("exclude_subgroups").unwrap_or(false);
    let ListQuery {
        order,
        filter,
        page,
    } = ListQuery::parse(&mut check, GROUP_ORDERS);
    let mut declared = check.done()?;
    declared
        .entry("exclude_subgroups".into())
        .or_insert_with(|| exclude_subgroups.to_string());
    let (items, total) = registry
        .list_group_packages(
            &access,
            exclude_subgroups,
            filter,
            order,
            page.limit(),
            page.offset(),
        )
        .await?;
    let url = registry.config().url();
    let views: Vec<PackageView> = items
        .into_iter()
        .map(|item| PackageView::in_group(item, &url))
        .collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET /projects/:id/packages/:package_id`: 200, the package with its other versions.
async fn detail(
    access: ProjectAccess,
    Path(PackageId(id)): Path<PackageId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let detail = registry.package_detail(&access, id).await?;
    answer::ok(&PackageView::detail(
        detail.item,
        detail.versions,
        &registry.config().url(),
    ))
}

/// `DELETE /projects/:id/packages/:package_id`: 204; out of sight at once, gone a minute later.
async fn remove(
    access: ProjectAccess,
    Path(PackageId(id)): Path<PackageId>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry
        .remove_package(&access, id, unmodified_since(&request))
        .await?;
    Ok(answer::no_content())
}

/// `PATCH /projects/:id/packages/:package_id` (ours): 200, the package; maintainers hide, show and deprecate it.
async fn change_status(
    access: ProjectAccess,
    params: Params,
    Path(PackageId(id)): Path<PackageId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let status = check
        .required_choice("status", SETTABLE)
        .and_then(PackageStatus::parse);
    let message = check.text("message");
    if message
        .as_deref()
        .is_some_and(|message| message.chars().count() > LONGEST_MESSAGE)
    {
        check.refuse(format!(
            "message is too long (maximum is {LONGEST_MESSAGE} characters)"
        ));
    }
    check.done()?;
    let status = status.ok_or(Error::RecordNotFound)?; // a status that is missing was told by `done`
    let package = registry
        .set_package_status(&access, id, status, message)
        .await?;
    let detail = registry.changed_package_detail(&access, package).await?;
    answer::ok(&PackageView::detail(
        detail.item,
        detail.versions,
        &registry.config().url(),
    ))
}

/// What people choose; the others are the machine's.
const SETTABLE: &[&str] = &["default", "hidden", "deprecated"];
const LONGEST_MESSAGE: usize = 1_000;

const PROJECT_ORDERS: &[&str] = &["created_at", "name", "version", "type"];
const GROUP_ORDERS: &[&str] = &["created_at", "name", "version", "type", "project_path"];

struct ListQuery {
    order: PackageOrder,
    filter: PackageFilter,
    page: Page,
}

impl ListQuery {
    /// In the order in which GitLab declares the parameters, so that its errors come in that order.
    fn parse(check: &mut Check<'_>, orders: &[&'static str]) -> ListQuery {
        let by = match check.choice_or("order_by", orders, "created_at") {
            "name" => PackageOrderBy::Name,
            "version" => PackageOrderBy::Version,
            "type" => PackageOrderBy::Type,
            "project_path" => PackageOrderBy::ProjectPath,
            _ => PackageOrderBy::CreatedAt,
        };
        let descending = check.choice_or("sort", &["asc", "desc"], "asc") == "desc";
        let package_type = check
            .choice("package_type", PackageType::WORDS)
            .and_then(PackageType::parse);
        let name = check.text("package_name").unwrap_or_default();
        let version = check.text("package_version");
        let include_versionless = check.flag("include_versionless").unwrap_or(false);
        let status = check
            .choice("status", PackageStatus::WORDS)
            .and_then(PackageStatus::parse);
        let page = check.page();
        let filter = PackageFilter {
            package_type,
            name_terms: search_terms(&name),
            version,
            status,
            include_versionless,
        };
        ListQuery {
            order: PackageOrder { by, descending },
            filter,
            page,
        }
    }
}
