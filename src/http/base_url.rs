//! The address under which the world reaches this server.

use std::fmt;
use std::net::SocketAddr;

use crate::error::{Error, Result};

/// Scheme, host, port and optional sub-path. Every absolute URL in an answer starts with it, never with
/// the request's `Host`, which the client chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    /// Empty, or `/sub` without a slash at its end.
    path: String,
}

impl BaseUrl {
    pub fn parse(text: &str) -> Result<BaseUrl> {
        let wrong = |why: &str| {
            Error::for_a_person(format!(
                "`{text}` is no base URL: {why}\nhint: write it like `https://packages.example.com` or `https://example.com/packhouse`"
            ))
        };
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| wrong("it has no scheme"))?;
        if !matches!(scheme, "http" | "https") {
            return Err(wrong("the scheme must be http or https"));
        }
        let (host, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        if host.is_empty()
            || text.contains(['?', '#', '@', ' ', '"', '<', '>', '\\'])
            || !text.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(wrong(
                "it must be scheme, host, port and path, nothing else",
            ));
        }
        Ok(BaseUrl {
            origin: format!("{scheme}://{host}"),
            path: path.trim_end_matches('/').to_owned(),
        })
    }

    pub fn of_listener(scheme: &str, address: SocketAddr) -> BaseUrl {
        BaseUrl {
            origin: format!("{scheme}://{address}"),
            path: String::new(),
        }
    }

    /// The full URL of a path below the base: `/api/v4/version`.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.path)
    }

    /// The path alone, with the sub-path in front (GitLab's `web_path`).
    pub fn path_of(&self, path: &str) -> String {
        format!("{}{path}", self.path)
    }

    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// A request path without the sub-path; a proxy may have taken it off already.
    pub fn strip<'a>(&self, path: &'a str) -> &'a str {
        match path.strip_prefix(&self.path) {
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sub_path_stands_in_urls_and_may_be_missing_in_requests() {
        let url = BaseUrl::parse("https://example.com/packhouse/").expect("a good URL");
        assert_eq!(
            url.absolute("/api/v4"),
            "https://example.com/packhouse/api/v4"
        );
        assert_eq!(url.strip("/packhouse/api/v4"), "/api/v4");
        assert_eq!(url.strip("/api/v4"), "/api/v4");
        assert_eq!(url.strip("/packhouse2/api"), "/packhouse2/api");
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for bad in [
            "example.com",
            "ftp://example.com",
            "https://",
            "https://user@example.com",
            "https://example.com/?a",
        ] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad:?}");
        }
    }
}
