//! Search and completion (Microsoft, "Search" and "Autocomplete"): the id alone is searched, as in GitLab.
//!
//! `semVerLevel` is not asked for: every client that speaks v3 reads SemVer 2 versions.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::id;
use super::names::{self, Name};
use super::place::{Place, Urls};
use super::release::Release;
use crate::error::Result;
use crate::http::{Params, answer};
use crate::registry::Registry;

/// Names on one page, unless another number is asked for; and at most (GitLab has 30).
const TAKE: i64 = 20;
const MOST: i64 = 1_000;

/// The parameters of both.
struct Query {
    text: String,
    skip: usize,
    take: usize,
    /// GitLab's default is yes, the protocol's is no; clients say what they want.
    prerelease: bool,
    package_type: Option<String>,
    /// Completion of versions.
    id: Option<String>,
}

impl Query {
    fn parse(params: &Params) -> Result<Query> {
        let mut check = params.check();
        let mut number = |name: &str, default: i64| {
            let number = check.integer(name).unwrap_or(default);
            if number < 0 {
                check.refuse(format!("{name} is invalid"));
            }
            usize::try_from(number).unwrap_or(0)
        };
        let (skip, take) = (number("skip", 0), number("take", TAKE));
        let query = Query {
            text: check.text("q").unwrap_or_default(),
            skip,
            take: take.min(MOST as usize),
            prerelease: check.flag("prerelease").unwrap_or(true),
            package_type: check.text("packageType"),
            id: check.text("id"),
        };
        check.done()?;
        Ok(query)
    }

    /// The names that are found, each with the versions that may be seen.
    async fn find(&self, registry: &Registry, place: &Place) -> Result<Vec<Name>> {
        let projects = place.projects.clone();
        let with_metadata = self.package_type.is_some();
        let found = names::search(registry, projects, &self.text, with_metadata).await?;
        let is_wanted = |entry: &names::Entry| {
            entry.is_listed()
                && (self.prerelease || !entry.version.is_prerelease())
                && self
                    .package_type
                    .as_ref()
                    .is_none_or(|wanted| entry.is_of_type(wanted))
        };
        Ok(found
            .into_iter()
            .filter_map(|name| name.retain(is_wanted))
            .collect())
    }
}

/// `GET …/query?q=&skip=&take=&prerelease=&packageType=`: 200 and a page of the names that match.
pub(super) async fn query(
    place: Place,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let query = Query::parse(&params)?;
    let found = query.find(&registry, &place).await?;
    let total = found.len();
    let page: Vec<Name> = found
        .into_iter()
        .skip(query.skip)
        .take(query.take)
        .collect();
    let latest = page.iter().filter_map(Name::latest);
    let ids = latest.map(|entry| entry.row.package_id).collect();
    let mut releases = HashMap::new();
    for listed in registry.catalog_packages(ids).await? {
        if let Some(release) = Release::of(&listed)? {
            releases.insert(listed.package.id, release);
        }
    }
    let result = |name: &Name| {
        let release = releases.get(&name.latest()?.row.package_id)?;
        Some(result(&place.urls, name, release))
    };
    let data: Vec<Value> = page.iter().filter_map(result).collect();
    answer::ok(&json!({ "totalHits": total, "data": data }))
}

fn result(urls: &Urls, name: &Name, release: &Release) -> Value {
    let manifest = &release.manifest;
    let version = |entry: &names::Entry| {
        json!({
            "@id": urls.leaf(&name.key, &entry.version.key()),
            "version": entry.version.full(),
            "downloads": entry.row.downloads,
        })
    };
    let types = manifest.package_types();
    let mut result = json!({
        "@id": urls.registration(&name.key),
        "@type": "Package",
        "registration": urls.registration(&name.key),
        "id": release.id,
        "version": release.version.full(),
        "title": manifest.title.as_deref().unwrap_or(&release.id),
        "authors": manifest.authors.as_deref().unwrap_or_default(),
        "description": manifest.description.as_deref().unwrap_or_default(),
        "summary": manifest.summary.as_deref().unwrap_or_default(),
        "tags": manifest.tags.join(" "),
        "totalDownloads": name.versions.iter().map(|entry| entry.row.downloads).sum::<i64>(),
        "verified": true,
        "packageTypes": types.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "versions": name.versions.iter().map(version).collect::<Vec<_>>(),
    });
    for (key, text) in [
        ("projectUrl", &manifest.project_url),
        ("licenseUrl", &manifest.license_url),
        ("iconUrl", &manifest.icon_url),
    ] {
        if let Some(text) = text {
            result[key] = json!(text);
        }
    }
    result
}

/// `GET …/autocomplete?q=&skip=&take=&prerelease=`: 200 and ids; with `?id=&prerelease=` the versions of that one.
pub(super) async fn autocomplete(
    place: Place,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let query = Query::parse(&params)?;
    if let Some(id) = &query.id {
        let found = names::find(&registry, place.projects.clone(), id::key(id)).await?;
        let is_wanted = |entry: &names::Entry| {
            entry.is_listed() && (query.prerelease || !entry.version.is_prerelease())
        };
        let found = found.and_then(|name| name.retain(is_wanted));
        let versions = found.map(|name| name.versions).unwrap_or_default();
        let versions: Vec<String> = versions.iter().map(|entry| entry.version.full()).collect();
        return answer::ok(&json!({ "data": versions }));
    }
    let found = query.find(&registry, &place).await?;
    let page = found.iter().skip(query.skip).take(query.take);
    let ids: Vec<&str> = page
        .filter_map(|name| Some(name.latest()?.row.name.as_str()))
        .collect();
    answer::ok(&json!({ "totalHits": found.len(), "data": ids }))
}
