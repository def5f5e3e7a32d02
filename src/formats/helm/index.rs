//! `index.yaml`: every chart of a channel, as ready bytes.
//!
//! It is written as JSON, which is YAML: every string is quoted, and recent Helm reads it several times faster than
//! block YAML, which it can tell apart. One version stands on one line.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use semver::Version;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::channel::ChannelPath;
use super::chart::{Chart, parse_version};
use crate::error::{Error, Result};
use crate::http::{Path, document};
use crate::registry::{
    DocumentKey, FileWithMetadata, GroupAccess, ListedPackage, PackageStatus, PackageType,
    ProjectAccess, Registry, Timestamp,
};

const CONTENT_TYPE: &str = "text/yaml";

/// `GET …/projects/:id/packages/helm/:channel/index.yaml`: 200 and the index, also of a channel that holds nothing: `helm
/// repo add` must succeed before the first upload.
pub(super) async fn of_project(
    access: ProjectAccess,
    Path(path): Path<ChannelPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let context = registry.config().url().path_of(&path.context());
    let key = key("index", &path, context.clone());
    let render = move |packages: Vec<_>| {
        let urls = |_: &ListedPackage, file_name: &str| format!("charts/{file_name}");
        let index = Index::of(packages, urls)?;
        let server_info = json!({ "contextPath": context });
        index.render(Some(server_info)).map(Some)
    };
    let index = registry
        .packages_document(&access.projects(), key, path.channel, render)
        .await?;
    let index = index.ok_or(Error::Missing)?;
    Ok(document::send(&request, &index, CONTENT_TYPE))
}

/// `GET …/groups/:id/-/packages/helm/:channel/index.yaml`: 200 and the charts of every project that the caller may read.
pub(super) async fn of_group(
    access: GroupAccess,
    Path(path): Path<ChannelPath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let projects = registry.readable_projects(&access)?;
    let base = registry.config().url();
    let key = key("group-index", &path, base.absolute(""));
    let channel = path.channel.clone();
    let render = move |packages: Vec<_>| {
        let urls = |listed: &ListedPackage, file_name: &str| {
            let project = listed.package.project_id;
            let path =
                format!("/api/v4/projects/{project}/packages/helm/{channel}/charts/{file_name}");
            base.absolute(&path)
        };
        Index::of(packages, urls)?.render(None).map(Some)
    };
    let index = registry
        .packages_document(&projects, key, path.channel, render)
        .await?;
    let index = index.ok_or(Error::Missing)?;
    Ok(document::send(&request, &index, CONTENT_TYPE))
}

fn key(kind: &'static str, path: &ChannelPath, prefix: String) -> DocumentKey {
    DocumentKey {
        package_type: PackageType::Helm,
        kind,
        name_key: String::new(),
        prefix: format!("{} {prefix}", path.channel),
    }
}

/// A version as an index has it.
#[derive(Serialize)]
pub(super) struct Entry {
    #[serde(flatten)]
    chart: Map<String, Value>,
    created: Timestamp,
    digest: String,
    urls: [String; 1],
    #[serde(skip)]
    order: Option<Version>,
}

/// The versions of each chart, newest first.
#[derive(Default)]
pub(super) struct Index {
    pub(super) entries: BTreeMap<String, Vec<Entry>>,
    changed_at: Option<Timestamp>,
}

impl Index {
    /// From listed packages of one channel. `url` is where a file is.
    pub(super) fn of(
        packages: Vec<ListedPackage>,
        url: impl Fn(&ListedPackage, &str) -> String,
    ) -> Result<Index> {
        let mut index = Index::default();
        for listed in packages {
            index.changed_at = index.changed_at.max(Some(listed.package.updated_at));
            let Some((file, chart)) = chart_of(&listed)? else {
                continue; // its file was deleted
            };
            let mut entry = Entry {
                created: file.file.created_at,
                digest: file.file.sha256.clone(),
                urls: [url(&listed, &file.file.file_name)],
                order: parse_version(&chart.version),
                chart: chart.entry,
            };
            if listed.package.status == PackageStatus::Deprecated {
                entry.chart.insert("deprecated".to_owned(), json!(true));
            }
            index.entries.entry(chart.name).or_default().push(entry);
        }
        for versions in index.entries.values_mut() {
            // Equal versions differ in their spelling alone: v1.0.0 and 1.0.0.
            versions.sort_by(|a, b| (&b.order, &b.urls).cmp(&(&a.order, &a.urls)));
        }
        Ok(index)
    }

    fn render(&self, server_info: Option<Value>) -> Result<Vec<u8>> {
        let mut text = "{\"apiVersion\":\"v1\",\"entries\":{".to_owned();
        for (number, (name, versions)) in self.entries.iter().enumerate() {
            text.push_str(if number == 0 { "\n" } else { ",\n" });
            text.push_str(&serde_json::to_string(name)?);
            text.push_str(":[\n");
            for (number, version) in versions.iter().enumerate() {
                text.push_str(if number == 0 { "" } else { ",\n" });
                text.push_str(&serde_json::to_string(version)?);
            }
            text.push(']');
        }
        // Nothing here changes but by a change: the same channel has the same bytes and the same ETag.
        let generated = self.changed_at.unwrap_or(Timestamp::from_millis(0));
        text.push_str(&format!(
            "}},\n\"generated\":{}",
            serde_json::to_string(&generated)?
        ));
        if let Some(info) = server_info {
            text.push_str(&format!(",\n\"serverInfo\":{info}"));
        }
        text.push_str("}\n");
        Ok(printable(&text).into_bytes())
    }
}

/// The newest file that is the chart and not its signature, and what it said of itself.
fn chart_of(listed: &ListedPackage) -> Result<Option<(&FileWithMetadata, Chart)>> {
    let mut files = listed.files.iter().rev();
    let file = files.find(|file| !file.file.file_name.ends_with(".prov"));
    let Some((file, metadata)) = file.and_then(|file| Some((file, file.metadata.as_ref()?))) else {
        return Ok(None);
    };
    Ok(Some((file, serde_json::from_str(metadata)?)))
}

/// JSON may hold characters that YAML wants escaped or takes for line ends. They can only stand in its strings.
fn printable(json: &str) -> String {
    let strange = |c: char| {
        matches!(
            c,
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
    };
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find(strange) {
        text.push_str(&rest[..at]);
        let mut characters = rest[at..].chars();
        if let Some(character) = characters.next() {
            text.push_str(&format!("\\u{:04x}", u32::from(character)));
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_does_not_print_is_escaped() {
        let text = serde_json::to_string("a\u{85}b\u{feff}\u{2028}ä\u{1f600}").unwrap();
        assert_eq!(printable(&text), "\"a\\u0085b\\ufeff\\u2028ä\u{1f600}\"");
    }
}
