//! `:channel`, what its paths mean, and what it says to people.

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpResponse, web};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Error, Result};
use crate::http::{FromPath, Path, PathParams};
use crate::registry::{PackageKey, PackageType, Registry};

/// What stays as it is in a segment of a URL.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A repository: a channel of the project or group that the path calls `id`.
pub(super) struct ChannelPath {
    pub(super) id: String,
    pub(super) channel: String,
}

impl FromPath for ChannelPath {
    fn from_path(params: &PathParams) -> Result<ChannelPath> {
        let channel = params.get("channel");
        if !is_label(channel) {
            return Err(Error::invalid_param("channel is invalid"));
        }
        Ok(ChannelPath {
            id: params.get("id").to_owned(),
            channel: channel.to_owned(),
        })
    }
}

impl ChannelPath {
    /// The key of a chart's version in this channel.
    pub(super) fn key(&self, name: &str, version: &str) -> PackageKey {
        PackageKey {
            qualifier: self.channel.clone(),
            ..PackageKey::exact(PackageType::Helm, name, version)
        }
    }

    /// The path of the project's repositories, spelt as the caller spelt the project, but for what was encoded:
    /// `helm cm-push` compares it with a decoded path.
    pub(super) fn context(&self) -> String {
        format!("/api/v4/projects/{}/packages/helm", self.id)
    }
}

/// GitLab's rule for channels, which is also its rule for the names of charts: letters and digits, with single `.`, `-`
/// and `_` between them.
pub(super) fn is_label(text: &str) -> bool {
    let mut separated = true; // at the start as after a separator
    for byte in text.bytes() {
        let separator = matches!(byte, b'.' | b'-' | b'_');
        if !separator && !byte.is_ascii_alphanumeric() || separator && separated {
            return false;
        }
        separated = separator;
    }
    !separated && text.len() <= 255
}

/// A segment that may have come through a proxy which turns `+` into a blank. No name or version has blanks.
pub(super) fn with_plus(segment: &str) -> String {
    segment.replace(' ', "+")
}

/// `GET …/helm/:channel`: 200 and a word to people. Helm never asks, and nothing is looked at.
pub(super) async fn welcome(
    Path(path): Path<ChannelPath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let id = utf8_percent_encode(&path.id, SEGMENT);
    let path = format!("/api/v4/projects/{id}/packages/helm");
    let url = registry.config().url().absolute(&path);
    let text = format!(
        "A Helm chart repository.\n\n\
         helm repo add NAME {url}/CHANNEL --username USER --password TOKEN\n\
         curl --user USER:TOKEN --form chart=@mychart-0.1.0.tgz {url}/api/CHANNEL/charts\n"
    );
    Ok(HttpResponse::Ok()
        .insert_header((
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ))
        .body(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_single_separators_between_letters_and_digits() {
        for good in ["stable", "a", "1", "a-b.c_d", "A1"] {
            assert!(is_label(good), "{good}");
        }
        for bad in [
            "", "-a", "a-", "a..b", "a._b", "a b", "a/b", "ä", "..", "a\n",
        ] {
            assert!(!is_label(bad), "{bad:?}");
        }
        assert!(is_label(&"a".repeat(255)));
        assert!(!is_label(&"a".repeat(256)));
    }
}
