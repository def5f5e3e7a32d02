//! Who is a member: of the place itself, or of the groups above it too.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{MemberId, Place, view, views};
use crate::error::Result;
use crate::http::{Params, Path, answer};
use crate::registry::Registry;

/// `GET …/members`: 200, a page of direct members.
pub(super) async fn list(
    place: Place,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    answer_page(place, false, params, request, registry).await
}

/// `GET …/members/all`: 200, a page of members of this place and of the groups above, each with the highest level.
pub(super) async fn list_all(
    place: Place,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    answer_page(place, true, params, request, registry).await
}

async fn answer_page(
    place: Place,
    inherited: bool,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let query = check.text("query").unwrap_or_default().to_lowercase();
    let wanted = check.list("user_ids");
    let page = check.page();
    let declared = check.done()?;
    let mut members = registry.members(place.source, inherited).await?;
    members.retain(|item| {
        let user = &item.user;
        let by_id = wanted
            .as_ref()
            .is_none_or(|ids| ids.contains(&user.id.to_string()));
        let named = |name: &str| name.to_lowercase().contains(&query);
        by_id && (named(&user.name) || named(&user.username))
    });
    let (members, total) = page.cut(members);
    let url = registry.config().url();
    let views: Vec<_> = members
        .into_iter()
        .map(|item| views::member(item, &url))
        .collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET …/members/:user_id`: 200, a direct member.
pub(super) async fn detail(
    place: Place,
    Path(MemberId(user_id)): Path<MemberId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let item = registry.member(place.source, false, user_id).await?;
    answer::ok(&view(&registry, item))
}

/// `GET …/members/all/:user_id`: 200, a member of this place or of a group above.
pub(super) async fn detail_of_all(
    place: Place,
    Path(MemberId(user_id)): Path<MemberId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let item = registry.member(place.source, true, user_id).await?;
    answer::ok(&view(&registry, item))
}
