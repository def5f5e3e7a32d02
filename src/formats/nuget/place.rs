//! Where a request reads: one project, or what the caller may read of a group; and the URLs of that place.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::path::file_name;
use crate::error::{Error, Result};
use crate::http::PathParams;
use crate::registry::{GroupAccess, PackageType, ProjectAccess, Registry};

/// What stays as it is in a segment of a URL.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) struct Place {
    pub(super) projects: Arc<[i64]>,
    pub(super) urls: Urls,
}

impl Place {
    fn of(request: &HttpRequest) -> Result<Place> {
        let registry = request
            .app_data::<web::Data<Registry>>()
            .ok_or_else(|| Error::internal("there is no registry"))?;
        let extensions = request.extensions();
        let id = extensions.get::<PathParams>().map(|path| path.get("id"));
        let id = id.unwrap_or_default();
        if let Some(access) = extensions.get::<ProjectAccess>() {
            return Ok(Place {
                projects: Arc::from(access.projects()),
                urls: Urls::of_project(registry, id),
            });
        }
        let Some(access) = extensions.get::<GroupAccess>() else {
            return Err(Error::internal("nobody has asked where this is"));
        };
        // Clients show their credentials only when they are asked for them, and a public group has private projects:
        // who shows none is asked, always (GitLab does the same).
        if access.actor.is_anonymous() {
            return Err(Error::Challenge);
        }
        Ok(Place {
            projects: registry.readable_projects(access)?,
            urls: Urls::of_group(registry, id),
        })
    }
}

impl FromRequest for Place {
    type Error = Error;
    type Future = Ready<Result<Place>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Place::of(request))
    }
}

/// The URLs below one prefix, as the caller spells it.
#[derive(Clone)]
pub(super) struct Urls {
    pub(super) prefix: String,
}

impl Urls {
    pub(super) fn of_project(registry: &Registry, id: &str) -> Urls {
        let id = segment(id);
        Urls::below(registry, &format!("/api/v4/projects/{id}/packages/nuget"))
    }

    pub(super) fn of_group(registry: &Registry, id: &str) -> Urls {
        let id = segment(id);
        Urls::below(registry, &format!("/api/v4/groups/{id}/-/packages/nuget"))
    }

    fn below(registry: &Registry, path: &str) -> Urls {
        Urls {
            prefix: registry.config().url().absolute(path),
        }
    }

    pub(super) fn registration(&self, name_key: &str) -> String {
        format!("{}/metadata/{name_key}/index.json", self.prefix)
    }

    pub(super) fn registration_page(&self, name_key: &str, lower: &str, upper: &str) -> String {
        format!(
            "{}/metadata/{name_key}/page/{lower}/{upper}.json",
            self.prefix
        )
    }

    pub(super) fn leaf(&self, name_key: &str, version_key: &str) -> String {
        format!("{}/metadata/{name_key}/{version_key}.json", self.prefix)
    }

    pub(super) fn content(&self, name_key: &str, version_key: &str) -> String {
        let file = file_name(name_key, version_key, ".nupkg");
        format!("{}/download/{name_key}/{version_key}/{file}", self.prefix)
    }

    /// The key of a ready document about a name, which repeats this prefix.
    pub(super) fn document(
        &self,
        kind: &'static str,
        name_key: &str,
    ) -> crate::registry::DocumentKey {
        crate::registry::DocumentKey {
            package_type: PackageType::Nuget,
            kind,
            name_key: name_key.to_owned(),
            prefix: self.prefix.clone(),
        }
    }
}

/// One segment of a path.
fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}
