//! What a package page shows of a module: what was read of its archive.

use serde_json::Value;

use crate::registry::{Dependency, Display, Displayed, Readme};

pub(super) fn display(displayed: &Displayed<'_>) -> Display {
    let root = &displayed.metadata["root"];
    let providers = list(&root["provider_dependencies"]).map(provider);
    let mut display = Display {
        readme: root["readme"]
            .as_str()
            .and_then(|readme| Readme::new(readme, "README.md")),
        dependencies: providers
            .chain(list(&root["dependencies"]).filter_map(module))
            .collect(),
        ..Display::default()
    };
    display.fact("Terraform", root["required_version"].as_str());
    let names = |wanted: &dyn Fn(&Value) -> bool, kind: &str| {
        let found = list(&root[kind]).filter(|entry| wanted(entry));
        let names: Vec<&str> = found.filter_map(|entry| entry["name"].as_str()).collect();
        names.join(", ")
    };
    let required = names(&|input| input["required"] == true, "inputs");
    let optional = names(&|input| input["required"] != true, "inputs");
    display.fact("Required inputs", Some(&required));
    display.fact("Optional inputs", Some(&optional));
    display.fact("Outputs", Some(&names(&|_| true, "outputs")));
    display
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn provider(value: &Value) -> Dependency {
    let name = match value["source"].as_str() {
        None | Some("") => text(&value["name"]),
        Some(source) => source.to_owned(),
    };
    Dependency {
        name,
        requirement: text(&value["version"]),
        scope: "provider".to_owned(),
    }
}

/// A module that lies elsewhere; those in folders come along.
fn module(value: &Value) -> Option<Dependency> {
    let source = text(&value["source"]);
    (!source.is_empty() && !source.starts_with('.')).then(|| Dependency {
        name: source,
        requirement: text(&value["version"]),
        scope: "module".to_owned(),
    })
}
