//! Charts and their signatures on their way out.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::channel::{ChannelPath, is_label, with_plus};
use super::chart::parse_version;
use crate::error::{Error, Result};
use crate::http::{FromPath, Path, PathParams, download as file_download};
use crate::registry::{PackageFile, PackageKey, ProjectAccess, Registry};

/// A file of a channel.
pub(super) struct FilePath {
    place: ChannelPath,
    file_name: String,
}

impl FromPath for FilePath {
    fn from_path(params: &PathParams) -> Result<FilePath> {
        Ok(FilePath {
            place: ChannelPath::from_path(params)?,
            file_name: with_plus(params.get("file")),
        })
    }
}

/// `GET …/helm/:channel/charts/:file`: 200 and the newest file of this name in the channel.
pub(super) async fn download(
    access: ProjectAccess,
    Path(path): Path<FilePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let signed = path.file_name.strip_suffix(".prov");
    let chart_name = signed.unwrap_or(&path.file_name);
    let found = find(&registry, &access, &path.place, chart_name)?;
    let (key, chart) = found.ok_or(Error::Missing)?;
    let file = match signed {
        None => chart,
        Some(_) => {
            let signature = registry.find_file(&access.projects(), &key, &path.file_name)?;
            let signature = signature.ok_or(Error::Missing)?;
            let kept = registry.file_metadata(&signature)?.unwrap_or_default();
            // Of the chart that it signs, and not of a newer one of the same name.
            if kept["signs"] != chart.sha256 {
                return Err(Error::Missing);
            }
            signature
        }
    };
    file_download::send(&registry, &request, &file, &path.file_name)
}

/// The chart with this file name, and its key.
///
/// Names and versions may both hold dashes, so every dash of `a-1.0.0-1.0.0.tgz` may be the border. Each is looked up
/// that would leave a name and a version; no two charts of a channel have the same file name.
fn find(
    registry: &Registry,
    access: &ProjectAccess,
    place: &ChannelPath,
    file_name: &str,
) -> Result<Option<(PackageKey, Arc<PackageFile>)>> {
    for key in keys(place, file_name) {
        if let Some(file) = registry.find_file(&access.projects(), &key, file_name)? {
            return Ok(Some((key, file)));
        }
    }
    Ok(None)
}

/// Whose file may have this name.
pub(super) fn keys<'a>(
    place: &'a ChannelPath,
    file_name: &'a str,
) -> impl Iterator<Item = PackageKey> + 'a {
    let stem = file_name
        .strip_suffix(".tgz")
        .filter(|stem| stem.len() <= 511);
    let stem = stem.unwrap_or_default();
    stem.match_indices('-').filter_map(move |(at, _)| {
        let (name, version) = (&stem[..at], &stem[at + 1..]);
        (is_label(name) && parse_version(version).is_some()).then(|| place.key(name, version))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_border_leaves_a_name_and_a_version() {
        let place = ChannelPath {
            id: "1".to_owned(),
            channel: "stable".to_owned(),
        };
        let splits = |file_name: &str| {
            let keys = keys(&place, file_name);
            keys.map(|key| (key.name, key.version.unwrap_or_default()))
                .collect::<Vec<_>>()
        };
        let pair = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        assert_eq!(
            splits("my-chart-1.0.0-rc.1+b.tgz"),
            [pair("my-chart", "1.0.0-rc.1+b")]
        );
        assert_eq!(
            splits("a-1.0.0-2.0.0.tgz"),
            [pair("a", "1.0.0-2.0.0"), pair("a-1.0.0", "2.0.0")]
        );
        assert!(splits("a-1.0.tgz").is_empty());
        assert!(splits("a-1.0.0").is_empty());
    }
}
