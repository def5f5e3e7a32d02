//! A ready document on its way out: whole, compressed for who can read it, or known already.

use actix_web::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

use crate::registry::Document;

/// Answers 200 or 304. Each encoding has a strong `ETag` of its own: they are different bytes.
pub fn send(request: &HttpRequest, document: &Document, content_type: &str) -> HttpResponse {
    let gzip = accepts_gzip(request);
    let suffix = if gzip { "-gzip" } else { "" };
    let etag = format!("\"{}{suffix}\"", document.digest);
    let known = request.headers().get_all(IF_NONE_MATCH).any(|value| {
        let tags = value.to_str().unwrap_or_default();
        tags.split(',')
            .any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*")
    });
    let mut response = match known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    response.insert_header((ETAG, etag));
    response.insert_header((VARY, HeaderValue::from_static("Accept-Encoding")));
    if known {
        return response.finish();
    }
    response.insert_header((CONTENT_TYPE, content_type));
    if gzip {
        response.insert_header((CONTENT_ENCODING, HeaderValue::from_static("gzip")));
        return response.body(document.gzip.clone());
    }
    response.body(document.identity.clone())
}

/// Whether gzip is named, and not with a weight of zero (RFC 9110, 12.5.3).
fn accepts_gzip(request: &HttpRequest) -> bool {
    let values = request.headers().get_all(ACCEPT_ENCODING);
    let mut codings = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight: String = weight.chars().filter(|c| !c.is_whitespace()).collect();
        let refused = weight
            .strip_prefix("q=")
            .is_some_and(|weight| weight.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}
