//! Search across all projects (ours; GitLab's package lists stay within one project or group).

use actix_web::{HttpRequest, HttpResponse, web};

use super::views::PackageView;
use super::views::shapes::GROUP_PACKAGE;
use crate::auth::Caller;
use crate::error::Result;
use crate::http::describe::{Answer::*, Operation, Shape::*};
use crate::http::{Params, Route, answer};
use crate::registry::{MOST_FOUND, PackageType, Registry, search_terms};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/-/search" Anyone => search, described SEARCH;
};

const SEARCH: Operation =
    Operation::new("Packages of every project", Pages(&GROUP_PACKAGE)).takes(&[&[
        ("search?", Text),
        ("package_type?", Words(PackageType::WORDS)),
    ]]);

/// `GET /-/search`: 200, a page of packages as a group's list has them: the newest of each name that is meant.
///
/// `search`: every word must occur in the name or in the path of the project, or be the type; what is called exactly so
/// comes first. Without it everything is found, newest first. `package_type` narrows. At most 500 names are told.
async fn search(
    Caller(actor): Caller,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let terms = search_terms(&check.text("search").unwrap_or_default());
    let package_type = check
        .choice("package_type", PackageType::WORDS)
        .and_then(PackageType::parse);
    let page = check.page();
    let declared = check.done()?;
    let found = registry
        .search_everywhere(actor, package_type, terms, MOST_FOUND)
        .await?;
    let (items, total) = page.cut(found);
    let url = registry.config().url();
    let views: Vec<PackageView> = items
        .into_iter()
        .map(|item| PackageView::in_group(item, &url))
        .collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}
