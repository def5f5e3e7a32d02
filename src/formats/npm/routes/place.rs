//! Where a request reads: one project, what the caller may read of a group, or of the group that a scope names.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::formats::npm::model::Urls;
use crate::http::PathParams;
use crate::registry::{
    Ability, Actor, Door, GroupAccess, PackageType, ProjectAccess, Registry, Wanted,
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
        let path = extensions.get::<PathParams>().map(|path| path.get("path"));
        let projects = match path.unwrap_or_default() {
            "" => registry.readable_everywhere(&actor)?,
            path if path.starts_with("-/") || path == "-" => Arc::from([]), // no package: the path's grammar refuses it
            path => {
                let access = group_of_scope(registry, &actor, path)?;
                registry.readable_projects(&access)?
            }
        };
        Ok(Place {
            projects,
            actor,
            prefix,
            level: Level::Instance,
        })
    }
}

/// At instance level `@acme/demo` lies in the top-level group `acme`, letter by letter.
fn group_of_scope(registry: &Registry, actor: &Actor, path: &str) -> Result<GroupAccess> {
    let scope = path
        .strip_prefix('@')
        .and_then(|path| path.split_once('/'))
        .map(|(scope, _)| scope)
        .filter(|scope| !scope.bytes().all(|byte| byte.is_ascii_digit())); // that would be an id
    let unknown = || match actor.is_anonymous() {
        true => Error::Challenge,
        false => Error::message(
            StatusCode::NOT_FOUND,
            "404 Project Not Found: at instance level the scope of a package must be the path of a top-level group, letter by letter",
        ),
    };
    let scope = scope.ok_or_else(unknown)?;
    let access = registry.group_access(scope, actor.clone(), Ability::ReadGroup, Door::Format);
    match access {
        Ok(access) if access.group.full_path == scope => Ok(access),
        Ok(_) | Err(Error::NotFound(_)) => Err(unknown()),
        Err(error) => Err(error),
    }
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
