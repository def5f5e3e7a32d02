//! The server: one route table, one way through every request, and what runs in the background.
//!
//! The table is [`routes`]: every mount of `api`, `formats` and the service routes. Requests are matched on the *raw*
//! path (so that `acme%2Ftools` is one segment) by a radix tree, not by actix's list of patterns: nine formats
//! are some three hundred routes, and a list would be compiled at every start and searched at every request.

mod background;
mod body;
mod dispatch;
mod expect;
mod log;
mod log_buffer;
mod openapi;
mod service;
mod table;
mod tls;
mod worker;

use std::fs::{DirBuilder, File, TryLockError};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;

use actix_server::{Server as ActixServer, ServerHandle};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::formats::{DERIVED, DISPLAYS};
use crate::registry::Registry;
use table::Table;
use worker::Shared;

pub use log::init as init_log;
pub use table::{TableRoute, routes};
pub use tls::Certificate;

/// A server that holds its data directory and its socket, and does not serve yet.
pub struct Server {
    pub registry: Registry,
    pub address: SocketAddr,
    /// `None`: it speaks plain HTTP.
    pub certificate: Option<Arc<Certificate>>,
    listener: TcpListener,
    lock: File,
}

/// A server that serves.
pub struct Running {
    registry: Registry,
    actix: ActixServer,
    /// Held as long as the server lives: one server per data directory.
    _lock: File,
}

impl Server {
    /// Takes the data directory, opens the registry and binds the socket.
    pub fn open(mut config: Config) -> Result<Server> {
        let certificate = config.tls.clone().map(Certificate::open).transpose()?;
        let lock = take_data_directory(&config)?;
        let listener = bind(config.listen)?;
        let address = listener.local_addr()?;
        config.listen = address;
        let registry = Registry::open_as_server(config)?
            .with_derived(DERIVED)
            .with_displays(DISPLAYS);
        Ok(Server {
            registry,
            address,
            certificate,
            listener,
            lock,
        })
    }

    /// Starts serving, inside an actix system.
    pub fn serve(self, workers: usize) -> Result<Running> {
        let builder = ActixServer::build()
            .workers(workers)
            // A slow upload holds one for as long as it lasts; lists and small uploads must not wait for it.
            .worker_max_blocking_threads(512)
            .shutdown_timeout(30)
            .disable_signals();
        let shared = Shared {
            registry: self.registry.clone(),
            table: Arc::new(Table::new(routes())?),
            stopping: builder.graceful_shutdown_signal(),
        };
        let actix = match self.certificate {
            None => builder.listen("packhouse", self.listener, move || {
                worker::plain(shared.clone())
            })?,
            Some(certificate) => {
                let tls = certificate.config()?;
                worker::allow_many_handshakes();
                builder.listen("packhouse", self.listener, move || {
                    worker::secure(shared.clone(), tls.clone())
                })?
            }
        };
        Ok(Running {
            registry: self.registry,
            actix: actix.run(),
            _lock: self.lock,
        })
    }
}

impl Running {
    /// Stops the server from elsewhere; with `graceful`, running requests are finished first.
    pub fn handle(&self) -> ServerHandle {
        self.actix.handle()
    }

    /// Serves until it is stopped through its handle, then writes down what was counted.
    pub async fn until_stopped(self) -> Result<()> {
        self.until_stopped_or(std::future::pending()).await
    }

    /// The same, but when `hurry` is over it waits for no request any more.
    ///
    /// Once actix waits for running requests it hears no second command, so this is the way to end that wait.
    pub async fn until_stopped_or(self, hurry: impl Future<Output = ()>) -> Result<()> {
        let background = background::start(self.registry.clone());
        tokio::select! {
            stopped = self.actix => stopped?,
            () = hurry => {}
        }
        background.stop().await;
        let written = self.registry.flush_counters().await;
        log_buffer::flush();
        written
    }
}

/// The registry of a command, which knows as much of the formats as the server's.
pub fn open_for_command(config: Config) -> Result<Registry> {
    Ok(Registry::open_as_command(config)?.with_derived(DERIVED))
}

/// Makes the data directory if it is not there, and holds it as long as the file lives: nobody serves it meanwhile.
pub fn take_data_directory(config: &Config) -> Result<File> {
    make_data_directory(config)?;
    lock(config)
}

/// For its owner alone: it holds the packages of private projects.
fn make_data_directory(config: &Config) -> Result<()> {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data);
    made.map_err(|error| {
        let data = config.data.display();
        Error::for_a_person(format!("cannot make the data directory `{data}`: {error}"))
    })
}

fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        Error::for_a_person(format!(
            "cannot listen on {address}: {error}\nhint: choose another address with `--listen`; port 0 picks a free one"
        ))
    })
}

/// A file lock dies with its process, however that ends.
fn lock(config: &Config) -> Result<File> {
    let path = config.data.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::for_a_person(format!(
            "another packhouse serves the data directory `{}`\nhint: stop it first, or choose another directory with `--data`",
            config.data.display()
        ))),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
