//! The manifest in a package, its `.nuspec`: what it is, what it says of itself, what it needs (NuGet docs, ".nuspec
//! reference"). Six XML namespaces are in use, and some files have none: elements go by their names alone.

use serde::{Deserialize, Serialize};

use super::version::{self, Version};
use super::{id, refused};
use crate::error::{Error, Result};
use crate::registry::xml::Element;

/// Of a text, what is kept beside the package that holds it whole; GitLab shows no longer descriptions either.
const MOST_TEXT: usize = 4_000;
const MOST_DEPENDENCIES: usize = 5_000;
const MOST_WORDS: usize = 200;
const LONGEST_URL: usize = 255;

/// A nuspec that was understood.
#[derive(Debug)]
pub(super) struct Nuspec {
    pub(super) id: String,
    /// As it is written.
    pub(super) version: String,
    pub(super) parsed: Version,
    pub(super) manifest: Manifest,
}

/// What is kept with a package.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Manifest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authors: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) release_notes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) copyright: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) project_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) license_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) icon_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) license_expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repository_url: Option<String>,
    /// A member of the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) readme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min_client_version: Option<String>,
    pub(super) require_license_acceptance: bool,
    pub(super) tags: Vec<String>,
    /// Nothing stands for `Dependency`.
    pub(super) package_types: Vec<String>,
    pub(super) dependency_groups: Vec<DependencyGroup>,
}

/// What one target framework needs; that it needs nothing is worth knowing, too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DependencyGroup {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) target_framework: Option<String>,
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Dependency {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) range: Option<String>,
}

impl Nuspec {
    /// Fails with 400 for what is no nuspec, or one that clients could not read in an index.
    pub(super) fn parse(bytes: &[u8]) -> Result<Nuspec> {
        let root = Element::parse_with_attributes(&to_utf8(bytes)?).map_err(|why| {
            refused(format!(
                "the package is refused: its nuspec is no XML that can be read: {why}"
            ))
        })?;
        let empty = Element::default();
        let metadata = match root.name.as_str() {
            "package" => root.child("metadata"),
            _ => None,
        };
        let metadata = metadata.unwrap_or(&empty);
        let (Some(id), Some(version)) = (metadata.text_of("id"), metadata.text_of("version"))
        else {
            return Err(refused(
                "package name and/or package version not found in metadata",
            ));
        };
        if !id::is_valid(&id) {
            return Err(refused("Validation failed: Name is invalid"));
        }
        let parsed = Version::parse(&version)
            .ok_or_else(|| refused("Validation failed: Version is invalid"))?;
        Ok(Nuspec {
            manifest: Manifest::read(metadata)?,
            id,
            version,
            parsed,
        })
    }

    pub(super) fn is_of_symbols(&self) -> bool {
        let types = &self.manifest.package_types;
        types
            .iter()
            .any(|name| name.eq_ignore_ascii_case("SymbolsPackage"))
    }
}

/// The two encodings that tools write; everything else is told so by the XML reader.
fn to_utf8(bytes: &[u8]) -> Result<Vec<u8>> {
    let decode: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return Ok(bytes.to_vec()),
    };
    let units = bytes[2..]
        .chunks_exact(2)
        .map(|pair| decode([pair[0], pair[1]]));
    let text: std::result::Result<String, _> = char::decode_utf16(units).collect();
    let text = text.map_err(|error| {
        refused(format!(
            "the package is refused: its nuspec is no text: {error}"
        ))
    })?;
    Ok(text.into_bytes())
}

impl Manifest {
    fn read(metadata: &Element) -> Result<Manifest> {
        let text = |name: &str| metadata.text_of(name).map(shorten);
        let license = metadata.child("license");
        let expression = license.filter(|license| license.attribute("type") == Some("expression"));
        let repository = metadata.child("repository");
        let tags = text("tags").unwrap_or_default();
        let package_types = metadata.items("packageTypes", "packageType");
        Ok(Manifest {
            title: text("title"),
            authors: text("authors"),
            description: text("description"),
            summary: text("summary"),
            release_notes: text("releaseNotes"),
            copyright: text("copyright"),
            language: text("language"),
            project_url: url(metadata, "projectUrl", "Project url")?,
            license_url: url(metadata, "licenseUrl", "License url")?,
            icon_url: url(metadata, "iconUrl", "Icon url")?,
            license_expression: expression
                .map(|license| shorten(license.text.clone()))
                .filter(|text| !text.is_empty()),
            repository_url: repository
                .and_then(|repository| repository.attribute("url"))
                .filter(|url| is_web_url(url))
                .map(str::to_owned),
            readme: text("readme"),
            min_client_version: metadata
                .attribute("minClientVersion")
                .map(|text| shorten(text.to_owned())),
            require_license_acceptance: metadata
                .text_of("requireLicenseAcceptance")
                .is_some_and(|text| text.eq_ignore_ascii_case("true")),
            tags: tags
                .split_whitespace()
                .take(MOST_WORDS)
                .map(str::to_owned)
                .collect(),
            package_types: package_types
                .filter_map(|element| element.attribute("name"))
                .filter(|name| id::is_valid(name))
                .take(MOST_WORDS)
                .map(str::to_owned)
                .collect(),
            dependency_groups: dependency_groups(metadata)?,
        })
    }

    pub(super) fn package_types(&self) -> Vec<&str> {
        match self.package_types.as_slice() {
            [] => vec!["Dependency"],
            names => names.iter().map(String::as_str).collect(),
        }
    }
}

/// Dependencies without a group are the group of every framework.
fn dependency_groups(metadata: &Element) -> Result<Vec<DependencyGroup>> {
    let Some(list) = metadata.child("dependencies") else {
        return Ok(Vec::new());
    };
    let mut room = MOST_DEPENDENCIES;
    let mut groups = Vec::new();
    let loose = dependencies(list, &mut room)?;
    if !loose.is_empty() {
        groups.push(DependencyGroup {
            target_framework: None,
            dependencies: loose,
        });
    }
    for group in list.children.iter().filter(|child| child.name == "group") {
        room = room.checked_sub(1).ok_or_else(too_many)?;
        let framework = group.attribute("targetFramework");
        groups.push(DependencyGroup {
            target_framework: framework.map(|text| shorten(text.to_owned())),
            dependencies: dependencies(group, &mut room)?,
        });
    }
    Ok(groups)
}

fn dependencies(list: &Element, room: &mut usize) -> Result<Vec<Dependency>> {
    let elements = list
        .children
        .iter()
        .filter(|child| child.name == "dependency");
    let mut found = Vec::new();
    for element in elements {
        *room = room.checked_sub(1).ok_or_else(too_many)?;
        let id = element.attribute("id").unwrap_or_default();
        let range = element.attribute("version");
        if !id::is_valid(id) || range.is_some_and(|range| !version::is_range(range)) {
            return Err(refused(format!(
                "Validation failed: the dependency `{}` with the version `{}` is invalid",
                shown(id),
                shown(range.unwrap_or_default())
            )));
        }
        found.push(Dependency {
            id: id.to_owned(),
            range: range.map(str::to_owned),
        });
    }
    Ok(found)
}

fn too_many() -> Error {
    refused(format!(
        "Validation failed: a package may have {MOST_DEPENDENCIES} dependencies"
    ))
}

/// A part of what somebody sent, fit for a sentence.
fn shown(text: &str) -> String {
    text.chars()
        .take(100)
        .collect::<String>()
        .escape_debug()
        .to_string()
}

fn shorten(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MOST_TEXT));
    text
}

/// A link that pages show: nothing but http and https, and within GitLab's limit.
fn url(metadata: &Element, name: &str, field: &str) -> Result<Option<String>> {
    match metadata.text_of(name) {
        Some(url) if !is_web_url(&url) => Err(refused(format!(
            "Validation failed: {field} is invalid: it must be http or https, and have at most {LONGEST_URL} characters"
        ))),
        url => Ok(url),
    }
}

fn is_web_url(url: &str) -> bool {
    let scheme = url.split("://").next().unwrap_or_default();
    let is_web = scheme.len() < url.len()
        && ["http", "https"]
            .iter()
            .any(|web| scheme.eq_ignore_ascii_case(web));
    is_web
        && url.chars().count() <= LONGEST_URL
        && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(metadata: &str) -> Result<Nuspec> {
        Nuspec::parse(format!("<package><metadata>{metadata}</metadata></package>").as_bytes())
    }

    #[test]
    fn everything_that_is_shown_is_read() {
        let nuspec = Nuspec::parse(
            br#"<?xml version="1.0"?><package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata minClientVersion="2.12"><id>Acme.Core</id><version>1.0-RC</version><authors>A, B</authors>
              <license type="expression">MIT</license><tags> one  two </tags><requireLicenseAcceptance>true</requireLicenseAcceptance>
              <repository type="git" url="https://example.com/x.git"/>
              <packageTypes><packageType name="DotnetTool"/></packageTypes>
              <dependencies><dependency id="Loose" version="[1.0, 2.0)"/>
                <group targetFramework="net6.0"/><group targetFramework="net8.0"><dependency id="Some.Dep"/></group></dependencies>
              </metadata></package>"#,
        )
        .unwrap();
        assert_eq!(
            (nuspec.id.as_str(), nuspec.version.as_str()),
            ("Acme.Core", "1.0-RC")
        );
        let manifest = nuspec.manifest;
        assert_eq!(manifest.license_expression.as_deref(), Some("MIT"));
        assert_eq!(manifest.tags, ["one", "two"]);
        assert_eq!(manifest.package_types(), ["DotnetTool"]);
        assert_eq!(manifest.min_client_version.as_deref(), Some("2.12"));
        assert!(manifest.require_license_acceptance);
        let groups = serde_json::to_value(&manifest.dependency_groups).unwrap();
        let expected = serde_json::json!([
            { "dependencies": [{ "id": "Loose", "range": "[1.0, 2.0)" }] },
            { "targetFramework": "net6.0", "dependencies": [] },
            { "targetFramework": "net8.0", "dependencies": [{ "id": "Some.Dep" }] },
        ]);
        assert_eq!(groups, expected);
    }

    #[test]
    fn both_byte_orders_of_utf_16_are_read() {
        let text = "\u{feff}<package><metadata><id>Ä</id><version>1</version></metadata></package>";
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(to_bytes).collect();
            let error = Nuspec::parse(&bytes).unwrap_err().to_string();
            assert!(error.contains("Name is invalid"), "{error}");
        }
        assert!(Nuspec::parse(b"\xff\xfe\x00\xd8").is_err());
    }

    #[test]
    fn what_clients_could_not_read_is_refused() {
        let good = "<id>A</id><version>1.0</version>";
        assert!(parse(good).is_ok());
        for metadata in [
            "<id>A</id>",
            "<version>1.0</version>",
            "<id></id><version>1.0</version>",
            "<id>A b</id><version>1.0</version>",
            "<id>..</id><version>1.0</version>",
            "<id>A</id><version>$version$</version>",
            &format!("{good}<projectUrl>javascript:alert(1)</projectUrl>"),
            &format!("{good}<iconUrl>http:/x</iconUrl>"),
            &format!(
                "{good}<licenseUrl>http://x/{}</licenseUrl>",
                "a".repeat(300)
            ),
            &format!("{good}<dependencies><dependency id='B' version='x'/></dependencies>"),
            &format!("{good}<dependencies><dependency version='1'/></dependencies>"),
            &format!(
                "{good}<dependencies>{}</dependencies>",
                "<group/>".repeat(MOST_DEPENDENCIES + 1)
            ),
        ] {
            assert!(
                parse(metadata).is_err(),
                "{}",
                &metadata[..metadata.len().min(90)]
            );
        }
        for document in [
            "<html/>",
            "<metadata><id>A</id><version>1</version></metadata>",
            "{}",
            "<!DOCTYPE a><package/>",
        ] {
            assert!(Nuspec::parse(document.as_bytes()).is_err(), "{document}");
        }
    }
}
