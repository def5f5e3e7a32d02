//! One line per request: id, user, route, status, bytes, duration. Never a token: query strings and headers are
//! not written, and of the path only the pattern it matched.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, OnceLock};
use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::Method;
use data_encoding::HEXLOWER;
use serde::Serialize;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt};

use super::log_buffer::{self, Lines};
use crate::auth::Caller;
use crate::config::LogFormat;
use crate::error::{Error, Result};

thread_local! {
    static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

static FORMAT: OnceLock<LogFormat> = OnceLock::new();

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
    FORMAT.get_or_init(|| format);
    Ok(log_buffer::start()?)
}

/// One request as its line tells it. Written by hand: for the smallest downloads the general machinery took a tenth of
/// their time.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: jiff::Timestamp,
    level: &'static str,
    message: &'static str,
    id: &'a str,
    user: &'a str,
    method: &'a str,
    route: &'a str,
    status: u16,
    bytes: u64,
    duration_us: u64,
}

pub(super) fn request(
    caller: Option<&Caller>,
    method: &Method,
    response: &HttpResponse,
    route: &str,
    id: &str,
    started: Instant,
) {
    let Some(format) = FORMAT.get() else {
        return;
    };
    let line = Line {
        timestamp: jiff::Timestamp::now(),
        level: "INFO",
        message: "request",
        id,
        user: caller.map_or("-", |Caller(actor)| actor.label()),
        method: method.as_str(),
        route,
        status: response.status().as_u16(),
        bytes: match response.body().size() {
            BodySize::Sized(size) => size,
            _ => 0,
        },
        duration_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
    };
    LINE.with_borrow_mut(|text| {
        text.clear();
        if line.write(*format, text).is_ok() {
            log_buffer::push(text);
        }
    });
}

impl Line<'_> {
    fn write(&self, format: LogFormat, out: &mut Vec<u8>) -> io::Result<()> {
        match format {
            LogFormat::Json => serde_json::to_writer(&mut *out, self)?,
            LogFormat::Text => write!(
                out,
                "{:.6} {:>5} {} id=\"{}\" user={:?} method=\"{}\" route=\"{}\" status={} bytes={} duration_us={}",
                self.timestamp,
                self.level,
                self.message,
                self.id,
                self.user,
                self.method,
                self.route,
                self.status,
                self.bytes,
                self.duration_us
            )?,
        }
        out.push(b'\n');
        Ok(())
    }
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
