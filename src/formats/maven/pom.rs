//! What a POM says of itself, for people: never who it is. Its path decides that, and relocated or flattened POMs differ.

use std::io::Read;

use serde::{Deserialize, Serialize};

use crate::registry::xml::Element;

/// Larger ones are stored like any other, and not read.
const MOST_BYTES: u64 = 2 << 20;
/// Bills of materials list thousands under `dependencyManagement`, which is not read; more than this nobody looks at.
const MOST_DEPENDENCIES: usize = 500;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pom {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) packaging: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) licenses: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) dependencies: Vec<Dependency>,
}

/// As it is written: versions may be `${…}`, or come from a parent and be absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dependency {
    pub(super) group: String,
    pub(super) artifact: String,
    pub(super) version: Option<String>,
    pub(super) scope: Option<String>,
}

impl Pom {
    /// `None` for a POM that cannot be read, which is stored all the same.
    pub(super) fn read(file: impl Read) -> Option<Pom> {
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() as u64 > MOST_BYTES {
            return None;
        }
        let root = Element::parse(&bytes)
            .ok()
            .filter(|root| root.name == "project")?;
        let license =
            |license: &Element| license.text_of("name").or_else(|| license.text_of("url"));
        let dependency = |dependency: &Element| {
            Some(Dependency {
                group: dependency.text_of("groupId")?,
                artifact: dependency.text_of("artifactId")?,
                version: dependency.text_of("version"),
                scope: dependency.text_of("scope"),
            })
        };
        Some(Pom {
            name: root.text_of("name"),
            description: root.text_of("description"),
            url: root.text_of("url"),
            packaging: root.text_of("packaging"),
            licenses: root
                .items("licenses", "license")
                .filter_map(license)
                .collect(),
            dependencies: root
                .items("dependencies", "dependency")
                .filter_map(dependency)
                .take(MOST_DEPENDENCIES)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_licences_and_dependencies_are_read() {
        let pom = Pom::read(
            &br#"<project xmlns="http://maven.apache.org/POM/4.0.0">
              <description>Does &lt;things&gt;</description>
              <licenses><license><name>MIT</name></license></licenses>
              <dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><scope>test</scope></dependency>
                <dependency><artifactId>no group</artifactId></dependency></dependencies>
            </project>"#[..],
        )
        .expect("a POM");
        assert_eq!(pom.description.as_deref(), Some("Does <things>"));
        assert_eq!(pom.licenses, ["MIT"]);
        assert_eq!(pom.dependencies.len(), 1);
        assert_eq!(pom.dependencies[0].scope.as_deref(), Some("test"));
    }

    #[test]
    fn what_is_no_pom_says_nothing() {
        for text in ["<!DOCTYPE project><project/>", "<html/>", "{}", ""] {
            assert_eq!(Pom::read(text.as_bytes()), None, "{text}");
        }
    }
}
