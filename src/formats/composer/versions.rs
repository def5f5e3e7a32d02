//! The documents of a name: its released versions, and its dev versions (Composer docs, "Repositories", `metadata-url`).

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::names::Name;
use super::place::project_path;
use super::version::Version;
use crate::error::Result;
use crate::http::BaseUrl;
use crate::registry::{ListedPackage, Package, PackageFile, PackageStatus};

/// What publishing has kept of a version.
#[derive(Deserialize)]
struct Kept<'a> {
    reference: String,
    abandoned: Option<Value>,
    /// `composer.json` without what the registry says itself.
    #[serde(borrow)]
    manifest: &'a RawValue,
}

/// `{"packages":{"acme/hello":[…]}}`, the newest version first; an empty list where the name has versions of the other
/// sort alone.
pub(super) fn render(
    name: &Name,
    dev: bool,
    url: &BaseUrl,
    packages: &[ListedPackage],
) -> Result<Vec<u8>> {
    let mut versions: Vec<(Version, &ListedPackage)> = packages
        .iter()
        .filter_map(|listed| Some((Version::parse(listed.package.version.as_deref()?)?, listed)))
        .filter(|(version, _)| version.is_dev() == dev)
        .collect();
    versions.sort_unstable_by(|(one, _), (other, _)| other.compare(one));
    let mut objects = Vec::with_capacity(versions.len());
    for (_, listed) in versions {
        objects.extend(object(name, url, listed)?);
    }
    let name = json!(name.as_str());
    let list = objects.join(",");
    Ok(format!("{{\"packages\":{{{name}:[{list}]}}}}").into_bytes())
}

/// One version; `None` if the zip that it was published with has been deleted.
fn object(name: &Name, url: &BaseUrl, listed: &ListedPackage) -> Result<Option<String>> {
    let (package, Some(metadata)) = (&listed.package, &listed.metadata) else {
        return Ok(None);
    };
    let kept: Kept<'_> = serde_json::from_str(metadata)?;
    let mut newest_first = listed.files.iter().rev().map(|listed| &listed.file);
    let Some(file) = newest_first.find(|file| file.sha1 == kept.reference) else {
        return Ok(None);
    };
    let mut ours = json!({
        "name": name.as_str(),
        "version": package.version,
        "dist": dist(name, url, package, file),
        "uid": package.id,
        "time": file.created_at,
    });
    if let Some(abandoned) = abandoned(package, kept.abandoned) {
        ours["abandoned"] = abandoned;
    }
    // The text of the rest stands as it was uploaded: no number changes its type on the way.
    let (ours, rest) = (ours.to_string(), kept.manifest.get());
    let joined = ours.strip_suffix('}').zip(rest.strip_prefix('{'));
    Ok(joined.map(|(ours, rest)| format!("{ours},{rest}")))
}

/// The URL goes into lock files: with the project's number, and with a reference that never means other bytes.
fn dist(name: &Name, url: &BaseUrl, package: &Package, file: &PackageFile) -> Value {
    let path = format!(
        "{}/archives/{}.zip?sha={}",
        project_path(package.project_id),
        name.as_str(),
        file.sha1
    );
    json!({
        "type": "zip",
        "url": url.absolute(&path),
        "reference": file.sha1,
        "shasum": file.sha1,
    })
}

/// Deprecated here is abandoned there; a reason that names a package is its replacement.
fn abandoned(package: &Package, own: Option<Value>) -> Option<Value> {
    if package.status != PackageStatus::Deprecated {
        return own;
    }
    let reason = package.status_message.as_deref().map(str::trim);
    Some(match reason.and_then(Name::parse) {
        Some(replacement) => json!(replacement.as_str()),
        None => json!(true),
    })
}
