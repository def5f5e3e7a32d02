//! The route table of the whole server, and how a path finds its row.

use std::borrow::Cow;

use actix_web::http::Method;

use super::service;
use crate::error::{Error, Result};
use crate::formats::FORMATS;
use crate::http::{Mount, PathParams, Route};
use crate::{api, web};

/// A row of the table.
#[derive(Clone, Copy)]
pub struct TableRoute {
    pub mount: &'static Mount,
    pub route: &'static Route,
}

impl TableRoute {
    /// Prefix and pattern: what the log and the access matrix call the route.
    pub fn pattern(&self) -> String {
        format!("{}{}", self.mount.prefix, self.route.pattern)
    }
}

/// Every route of the server.
pub fn routes() -> impl Iterator<Item = TableRoute> {
    let mounts = FORMATS
        .iter()
        .flat_map(|format| format.mounts)
        .chain(api::MOUNTS)
        .chain(service::MOUNTS)
        .chain(web::MOUNTS);
    mounts.flat_map(|mount| {
        mount
            .routes
            .iter()
            .map(move |route| TableRoute { mount, route })
    })
}

/// Paths to the methods that they take.
pub(super) struct Table {
    by_path: matchit::Router<Endpoint>,
}

#[derive(Clone)]
struct Endpoint {
    pattern: String,
    methods: Vec<TableRoute>,
}

/// What a request's path and method lead to.
pub(super) struct Match<'a> {
    pub(super) row: TableRoute,
    pub(super) pattern: &'a str,
    pub(super) params: PathParams,
}

impl Table {
    pub(super) fn new(rows: impl Iterator<Item = TableRoute>) -> Result<Table> {
        let mut endpoints: Vec<Endpoint> = Vec::new();
        for row in rows {
            let pattern = row.pattern();
            match endpoints
                .iter_mut()
                .find(|endpoint| endpoint.pattern == pattern)
            {
                Some(endpoint) => endpoint.methods.push(row),
                None => endpoints.push(Endpoint {
                    pattern,
                    methods: vec![row],
                }),
            }
        }
        let mut by_path = matchit::Router::new();
        for endpoint in endpoints {
            let pattern = endpoint.pattern.clone();
            by_path
                .insert(pattern.clone(), endpoint)
                .map_err(|error| Error::internal(format!("route {pattern}: {error}")))?;
        }
        Ok(Table { by_path })
    }

    /// 404 `{"error":"404 Not Found"}` for a path that no route has, 405 with `Allow` for a method that it does not take.
    /// Whatever answers GET answers HEAD.
    pub(super) fn find(&self, path: &str, query: &str, method: &Method) -> Result<Match<'_>> {
        let canonical = canonical(path, query);
        let found = self.by_path.at(&canonical);
        let unencoded = match found {
            Ok(_) => None,
            Err(_) => with_encoded_project(path),
        };
        let found = match &unencoded {
            Some(path) => self.by_path.at(path),
            None => found,
        };
        let Ok(found) = found else {
            let is_v3 = path.starts_with("/api/v3/");
            let gone = "API V3 is no longer supported. Use API V4 instead.";
            return Err(if is_v3 {
                Error::Gone(gone)
            } else {
                Error::NoSuchRoute
            });
        };
        let wanted = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let Some(row) = found
            .value
            .methods
            .iter()
            .find(|row| row.route.method == wanted)
        else {
            return Err(Error::MethodNotAllowed {
                allow: found.value.allow(),
            });
        };
        Ok(Match {
            row: *row,
            pattern: &found.value.pattern,
            params: PathParams::decode(found.params.iter()),
        })
    }
}

/// Page paths spell the project or group out, `/acme/sub/tools/-/packages/7` and `/acme/sub/tools`; the table knows it as one
/// segment. What another route of several segments might mean is left alone. And whatever page `go` asks for with
/// `?go-get=1`, it means where the modules below that path are.
fn canonical<'a>(path: &'a str, query: &str) -> Cow<'a, str> {
    const OTHERS: [&str; 7] = [
        "/api/",
        "/static/",
        "/-/",
        "/.well-known/",
        "/users/",
        "/v1/",
        "/v2/",
    ];
    if OTHERS.iter().any(|other| path.starts_with(other)) {
        return Cow::Borrowed(path);
    }
    if query.split('&').any(|pair| pair == "go-get=1") && path.len() > 1 {
        return Cow::Owned(format!("/{}/-/go-get", path[1..].replace('/', "%2F")));
    }
    let (place, page) = match path.split_once("/-/") {
        Some((place, page)) => (place, Some(page)),
        None => (path.strip_suffix('/').unwrap_or(path), None),
    };
    let Some(place) = place.strip_prefix('/').filter(|place| !place.is_empty()) else {
        return Cow::Borrowed(path);
    };
    let place = place.replace('/', "%2F");
    Cow::Owned(match page {
        Some(page) => format!("/{place}/-/{page}"),
        None => format!("/{place}"),
    })
}

/// `helm cm-push` decodes the path of a repository before it uploads there: `projects/acme%2Ftools` comes as
/// `projects/acme/tools`. Asked only for what is no route as it stands.
fn with_encoded_project(path: &str) -> Option<String> {
    const PROJECTS: &str = "/api/v4/projects/";
    let (project, rest) = path.strip_prefix(PROJECTS)?.split_once("/packages/helm/")?;
    let spelt_out = project.contains('/') && !project.contains("/packages/");
    spelt_out.then(|| {
        format!(
            "{PROJECTS}{}/packages/helm/{rest}",
            project.replace('/', "%2F")
        )
    })
}

impl Endpoint {
    fn allow(&self) -> String {
        let mut methods: Vec<&str> = self
            .methods
            .iter()
            .map(|row| row.route.method.as_str())
            .collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.join(", ")
    }
}
