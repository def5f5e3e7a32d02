//! The cookie of the web page's session: the page itself never sees it, other sites never make a browser send it.
//!
//! `HttpOnly`, `SameSite=Strict`, `Secure` under https, and no wider than the sub-path. Core routes alone look at it, after
//! every other carrier.

use std::time::Duration;

use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};

use super::BaseUrl;
use crate::error::{Error, Result};

/// What its session tokens are good for.
pub const PURPOSE: &str = "web";

/// Without a visit in between a session ends after this.
pub const LIFETIME: Duration = Duration::from_secs(12 * 3_600);

/// The header that a write by a session needs: a form of another site cannot send it.
pub const PROOF: &str = "x-requested-with";

const NAME: &str = "packhouse_session";

/// The value of the cookie, if there is one.
pub fn read(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(COOKIE)
        .filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, value)| *name == NAME && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// `Set-Cookie` for a session that begins or goes on.
pub fn set(url: &BaseUrl, secret: &str) -> Result<HeaderValue> {
    header(url, secret, LIFETIME.as_secs())
}

/// `Set-Cookie` for one that is over.
pub fn clear(url: &BaseUrl) -> Result<HeaderValue> {
    header(url, "", 0)
}

fn header(url: &BaseUrl, value: &str, max_age_secs: u64) -> Result<HeaderValue> {
    let secure = if url.is_https() { "; Secure" } else { "" };
    let path = url.path_of("/");
    HeaderValue::try_from(format!(
        "{NAME}={value}; Path={path}; Max-Age={max_age_secs}; HttpOnly; SameSite=Strict{secure}"
    ))
    .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_as_narrow_as_the_address() {
        let url = BaseUrl::parse("https://example.com/tools/packhouse").expect("a good URL");
        let cookie = set(&url, "phst-x").expect("a header");
        assert_eq!(
            cookie,
            "packhouse_session=phst-x; Path=/tools/packhouse/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure"
        );
        let url = BaseUrl::parse("http://127.0.0.1:8787").expect("a good URL");
        let cookie = clear(&url).expect("a header");
        assert_eq!(
            cookie,
            "packhouse_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
        );
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(
            COOKIE,
            HeaderValue::from_static("a=b; packhouse_session=phst-x; c"),
        );
        assert_eq!(read(&headers).as_deref(), Some("phst-x"));
        headers.clear();
        headers.append(COOKIE, HeaderValue::from_static("packhouse_session="));
        assert_eq!(read(&headers), None);
    }
}
