//! Where credentials stand in a request, in the one order that holds on every route (contract 2.1).
//!
//! `private_token` parameter → `PRIVATE-TOKEN` → Bearer (`access_token` stands with it) → a session token's parameter →
//! `job_token`/`token` parameter → `JOB-TOKEN` → `Deploy-Token` → an API key → Basic → the session cookie of the web page, on core
//! routes alone. The first one present that the route honours decides;
//! if it is bad the request fails, and the next is never tried. A carrier that the route does not honour is
//! not there.

use actix_web::dev::RequestHead;
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use data_encoding::BASE64;

use crate::error::{Error, Result};
use crate::http::{Carrier, Mount, Params, PathParams, session_cookie};
use crate::registry::{Actor, Door, Registry};

/// The first credential of a request.
enum Credential {
    /// `PRIVATE-TOKEN` and its parameter: access tokens only.
    PrivateToken(String),
    Bearer(String),
    JobToken(String),
    DeployToken(String),
    Basic {
        user: String,
        password: String,
    },
    /// A token of any kind, alone in a header of its own.
    ApiKey(String),
    /// A query parameter of this purpose's session token.
    Session {
        purpose: String,
        secret: String,
    },
    /// The web page's session.
    Cookie(String),
    /// An `Authorization` header that is neither: it cannot be good.
    Unreadable,
}

/// Who is calling. 401 for a credential that nobody knows, with GitLab's texts for expired and revoked ones.
///
/// `None` is the one exception (contract 3.6): a wrong Basic pair where something is only read. It counts as no credential,
/// and what is not public is refused with the challenge. Clients send stale pairs from netrc.
pub(super) fn identify(
    registry: &Registry,
    head: &RequestHead,
    path: &PathParams,
    params: &Params,
    mount: &Mount,
) -> Result<Option<Actor>> {
    let reading = matches!(head.method, Method::GET | Method::HEAD);
    let Some(credential) = first(head, path, params, mount, reading) else {
        return Ok(Some(Actor::Anonymous));
    };
    match credential {
        Credential::Basic { user, password } if reading => {
            match basic(registry, mount, &user, &password) {
                Err(Error::InvalidToken(_)) => Ok(None),
                recognised => recognised,
            }
        }
        Credential::Cookie(secret) => by_session(registry, head, &secret, reading).map(Some),
        other => recognise(registry, other, mount).map(Some),
    }
}

fn recognise(registry: &Registry, credential: Credential, mount: &Mount) -> Result<Actor> {
    let unknown = || {
        if mount.door == Door::Format {
            Error::Challenge
        } else {
            Error::Unauthorized
        }
    };
    let any_kind = mount.door == Door::Format;
    match credential {
        Credential::PrivateToken(secret) => registry
            .recognise_access_token(&secret)?
            .ok_or_else(unknown),
        Credential::JobToken(secret) => registry.recognise_job_token(&secret)?.ok_or_else(unknown),
        Credential::DeployToken(secret) => registry
            .recognise_deploy_token(None, &secret)?
            .ok_or_else(unknown),
        Credential::Bearer(secret) => {
            for carrier in mount.carriers {
                if let Carrier::SessionBearer(purpose) = carrier
                    && let Some(actor) = registry.recognise_session_token(purpose, &secret)?
                {
                    return Ok(actor);
                }
            }
            if let Some(actor) = registry.recognise_access_token(&secret)? {
                return Ok(actor);
            }
            if (mount.job_tokens || any_kind)
                && let Some(actor) = registry.recognise_job_token(&secret)?
            {
                return Ok(actor);
            }
            if any_kind && let Some(actor) = registry.recognise_deploy_token(None, &secret)? {
                return Ok(actor);
            }
            Err(unknown())
        }
        Credential::ApiKey(secret) => of_any_kind(registry, &secret)?.ok_or_else(unknown),
        Credential::Session { purpose, secret } => {
            if let Some(actor) = registry.recognise_session_token(&purpose, &secret)? {
                return Ok(actor);
            }
            registry.recognise_job_token(&secret)?.ok_or_else(unknown)
        }
        Credential::Basic { user, password } => {
            basic(registry, mount, &user, &password)?.ok_or_else(unknown)
        }
        // The cookie was looked at before: it depends on the method.
        Credential::Cookie(_) | Credential::Unreadable => Err(unknown()),
    }
}

/// Package clients know nothing but Basic: a job token under its fixed user name, a deploy token under its own
/// user name, an access token under any.
fn basic(registry: &Registry, mount: &Mount, user: &str, password: &str) -> Result<Option<Actor>> {
    let user_is_token = mount
        .carriers
        .iter()
        .any(|carrier| matches!(carrier, Carrier::UserName(words) if words.contains(&password)));
    if user_is_token
        && !user.is_empty()
        && let Some(actor) = of_any_kind(registry, user)?
    {
        return Ok(Some(actor));
    }
    if password.is_empty() {
        return Ok(None);
    }
    if user == "gitlab-ci-token"
        && let Some(actor) = registry.recognise_job_token(password)?
    {
        return Ok(Some(actor));
    }
    if let Some(actor) = registry.recognise_access_token(password)? {
        return Ok(Some(actor));
    }
    registry.recognise_deploy_token(Some(user), password)
}

/// Browsers send the cookie unasked, so it must not be what breaks a page: when `reading`, a session that is over counts as
/// no credential. For a write the page has to show that it is our own.
fn by_session(
    registry: &Registry,
    head: &RequestHead,
    secret: &str,
    reading: bool,
) -> Result<Actor> {
    if !reading && !head.headers.contains_key(session_cookie::PROOF) {
        return Err(Error::refused(
            "A write by the session of the web page needs the header X-Requested-With.",
        ));
    }
    match registry.recognise_session_token(session_cookie::PURPOSE, secret) {
        Ok(Some(actor)) => Ok(actor),
        Err(error) if error.status().is_server_error() => Err(error),
        Ok(None) | Err(_) if reading => Ok(Actor::Anonymous),
        Ok(None) => Err(Error::Unauthorized),
        Err(error) => Err(error),
    }
}

fn of_any_kind(registry: &Registry, secret: &str) -> Result<Option<Actor>> {
    if let Some(actor) = registry.recognise_access_token(secret)? {
        return Ok(Some(actor));
    }
    if let Some(actor) = registry.recognise_job_token(secret)? {
        return Ok(Some(actor));
    }
    registry.recognise_deploy_token(None, secret)
}

fn first(
    head: &RequestHead,
    path: &PathParams,
    params: &Params,
    mount: &Mount,
    reading: bool,
) -> Option<Credential> {
    let header = |name: &str| {
        head.headers
            .get(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
    };
    let parameter = |name: &str| params.text(name).map(str::to_owned);
    let format = mount.door == Door::Format;
    let jobs = mount.job_tokens || format;
    if let Some(secret) = parameter("private_token").or_else(|| header("private-token")) {
        return Some(Credential::PrivateToken(secret));
    }
    let authorization = head
        .headers
        .get(AUTHORIZATION)
        .map(|value| authorization(value.as_bytes()));
    if let Some(secret) = parameter("access_token") {
        return Some(Credential::Bearer(secret));
    }
    if let Some(Credential::Bearer(secret)) = authorization {
        return Some(Credential::Bearer(secret));
    }
    for carrier in mount.carriers {
        if let Carrier::SessionParameter(name, purpose) = carrier
            && let (Some(secret), Some(purpose)) = (parameter(name), purpose(path))
        {
            return Some(Credential::Session { purpose, secret });
        }
    }
    if jobs
        && let Some(secret) = parameter("job_token")
            .or_else(|| parameter("token"))
            .or_else(|| header("job-token"))
    {
        return Some(Credential::JobToken(secret));
    }
    if !format {
        return session_cookie::read(&head.headers).map(Credential::Cookie);
    }
    if let Some(secret) = header("deploy-token") {
        return Some(Credential::DeployToken(secret));
    }
    let api_key = mount.carriers.iter().find_map(|carrier| match carrier {
        Carrier::ApiKey(name) if !reading => header(name),
        _ => None,
    });
    api_key.map(Credential::ApiKey).or(authorization)
}

fn authorization(value: &[u8]) -> Credential {
    let text = String::from_utf8_lossy(value);
    let (scheme, rest) = text.split_once(' ').unwrap_or((&text, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        return Credential::Bearer(rest.trim().to_owned());
    }
    let decoded = BASE64
        .decode(rest.trim().as_bytes())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((user, password)) if scheme.eq_ignore_ascii_case("basic") => Credential::Basic {
            user: user.to_owned(),
            password: password.to_owned(),
        },
        _ => Credential::Unreadable,
    }
}
