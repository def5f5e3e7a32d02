//! The v2 feed: OData in Atom, for Chocolatey, PowerShellGet and nuget 2.
//!
//! GitLab answers its queries with a stub. This is a real feed: every version is an entry, and the queries that clients
//! send are answered from what is published.

mod edmx;
mod entry;
mod query;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};

use super::place::Place;
use crate::error::{Error, Result};
use crate::http::{FromPath, Params, Path, PathParams};
use crate::registry::Registry;
use query::Query;

const ATOM: &str = "application/atom+xml; type=feed; charset=utf-8";
const ENTRY: &str = "application/atom+xml; type=entry; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";

/// `GET …/packages/nuget/v2[/]`: 200 and the service document.
///
/// GitLab asks nobody for credentials here. But nuget 2 asks for this first of all, and if it is not challenged here it
/// never logs in: what it sends to the queries is what this has accepted.
pub(super) async fn service(place: Place) -> Result<HttpResponse> {
    Ok(xml(
        XML,
        edmx::service(&format!("{}/v2/", place.urls.prefix)),
    ))
}

/// `GET …/packages/nuget/v2/$metadata`: 200 and what an entry has, alike for every project.
pub(super) async fn metadata() -> Result<HttpResponse> {
    Ok(xml(XML, edmx::METADATA.as_bytes().to_vec()))
}

/// What is behind `v2/`, without the slashes that some clients double.
pub(super) struct Rest(String);

impl FromPath for Rest {
    fn from_path(params: &PathParams) -> Result<Rest> {
        Ok(Rest(params.get("odata").trim_matches('/').to_owned()))
    }
}

/// `GET …/packages/nuget/v2/…`: 200 and a feed, an entry, or a number.
pub(super) async fn query(
    place: Place,
    Path(Rest(path)): Path<Rest>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    if path == "$metadata" {
        return metadata().await;
    }
    let query = Query::parse(&path, &params)?;
    let found = query.run(&registry, &place).await?;
    if query.counts {
        return Ok(xml(
            "text/plain; charset=utf-8",
            found.total.to_string().into_bytes(),
        ));
    }
    if query.is_of_one() {
        let entry = found
            .releases
            .first()
            .ok_or_else(|| Error::not_found("Package"))?;
        return Ok(xml(ENTRY, entry::document(&place.urls, entry)));
    }
    let next = query.next(request.query_string(), &found);
    Ok(xml(
        ATOM,
        entry::feed(&place.urls, &path, &found.releases, next),
    ))
}

fn xml(content_type: &str, body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header(("DataServiceVersion", "2.0;"))
        .body(body)
}
