//! One line per request: id, user, route, status, bytes, duration. Never a token: query strings and headers are
//! not written, and of the path only the pattern it matched.

use std::io::{self, IsTerminal};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::Method;
use data_encoding::HEXLOWER;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt};

use super::log_buffer::{self, Lines};
use crate::auth::Caller;
use crate::config::LogFormat;
use crate::error::{Error, Result};

/// Starts writing log lines to standard error.
pub fn init(format: LogFormat) -> Result<()> {
    // What actix tells of its own start and stop is of no use to an operator.
    let levels = Targets::new()
        .with_default(Level::INFO)
        .with_target("actix_server", Level::WARN);
    let lines = fmt::layer().with_target(false).with_writer(Lines);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(levels))
        .try_init()
        .map_err(Error::internal)?;
    Ok(log_buffer::start()?)
}

pub(super) fn request(
    caller: Option<&Caller>,
    method: &Method,
    response: &HttpResponse,
    route: &str,
    id: &str,
    started: Instant,
) {
    let bytes = match response.body().size() {
        BodySize::Sized(size) => size,
        _ => 0,
    };
    let user = caller.map_or("-", |Caller(actor)| actor.label());
    tracing::info!(
        id,
        user,
        method = method.as_str(),
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
