//! What a package page shows of a nuspec, and of the readme that it names in the package.

use super::manifest::{DependencyGroup, Manifest};
use crate::registry::{Dependency, Display, Displayed, PackedReadme};

/// What tools write for clients that know no other licence element (NuGet docs, "licenseUrl").
const NO_LICENSE_URL: &str = "https://aka.ms/deprecateLicenseUrl";

pub(super) fn display(displayed: &Displayed<'_>) -> Display {
    let Ok(manifest) = serde_json::from_value::<Manifest>(displayed.metadata.clone()) else {
        return Display::default();
    };
    let package_types = manifest.package_types().join(", ");
    let license_url = manifest.license_url.filter(|url| url != NO_LICENSE_URL);
    let mut newest_first = displayed.files.iter().rev();
    let package_file = newest_first.find(|file| file.file.file_name.ends_with(".nupkg"));
    let mut display = Display {
        description: manifest.description.or(manifest.summary),
        packed_readme: manifest
            .readme
            .zip(package_file)
            .map(|(name, package_file)| {
                let sha256 = package_file.file.sha256.clone();
                PackedReadme { sha256, name }
            }),
        license: manifest.license_expression,
        authors: words(manifest.authors.as_deref().unwrap_or_default()),
        keywords: manifest.tags,
        dependencies: manifest
            .dependency_groups
            .into_iter()
            .flat_map(dependencies)
            .collect(),
        ..Display::default()
    };
    display.link("Homepage", manifest.project_url.as_deref());
    display.link("Repository", manifest.repository_url.as_deref());
    display.link("License", license_url.as_deref());
    display.fact(
        "Package type",
        Some(&package_types)
            .filter(|types| *types != "Dependency")
            .map(String::as_str),
    );
    display.fact("NuGet", manifest.min_client_version.as_deref());
    display
}

/// `Ann, Bob`
fn words(text: &str) -> Vec<String> {
    let words = text.split(',').map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What is needed for one target framework.
fn dependencies(group: DependencyGroup) -> impl Iterator<Item = Dependency> {
    let scope = group.target_framework.unwrap_or_default();
    group
        .dependencies
        .into_iter()
        .map(move |dependency| Dependency {
            name: dependency.id,
            requirement: dependency.range.unwrap_or_default(),
            scope: scope.clone(),
        })
}
