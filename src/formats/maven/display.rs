//! What a package page shows of a POM.

use super::metadata::Kept;
use super::pom;
use crate::registry::{Dependency, Display, Displayed};

pub(super) fn display(displayed: &Displayed<'_>) -> Display {
    let kept: Kept = serde_json::from_value(displayed.metadata.clone()).unwrap_or_default();
    let Some(pom) = kept.pom else {
        return Display::default();
    };
    let mut display = Display {
        description: pom.description.or(pom.name),
        license: (!pom.licenses.is_empty()).then(|| pom.licenses.join(", ")),
        dependencies: pom.dependencies.into_iter().map(dependency).collect(),
        ..Display::default()
    };
    display.link("Homepage", pom.url.as_deref());
    display.fact("Packaging", pom.packaging.as_deref());
    display
}

fn dependency(found: pom::Dependency) -> Dependency {
    Dependency {
        name: format!("{}:{}", found.group, found.artifact),
        requirement: found.version.unwrap_or_default(),
        scope: found
            .scope
            .filter(|scope| scope != "compile")
            .unwrap_or_default(),
    }
}
