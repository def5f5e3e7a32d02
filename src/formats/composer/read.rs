//! What Composer reads: the root, the versions of a name, archives, lists and searches.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::path::{ArchivePath, VersionsPath};
use super::place::Place;
use super::{repository, versions as render};
use crate::error::{Error, Result};
use crate::http::{Params, Path, answer, document, download};
use crate::registry::{DocumentKey, Listing, PackageType, ProjectAccess, Registry, Shows};

const JSON: &str = "application/json";

/// Results on one page of a search, as the public repository has it, and at most.
const PER_PAGE: usize = 15;
const MOST_PER_PAGE: usize = 100;

/// `GET …/packages.json`: 200 and where everything else is.
pub(super) async fn root(
    place: Place,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let key = DocumentKey {
        package_type: PackageType::Composer,
        kind: match place.is_stranger {
            true => "root for a stranger",
            false => "root",
        },
        name_key: String::new(),
        prefix: place.path.clone(),
    };
    let (projects, url) = (place.projects.clone(), registry.config().url());
    let document = registry
        .names_document(&projects, key, move |names| {
            repository::root(&place, &url, &names).map(Some)
        })
        .await?
        .ok_or_else(|| Error::internal("a root was not rendered"))?;
    Ok(document::send_dated(&request, &document, JSON))
}

/// `GET …/p2/:vendor/:name.json`, `…~dev.json`: 200 and the released versions, or the dev versions.
pub(super) async fn versions(
    place: Place,
    Path(path): Path<VersionsPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let name = path.name.ok_or_else(|| place.missing())?;
    let key = DocumentKey {
        package_type: PackageType::Composer,
        kind: match path.dev {
            true => "dev",
            false => "released",
        },
        name_key: name.as_str().to_owned(),
        prefix: String::new(), // archives lie in their projects, whatever place names them
    };
    let url = registry.config().url();
    let render =
        move |listing: Listing| render::render(&name, path.dev, &url, &listing.packages).map(Some);
    let document = registry
        .listing_document(&place.projects, key, Shows::ListedWhole, render)
        .await?;
    let document = document.ok_or_else(|| place.missing())?;
    Ok(document::send_dated(&request, &document, JSON))
}

/// `GET …/archives/:vendor/:name.zip?sha=`: 200 and the zip of this reference, for ever the same bytes.
pub(super) async fn archive(
    access: ProjectAccess,
    Path(path): Path<ArchivePath>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let reference = params
        .text("sha")
        .ok_or_else(|| Error::invalid_param("sha is missing"))?;
    let missing = || Error::not_found("Package");
    let name = path.name.ok_or_else(missing)?;
    let file = registry
        .find_file_by_reference(
            &access.projects(),
            PackageType::Composer,
            name.as_str(),
            &reference.to_ascii_lowercase(),
        )?
        .ok_or_else(missing)?;
    let mut response = download::send(&registry, &request, &file, &file.file_name)?;
    let headers = response.headers_mut();
    if headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    }
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=31536000, immutable"),
    );
    Ok(response)
}

/// `GET …/list.json?filter=`: 200 and the names that a pattern such as `acme/*` matches.
pub(super) async fn list(
    place: Place,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let filter = params.text("filter");
    if filter.is_some_and(|filter| filter.len() > 255) {
        return Err(Error::invalid_param(
            "filter is too long (maximum is 255 characters)",
        ));
    }
    let names = registry
        .listed_names(place.projects, PackageType::Composer)
        .await?;
    answer::ok(&repository::list(&names, filter))
}

/// `GET …/search.json?q=&type=&page=&per_page=`: 200 and the names that have every word of `q`.
pub(super) async fn search(
    place: Place,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let number = |name: &str| {
        let text = params.text(name)?;
        text.parse::<usize>().ok().filter(|number| *number > 0)
    };
    let (page, per_page) = (
        number("page").unwrap_or(1),
        number("per_page").unwrap_or(PER_PAGE).min(MOST_PER_PAGE),
    );
    let query = params.text("q").unwrap_or_default();
    let kind = params.text("type");
    let words = query.to_lowercase();
    let words = words.split_whitespace().map(str::to_owned).collect();
    let (found, _) = registry
        .find_packages(place.projects, PackageType::Composer, words, usize::MAX, 0)
        .await?;
    let found: Vec<_> = found
        .iter()
        .filter(|found| kind.is_none_or(|kind| found.kind == kind))
        .collect();
    let url = registry.config().url();
    let seen = (page - 1).saturating_mul(per_page);
    let shown = found.iter().skip(seen).take(per_page);
    let mut body = json!({
        "results": shown.map(|found| repository::search_result(found, &url)).collect::<Vec<_>>(),
        "total": found.len(),
    });
    if found.len() > seen.saturating_add(per_page) {
        let mut next = form_urlencoded::Serializer::new(String::new());
        next.append_pair("q", query);
        if let Some(kind) = kind {
            next.append_pair("type", kind);
        }
        next.append_pair("page", &(page + 1).to_string());
        next.append_pair("per_page", &per_page.to_string());
        let path = format!("{}/search.json?{}", place.path, next.finish());
        body["next"] = json!(url.absolute(&path));
    }
    answer::ok(&body)
}
