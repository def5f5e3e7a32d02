//! Where a request came in: through a project, or through the instance, where the recipe names the project.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use super::reference::Reference;
use crate::error::{Error, Result};
use crate::http::PathParams;
use crate::registry::{PackageType, ProjectAccess, Registry};

pub(super) struct Scope {
    pub(super) access: ProjectAccess,
    /// The path up to `/packages/conan`, as the client spelled it: URLs in answers come back the same way.
    pub(super) prefix: String,
    is_instance: bool,
    registry: web::Data<Registry>,
}

impl Scope {
    /// Why there is nothing: at instance level a caller without credentials is asked for some before it learns that a
    /// name is nowhere, or it would go on to a public remote and take what it finds there.
    pub(super) fn missing(&self, reference: &Reference, error: Error) -> Error {
        let asks = self.is_instance
            && self.access.actor.is_anonymous()
            && matches!(error, Error::NotFound(_) | Error::Missing);
        if !asks {
            return error;
        }
        let known = self.registry.has_versions(
            &self.access.projects(),
            PackageType::Conan,
            &reference.key().name_key,
        );
        match known {
            Ok(true) => error,
            Ok(false) => Error::Challenge,
            Err(failed) => failed,
        }
    }

    fn of(request: &HttpRequest) -> Result<Scope> {
        const END: &str = "/packages/conan";
        let extensions = request.extensions();
        let access = extensions.get::<ProjectAccess>().cloned();
        let registry = request.app_data::<web::Data<Registry>>().cloned();
        let (Some(access), Some(registry)) = (access, registry) else {
            return Err(Error::internal("a route of no project asks for one"));
        };
        let path = request.uri().path();
        let url = registry.config().url.as_ref();
        let path = url.map_or(path, |url| url.strip(path));
        let end = path.find(END).map_or(path.len(), |at| at + END.len());
        let is_instance = extensions
            .get::<PathParams>()
            .is_none_or(|path| path.get("id").is_empty());
        Ok(Scope {
            access,
            prefix: path[..end].to_owned(),
            is_instance,
            registry,
        })
    }
}

impl FromRequest for Scope {
    type Error = Error;
    type Future = Ready<Result<Scope>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Scope::of(request))
    }
}
