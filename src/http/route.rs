//! Routes as data: what the server mounts, what the access matrix walks, what the log names.
//!
//! A handler is a plain async function whose arguments are extractors. Its permission stands beside its URL
//! in the table, and the server decides by it before the handler runs: a handler cannot forget to ask.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;

use super::describe::Operation;
use super::{Params, PathParams, answer};
use crate::error::{Error, Result};
use crate::registry::{Ability, Door, PackageType};

/// Routes below one path prefix, alike in who they listen to and how they refuse.
pub struct Mount {
    pub prefix: &'static str,
    pub door: Door,
    /// Whether job tokens are honoured beside access tokens. Format routes honour every carrier anyway.
    pub job_tokens: bool,
    /// Format routes: which, for limits and logs.
    pub package_type: Option<PackageType>,
    /// Where the client of a format puts its credential, beside the places that all routes look at.
    pub carriers: &'static [Carrier],
    pub error_response: fn(&Error) -> HttpResponse,
    pub routes: &'static [Route],
}

/// A place for a credential that only some routes look at.
pub enum Carrier {
    /// A header that holds a token of any kind when something is to be written: `X-NuGet-ApiKey`.
    ApiKey(&'static str),
    /// `Authorization: Bearer` may be a session token of this purpose.
    SessionBearer(&'static str),
    /// The user name of a Basic pair is a token of any kind where the password is one of these words.
    UserName(&'static [&'static str]),
    /// A query parameter may be a session token; of which purpose, the path says.
    SessionParameter(&'static str, PlaceOf),
}

impl Mount {
    /// Routes of GitLab's REST API and our own below a prefix: refused in JSON, by access tokens alone.
    pub const fn core(prefix: &'static str) -> Mount {
        Mount {
            prefix,
            door: Door::Core,
            job_tokens: false,
            package_type: None,
            carriers: &[],
            error_response: answer::error_response,
            routes: &[],
        }
    }

    /// Routes of a package format below a prefix: every carrier, and the challenge that clients wait for.
    pub const fn format(prefix: &'static str, package_type: PackageType) -> Mount {
        Mount {
            door: Door::Format,
            job_tokens: true,
            package_type: Some(package_type),
            ..Mount::core(prefix)
        }
    }

    /// The same routes, listening to job tokens as well.
    pub const fn with_job_tokens(self) -> Mount {
        Mount {
            job_tokens: true,
            ..self
        }
    }
}

/// One method on one path. Made by [`routes!`](crate::routes).
pub struct Route {
    pub method: Method,
    /// Below the mount's prefix. `{name}` is one segment, `{*name}` the rest of the path.
    pub pattern: &'static str,
    pub permission: Permission,
    pub handler: RouteHandler,
    /// Routes that refuse wrong parameters before they look at the project (contract 10.1).
    pub check_first: Option<fn(&PathParams, &Params) -> Result<()>>,
    /// What the description of the API says of it. Every core route has one; a test walks the table.
    pub described: Option<&'static Operation>,
}

pub type RouteHandler =
    fn(HttpRequest, Payload) -> LocalBoxFuture<'static, Result<HttpResponse, actix_web::Error>>;

/// Who may call a route.
#[derive(Clone, Copy, Debug)]
pub enum Permission {
    /// Anybody; no credential is looked at.
    Public,
    /// Anybody; a credential that is sent must be good, and the answer depends on it.
    Anyone,
    /// A user.
    SignedIn,
    /// A user, by a token with `read_user` too.
    CurrentUser,
    /// A user, whatever the scopes of the token: it may always look at itself.
    AnyScope,
    /// A user, by a token with `api` or `self_rotate`.
    SelfRotate,
    /// An instance administrator.
    Admin,
    /// A running job.
    Job,
    /// An ability in the project that `{id}` names.
    Project(Ability),
    /// An ability in the group that `{id}` names.
    Group(Ability),
    /// An ability in the project that the path leads to otherwise; `None`: to none.
    ProjectOf(Ability, PlaceOf),
    /// An ability in the top-level namespace, a group or a user's, that the path leads to; `None`: to none.
    GroupOf(Ability, PlaceOf),
}

/// What a path without `{id}` names: a project, a group, the purpose of a session token.
pub type PlaceOf = fn(&PathParams) -> Option<String>;

impl Permission {
    /// The scopes of which an access token needs one (contract 2.2); `None` where any will do.
    pub fn scopes(self, method: &Method) -> Option<&'static [&'static str]> {
        match self {
            Permission::Public | Permission::AnyScope => None,
            Permission::SelfRotate => Some(&["api", "self_rotate"]),
            Permission::CurrentUser => Some(&["api", "read_api", "read_user"]),
            _ if method == Method::GET || method == Method::HEAD => Some(&["api", "read_api"]),
            _ => Some(&["api"]),
        }
    }
}

/// Extracts a handler's arguments and runs it.
pub fn call<F, Args>(
    handler: F,
    request: HttpRequest,
    mut body: Payload,
) -> LocalBoxFuture<'static, Result<HttpResponse, actix_web::Error>>
where
    F: Handler<Args, Output = Result<HttpResponse>>,
    Args: FromRequest + 'static,
{
    Box::pin(async move {
        let args = Args::from_request(&request, &mut body)
            .await
            .map_err(Into::into)?;
        Ok(handler.call(args).await?)
    })
}

/// A table of routes: method, pattern, permission, handler, where it needs one the check that comes
/// first, and of core routes what describes them.
///
/// ```text
/// routes! {
///     GET "/{name}/{version}/{*file}" Project(ReadPackage) => download;
///     POST "/rules" Project(AdminPackage) => create, check_first check_new, described CREATE;
/// }
/// ```
#[macro_export]
macro_rules! routes {
    ($($method:ident $pattern:literal $permission:ident $(($ability:ident $(, $place:path)?))? => $handler:path $(, check_first $check:path)? $(, described $operation:path)?;)*) => {
        &[$($crate::http::Route {
            method: ::actix_web::http::Method::$method,
            pattern: $pattern,
            permission: $crate::http::Permission::$permission $(($crate::registry::Ability::$ability $(, $place)?))?,
            handler: |request, body| $crate::http::route::call($handler, request, body),
            check_first: $crate::routes!(@check $($check)?),
            described: $crate::routes!(@described $($operation)?),
        }),*]
    };
    (@check) => { None };
    (@check $check:path) => { Some($check) };
    (@described) => { None };
    (@described $operation:path) => { Some(&$operation) };
}
