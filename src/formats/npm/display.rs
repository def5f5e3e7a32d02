//! What a package page shows of a manifest.

use serde_json::Value;

use crate::registry::{Dependency, Display, Displayed, Readme};

/// Fields of the manifest with what is needed, and when.
const DEPENDENCIES: [(&str, &str); 4] = [
    ("dependencies", ""),
    ("peerDependencies", "peer"),
    ("optionalDependencies", "optional"),
    ("devDependencies", "development"),
];

pub(super) fn display(displayed: &Displayed<'_>) -> Display {
    let manifest = &displayed.metadata["manifest"];
    let file = manifest["readmeFilename"].as_str().unwrap_or_default();
    let mut display = Display {
        description: text(&manifest["description"]),
        readme: displayed.metadata["readme"]
            .as_str()
            .filter(|readme| *readme != "ERROR: No README data found!") // npm's own words for none
            .and_then(|readme| Readme::new(readme, file)),
        license: text(&manifest["license"]).or_else(|| text(&manifest["license"]["type"])),
        authors: person(&manifest["author"]).into_iter().collect(),
        keywords: texts(&manifest["keywords"]),
        dependencies: DEPENDENCIES
            .iter()
            .flat_map(|(field, scope)| dependencies(&manifest[*field], scope))
            .collect(),
        ..Display::default()
    };
    let url = |value: &Value| text(value).or_else(|| text(&value["url"]));
    display.link("Homepage", manifest["homepage"].as_str());
    display.link("Repository", url(&manifest["repository"]).as_deref());
    display.link("Issues", url(&manifest["bugs"]).as_deref());
    display.fact("Node.js", manifest["engines"]["node"].as_str());
    display
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(text)
        .collect()
}

/// `Ann <ann@example.com>`, or an object of name and address.
fn person(value: &Value) -> Option<String> {
    text(value).or_else(|| text(&value["name"]))
}

fn dependencies(value: &Value, scope: &str) -> Vec<Dependency> {
    let list = value.as_object().into_iter().flatten();
    list.map(|(name, requirement)| Dependency {
        name: name.clone(),
        requirement: text(requirement).unwrap_or_default(),
        scope: scope.to_owned(),
    })
    .collect()
}
