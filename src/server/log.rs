//! One line per request: id, user, route, status, bytes, duration. Never a token: query strings and headers are
//! not written, and of the path only the pattern it matched.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use actix_web::body::{BodySize, MessageBody};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use data_encoding::HEXLOWER;
use tracing_subscriber::fmt;

use crate::auth::Caller;
use crate::config::LogFormat;

/// Starts writing log lines to standard error.
pub fn init(format: LogFormat) {
    let lines = fmt()
        .with_writer(std::io::stderr)
        .with_target(false)
        // It would say on standard error that standard error cannot be written, and panic when that fails too:
        // a log on a full disk, or a reader that is gone, must not stop the server.
        .log_internal_errors(false)
        .with_max_level(tracing::Level::INFO);
    let started = match format {
        LogFormat::Text => lines
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        tracing::debug!("log lines were switched on before"); // tests start many servers in one process
    }
}

pub(super) fn request(
    request: &HttpRequest,
    response: &HttpResponse,
    route: &str,
    id: &str,
    started: Instant,
) {
    let bytes = match response.body().size() {
        BodySize::Sized(size) => size,
        _ => 0,
    };
    let extensions = request.extensions();
    let user = extensions
        .get::<Caller>()
        .map_or("-", |Caller(actor)| actor.label());
    tracing::info!(
        id,
        user,
        method = request.method().as_str(),
        route,
        status = response.status().as_u16(),
        bytes,
        duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
}

/// Unlike any other of this process, and with a random start of any other process.
pub(super) fn request_id() -> String {
    static START: LazyLock<String> = LazyLock::new(|| {
        let mut noise = [0; 8];
        // Without random bytes the ids are merely less unlike those of the last process.
        let _ = getrandom::fill(&mut noise);
        HEXLOWER.encode(&noise)
    });
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{}{:012x}", *START, NEXT.fetch_add(1, Ordering::Relaxed))
}
