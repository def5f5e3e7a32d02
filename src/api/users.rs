//! Users (contract 11.1).

use actix_web::{HttpRequest, HttpResponse, web};

use super::views::shapes::{USER, USER_DETAIL, WHOLE_USER};
use super::views::{self, UserView};
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::describe::{Answer::*, Operation, Shape::*};
use crate::http::{FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{NewUser, Registry, User};
use crate::routes;

pub(super) const PUBLIC_ROUTES: &[Route] = routes! {
    GET "/users/{id}" Anyone => detail, described DETAIL;
};

pub(super) const ROUTES: &[Route] = routes! {
    GET "/user" CurrentUser => current, described CURRENT;
    GET "/users" SignedIn => list, described LIST;
    POST "/users" Admin => create, described CREATE;
    DELETE "/users/{id}" Admin => remove, described REMOVE;
};

const CURRENT: Operation = Operation::new("The user behind the token", Json(200, &WHOLE_USER));
const LIST: Operation =
    Operation::new("Users", Pages(&USER)).takes(&[&[("username?", Text), ("search?", Text)]]);
const DETAIL: Operation = Operation::new("A user", Json(200, &Either(&[USER_DETAIL, WHOLE_USER])));
const CREATE: Operation = Operation::new("Make a user", Json(201, &WHOLE_USER))
    .takes(&[&[
        ("email", Text),
        ("name", Text),
        ("username", Text),
        ("admin?", Flag),
        ("external?", Flag),
    ]])
    .refuses(&[409]);
const REMOVE: Operation = Operation::new("Delete a user", Empty(204));

/// `/users/:id`
struct UserId(i64);

impl FromPath for UserId {
    fn from_path(params: &PathParams) -> Result<UserId> {
        params.id("id").map(UserId)
    }
}

/// `GET /user`: 200, the user behind the token.
async fn current(Caller(actor): Caller, registry: web::Data<Registry>) -> Result<HttpResponse> {
    let user = actor.user().cloned().ok_or(Error::Unauthorized)?;
    let to_admin = user.admin;
    answer::ok(&whole(&registry, user, to_admin)?)
}

/// `GET /users`: 200, a page of basic users; one at most with `username`, which is compared without regard to case.
async fn list(
    Caller(actor): Caller,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let username = check.text("username");
    let search = check.text("search").unwrap_or_default();
    let page = check.page();
    let declared = check.done()?;
    let (users, total) = match username {
        Some(name) => page.cut(registry.user_by_name(&name)?.into_iter().collect()),
        None => {
            registry
                .list_users(&actor, search, page.limit(), page.offset())
                .await?
        }
    };
    let url = registry.config().url();
    let views: Vec<UserView> = users
        .into_iter()
        .map(|user| UserView::new(user, &url))
        .collect();
    let mut response = answer::ok(&views)?;
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET /users/:id`: 200, the user; administrators see all of it.
async fn detail(
    Caller(actor): Caller,
    Path(UserId(id)): Path<UserId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let user = registry.user(id)?.ok_or_else(|| Error::not_found("User"))?;
    match actor.is_admin() {
        true => answer::ok(&whole(&registry, user, true)?),
        false => answer::ok(&views::user(user, &registry.config().url())),
    }
}

/// `POST /users`: 201, the user, who has a personal namespace from now on.
///
/// GitLab's passwords are accepted and forgotten: nobody signs in with one here.
async fn create(params: Params, registry: web::Data<Registry>) -> Result<HttpResponse> {
    let mut check = params.check();
    let new = NewUser {
        email: check.required("email"),
        name: check.required("name"),
        username: check.required("username"),
        admin: check.flag("admin").unwrap_or(false),
        external: check.flag("external").unwrap_or(false),
    };
    check.done()?;
    let user = registry.create_user(new).await?;
    answer::created(&whole(&registry, user, true)?)
}

/// `DELETE /users/:id`: 204; its personal projects go with it, what it published elsewhere stays.
async fn remove(
    Path(UserId(id)): Path<UserId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry.delete_user(id).await?;
    Ok(answer::no_content())
}

fn whole(registry: &Registry, user: User, to_admin: bool) -> Result<serde_json::Value> {
    let namespace = registry.personal_namespace(user.id)?;
    let may_create_group = registry.may_create_group(&user);
    Ok(views::whole_user(
        user,
        namespace.as_ref(),
        may_create_group,
        to_admin,
        &registry.config().url(),
    ))
}
