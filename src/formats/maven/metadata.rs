//! `maven-metadata.xml`: what is kept of those that clients send, and the documents that are made from the database.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use md5::Md5;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::path::{MavenPath, SNAPSHOT};
use super::pom::Pom;
use super::render;
use crate::error::{Error, Result};
use crate::registry::xml::Element;
use crate::registry::{
    ChecksumAlgorithm, Deriving, Document, DocumentKey, Package, PackageKey, PackageType, Registry,
};

/// An artifact with fifty thousand versions has half of it.
const MOST_BYTES: u64 = 10 << 20;
/// Parallel deploys of one artifact: each client compares with its own document, not with the last.
const UPLOADS: usize = 64;
/// What makes a version one that can be depended upon; a signature alone does not.
const DEPLOYED: &[&str] = &[".pom", ".jar", ".module"];

/// What a package row keeps of the documents and the POM that came for it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    plugins: Vec<Plugin>,
    /// Some client wants to read `<latest>`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    latest: bool,
    /// Elements of the root that Maven does not define.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more: Vec<Element>,
    /// Digests of the documents that were sent, newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uploads: Vec<Checksums>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pom: Option<Pom>,
}

/// A plugin's prefix, which `mvn prefix:goal` is resolved by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plugin {
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) artifact: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Checksums {
    md5: String,
    sha1: String,
    sha256: String,
    sha512: String,
}

impl Kept {
    pub(super) fn of_pom(pom: Option<Pom>) -> Kept {
        Kept {
            pom,
            ..Kept::default()
        }
    }

    pub(super) fn value(&self) -> Result<Value> {
        Ok(serde_json::to_value(self)?)
    }

    fn parse(text: &str) -> Kept {
        serde_json::from_str(text).unwrap_or_default()
    }

    fn parse_all(texts: Vec<String>) -> Vec<Kept> {
        texts.iter().map(|text| Kept::parse(text)).collect()
    }

    /// What is kept already and what has come, inside the transaction: parallel uploads lose nothing.
    pub(super) fn merge(kept: Option<&str>, new: Value) -> Value {
        let Some(mut all) = kept.map(Kept::parse) else {
            return new;
        };
        let new: Kept = serde_json::from_value(new).unwrap_or_default();
        all.plugins.retain(|plugin| {
            new.plugins
                .iter()
                .all(|newer| newer.artifact != plugin.artifact)
        });
        all.plugins.extend(new.plugins);
        all.latest |= new.latest;
        if !new.more.is_empty() {
            all.more = new.more;
        }
        all.uploads.extend(new.uploads);
        let too_many = all.uploads.len().saturating_sub(UPLOADS);
        all.uploads.drain(..too_many);
        all.pom = new.pom.or(all.pom);
        serde_json::to_value(all).unwrap_or_default()
    }
}

/// A document as a client sent it.
pub(super) struct Uploaded {
    pub(super) kept: Kept,
    /// It speaks of one version: a snapshot's document, or one that strayed to a release.
    pub(super) names_version: bool,
}

impl Uploaded {
    /// Fails with 413 beyond 10 MiB, and with 400 for what is no metadata.
    pub(super) fn read(file: impl Read) -> Result<Uploaded> {
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(Error::TooLarge(format!(
                "maven-metadata.xml may take {MOST_BYTES} bytes"
            )));
        }
        let broken =
            |why: &str| Error::bad_request(format!("maven-metadata.xml is not well-formed: {why}"));
        let root = Element::parse(&bytes).map_err(|why| broken(&why))?;
        if root.name != "metadata" {
            return Err(broken("its root is not <metadata>"));
        }
        let plugin = |plugin: &Element| {
            Some(Plugin {
                name: plugin.text_of("name").unwrap_or_default(),
                prefix: plugin.text_of("prefix")?,
                artifact: plugin.text_of("artifactId")?,
            })
        };
        let is_ours = |name: &str| {
            matches!(
                name,
                "groupId" | "artifactId" | "version" | "versioning" | "plugins"
            )
        };
        let latest = root
            .child("versioning")
            .and_then(|versioning| versioning.child("latest"));
        Ok(Uploaded {
            names_version: root.text_of("version").is_some(),
            kept: Kept {
                plugins: root.items("plugins", "plugin").filter_map(plugin).collect(),
                latest: latest.is_some(),
                more: root
                    .children
                    .iter()
                    .filter(|child| !is_ours(&child.name))
                    .cloned()
                    .collect(),
                uploads: vec![Checksums::of(&bytes)],
                pom: None,
            },
        })
    }
}

impl Checksums {
    fn of(bytes: &[u8]) -> Checksums {
        let hex = |digest: &[u8]| data_encoding::HEXLOWER.encode(digest);
        Checksums {
            md5: hex(&Md5::digest(bytes)),
            sha1: hex(&Sha1::digest(bytes)),
            sha256: hex(&Sha256::digest(bytes)),
            sha512: hex(&Sha512::digest(bytes)),
        }
    }

    fn get(&self, algorithm: ChecksumAlgorithm) -> &str {
        match algorithm {
            ChecksumAlgorithm::Md5 => &self.md5,
            ChecksumAlgorithm::Sha1 => &self.sha1,
            ChecksumAlgorithm::Sha256 => &self.sha256,
            ChecksumAlgorithm::Sha512 => &self.sha512,
        }
    }
}

/// Whether one of the documents that were sent for this package has this checksum; `None` if none was sent.
///
/// Clients compare with what they sent, while we serve what we made; and of two that deploy at once, the first still
/// has to send its checksum when the second has sent its document.
pub(super) fn was_uploaded(
    registry: &Registry,
    project: i64,
    key: &PackageKey,
    algorithm: ChecksumAlgorithm,
    digest: &str,
) -> Result<Option<bool>> {
    let kept = registry.kept_metadata(&[project], key, Kept::parse_all)?;
    let uploads: Vec<&Checksums> = kept.iter().flat_map(|kept| &kept.uploads).collect();
    let same = |upload: &Checksums| upload.get(algorithm).eq_ignore_ascii_case(digest);
    Ok((!uploads.is_empty()).then(|| uploads.into_iter().any(same)))
}

/// The document that a path names over these projects; `None` where there is nothing to tell.
pub(super) async fn at_path(
    registry: &Registry,
    projects: &[i64],
    path: &MavenPath,
) -> Result<Option<Arc<Document>>> {
    if path.is_in_snapshot() {
        let Ok(key) = path.file_key() else {
            return Ok(None);
        };
        return of_snapshot(registry, projects, key).await;
    }
    of_artifact(registry, projects, &path.folder).await
}

/// The document behind a row named `maven-metadata.xml`.
pub(super) fn of_package(registry: Registry, package: Package) -> Deriving {
    Box::pin(async move {
        let projects = [package.project_id];
        match &package.version {
            None => of_artifact(&registry, &projects, &package.name).await,
            Some(version) if version.ends_with(SNAPSHOT) => {
                let key = PackageKey::exact(PackageType::Maven, &package.name, version);
                of_snapshot(&registry, &projects, key).await
            }
            Some(_) => Ok(None), // a release has none of its own
        }
    })
}

/// Whether only versions were described; the plugins of a group outlive an artifact of its name.
pub(super) fn ends_with_versions(kept: Option<&str>) -> bool {
    kept.is_none_or(|kept| Kept::parse(kept).plugins.is_empty())
}

/// Artifact and group level are one place: `com/acme` may be a group with plugins and the artifact `acme` of `com`.
async fn of_artifact(
    registry: &Registry,
    projects: &[i64],
    name: &str,
) -> Result<Option<Arc<Document>>> {
    let key = PackageKey::versionless(PackageType::Maven, name);
    let kept = registry.kept_metadata(projects, &key, Kept::parse_all)?;
    let latest = kept.iter().any(|kept| kept.latest);
    let more = kept
        .iter()
        .rev()
        .find(|kept| !kept.more.is_empty())
        .map(|kept| kept.more.clone());
    // The newest package comes last, and wins.
    let plugins: BTreeMap<&str, &Plugin> = kept
        .iter()
        .flat_map(|kept| &kept.plugins)
        .map(|plugin| (plugin.artifact.as_str(), plugin))
        .collect();
    let mut alive = Vec::new();
    for plugin in plugins.into_values() {
        if registry.has_versions(
            projects,
            PackageType::Maven,
            &format!("{name}/{}", plugin.artifact),
        )? {
            alive.push(plugin.clone());
        }
    }
    let document = DocumentKey {
        package_type: PackageType::Maven,
        kind: "artifact",
        name_key: name.to_owned(),
        prefix: serde_json::to_string(&alive)?, // they come and go without this name's knowledge
    };
    let name = name.to_owned();
    registry
        .published_document(projects, document, DEPLOYED, move |versions| {
            render::artifact(&name, versions, &alive, latest, more.unwrap_or_default())
        })
        .await
}

async fn of_snapshot(
    registry: &Registry,
    projects: &[i64],
    key: PackageKey,
) -> Result<Option<Arc<Document>>> {
    let document = DocumentKey {
        package_type: PackageType::Maven,
        kind: "snapshot",
        name_key: key.name_key.clone(),
        prefix: key.version.clone().unwrap_or_default(),
    };
    registry
        .files_document(projects, document, key, render::snapshot)
        .await
}
