//! Static files, embedded in the binary.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use include_dir::{Dir, include_dir};

use crate::error::{Error, Result};
use crate::http::{FromPath, Path, PathParams};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");

/// The page's frame.
pub(super) static PACKAGE_PAGE: LazyLock<&'static str> = LazyLock::new(|| {
    let page = FILES
        .get_file("package.html")
        .and_then(|file| file.contents_utf8());
    page.expect("static/package.html is embedded and is text")
});

/// `/static/:file`
pub(super) struct FileName(String);

impl FromPath for FileName {
    fn from_path(params: &PathParams) -> Result<FileName> {
        Ok(FileName(params.get("file").to_owned()))
    }
}

/// `GET /static/:file`: 200, style sheets and scripts; the frames of pages are no files to be had.
pub(super) async fn send(Path(FileName(name)): Path<FileName>) -> Result<HttpResponse> {
    let content_type = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => return Err(Error::NoSuchRoute),
    };
    let file = FILES.get_file(&name).ok_or(Error::NoSuchRoute)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(file.contents()))
}
