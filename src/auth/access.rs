//! The decision for one request: its route's permission, the caller's credential, and the place that the path names.
//!
//! The server asks [`decide`] before every handler and keeps the outcome with the request; the extractors
//! here only hand it out. A handler that asks for an access its route does not decide is a bug and answers 500.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::carriers;
use crate::error::{Error, Result};
use crate::http::{Mount, Params, PathParams, Permission, Route};
use crate::registry::{Ability, Actor, Door, GroupAccess, ProjectAccess, Registry};

/// The caller of a route that concerns no single project or group.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

/// Lets the caller in, and notes with the request as whom and where; or refuses, in the words of the route's family
/// (contract 3.3, 3.6 and 10.1): bad credential, scope, first parameters, place, role.
pub fn decide(
    registry: &Registry,
    request: &HttpRequest,
    mount: &Mount,
    route: &Route,
    path: &PathParams,
    params: &Params,
) -> Result<()> {
    if matches!(route.permission, Permission::Public) {
        return Ok(());
    }
    registry.freshen()?;
    let id = path.get("id");

    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let actor = carriers::identify(registry, request, params, mount, reading)?;
    request.extensions_mut().insert(Caller(actor.clone())); // the log names the caller of a refused request, too
    check_scope(&actor, route.permission, request.method())?;
    if mount.door == Door::SignedIn && actor.is_anonymous() {
        return Err(Error::Unauthorized);
    }
    if let Some(check) = route.check_first {
        check(path, params)?;
    }
    match route.permission {
        Permission::Public | Permission::Anyone => {}
        Permission::SignedIn
        | Permission::CurrentUser
        | Permission::AnyScope
        | Permission::SelfRotate => {
            actor.user().ok_or(Error::Unauthorized)?;
        }
        Permission::Admin => {
            let user = actor.user().ok_or(Error::Unauthorized)?;
            if !user.admin {
                return Err(Error::Forbidden);
            }
        }
        Permission::Job => {
            if !matches!(actor, Actor::Job(_)) {
                return Err(Error::Unauthorized);
            }
        }
        Permission::Project(ability) => {
            let mut access = registry.project_access(id, actor, ability, mount.door)?;
            if ability == Ability::CreatePackage
                && let Some(header) = request.headers().get("x-package-pipeline")
            {
                registry.link_to_pipeline(&mut access, header.to_str().unwrap_or_default())?;
            }
            request.extensions_mut().insert(access);
        }
        Permission::ProjectOf(ability, place) => {
            let id = place(path).unwrap_or_default();
            let access = registry.project_access(&id, actor, ability, mount.door)?;
            request.extensions_mut().insert(access);
        }
        Permission::Group(ability) => {
            let access = registry.group_access(id, actor, ability, mount.door)?;
            request.extensions_mut().insert(access);
        }
    }
    Ok(())
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
