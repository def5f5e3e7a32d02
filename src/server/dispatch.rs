//! The life of a request, from the raw path to the finished answer:
//!
//! ```text
//! table → path and parameters → auth::decide → handler → error in the mount's own words → common headers → log line
//! ```

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, ETAG, EXPECT, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::body::Body;
use super::log;
use super::table::Table;
use crate::auth::{self, Attempt};
use crate::error::Error;
use crate::http::download::Unsent;
use crate::http::{Mount, Params, answer};
use crate::registry::{Door, Registry};

pub(super) async fn dispatch(
    registry: web::Data<Registry>,
    table: Arc<Table>,
    request: ServiceRequest,
) -> Result<ServiceResponse, actix_web::Error> {
    let started = Instant::now();
    let (request, body) = request.into_parts();
    let id = log::request_id();
    let mut route = "-";
    let mut response = if reads(&request) {
        answer(&registry, &table, &request, body, &mut route).await
    } else {
        let body = Body::new(body);
        let response = answer(
            &registry,
            &table,
            &request,
            body.for_the_handler(),
            &mut route,
        )
        .await;
        refused(&request, response, body).await
    };
    finish(&mut response, &id);
    let response = if request.method() == Method::HEAD {
        without_body(response)
    } else {
        response
    };
    let caller = request.extensions().get::<auth::Caller>().cloned();
    log::request(
        caller.as_ref(),
        request.method(),
        &response,
        route,
        &id,
        started,
    );
    Ok(ServiceResponse::new(request, response))
}

async fn answer<'a>(
    registry: &Registry,
    table: &'a Table,
    request: &HttpRequest,
    mut body: Payload,
    route: &mut &'a str,
) -> HttpResponse {
    let url = registry.config().url.as_ref();
    let path = request.uri().path();
    let path = url.map_or(path, |url| url.strip(path));
    let found = match table.find(path, request.query_string(), request.method()) {
        Ok(found) => found,
        Err(error) => return answer::error_response(&error),
    };
    *route = found.pattern;
    let (mount, row) = (found.row.mount, found.row.route);
    let path = found.params;
    let params = match mount.door {
        Door::Format => Ok(Params::from_query(request.query_string())), // the body is a package file
        _ => Params::read(request, &mut body).await,
    };
    let mut attempt = Attempt::new(registry, request.head(), mount, row);
    let decided = params.and_then(|params| {
        let decided = attempt.decide(request.head(), &path, &params);
        if let Some(caller) = attempt.caller() {
            request.extensions_mut().insert(caller.clone()); // the log names the caller of a refused request, too
        }
        decided?.note(request);
        Ok(params)
    });
    let outcome = match decided {
        Ok(params) => {
            request.extensions_mut().insert(path);
            request.extensions_mut().insert(params);
            let handled = (row.handler)(request.clone(), body);
            match reads(request) {
                true => handled.await,
                false => attempt.origin().behind(handled).await,
            }
        }
        Err(error) => Err(error.into()),
    };
    let response = match outcome {
        Ok(response) if mount.door != Door::Format => cacheable(request, response),
        Ok(response) => response,
        Err(error) => {
            if let Some(error) = error.as_error() {
                attempt.note_refusal(error);
            }
            refusal(mount, &error)
        }
    };
    match attempt.too_many_failures(response.status()) {
        Some(error) => (mount.error_response)(&error),
        None => response,
    }
}

/// A refusal in the middle of a body. Who has asked whether to send it listens while sending, and stops; everybody else
/// is let finish first.
async fn refused(request: &HttpRequest, mut response: HttpResponse, body: Body) -> HttpResponse {
    if response.status().is_success() {
        return response;
    }
    if request.headers().contains_key(EXPECT) {
        response
            .head_mut()
            .set_connection_type(ConnectionType::Close);
    } else {
        body.drain().await;
    }
    response
}

/// An error in the words of the mount it happened in. Errors that are not ours come from actix's own extractors.
fn refusal(mount: &Mount, error: &actix_web::Error) -> HttpResponse {
    match error.as_error::<Error>() {
        Some(error) => {
            if error.status().is_server_error() {
                tracing::error!(cause = error.cause(), "a request failed");
            }
            (mount.error_response)(error)
        }
        None => (mount.error_response)(&Error::bad_request(error.to_string())),
    }
}

/// A weak `ETag` on what core routes read, and 304 for who knows it already (as Rack does for GitLab).
fn cacheable(request: &HttpRequest, response: HttpResponse) -> HttpResponse {
    if !reads(request)
        || response.status() != StatusCode::OK
        || response.headers().contains_key(ETAG)
    {
        return response;
    }
    let (mut response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(stream) => return response.set_body(stream),
    };
    let etag = format!("W/\"{}\"", HEXLOWER.encode(&Sha256::digest(&body)[..16]));
    let known = request.headers().get_all(IF_NONE_MATCH).any(|value| {
        let tags = value.to_str().unwrap_or_default();
        tags.split(',')
            .any(|tag| tag.trim() == etag || tag.trim() == "*")
    });
    set(response.headers_mut(), ETAG, &etag);
    set(
        response.headers_mut(),
        CACHE_CONTROL,
        "max-age=0, private, must-revalidate",
    );
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response.set_body(BoxBody::new(()));
    }
    response.set_body(BoxBody::new(body))
}

/// The headers of every answer.
pub(super) fn finish(response: &mut HttpResponse, id: &str) {
    let headers = response.headers_mut();
    set(
        headers,
        actix_web::http::header::HeaderName::from_static("x-request-id"),
        id,
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    if !headers.contains_key(VARY) {
        headers.insert(VARY, HeaderValue::from_static("Origin"));
    }
}

fn reads(request: &HttpRequest) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

fn set(headers: &mut HeaderMap, name: actix_web::http::header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// HEAD answers like GET, with the size of the body and without its bytes.
fn without_body(response: HttpResponse) -> HttpResponse {
    match response.body().size() {
        BodySize::Sized(size) => response.map_body(|_, _| BoxBody::new(Unsent { size })),
        _ => response,
    }
}
