//! What a package page shows of a chart: its `Chart.yaml`, as the index has it, and the `README.md` beside that.

use serde_json::{Value, json};

use super::chart::Chart;
use crate::registry::{Dependency, Display, Displayed, Readme};

/// What Helm has no key for is written into annotations: by Artifact Hub's rule, and by the most used charts.
const LICENSES: [&str; 2] = ["artifacthub.io/license", "licenses"];

/// What is kept with the package; the index does not need it, and does not read it.
pub(super) fn kept(readme: Option<&str>) -> Value {
    json!({ "readme": readme })
}

pub(super) fn display(displayed: &Displayed<'_>) -> Display {
    let mut newest_first = displayed.files.iter().rev();
    let chart = newest_first
        .find(|file| !file.file.file_name.ends_with(".prov"))
        .and_then(|file| serde_json::from_str::<Chart>(file.metadata.as_deref()?).ok());
    let Some(Chart { entry, .. }) = chart else {
        return Display::default();
    };
    let entry = Value::Object(entry);
    let mut display = Display {
        description: text(&entry["description"]),
        readme: displayed.metadata["readme"]
            .as_str()
            .and_then(|readme| Readme::new(readme, "README.md")),
        license: LICENSES
            .iter()
            .find_map(|key| text(&entry["annotations"][key])),
        authors: list(&entry["maintainers"])
            .filter_map(|maintainer| text(&maintainer["name"]))
            .collect(),
        keywords: list(&entry["keywords"]).filter_map(text).collect(),
        dependencies: list(&entry["dependencies"]).map(dependency).collect(),
        ..Display::default()
    };
    display.link("Homepage", entry["home"].as_str());
    for source in list(&entry["sources"]) {
        display.link("Source", source.as_str());
    }
    display.fact("App version", entry["appVersion"].as_str());
    display.fact("Kubernetes", entry["kubeVersion"].as_str());
    display.fact("Type", entry["type"].as_str());
    display
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Needed if its condition holds: `redis.enabled`.
fn dependency(value: &Value) -> Dependency {
    let field = |name: &str| text(&value[name]).unwrap_or_default();
    Dependency {
        name: field("name"),
        requirement: field("version"),
        scope: field("condition"),
    }
}
