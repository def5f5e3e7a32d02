//! What a package page shows of a `composer.json`.

use serde_json::Value;

use crate::registry::{Dependency, Display, Displayed};

pub(super) fn display(displayed: &Displayed<'_>) -> Display {
    let manifest = &displayed.metadata["manifest"];
    let mut display = Display {
        description: text(&manifest["description"]),
        license: Some(texts(&manifest["license"]).join(" or ")),
        authors: list(&manifest["authors"])
            .filter_map(|author| text(&author["name"]))
            .collect(),
        keywords: texts(&manifest["keywords"]),
        dependencies: [("require", ""), ("require-dev", "development")]
            .iter()
            .flat_map(|(field, scope)| dependencies(&manifest[*field], scope))
            .collect(),
        ..Display::default()
    };
    display.link("Homepage", manifest["homepage"].as_str());
    for (key, label) in [
        ("source", "Source"),
        ("docs", "Documentation"),
        ("issues", "Issues"),
    ] {
        display.link(label, manifest["support"][key].as_str());
    }
    display.fact("PHP", manifest["require"]["php"].as_str());
    display.fact("Type", manifest["type"].as_str());
    display
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// One text or a list of them.
fn texts(value: &Value) -> Vec<String> {
    text(value)
        .into_iter()
        .chain(list(value).filter_map(text))
        .collect()
}

fn dependencies(value: &Value, scope: &str) -> Vec<Dependency> {
    let all = value.as_object().into_iter().flatten();
    all.map(|(name, constraint)| Dependency {
        name: name.clone(),
        requirement: text(constraint).unwrap_or_default(),
        scope: scope.to_owned(),
    })
    .collect()
}
