//! Log lines on their way to standard error, collected so that a request does not wait for the terminal or the pipe.
//!
//! A write for every request costs as much as answering it. Lines leave ten times a second, and at once when many have
//! come together; warnings and errors take along what waits before them.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

static WAITING: Mutex<Vec<u8>> = Mutex::new(Vec::new());

const MOST: usize = 64 << 10;
const EVERY: Duration = Duration::from_millis(100);

/// Starts the thread that takes lines away.
pub(super) fn start() -> io::Result<()> {
    let drain = || {
        loop {
            std::thread::sleep(EVERY);
            flush();
        }
    };
    std::thread::Builder::new()
        .name("log".into())
        .spawn(drain)
        .map(|_runs_to_the_end| ())
}

/// Writes what waits; a standard error that is gone must not stop the server.
pub(super) fn flush() {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    if !waiting.is_empty() {
        let _ = io::stderr().write_all(&waiting);
        waiting.clear();
        waiting.shrink_to(MOST);
    }
}

/// Adds a line to what waits.
pub(super) fn push(line: &[u8]) {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.extend_from_slice(line);
    let full = waiting.len() >= MOST;
    drop(waiting);
    if full {
        flush();
    }
}

/// Where `tracing` writes the other lines.
pub(super) struct Lines;

pub(super) struct Line {
    urgent: bool,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { urgent: true }
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line {
        Line {
            urgent: *meta.level() <= Level::WARN,
        }
    }
}

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        push(line);
        if self.urgent {
            flush();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
