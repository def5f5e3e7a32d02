//! `Expect: 100-continue`: an upload that is refused is refused before its body is sent.
//!
//! actix answers "100 Continue" to whoever asks, and curl asks for every body above a megabyte: it would send five
//! gigabytes to learn that its token is wrong, or that four were allowed. What is let pass here is decided again where
//! every request is, in `dispatch`.

use std::time::Instant;

use actix_http::{ConnectionType, Request, Response};
use actix_web::HttpMessage;
use actix_web::body::BoxBody;
use actix_web::http::header::CONTENT_LENGTH;

use super::table::{Match, Table};
use super::{dispatch, log};
use crate::auth::Attempt;
use crate::error::Result;
use crate::http::Params;
use crate::registry::{Door, Registry};

/// The request back, to be continued, or the answer instead.
pub(super) fn check(
    registry: &Registry,
    table: &Table,
    request: Request,
) -> Result<Request, Response<BoxBody>> {
    let started = Instant::now();
    let url = registry.config().url();
    let query = request.uri().query().unwrap_or_default();
    let found = match table.find(url.strip(request.path()), query, request.method()) {
        Ok(found) if found.row.mount.door == Door::Format => found,
        _ => return Ok(request), // the bodies of other routes are small
    };
    let (mount, route) = (found.row.mount, found.row.route);
    let mut attempt = Attempt::new(registry, request.head(), mount, route);
    let Err(error) = decide(registry, &request, &found, &mut attempt) else {
        return Ok(request);
    };
    attempt.note_refusal(&error);
    let error = attempt.too_many_failures(error.status()).unwrap_or(error);
    let mut refusal = (mount.error_response)(&error);
    let id = log::request_id();
    dispatch::finish(&mut refusal, &id);
    // The body that was announced may come all the same; it must not be taken for the next request.
    refusal
        .head_mut()
        .set_connection_type(ConnectionType::Close);
    log::request(
        attempt.caller(),
        request.method(),
        &refusal,
        found.pattern,
        &id,
        started,
    );
    Err(refusal.into())
}

fn decide(
    registry: &Registry,
    request: &Request,
    found: &Match<'_>,
    attempt: &mut Attempt<'_>,
) -> Result<()> {
    let mount = found.row.mount;
    let params = Params::from_query(request.uri().query().unwrap_or_default());
    attempt.decide(request.head(), &found.params, &params)?;
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match (mount.package_type, length) {
        (Some(package_type), Some(length)) if length > registry.upload_limit(package_type) => {
            Err(registry.too_large(package_type))
        }
        _ => Ok(()),
    }
}
