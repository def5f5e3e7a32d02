//! Where a cleanup route stands: below a project or below a group.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::error::{Error, Result};
use crate::registry::{CleanupAccess, GroupAccess, ProjectAccess};

pub(super) struct Cleanup(pub(super) CleanupAccess);

impl FromRequest for Cleanup {
    type Error = Error;
    type Future = Ready<Result<Cleanup>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let project = extensions.get::<ProjectAccess>().cloned();
        let group = extensions.get::<GroupAccess>().cloned();
        ready(match (project, group) {
            (Some(access), _) => Ok(Cleanup(CleanupAccess::Project(Box::new(access)))),
            (None, Some(access)) => Ok(Cleanup(CleanupAccess::Group(Box::new(access)))),
            (None, None) => Err(Error::internal(
                "a handler asks for an access that its route does not decide",
            )),
        })
    }
}
