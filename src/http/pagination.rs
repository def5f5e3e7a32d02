//! Offset pagination with GitLab's two families of headers, `X-*` and `Link` (contract 4.1).

use std::collections::BTreeMap;

use actix_web::http::header::{HeaderName, HeaderValue, LINK};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::{BaseUrl, PathParams};
use crate::registry::COUNT_LIMIT;

pub const MOST_PER_PAGE: i64 = 100;

/// Never copied into a link, whoever declared them.
const SECRETS: &[&str] = &[
    "private_token",
    "job_token",
    "access_token",
    "token",
    "sudo",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub page: i64,
    pub per_page: i64,
}

impl Page {
    pub fn limit(self) -> i64 {
        self.per_page
    }

    pub fn offset(self) -> i64 {
        (self.page - 1).saturating_mul(self.per_page)
    }

    /// The part of a list that this page shows, for lists that are small and whole in memory.
    pub fn cut<T>(self, all: Vec<T>) -> (Vec<T>, i64) {
        let total = all.len() as i64;
        let skip = usize::try_from(self.offset()).unwrap_or(usize::MAX);
        (
            all.into_iter()
                .skip(skip)
                .take(self.per_page as usize)
                .collect(),
            total,
        )
    }

    /// Adds the paging headers. From [`COUNT_LIMIT`] on, which stands for "more than 10 000", GitLab tells neither
    /// total nor last page; `total` need then only say whether something comes after this page.
    pub fn add_headers(
        self,
        response: &mut HttpResponse,
        request: &HttpRequest,
        url: &BaseUrl,
        declared: BTreeMap<String, String>,
        total: i64,
    ) {
        let last = ((total + self.per_page - 1) / self.per_page).max(1);
        let counted = total < COUNT_LIMIT;
        let next = (self.page < last).then(|| self.page + 1); // no page is larger than the largest number
        let previous = (self.page > 1 && self.page <= last).then_some(self.page - 1);
        let number = |page: Option<i64>| page.map(|page| page.to_string()).unwrap_or_default();
        let mut headers = vec![
            ("x-next-page", number(next)),
            ("x-page", self.page.to_string()),
            ("x-per-page", self.per_page.to_string()),
            ("x-prev-page", number(previous)),
        ];
        if counted {
            headers.extend([
                ("x-total", total.to_string()),
                ("x-total-pages", last.to_string()),
            ]);
        }
        for (name, value) in headers {
            add(response, HeaderName::from_static(name), value);
        }
        let link = Link::new(request, url, declared, self.per_page);
        let links = [
            (previous, "prev"),
            (next, "next"),
            (Some(1), "first"),
            (counted.then_some(last), "last"),
        ];
        let links = links
            .into_iter()
            .filter_map(|(page, rel)| Some(link.to(page?, rel)));
        add(response, LINK, links.collect::<Vec<_>>().join(", "));
    }
}

fn add(response: &mut HttpResponse, name: HeaderName, value: String) {
    // Digits and percent-encoded URLs; anything else would be a bug that shows as a missing header.
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The URL that a link repeats: the path as it was received, and every declared parameter that has a value.
pub struct Link {
    path: String,
    query: BTreeMap<String, String>,
}

impl Link {
    pub fn new(
        request: &HttpRequest,
        url: &BaseUrl,
        declared: BTreeMap<String, String>,
        per_page: i64,
    ) -> Link {
        let mut query = declared;
        query.retain(|name, _| !SECRETS.contains(&name.as_str()));
        if let Some(path) = request.extensions().get::<PathParams>() {
            query.extend(
                path.iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned())),
            );
        }
        query.insert("per_page".into(), per_page.to_string());
        Link {
            path: url.absolute(url.strip(request.uri().path())),
            query,
        }
    }

    /// `<url>; rel="next"`, keys in alphabetical order.
    fn to(&self, page: i64, rel: &str) -> String {
        self.with([("page", page.to_string())], rel)
    }

    pub fn with<const N: usize>(&self, more: [(&str, String); N], rel: &str) -> String {
        let mut query = self.query.clone();
        query.extend(more.map(|(name, value)| (name.to_owned(), value)));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&query)
            .finish();
        format!("<{}?{query}>; rel=\"{rel}\"", self.path)
    }
}
