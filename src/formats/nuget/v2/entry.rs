//! Entries and feeds in Atom (OData 2.0, "Atom format").

use super::query::Listed;
use crate::formats::nuget::id;
use crate::formats::nuget::manifest::Manifest;
use crate::formats::nuget::place::Urls;
use crate::registry::Timestamp;
use crate::registry::xml::{Writer, attribute};

const SCHEME: &str = "http://schemas.microsoft.com/ado/2007/08/dataservices/scheme";

/// A document with one entry.
pub(super) fn document(urls: &Urls, listed: &Listed) -> Vec<u8> {
    let mut writer = Writer::new();
    entry(&mut writer, urls, listed, &namespaces(urls));
    writer.finish()
}

pub(super) fn feed(urls: &Urls, path: &str, entries: &[Listed], next: Option<String>) -> Vec<u8> {
    let mut writer = Writer::new();
    let url = format!("{}/v2/{path}", urls.prefix);
    writer.nest_with("feed", &namespaces(urls), |writer| {
        writer.text_with("id", "", &url);
        writer.text_with("title", " type=\"text\"", path.trim_end_matches("()"));
        let newest = entries.iter().map(|listed| listed.release.updated).max();
        writer.text_with(
            "updated",
            "",
            &newest.unwrap_or_else(Timestamp::now).to_string(),
        );
        writer.empty(
            "link",
            &(attribute("rel", "self") + &attribute("href", path)),
        );
        for listed in entries {
            entry(writer, urls, listed, "");
        }
        if let Some(query) = next {
            let url = format!("{url}?{query}");
            writer.empty(
                "link",
                &(attribute("rel", "next") + &attribute("href", &url)),
            );
        }
    });
    writer.finish()
}

fn namespaces(urls: &Urls) -> String {
    let base = format!("{}/v2/", urls.prefix);
    attribute("xml:base", &base)
        + &attribute("xmlns", "http://www.w3.org/2005/Atom")
        + &attribute(
            "xmlns:d",
            "http://schemas.microsoft.com/ado/2007/08/dataservices",
        )
        + &attribute(
            "xmlns:m",
            "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata",
        )
}

/// Of these, nuget 2 reads id, authors and summary from Atom's own elements and the rest from the properties.
fn entry(writer: &mut Writer, urls: &Urls, listed: &Listed, attributes: &str) {
    let release = &listed.release;
    let manifest = &release.manifest;
    let (name_key, version_key) = (id::key(&release.id), release.version.key());
    let path = format!(
        "Packages(Id='{}',Version='{}')",
        release.id, release.written
    );
    let content = urls.content(&name_key, &version_key);
    writer.nest_with("entry", attributes, |writer| {
        writer.text_with("id", "", &format!("{}/v2/{path}", urls.prefix));
        let category =
            attribute("term", "NuGetGallery.OData.V2FeedPackage") + &attribute("scheme", SCHEME);
        writer.empty("category", &category);
        let edit = attribute("rel", "edit") + &attribute("title", "V2FeedPackage");
        writer.empty("link", &(edit + &attribute("href", &path)));
        writer.text_with("title", " type=\"text\"", &release.id);
        writer.text_with(
            "summary",
            " type=\"text\"",
            manifest.summary.as_deref().unwrap_or_default(),
        );
        writer.text_with("updated", "", &release.updated.to_string());
        writer.nest("author", |writer| {
            writer.text_with("name", "", manifest.authors.as_deref().unwrap_or_default());
        });
        let source = attribute("type", "application/zip") + &attribute("src", &content);
        writer.empty("content", &source);
        writer.nest("m:properties", |writer| properties(writer, listed));
    });
}

fn properties(writer: &mut Writer, listed: &Listed) {
    let release = &listed.release;
    let manifest = &release.manifest;
    let mut add = |name: &str, kind: &str, value: Option<&str>| {
        let name = format!("d:{name}");
        let kind = match kind {
            "" => String::new(),
            kind => format!(" m:type=\"Edm.{kind}\""),
        };
        match value {
            Some(value) => writer.text_with(&name, &kind, value),
            None => writer.empty(&name, &format!("{kind} m:null=\"true\"")),
        }
    };
    let flag = |value: bool| Some(if value { "true" } else { "false" });
    let tags = manifest.tags.join(" ");
    let dependencies = dependencies(manifest);
    let hash = release.sha512.as_deref().and_then(to_base64);
    let published = match release.listed {
        true => release.published.to_string(),
        false => "1900-01-01T00:00:00Z".to_owned(), // how v2 says that a version is not listed
    };
    add("Id", "", Some(&release.id));
    add("Version", "", Some(&release.written));
    add("NormalizedVersion", "", Some(&release.version.normal()));
    add(
        "Title",
        "",
        Some(manifest.title.as_deref().unwrap_or(&release.id)),
    );
    add(
        "Authors",
        "",
        Some(manifest.authors.as_deref().unwrap_or_default()),
    );
    add(
        "Description",
        "",
        Some(manifest.description.as_deref().unwrap_or_default()),
    );
    add("Summary", "", manifest.summary.as_deref());
    add("ReleaseNotes", "", manifest.release_notes.as_deref());
    add("Copyright", "", manifest.copyright.as_deref());
    add("Language", "", manifest.language.as_deref());
    add("Tags", "", Some(&tags));
    add("Dependencies", "", Some(&dependencies));
    add("ProjectUrl", "", manifest.project_url.as_deref());
    add("LicenseUrl", "", manifest.license_url.as_deref());
    add("IconUrl", "", manifest.icon_url.as_deref());
    add(
        "RequireLicenseAcceptance",
        "Boolean",
        flag(manifest.require_license_acceptance),
    );
    add("IsLatestVersion", "Boolean", flag(listed.is_latest));
    add(
        "IsAbsoluteLatestVersion",
        "Boolean",
        flag(listed.is_absolute_latest),
    );
    add(
        "IsPrerelease",
        "Boolean",
        flag(release.version.is_prerelease()),
    );
    add("Listed", "Boolean", flag(release.listed));
    add("Created", "DateTime", Some(&release.published.to_string()));
    add(
        "LastUpdated",
        "DateTime",
        Some(&release.updated.to_string()),
    );
    add("Published", "DateTime", Some(&published));
    add("PackageHash", "", hash.as_deref());
    add("PackageHashAlgorithm", "", Some("SHA512"));
    add("PackageSize", "Int64", Some(&release.size.to_string()));
    add(
        "DownloadCount",
        "Int32",
        Some(&listed.all_downloads.min(i64::from(i32::MAX)).to_string()),
    );
    add(
        "VersionDownloadCount",
        "Int32",
        Some(&listed.downloads.min(i64::from(i32::MAX)).to_string()),
    );
    add(
        "MinClientVersion",
        "",
        manifest.min_client_version.as_deref(),
    );
}

/// `id:range:framework`, joined by bars; a framework that needs nothing has the rest empty.
fn dependencies(manifest: &Manifest) -> String {
    let mut parts = Vec::new();
    for group in &manifest.dependency_groups {
        let framework = group.target_framework.as_deref().unwrap_or_default();
        if group.dependencies.is_empty() {
            parts.push(format!("::{framework}"));
        }
        for dependency in &group.dependencies {
            let range = dependency.range.as_deref().unwrap_or_default();
            parts.push(format!("{}:{range}:{framework}", dependency.id));
        }
    }
    parts.join("|")
}

fn to_base64(hex: &str) -> Option<String> {
    let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?;
    Some(data_encoding::BASE64.encode(&bytes))
}
