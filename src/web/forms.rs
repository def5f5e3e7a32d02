//! Pages whose content comes from the REST API, by script: sign-in, tokens, settings, administration.
//!
//! Each is a file of `static/`, which says where what goes; the visitor's rights are checked by every route that it calls.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::assets;
use super::frame::{self, Page, absent, fill};
use super::html::Html;
use super::place::{PlacePath, crumbs};
use crate::auth::Caller;
use crate::error::Result;
use crate::http::Path;
use crate::registry::{Ability, Actor, Door, Registry};

/// `GET /-/sign_in`: 200.
pub(super) async fn sign_in(
    Caller(actor): Caller,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    send(&registry, &request, &actor, "Sign in", "sign_in.html").await
}

/// `GET /-/tokens`: 200; who is not signed in is asked to.
pub(super) async fn tokens(
    Caller(actor): Caller,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    match actor.is_anonymous() {
        true => send(&registry, &request, &actor, "Sign in", "sign_in.html").await,
        false => send(&registry, &request, &actor, "Tokens", "tokens.html").await,
    }
}

/// `GET /-/admin`: 200 for administrators, and nothing to show for everybody else.
pub(super) async fn admin(
    Caller(actor): Caller,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    match actor.is_admin() {
        true => send(&registry, &request, &actor, "Administration", "admin.html").await,
        false => frame::send_nothing(&registry, &request, &actor, StatusCode::NOT_FOUND).await,
    }
}

/// `GET /:project/-/settings`: 200 for maintainers, and nothing to show for everybody else.
pub(super) async fn settings(
    Caller(actor): Caller,
    Path(PlacePath(path)): Path<PlacePath>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let access = registry.project_access(&path, actor.clone(), Ability::AdminProject, Door::Core);
    let Some(access) = absent(access)? else {
        return frame::send_nothing(&registry, &request, &actor, StatusCode::NOT_FOUND).await;
    };
    let url = registry.config().url();
    let main = fill(assets::text("settings.html"), |name| match name {
        "crumbs" => crumbs(&access.project.full_path, &url).into_string(),
        "id" => access.project.id.to_string(),
        "deploy_tokens" => assets::text("deploy_tokens.html").to_owned(),
        _ => String::new(),
    });
    let title = format!("Settings of {}", access.project.full_path);
    let page = Page::new(title, Html::trusted(main));
    frame::send(&registry, &request, &actor, page).await
}

async fn send(
    registry: &Registry,
    request: &HttpRequest,
    actor: &Actor,
    title: &str,
    file: &str,
) -> Result<HttpResponse> {
    let main = fill(assets::text(file), |name| match name {
        "deploy_tokens" => assets::text("deploy_tokens.html").to_owned(),
        _ => String::new(),
    });
    frame::send(
        registry,
        request,
        actor,
        Page::new(title, Html::trusted(main)),
    )
    .await
}
