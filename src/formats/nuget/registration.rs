//! The registration documents of v3: an index of pages of leaves, each with its catalog entry (Microsoft, "Package
//! metadata"). GitLab sends one page for all versions; so do we as long as a page is not too long for a client.

use serde_json::{Value, json};

use super::id;
use super::manifest::DependencyGroup;
use super::place::Urls;
use super::release::Release;
use super::version::Version;

/// More versions than this are sent page by page, so many on each (as the public gallery does).
const MOST_INLINE: usize = 500;
const PAGE: usize = 64;

/// The index, from the releases of a name in their order.
pub(super) fn index(urls: &Urls, releases: &[Release]) -> Value {
    let Some(first) = releases.first() else {
        return json!({ "count": 0, "items": [] });
    };
    let name_key = id::key(&first.id);
    let url = urls.registration(&name_key);
    let pages: Vec<Value> = match releases.len() > MOST_INLINE {
        false => vec![with_items(page_head(&url, releases), urls, releases)],
        true => releases
            .chunks(PAGE)
            .map(|releases| page_head(&page_url(urls, &name_key, releases), releases))
            .collect(),
    };
    json!({
        "@id": url,
        "@type": ["catalog:CatalogRoot", "PackageRegistration"],
        "count": pages.len(),
        "items": pages,
    })
}

/// The page of these bounds; `None` if there is none.
pub(super) fn page(
    urls: &Urls,
    releases: &[Release],
    lower: &Version,
    upper: &Version,
) -> Option<Value> {
    let is_wanted = |releases: &&[Release]| {
        let bound = |release: Option<&Release>| release.map(|release| release.version.key());
        bound(releases.first()) == Some(lower.key()) && bound(releases.last()) == Some(upper.key())
    };
    let releases = releases.chunks(PAGE).find(is_wanted)?;
    let name_key = id::key(&releases.first()?.id);
    let mut page = page_head(&page_url(urls, &name_key, releases), releases);
    page["parent"] = json!(urls.registration(&name_key));
    Some(with_items(page, urls, releases))
}

fn page_url(urls: &Urls, name_key: &str, releases: &[Release]) -> String {
    let key = |release: Option<&Release>| {
        release
            .map(|release| release.version.key())
            .unwrap_or_default()
    };
    urls.registration_page(name_key, &key(releases.first()), &key(releases.last()))
}

fn page_head(url: &str, releases: &[Release]) -> Value {
    let bound = |release: Option<&Release>| release.map(|release| release.version.normal());
    json!({
        "@id": url,
        "@type": "catalog:CatalogPage",
        "count": releases.len(),
        "lower": bound(releases.first()),
        "upper": bound(releases.last()),
    })
}

fn with_items(mut page: Value, urls: &Urls, releases: &[Release]) -> Value {
    page["items"] = releases.iter().map(|release| leaf(urls, release)).collect();
    page
}

/// One version, in the index and as a document of its own.
pub(super) fn leaf(urls: &Urls, release: &Release) -> Value {
    let (name_key, version_key) = (id::key(&release.id), release.version.key());
    json!({
        "@id": urls.leaf(&name_key, &version_key),
        "@type": "Package",
        "catalogEntry": entry(urls, release),
        "listed": release.listed,
        "packageContent": urls.content(&name_key, &version_key),
        "published": published(release),
        "registration": urls.registration(&name_key),
    })
}

/// What is not known is absent, never empty.
fn entry(urls: &Urls, release: &Release) -> Value {
    let manifest = &release.manifest;
    let (name_key, version_key) = (id::key(&release.id), release.version.key());
    let url = urls.leaf(&name_key, &version_key);
    let groups = manifest.dependency_groups.iter();
    let mut entry = json!({
        "@id": url,
        "@type": "PackageDetails",
        "id": release.id,
        "version": release.version.full(),
        "authors": manifest.authors.as_deref().unwrap_or_default(),
        "description": manifest.description.as_deref().unwrap_or_default(),
        "summary": manifest.summary.as_deref().unwrap_or_default(),
        "tags": manifest.tags.join(" "),
        "published": published(release),
        "listed": release.listed,
        "packageContent": urls.content(&name_key, &version_key),
        "requireLicenseAcceptance": manifest.require_license_acceptance,
        "dependencyGroups": groups.map(|group| dependency_group(&url, group)).collect::<Vec<_>>(),
    });
    for (name, text) in [
        ("title", &manifest.title),
        ("projectUrl", &manifest.project_url),
        ("licenseUrl", &manifest.license_url),
        ("licenseExpression", &manifest.license_expression),
        ("iconUrl", &manifest.icon_url),
        ("language", &manifest.language),
        ("minClientVersion", &manifest.min_client_version),
    ] {
        if let Some(text) = text {
            entry[name] = json!(text);
        }
    }
    if let Some(message) = &release.deprecated {
        entry["deprecation"] = json!({
            "@id": format!("{url}#deprecation"),
            "@type": "PackageDeprecation",
            "reasons": ["Other"],
        });
        if !message.is_empty() {
            entry["deprecation"]["message"] = json!(message);
        }
    }
    entry
}

/// Clients of the first v3 know an unlisted version by this date alone.
fn published(release: &Release) -> String {
    match release.listed {
        true => release.published.to_string(),
        false => "1900-01-01T00:00:00.000Z".to_owned(),
    }
}

fn dependency_group(url: &str, group: &DependencyGroup) -> Value {
    let framework = group.target_framework.as_deref();
    let group_url = format!("{url}#dependencyGroup/{}", framework.unwrap_or_default());
    let dependencies = group.dependencies.iter().map(|dependency| {
        let mut item = json!({
            "@id": format!("{group_url}/{}", id::key(&dependency.id)),
            "@type": "PackageDependency",
            "id": dependency.id,
        });
        if let Some(range) = &dependency.range {
            item["range"] = json!(range);
        }
        item
    });
    let mut item = json!({
        "@id": group_url,
        "@type": "PackageDependencyGroup",
        "dependencies": dependencies.collect::<Vec<_>>(),
    });
    if let Some(framework) = framework {
        item["targetFramework"] = json!(framework);
    }
    item
}
