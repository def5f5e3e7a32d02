//! The index pages (PyPA specification "Simple repository API"): HTML and JSON say the same.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::{FileMetadata, name};
use crate::error::Result;
use crate::registry::{ListedName, ListedPackage, Listing, PackageStatus, Timestamp};

/// 1.1: sizes, upload times and the list of versions are there (PEP 700).
const API_VERSION: &str = "1.1";

/// What stays as it is in a segment of a URL.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One segment of a path.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A file as the index shows it.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    filename: String,
    url: String,
    hashes: Hashes,
    size: u64,
    upload_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    requires_python: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    core_metadata: Option<Hashes>,
    /// The same under the name that older clients know (PEP 714).
    #[serde(skip_serializing_if = "Option::is_none")]
    dist_info_metadata: Option<Hashes>,
    /// `false`, `true` or the reason.
    yanked: Value,
    #[serde(skip_serializing_if = "is_false")]
    gpg_sig: bool,
}

#[derive(Clone, Serialize)]
struct Hashes {
    sha256: String,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// Everything that a name has to show.
pub(super) struct Files {
    name: String,
    versions: Vec<String>,
    files: Vec<File>,
}

impl Files {
    /// From the listed packages of a name. Of one file name the newest file counts. `prefix` is the URL that everything of this place begins with.
    pub(super) fn of(name_key: &str, prefix: &str, listing: Listing) -> Result<Files> {
        let mut page = Files {
            name: name_key.to_owned(),
            versions: Vec::new(),
            files: Vec::new(),
        };
        for ListedPackage { package, files, .. } in listing.packages {
            let yanked = match (package.status, package.status_message) {
                (PackageStatus::Deprecated, Some(reason)) if !reason.is_empty() => reason.into(),
                (status, _) => Value::Bool(status == PackageStatus::Deprecated),
            };
            let mut by_name: HashMap<String, usize> = HashMap::new();
            for found in files {
                let metadata = found.metadata.as_deref().unwrap_or("{}");
                let metadata: FileMetadata = serde_json::from_str(metadata)?;
                let file = found.file;
                let core_metadata = metadata.metadata_sha256.map(|sha256| Hashes { sha256 });
                let shown = File {
                    url: format!(
                        "{prefix}/files/{}/{}",
                        file.sha256,
                        segment(&file.file_name)
                    ),
                    hashes: Hashes {
                        sha256: file.sha256,
                    },
                    size: file.size,
                    upload_time: file.created_at,
                    requires_python: metadata.requires_python,
                    dist_info_metadata: core_metadata.clone(),
                    core_metadata,
                    yanked: yanked.clone(),
                    gpg_sig: metadata.signature.is_some(),
                    filename: file.file_name,
                };
                match by_name.get(&shown.filename) {
                    Some(at) => page.files[*at] = shown,
                    None => {
                        by_name.insert(shown.filename.clone(), page.files.len());
                        page.files.push(shown);
                    }
                }
            }
            page.versions.extend(package.version);
        }
        Ok(page)
    }

    pub(super) fn json(&self) -> Result<Vec<u8>> {
        let page = json!({
            "meta": { "api-version": API_VERSION },
            "name": self.name,
            "versions": self.versions,
            "files": self.files,
        });
        Ok(serde_json::to_vec(&page)?)
    }

    pub(super) fn html(&self) -> Vec<u8> {
        let mut anchors = String::new();
        for file in &self.files {
            let mut attributes = String::new();
            let mut add = |name: &str, value: &str| {
                attributes.push_str(&format!(" {name}=\"{}\"", escape(value)));
            };
            if let Some(text) = &file.requires_python {
                add("data-requires-python", text);
            }
            if let Some(Hashes { sha256 }) = &file.core_metadata {
                let value = format!("sha256={sha256}");
                add("data-dist-info-metadata", &value);
                add("data-core-metadata", &value);
            }
            match &file.yanked {
                Value::Bool(false) => {}
                reason => add("data-yanked", reason.as_str().unwrap_or("")),
            }
            if file.gpg_sig {
                add("data-gpg-sig", "true");
            }
            anchors.push_str(&format!(
                "<a href=\"{}#sha256={}\"{attributes}>{}</a><br>\n",
                escape(&file.url),
                file.hashes.sha256,
                escape(&file.filename)
            ));
        }
        document(&format!("Links for {}", self.name), &anchors)
    }
}

pub(super) fn names_json(names: &[ListedName]) -> Result<Vec<u8>> {
    let projects: Vec<Value> = names
        .iter()
        .map(|name| json!({ "name": name.name_key }))
        .collect();
    let page = json!({ "meta": { "api-version": API_VERSION }, "projects": projects });
    Ok(serde_json::to_vec(&page)?)
}

pub(super) fn names_html(prefix: &str, names: &[ListedName]) -> Vec<u8> {
    let mut anchors = String::new();
    for ListedName { name_key, name } in names {
        let url = format!("{prefix}/simple/{}/", segment(&name::normal(name_key)));
        anchors.push_str(&format!(
            "<a href=\"{}\">{}</a><br>\n",
            escape(&url),
            escape(name)
        ));
    }
    document("Links", &anchors)
}

fn document(title: &str, anchors: &str) -> Vec<u8> {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta name=\"pypi:repository-version\" content=\"{API_VERSION}\">\n\
         <title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n{anchors}</body>\n</html>\n"
    )
    .into_bytes()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
