//! Static files, embedded in the binary, compressed once.
//!
//! Pages name them with their content's digest, `/static/style.css?v=…`: such an address never changes what it means, and
//! a browser asks for it once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use include_dir::{Dir, include_dir};

use crate::error::{Error, Result};
use crate::http::{FromPath, Path, PathParams, document};
use crate::registry::Document;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");

/// Style sheets, scripts and pictures, which anybody may have; frames and forms of pages are no files to be had.
static SENT: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let asset = |file: &include_dir::File<'static>| {
        let name = file.path().to_str()?;
        let content_type = match name.rsplit_once('.')? {
            (_, "css") => "text/css; charset=utf-8",
            (_, "js") => "text/javascript; charset=utf-8",
            (_, "svg") => "image/svg+xml",
            _ => return None,
        };
        let document = Document::of_now(file.contents().to_vec()).ok()?;
        Some((
            name,
            Asset {
                content_type,
                document,
            },
        ))
    };
    FILES.files().filter_map(asset).collect()
});

struct Asset {
    content_type: &'static str,
    document: Document,
}

impl Asset {
    fn version(&self) -> &str {
        &self.document.digest[..16]
    }
}

/// A text that pages are made of.
pub(super) fn text(name: &str) -> &'static str {
    let text = FILES.get_file(name).and_then(|file| file.contents_utf8());
    text.expect("a page's own file is embedded and is text")
}

/// The address of a static file, below the base.
pub(super) fn address(name: &str) -> String {
    let version = SENT.get(name).map(Asset::version).unwrap_or_default();
    format!("/static/{name}?v={version}")
}

/// `/static/:file`
pub(super) struct FileName(String);

impl FromPath for FileName {
    fn from_path(params: &PathParams) -> Result<FileName> {
        Ok(FileName(params.get("file").to_owned()))
    }
}

/// `GET /static/:file`: 200, or 304 for who knows it.
pub(super) async fn send(
    Path(FileName(name)): Path<FileName>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let asset = SENT.get(name.as_str()).ok_or(Error::NoSuchRoute)?;
    let mut response = document::send(&request, &asset.document, asset.content_type);
    let lasting = match request.query_string().strip_prefix("v=") {
        Some(version) if version == asset.version() => "public, max-age=31536000, immutable",
        _ => "public, no-cache",
    };
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(lasting));
    Ok(response)
}
