//! What a package page shows of a module: its go.mod, and the readme in its zip.

use super::go_mod::{Requirement, Summary};
use crate::registry::{Dependency, Display, Displayed, PackedReadme};

pub(super) fn display(displayed: &Displayed<'_>) -> Display {
    let go_mod: Summary = serde_json::from_value(displayed.metadata.clone()).unwrap_or_default();
    let package = displayed.package;
    let version = package.version.as_deref().unwrap_or_default();
    let zip = displayed
        .files
        .iter()
        .rfind(|file| file.file.file_name.ends_with(".zip"));
    let mut display = Display {
        packed_readme: zip.map(|zip| PackedReadme {
            sha256: zip.file.sha256.clone(),
            name: format!("{}@{version}/README.md", package.name),
        }),
        dependencies: go_mod.requires.into_iter().map(dependency).collect(),
        ..Display::default()
    };
    display.fact("Go", go_mod.go.as_deref());
    display
}

fn dependency(requirement: Requirement) -> Dependency {
    let scope = if requirement.indirect { "indirect" } else { "" };
    Dependency {
        name: requirement.path,
        requirement: requirement.version,
        scope: scope.to_owned(),
    }
}
