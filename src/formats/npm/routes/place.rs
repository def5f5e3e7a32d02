//! Where a request reads: one project, what the caller may read of a group, or of the group that a scope names.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::{Extensions, Payload};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::formats::npm::model::Urls;
use crate::formats::npm::path;
use crate::http::PathParams;
use crate::registry::{
    Actor, GroupAccess, Listing, PackageType, ProjectAccess, Registry, Shows, Wanted,
};

pub(in crate::formats::npm) struct Place {
    pub(super) projects: Arc<[i64]>,
    pub(super) actor: Actor,
    /// The path of the prefix as the client spelled it; documents repeat it.
    pub(super) prefix: String,
    level: Level,
}

enum Level {
    Project(ProjectAccess),
    Group(GroupAccess),
    Instance,
}

impl Place {
    /// No such name here. Among several projects, a caller who is nobody is asked to sign in instead: a client that was told
    /// 404 would go on to a public registry.
    pub(super) fn missing(&self, thing: &'static str) -> Error {
        match self.actor.is_anonymous() && !matches!(self.level, Level::Project(_)) {
            true => Error::Challenge,
            false => Error::not_found(thing),
        }
    }

    /// Where a name that is not here, and that nobody here has ever had, is to be looked for.
    pub(super) fn forward(
        &self,
        registry: &Registry,
        name: &str,
        path: &str,
    ) -> Result<Option<String>> {
        let wanted = [match name.split_once('/') {
            Some((scope, _)) => Wanted::Folder(scope),
            None => Wanted::Name(name),
        }];
        match &self.level {
            Level::Project(access) => {
                registry.forward_from_project(access, PackageType::Npm, &wanted, path)
            }
            Level::Group(access) => {
                registry.forward_from_group(access, PackageType::Npm, &wanted, path)
            }
            Level::Instance => Ok(None), // the scope is that of a group here
        }
    }

    /// The versions of a name that can be installed from here.
    pub(super) async fn versions(&self, registry: &Registry, name: &str) -> Result<Listing> {
        let projects = self.projects.clone();
        registry
            .listing(projects, PackageType::Npm, name, Shows::InstallableWhole)
            .await
    }

    pub(super) fn urls(&self, registry: &Registry) -> Urls {
        Urls {
            prefix: registry.config().url().absolute(&self.prefix),
        }
    }

    fn of(request: &HttpRequest) -> Result<Place> {
        let registry = request
            .app_data::<web::Data<Registry>>()
            .ok_or_else(|| Error::internal("there is no registry"))?;
        let prefix = prefix_of(registry, request);
        let extensions = request.extensions();
        if let Some(access) = extensions.get::<ProjectAccess>() {
            return Ok(Place {
                projects: Arc::from(access.projects()),
                actor: access.actor.clone(),
                prefix,
                level: Level::Project(access.clone()),
            });
        }
        if let Some(access) = extensions.get::<GroupAccess>() {
            if names_another(&extensions, access) {
                return Err(Error::not_found("Group"));
            }
            return Ok(Place {
                projects: registry.readable_projects(access)?,
                actor: access.actor.clone(),
                prefix,
                level: Level::Group(access.clone()),
            });
        }
        let Some(Caller(actor)) = extensions.get::<Caller>().cloned() else {
            return Err(Error::internal("nobody has asked who is calling"));
        };
        Ok(Place {
            projects: registry.readable_everywhere(&actor)?,
            actor,
            prefix,
            level: Level::Instance,
        })
    }
}

/// At instance level the scope has to be the group's path letter by letter; paths of groups are found in any case.
fn names_another(extensions: &Extensions, access: &GroupAccess) -> bool {
    let path = extensions.get::<PathParams>();
    path.filter(|path| path.get("id").is_empty())
        .and_then(path::scope)
        .is_some_and(|scope| scope != access.group.full_path)
}

fn prefix_of(registry: &Registry, request: &HttpRequest) -> String {
    const END: &str = "/packages/npm";
    let path = request.uri().path();
    let url = registry.config().url.as_ref();
    let path = url.map_or(path, |url| url.strip(path));
    let end = path
        .find("/packages/npm/")
        .map_or(path.len(), |at| at + END.len());
    path[..end].to_owned()
}

impl FromRequest for Place {
    type Error = Error;
    type Future = Ready<Result<Place>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Place::of(request))
    }
}
