//! A ready document on its way out: plain or packed, fresh or known already.

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
    IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

use crate::registry::Document;

/// 200 with the document in the encoding that the client takes, or 304 if it has this very one. Clients may keep it
/// and must ask each time: what was published is seen by the next request.
pub fn send(request: &HttpRequest, document: &Document, content_type: &str) -> HttpResponse {
    let packed = takes_gzip(request.headers());
    let encoding = if packed { "-gzip" } else { "" };
    let etag = format!("\"{}{encoding}\"", document.digest);
    let known = request.headers().get_all(IF_NONE_MATCH).any(|value| {
        let tags = value.to_str().unwrap_or_default();
        tags.split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == etag || tag == "*")
    });
    let mut response = match known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    response
        .insert_header((ETAG, etag))
        .insert_header((VARY, HeaderValue::from_static("Accept-Encoding")))
        .insert_header((
            CACHE_CONTROL,
            HeaderValue::from_static("max-age=0, private, must-revalidate"),
        ));
    if known {
        return response.finish();
    }
    response.insert_header((CONTENT_TYPE, content_type));
    if !packed {
        return response.body(document.identity.clone());
    }
    response
        .insert_header((CONTENT_ENCODING, HeaderValue::from_static("gzip")))
        .body(document.gzip.clone())
}

/// Whether `Accept-Encoding` names gzip with a weight above zero.
fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let is_gzip = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            let refused = parts
                .filter_map(|part| part.strip_prefix("q="))
                .any(|weight| weight.parse().is_ok_and(|weight: f32| weight == 0.0));
            is_gzip && !refused
        })
}
