//! What a package page shows of a recipe: its latest revision's `conanfile.py`.

use super::conanfile::Conanfile;
use crate::registry::{Dependency, Display, Displayed};

pub(super) fn display(displayed: &Displayed<'_>) -> Display {
    let recipe: Conanfile = serde_json::from_value(displayed.metadata.clone()).unwrap_or_default();
    let requirements = [
        (recipe.requires, ""),
        (recipe.tool_requires, "tool"),
        (recipe.test_requires, "test"),
    ];
    let mut display = Display {
        description: recipe.description.into_iter().next(),
        license: Some(recipe.license.join(", ")),
        authors: recipe.author,
        keywords: recipe.topics,
        dependencies: requirements
            .into_iter()
            .flat_map(|(references, scope)| {
                references
                    .into_iter()
                    .map(move |reference| dependency(&reference, scope))
            })
            .collect(),
        ..Display::default()
    };
    display.link("Homepage", recipe.homepage.first().map(String::as_str));
    display.link("Recipe", recipe.url.first().map(String::as_str));
    display
}

/// `zlib/1.3@user/channel`
fn dependency(reference: &str, scope: &str) -> Dependency {
    let (name, requirement) = reference.split_once('/').unwrap_or((reference, ""));
    Dependency {
        name: name.to_owned(),
        requirement: requirement.to_owned(),
        scope: scope.to_owned(),
    }
}
