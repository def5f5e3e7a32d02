//! The decision for one request: its route's permission, the caller's credential, and the place that the path names.
//!
//! The server asks [`identify`] and [`decide`], through an [`Attempt`](super::Attempt), before every handler, and before it lets a client send a body that it has
//! announced. The outcome is kept with the request; the extractors here only hand it out. A handler that asks for an access its route does not decide is a bug and answers 500.

use std::future::{Ready, ready};

use actix_web::dev::{Payload, RequestHead};
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::carriers;
use crate::error::{Error, Result};
use crate::http::{Mount, Params, PathParams, Permission, Route};
use crate::registry::{Ability, Actor, Door, GroupAccess, ProjectAccess, Registry};

/// The caller of a route that concerns no single project or group.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

/// Who is calling, and whether a credential was passed over to say so.
pub(super) struct Identified {
    pub(super) caller: Caller,
    pub(super) wrong_credential: bool,
}

/// Where a caller was let in.
pub enum Access {
    /// Nowhere in particular.
    Open,
    Project(Box<ProjectAccess>),
    Group(Box<GroupAccess>),
}

impl Access {
    /// Keeps it with the request, for the extractors.
    pub fn note(self, request: &HttpRequest) {
        match self {
            Access::Open => {}
            Access::Project(access) => drop(request.extensions_mut().insert(*access)),
            Access::Group(access) => drop(request.extensions_mut().insert(*access)),
        }
    }
}

/// Who is calling, by the first credential that the route honours.
pub(super) fn identify(
    registry: &Registry,
    head: &RequestHead,
    mount: &Mount,
    route: &Route,
    path: &PathParams,
    params: &Params,
) -> Result<Identified> {
    if matches!(route.permission, Permission::Public) {
        return Ok(Identified {
            caller: Caller(Actor::Anonymous),
            wrong_credential: false,
        });
    }
    registry.freshen()?;
    let actor = carriers::identify(registry, head, path, params, mount)?;
    Ok(Identified {
        wrong_credential: actor.is_none(),
        caller: Caller(actor.unwrap_or(Actor::Anonymous)),
    })
}

/// Lets the caller in, or refuses in the words of the route's family (contract 3.3, 3.6 and 10.1): scope, first
/// parameters, place, role.
pub(super) fn decide(
    registry: &Registry,
    head: &RequestHead,
    mount: &Mount,
    route: &Route,
    path: &PathParams,
    params: &Params,
    Caller(actor): &Caller,
) -> Result<Access> {
    if matches!(route.permission, Permission::Public) {
        return Ok(Access::Open);
    }
    check_scope(actor, route.permission, &head.method)?;
    if mount.door == Door::SignedIn && actor.is_anonymous() {
        return Err(Error::Unauthorized);
    }
    if let Some(check) = route.check_first {
        check(path, params)?;
    }
    let id = path.get("id");
    match route.permission {
        Permission::Public | Permission::Anyone => Ok(Access::Open),
        Permission::SignedIn
        | Permission::CurrentUser
        | Permission::AnyScope
        | Permission::SelfRotate => actor
            .user()
            .map(|_user| Access::Open)
            .ok_or(Error::Unauthorized),
        Permission::Admin => match actor.user() {
            Some(user) if user.admin => Ok(Access::Open),
            Some(_) => Err(Error::Forbidden),
            None => Err(Error::Unauthorized),
        },
        Permission::Job => match actor {
            Actor::Job(_) => Ok(Access::Open),
            _ => Err(Error::Unauthorized),
        },
        Permission::Project(ability) => project(registry, head, mount, id, actor, ability),
        Permission::ProjectOf(ability, place) => {
            let id = place(path).unwrap_or_default();
            project(registry, head, mount, &id, actor, ability)
        }
        Permission::Group(ability) => {
            let access = registry.group_access(id, actor.clone(), ability, mount.door)?;
            Ok(Access::Group(Box::new(access)))
        }
        Permission::GroupOf(ability, place) => {
            let id = place(path).unwrap_or_default();
            let access = registry.root_access(&id, actor.clone(), ability, mount.door)?;
            Ok(Access::Group(Box::new(access)))
        }
    }
}

/// The project, and for an upload the pipeline that `X-Package-Pipeline` names.
fn project(
    registry: &Registry,
    head: &RequestHead,
    mount: &Mount,
    id: &str,
    actor: &Actor,
    ability: Ability,
) -> Result<Access> {
    let mut access = registry.project_access(id, actor.clone(), ability, mount.door)?;
    if ability == Ability::CreatePackage
        && let Some(header) = head.headers.get("x-package-pipeline")
    {
        registry.link_to_pipeline(&mut access, header.to_str().unwrap_or_default())?;
    }
    access.body_size = file_size(head);
    Ok(Access::Project(Box::new(access)))
}

/// The declared length of a body that is the file itself; forms and JSON documents are longer than what they carry.
fn file_size(head: &RequestHead) -> Option<u64> {
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let content_type = text(CONTENT_TYPE).unwrap_or("").trim().to_ascii_lowercase();
    let carries_more = ["multipart/", "application/json", "application/x-www-form"]
        .iter()
        .any(|start| content_type.starts_with(start));
    match carries_more {
        true => None,
        false => text(CONTENT_LENGTH)?.parse().ok(),
    }
}

/// Access tokens are limited by their scopes; deploy tokens and jobs are limited otherwise (contract 2.2).
fn check_scope(actor: &Actor, permission: Permission, method: &Method) -> Result<()> {
    let (Actor::User(user), Some(scopes)) = (actor, permission.scopes(method)) else {
        return Ok(());
    };
    let granted = user
        .scopes
        .iter()
        .any(|scope| scopes.contains(&scope.as_str()));
    if granted {
        Ok(())
    } else {
        Err(Error::InsufficientScope)
    }
}

fn noted<T: Clone + 'static>(request: &HttpRequest) -> Result<T> {
    let noted = request.extensions().get::<T>().cloned();
    noted.ok_or_else(|| {
        Error::internal("a handler asks for an access that its route does not decide")
    })
}

impl FromRequest for ProjectAccess {
    type Error = Error;
    type Future = Ready<Result<ProjectAccess>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(noted(request))
    }
}

impl FromRequest for GroupAccess {
    type Error = Error;
    type Future = Ready<Result<GroupAccess>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(noted(request))
    }
}

impl FromRequest for Caller {
    type Error = Error;
    type Future = Ready<Result<Caller>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(noted(request))
    }
}
