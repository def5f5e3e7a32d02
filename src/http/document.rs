//! A ready document on its way out: plain or gzip, with a strong ETag for each, or 304 for who knows it already.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

use crate::registry::{Document, Timestamp};

/// Answers 200 or 304. The body of HEAD is taken off by the server.
pub fn send(request: &HttpRequest, document: &Document, content_type: &str) -> HttpResponse {
    let gzip = takes_gzip(request.headers());
    let (body, suffix) = match gzip {
        true => (&document.gzip, "-gzip"),
        false => (&document.identity, ""),
    };
    let etag = format!("\"{}{suffix}\"", document.digest);
    let mut response = match knows(request.headers(), &etag) {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    response
        .insert_header((ETAG, etag.as_str()))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("private, no-cache")))
        .insert_header((
            VARY,
            HeaderValue::from_static("Accept, Accept-Encoding, Origin"),
        ));
    if knows(request.headers(), &etag) {
        return response.finish();
    }
    if gzip {
        response.insert_header((CONTENT_ENCODING, HeaderValue::from_static("gzip")));
    }
    response.content_type(content_type).body(body.clone())
}

/// The same for clients that know no ETag (Composer): with the moment when the document was made as `Last-Modified`.
///
/// 304 for exactly that date alone, never for a later one: dates go by seconds, and no two documents under one URL have
/// the same. A moment that is yet to come is not told.
pub fn send_dated(request: &HttpRequest, document: &Document, content_type: &str) -> HttpResponse {
    let mut response = send(request, document, content_type);
    let made_at = Timestamp::from_millis(document.made_at.saturating_mul(1000));
    if made_at > Timestamp::now() {
        return response;
    }
    let date = httpdate::fmt_http_date(made_at.to_system_time());
    let headers = request.headers();
    let since = headers.get(IF_MODIFIED_SINCE);
    if !headers.contains_key(IF_NONE_MATCH)
        && since.is_some_and(|since| since.as_bytes() == date.as_bytes())
    {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(CONTENT_ENCODING);
        response.headers_mut().remove(CONTENT_TYPE);
        response = response.set_body(BoxBody::new(()));
    }
    if let Ok(date) = HeaderValue::try_from(date) {
        response.headers_mut().insert(LAST_MODIFIED, date);
    }
    response
}

/// RFC 9110, section 12.5.3: `gzip` or `*`, unless its weight is nought.
fn takes_gzip(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT_ENCODING).any(|value| {
        let codings = value.to_str().unwrap_or_default();
        codings.split(',').any(|coding| {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = parameters.trim().strip_prefix("q=").map(str::trim);
            let refused = weight.is_some_and(|weight| weight.parse() == Ok(0.0));
            matches!(name.trim(), "gzip" | "x-gzip" | "*") && !refused
        })
    })
}

fn knows(headers: &HeaderMap, etag: &str) -> bool {
    headers.get_all(IF_NONE_MATCH).any(|value| {
        let tags = value.to_str().unwrap_or_default();
        tags.split(',').any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
        })
    })
}
