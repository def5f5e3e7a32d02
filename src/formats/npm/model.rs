//! The documents that clients read: packuments, full and abbreviated, made by joining the fragments that a publish
//! stored with what may change afterwards (deprecation, tags, the URL that was asked).

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use semver::Version;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::names;
use super::tarball::Contents;
use crate::error::Result;
use crate::registry::{ListedPackage, Listing, Timestamp};

/// What an abbreviated document keeps of a manifest (npm's `package-metadata.md`, and what installers read besides).
const SHORT: &[&str] = &[
    "name",
    "version",
    "dependencies",
    "optionalDependencies",
    "devDependencies",
    "bundleDependencies",
    "bundledDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "acceptDependencies",
    "bin",
    "directories",
    "engines",
    "os",
    "cpu",
    "libc",
    "funding",
    "_hasShrinkwrap",
    "hasInstallScript",
];

/// What a full document repeats of its latest version.
const OF_LATEST: &[&str] = &[
    "description",
    "license",
    "author",
    "contributors",
    "repository",
    "homepage",
    "bugs",
    "keywords",
];

/// What is stored with a version. `dist` and `deprecated` are made anew in every document.
pub(super) fn kept(manifest: &Value, readme: Option<&str>, contents: &Contents) -> Value {
    let mut full = manifest.as_object().cloned().unwrap_or_default();
    let own_readme = full.remove("readme");
    for key in ["dist", "deprecated", "_attachments", "licenseText"] {
        full.remove(key);
    }
    let runs = ["preinstall", "install", "postinstall"];
    if runs
        .iter()
        .any(|name| manifest["scripts"][name].is_string())
    {
        full.insert("hasInstallScript".to_owned(), json!(true));
    }
    let short: Map<String, Value> = SHORT
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), full.get(*key)?.clone())))
        .collect();
    let readme = readme.map(Value::from).or(own_readme);
    json!({
        "manifest": full,
        "short": short,
        "readme": readme.filter(Value::is_string),
        "file_count": contents.files,
        "unpacked_size": contents.unpacked_size,
    })
}

#[derive(Deserialize)]
struct Kept<'a> {
    #[serde(borrow)]
    manifest: &'a RawValue,
    #[serde(borrow)]
    short: &'a RawValue,
    readme: Option<String>,
    file_count: Option<u64>,
    unpacked_size: Option<u64>,
}

/// How a document spells a URL: the prefix that it was asked at.
pub(super) struct Urls {
    /// `http://host/api/v4/projects/1/packages/npm`
    pub(super) prefix: String,
}

impl Urls {
    fn tarball(&self, name: &str, version: &str) -> String {
        format!(
            "{}/{name}/-/{}",
            self.prefix,
            names::file_name(name, version)
        )
    }
}

/// `latest`, where nobody has set it: the highest version that is no pre-release, else the highest.
pub(super) fn tags(versions: &Listing) -> BTreeMap<&str, &str> {
    let mut tags = versions.tags();
    if !tags.contains_key("latest")
        && let Some(latest) = highest(versions)
    {
        tags.insert("latest", latest);
    }
    tags
}

fn highest(versions: &Listing) -> Option<&str> {
    let all = versions.packages.iter().filter_map(|item| {
        let text = item.package.version.as_deref()?;
        Some((Version::parse(text).ok()?, text))
    });
    all.max_by(|(a, _), (b, _)| (a.pre.is_empty(), a).cmp(&(b.pre.is_empty(), b)))
        .map(|(_, text)| text)
}

/// The whole document.
pub(super) fn full(name: &str, versions: &Listing, urls: &Urls) -> Result<Vec<u8>> {
    let tags = tags(versions);
    let latest = tags
        .get("latest")
        .and_then(|version| versions.find(version));
    let mut out = String::new();
    out.push('{');
    member(&mut out, "_id", &json!(name));
    member(&mut out, "_rev", &json!(versions.revision));
    member(&mut out, "name", &json!(name));
    if let Some(metadata) = latest.and_then(|item| item.metadata.as_deref()) {
        let kept: Kept<'_> = serde_json::from_str(metadata)?;
        let manifest: Map<String, Value> = serde_json::from_str(kept.manifest.get())?;
        for key in OF_LATEST {
            if let Some(value) = manifest.get(*key) {
                member(&mut out, key, value);
            }
        }
        let maintainers = manifest.get("maintainers").filter(|list| list.is_array());
        member(&mut out, "maintainers", maintainers.unwrap_or(&json!([])));
        if let Some(readme) = kept.readme {
            let file = manifest.get("readmeFilename").cloned();
            member(&mut out, "readme", &json!(readme));
            member(
                &mut out,
                "readmeFilename",
                &file.unwrap_or_else(|| json!("README.md")),
            );
        }
    }
    member(&mut out, "dist-tags", &json!(tags));
    member(&mut out, "time", &times(versions));
    list(&mut out, name, versions, urls, |kept| kept.manifest)?;
    out.push('}');
    Ok(out.into_bytes())
}

/// What an install needs. Beyond npm's own form it has `time`, which yarn and pnpm judge the age of versions by.
pub(super) fn abbreviated(name: &str, versions: &Listing, urls: &Urls) -> Result<Vec<u8>> {
    let mut out = String::new();
    out.push('{');
    member(&mut out, "name", &json!(name));
    member(&mut out, "modified", &json!(modified(versions)));
    member(&mut out, "dist-tags", &json!(tags(versions)));
    member(&mut out, "time", &times(versions));
    list(&mut out, name, versions, urls, |kept| kept.short)?;
    out.push('}');
    Ok(out.into_bytes())
}

/// One manifest, as it stands in the full document.
pub(super) fn single(name: &str, item: &ListedPackage, urls: &Urls) -> Result<Vec<u8>> {
    let mut out = String::new();
    version(&mut out, name, item, urls, |kept| kept.manifest)?;
    Ok(out.into_bytes())
}

fn member(out: &mut String, key: &str, value: &Value) {
    if !out.ends_with('{') {
        out.push(',');
    }
    out.push_str(&format!("{}:{value}", Value::from(key)));
}

fn modified(versions: &Listing) -> Option<Timestamp> {
    versions
        .packages
        .iter()
        .map(|item| item.package.updated_at)
        .max()
}

fn times(versions: &Listing) -> Value {
    let created = versions
        .packages
        .iter()
        .map(|item| item.package.created_at)
        .min();
    let mut times = Map::new();
    times.insert("created".to_owned(), json!(created));
    times.insert("modified".to_owned(), json!(modified(versions)));
    for item in &versions.packages {
        if let Some(version) = &item.package.version {
            times.insert(version.clone(), json!(item.package.created_at));
        }
    }
    Value::Object(times)
}

fn list(
    out: &mut String,
    name: &str,
    versions: &Listing,
    urls: &Urls,
    fragment: impl for<'a> Fn(&Kept<'a>) -> &'a RawValue,
) -> Result<()> {
    out.push_str(",\"versions\":{");
    for item in &versions.packages {
        if !out.ends_with('{') {
            out.push(',');
        }
        out.push_str(&json!(item.package.version).to_string());
        out.push(':');
        version(out, name, item, urls, &fragment)?;
    }
    out.push('}');
    Ok(())
}

fn version(
    out: &mut String,
    name: &str,
    item: &ListedPackage,
    urls: &Urls,
    fragment: impl for<'a> Fn(&Kept<'a>) -> &'a RawValue,
) -> Result<()> {
    let text = item.package.version.as_deref().unwrap_or_default();
    let kept: Option<Kept<'_>> = item
        .metadata
        .as_deref()
        .map(serde_json::from_str)
        .transpose()?;
    let bare = json!({ "name": name, "version": text }).to_string();
    let manifest = kept
        .as_ref()
        .map_or(bare.as_str(), |kept| fragment(kept).get());
    let open = manifest.trim_end();
    out.push_str(open.strip_suffix('}').unwrap_or(open)); // dist follows inside
    if let Some(message) = &item.package.status_message {
        member(out, "deprecated", &json!(message));
    }
    member(out, "dist", &dist(name, text, item, urls, kept.as_ref()));
    out.push('}');
    Ok(())
}

fn dist(
    name: &str,
    version: &str,
    item: &ListedPackage,
    urls: &Urls,
    kept: Option<&Kept<'_>>,
) -> Value {
    let mut dist = Map::new();
    let mut put = |key: &str, value: Value| dist.insert(key.to_owned(), value);
    put("tarball", json!(urls.tarball(name, version)));
    if let Some(file) = item.file() {
        put("shasum", json!(file.file.sha1));
        if let Some(sha512) = &file.sha512 {
            put("integrity", json!(integrity(sha512)));
        }
    }
    if let Some(count) = kept.and_then(|kept| kept.file_count) {
        put("fileCount", json!(count));
    }
    if let Some(size) = kept.and_then(|kept| kept.unpacked_size) {
        put("unpackedSize", json!(size));
    }
    Value::Object(dist)
}

/// A hexadecimal SHA-512 as lock files have it (W3C Subresource Integrity).
pub(super) fn integrity(sha512: &str) -> String {
    let digest = HEXLOWER_PERMISSIVE
        .decode(sha512.as_bytes())
        .unwrap_or_default();
    format!("sha512-{}", BASE64.encode(&digest))
}
