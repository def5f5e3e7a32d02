//! What every page stands in: head, navigation, the policy that lets nothing run but our own script.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, SET_COOKIE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};

use super::assets;
use super::html::{Html, html};
use crate::error::{Error, Result};
use crate::http::{BaseUrl, document, session_cookie};
use crate::registry::{Actor, Document, Registry};

/// Our own style sheet, script, pictures and API, and nothing from elsewhere; no script text is ever made of data.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// How much of a session must be over before a page prolongs it.
const WORTH_PROLONGING: std::time::Duration = std::time::Duration::from_secs(600);

/// A page before it is framed.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) title: String,
    pub(super) main: Html,
    /// What stands in the search field.
    pub(super) search: String,
}

impl Page {
    pub(super) fn new(title: impl Into<String>, main: Html) -> Page {
        Page {
            status: StatusCode::OK,
            title: title.into(),
            main,
            search: String::new(),
        }
    }
}

/// Sends a page, compressed for who takes it; who has it already gets 304. A session that is in use goes on.
pub(super) async fn send(
    registry: &Registry,
    request: &HttpRequest,
    actor: &Actor,
    page: Page,
) -> Result<HttpResponse> {
    let url = registry.config().url();
    let status = page.status;
    let actor_of_page = actor.clone();
    let framed = move || Document::of_now(framed(page, &actor_of_page, &url).into_bytes());
    let document = web::block(framed).await??;
    let mut response = match status {
        StatusCode::OK => document::send(request, &document, "text/html; charset=utf-8"),
        status => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .body(document.identity.clone()),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    prolong(registry, request, actor, &mut response).await?;
    Ok(response)
}

async fn prolong(
    registry: &Registry,
    request: &HttpRequest,
    actor: &Actor,
    response: &mut HttpResponse,
) -> Result<()> {
    let (Some(secret), false) = (
        session_cookie::read(request.headers()),
        actor.is_anonymous(),
    ) else {
        return Ok(());
    };
    if request.method() == Method::GET
        && registry
            .keep_session_alive(&secret, session_cookie::LIFETIME, WORTH_PROLONGING)
            .await?
    {
        let cookie = session_cookie::set(&registry.config().url(), &secret)?;
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(())
}

fn framed(page: Page, actor: &Actor, url: &BaseUrl) -> String {
    let user = actor
        .user()
        .map(|user| user.username.as_str())
        .unwrap_or_default();
    let address = |name| html!("{}", url.path_of(&assets::address(name))).into_string();
    fill(assets::text("page.html"), |name| match name {
        "base" => html!("{}", url.path_of("")).into_string(),
        "user" => html!("{}", user).into_string(),
        "title" => html!("{}", page.title).into_string(),
        "icon" => address("icon.svg"),
        "style" => address("style.css"),
        "script" => address("app.js"),
        "search" => html!("{}", page.search).into_string(),
        "nav" => nav(actor, url).into_string(),
        "main" => page.main.clone().into_string(),
        "version" => env!("CARGO_PKG_VERSION").to_owned(),
        _ => String::new(),
    })
}

/// Puts values where `{{name}}` stands, in one pass: what a value says is not looked at again.
pub(super) fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(&value(name));
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

fn nav(actor: &Actor, url: &BaseUrl) -> Html {
    let link = |path: &str, label: &str| html!("<a href=\"{}\">{}</a>", url.path_of(path), label);
    let setup = link("/-/setup", "Set up");
    let Some(user) = actor.user() else {
        return html!("{}{}", setup, link("/-/sign_in", "Sign in"));
    };
    let admin = actor.is_admin().then(|| link("/-/admin", "Admin"));
    html!(
        "{}{}{}<span class=\"who\">{}</span><button type=\"button\" class=\"plain\" data-sign-out>Sign out</button>",
        setup,
        link("/-/tokens", "Tokens"),
        admin,
        user.username,
    )
}

/// The page for what is not there, which is also the page for what the visitor may not see.
pub(super) async fn send_nothing(
    registry: &Registry,
    request: &HttpRequest,
    actor: &Actor,
    status: StatusCode,
) -> Result<HttpResponse> {
    let url = registry.config().url();
    let hint = match actor.is_anonymous() {
        true => html!(
            "<p><a class=\"button\" href=\"{}\">Sign in</a></p>",
            url.path_of("/-/sign_in")
        ),
        false => html!(
            "<p><a class=\"button\" href=\"{}\">All packages</a></p>",
            url.path_of("/")
        ),
    };
    let main = html!(
        "<section class=\"empty\" data-nothing><h1>Nothing to show</h1>\
         <p>There is no such page, or it belongs to a project that is not public. Whoever may read the project sees it here.</p>{}</section>",
        hint
    );
    let page = Page {
        status,
        ..Page::new("Nothing to show", main)
    };
    send(registry, request, actor, page).await
}

/// A refusal becomes an absence; only what is broken stays an error.
pub(super) fn absent<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(_refused) => Ok(None),
    }
}

/// Programs that look for an address which is none are answered as everywhere else.
pub(super) fn wants_html(request: &HttpRequest) -> Result<()> {
    let accepts = |value: &HeaderValue| {
        value
            .to_str()
            .is_ok_and(|types| types.contains("text/html"))
    };
    let accept = actix_web::http::header::ACCEPT;
    match request.headers().get_all(accept).any(accepts) {
        true => Ok(()),
        false => Err(Error::NoSuchRoute),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_filled_again() {
        let filled = fill("<b>{{a}}</b>{{b}}", |name| match name {
            "a" => "{{b}}".to_owned(),
            _ => "2".to_owned(),
        });
        assert_eq!(filled, "<b>{{b}}</b>2");
    }
}
