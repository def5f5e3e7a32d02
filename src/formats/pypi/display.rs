//! What a package page shows of core metadata.

use serde_json::Value;

use crate::registry::{Dependency, Display, Displayed, Readme};

pub(super) fn display(displayed: &Displayed<'_>) -> Display {
    let metadata = displayed.metadata;
    let text = |name: &str| metadata[name].as_str().map(str::to_owned);
    let list = |name: &str| {
        let items = metadata[name].as_array().into_iter().flatten();
        items.filter_map(Value::as_str)
    };
    let kind = metadata["description_content_type"].as_str();
    let mut display = Display {
        description: text("summary"),
        // Without a type a description is reStructuredText (core metadata, "Description-Content-Type").
        readme: metadata["description"]
            .as_str()
            .and_then(|readme| Readme::new(readme, kind.unwrap_or("text/x-rst"))),
        license: text("license_expression").or_else(|| text("license").and_then(one_line)),
        authors: text("author")
            .or_else(|| text("author_email"))
            .into_iter()
            .collect(),
        keywords: text("keywords")
            .map(|keywords| split(&keywords))
            .unwrap_or_default(),
        dependencies: list("requires_dist").map(dependency).collect(),
        ..Display::default()
    };
    display.link("Homepage", metadata["home_page"].as_str());
    for label_and_url in list("project_urls") {
        if let Some((label, url)) = label_and_url.split_once(',') {
            display.link(label.trim(), Some(url));
        }
    }
    display.fact("Python", metadata["requires_python"].as_str());
    display
}

/// Some put the whole text of their licence there.
fn one_line(license: String) -> Option<String> {
    license.lines().next().map(str::to_owned)
}

fn split(keywords: &str) -> Vec<String> {
    let separator = if keywords.contains(',') { ',' } else { ' ' };
    let words = keywords
        .split(separator)
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// `requests[socks] >=2.0 ; extra == "net"` (PEP 508).
fn dependency(text: &str) -> Dependency {
    let (requirement, marker) = text.split_once(';').unwrap_or((text, ""));
    let requirement = requirement.trim();
    let name_ends = |c: char| c.is_whitespace() || "<>=!~(@".contains(c);
    let (name, versions) =
        requirement.split_at(requirement.find(name_ends).unwrap_or(requirement.len()));
    Dependency {
        name: name.to_owned(),
        requirement: versions.trim().trim_matches(['(', ')']).to_owned(),
        scope: marker.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_has_a_name_versions_and_a_marker() {
        let parts = |text| {
            let Dependency {
                name,
                requirement,
                scope,
            } = dependency(text);
            (name, requirement, scope)
        };
        let expected = |name: &str, requirement: &str, scope: &str| {
            (name.to_owned(), requirement.to_owned(), scope.to_owned())
        };
        assert_eq!(
            parts("requests[socks]>=2.0; extra == 'net'"),
            expected("requests[socks]", ">=2.0", "extra == 'net'")
        );
        assert_eq!(parts("old (>1)"), expected("old", ">1", ""));
        assert_eq!(parts("bare"), expected("bare", "", ""));
    }
}
