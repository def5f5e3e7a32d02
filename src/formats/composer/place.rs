//! Where a request reads: one project, or what the caller may read of a group.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use crate::error::{Error, Result};
use crate::registry::{GroupAccess, ProjectAccess, Registry};

pub(super) struct Place {
    pub(super) projects: Arc<[i64]>,
    /// The path that everything here begins with, by number however the caller spelt it.
    pub(super) path: String,
    /// A caller without credentials in a group: what it does not see may be there all the same.
    pub(super) is_stranger: bool,
}

impl Place {
    /// No such name here. A stranger is asked to sign in instead: Composer would go on to a public repository.
    pub(super) fn missing(&self) -> Error {
        match self.is_stranger {
            true => Error::Challenge,
            false => Error::not_found("Package"),
        }
    }

    fn of(request: &HttpRequest) -> Result<Place> {
        let extensions = request.extensions();
        if let Some(access) = extensions.get::<ProjectAccess>() {
            return Ok(Place {
                projects: Arc::from(access.projects()),
                path: project_path(access.project.id),
                is_stranger: false,
            });
        }
        let (Some(registry), Some(access)) = (
            request.app_data::<web::Data<Registry>>(),
            extensions.get::<GroupAccess>(),
        ) else {
            return Err(Error::internal("nobody has decided about this place"));
        };
        Ok(Place {
            projects: registry.readable_projects(access)?,
            path: format!("/api/v4/group/{}/-/packages/composer", access.group.id),
            is_stranger: access.actor.is_anonymous(),
        })
    }
}

/// Archives lie here whatever place named them: a lock file outlives a project's path.
pub(super) fn project_path(id: i64) -> String {
    format!("/api/v4/projects/{id}/packages/composer")
}

impl FromRequest for Place {
    type Error = Error;
    type Future = Ready<Result<Place>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Place::of(request))
    }
}
