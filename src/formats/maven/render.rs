//! The documents as Maven writes them itself: artifact level (with the plugins of a group), and snapshot level.

use std::collections::BTreeMap;

use super::file_name::{Build, newest_builds};
use super::metadata::Plugin;
use super::path::SNAPSHOT;
use super::version::Version;
use crate::registry::xml::{Element, Writer};
use crate::registry::{PackageKey, PublishedFile, PublishedVersion, Timestamp};

/// Versions and plugins; `None` if there is neither.
pub(super) fn artifact(
    name: &str,
    versions: Vec<PublishedVersion>,
    plugins: &[Plugin],
    latest: bool,
    more: Vec<Element>,
) -> Option<Vec<u8>> {
    if versions.is_empty() && plugins.is_empty() {
        return None;
    }
    let last_updated = versions.iter().map(|version| version.updated_at).max();
    let newest_first = {
        let mut by_time: Vec<&PublishedVersion> = versions.iter().collect();
        by_time.sort_by_key(|version| std::cmp::Reverse(version.newest_file_id));
        by_time
    };
    let newest = newest_first.first();
    let release = newest_first
        .iter()
        .find(|version| !version.version.ends_with(SNAPSHOT));
    // Several projects may have a version; it stands in the list once.
    let mut ordered: Vec<(Version, &str)> = versions
        .iter()
        .map(|version| (Version::parse(&version.version), version.version.as_str()))
        .collect();
    ordered.sort();
    ordered.dedup_by(|a, b| a.1 == b.1);
    let mut writer = Writer::new();
    writer.nest("metadata", |writer| {
        if !versions.is_empty() {
            let (group, artifact) = coordinates(name);
            writer.text("groupId", &group);
            writer.text("artifactId", artifact);
            writer.nest("versioning", |writer| {
                if let (Some(newest), true) = (newest, latest || !plugins.is_empty()) {
                    writer.text("latest", &newest.version);
                }
                if let Some(release) = release {
                    writer.text("release", &release.version);
                }
                writer.nest("versions", |writer| {
                    ordered
                        .iter()
                        .for_each(|(_, version)| writer.text("version", version));
                });
                if let Some(moment) = last_updated {
                    writer.text("lastUpdated", &seconds(moment));
                }
            });
        }
        if !plugins.is_empty() {
            writer.nest("plugins", |writer| {
                plugins
                    .iter()
                    .for_each(|plugin| write_plugin(writer, plugin))
            });
        }
        more.iter().for_each(|element| writer.element(element));
    });
    Some(writer.finish())
}

fn write_plugin(writer: &mut Writer, plugin: &Plugin) {
    writer.nest("plugin", |writer| {
        if !plugin.name.is_empty() {
            writer.text("name", &plugin.name);
        }
        writer.text("prefix", &plugin.prefix);
        writer.text("artifactId", &plugin.artifact);
    });
}

/// The newest build of each file of a snapshot; `None` if it has no file that a build names.
///
/// `files` come from the newest package that has any. Names without a timestamp are told as such: sbt deploys them, and
/// what resolves them reads the same document.
pub(super) fn snapshot(key: &PackageKey, files: &[PublishedFile]) -> Option<Vec<u8>> {
    let version = key.version.as_deref()?;
    let base = version.strip_suffix(SNAPSHOT)?;
    let (group, artifact) = coordinates(&key.name);
    let names = files.iter().map(|file| file.file_name.as_str());
    let parts = newest_builds(artifact, version, names);
    let newest = parts.values().flatten().max();
    let plain: BTreeMap<&str, Timestamp> = files
        .iter()
        .map(|file| (file.file_name.as_str(), file.created_at))
        .collect();
    let updated = |part: &super::file_name::Part, build: &Option<Build>| match build {
        Some(build) => build.timestamp.replace('.', ""),
        None => {
            let created = plain.get(part.plain_name(artifact, version).as_str());
            created.map(|moment| seconds(*moment)).unwrap_or_default()
        }
    };
    let last_updated = parts
        .iter()
        .map(|(part, build)| updated(part, build))
        .max()?;
    let mut writer = Writer::new();
    writer.nest_with("metadata", " modelVersion=\"1.1.0\"", |writer| {
        writer.text("groupId", &group);
        writer.text("artifactId", artifact);
        writer.nest("versioning", |writer| {
            writer.text("lastUpdated", &last_updated);
            if let Some(build) = newest {
                writer.nest("snapshot", |writer| {
                    writer.text("timestamp", &build.timestamp);
                    writer.text("buildNumber", &build.number.to_string());
                });
            }
            writer.nest("snapshotVersions", |writer| {
                for (part, build) in &parts {
                    writer.nest("snapshotVersion", |writer| {
                        if !part.classifier.is_empty() {
                            writer.text("classifier", &part.classifier);
                        }
                        writer.text("extension", &part.extension);
                        match build {
                            Some(build) => {
                                let value = format!("{base}-{}-{}", build.timestamp, build.number);
                                writer.text("value", &value);
                            }
                            None => writer.text("value", version),
                        }
                        writer.text("updated", &updated(part, build));
                    });
                }
            });
        });
        writer.text("version", version);
    });
    Some(writer.finish())
}

/// `com/acme/demo` is artifact `demo` of group `com.acme`.
fn coordinates(name: &str) -> (String, &str) {
    let (group, artifact) = name.rsplit_once('/').unwrap_or(("", name));
    (group.replace('/', "."), artifact)
}

/// `yyyyMMddHHmmss`, UTC.
fn seconds(moment: Timestamp) -> String {
    let digits = moment.to_string();
    digits
        .chars()
        .filter(char::is_ascii_digit)
        .take(14)
        .collect()
}
