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

use std::fs::{DirBuilder, File, TryLockError};
use std::future::ready;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_server::{Server as ActixServer, ServerHandle};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::{App, web};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::formats::DERIVED;
use crate::registry::Registry;
use dispatch::dispatch;
use table::Table;

pub use log::init as init_log;
pub use table::{TableRoute, routes};

/// A server that holds its data directory and its socket, and does not serve yet.
pub struct Server {
    pub registry: Registry,
    pub address: SocketAddr,
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
        make_data_directory(&config)?;
        let lock = lock(&config)?;
        let listener = bind(config.listen)?;
        let address = listener.local_addr()?;
        config.listen = address;
        let registry = Registry::open_as_server(config)?.with_derived(DERIVED);
        Ok(Server {
            registry,
            address,
            listener,
            lock,
        })
    }

    /// Starts serving, inside an actix system.
    ///
    /// Put together as `actix_web::HttpServer` does it, which has no door for an answer to `Expect`.
    pub fn serve(self, workers: usize) -> Result<Running> {
        let table = Arc::new(Table::new(routes())?);
        let shared = self.registry.clone();
        let builder = ActixServer::build();
        let stopping = builder.graceful_shutdown_signal();
        let service = move || {
            let (registry, table, stopping) = (shared.clone(), table.clone(), stopping.clone());
            let (expecting, expected) = (registry.clone(), table.clone());
            let data = web::Data::new(registry);
            let for_requests = data.clone();
            let requests =
                fn_service(move |request| dispatch(for_requests.clone(), table.clone(), request));
            let app = App::new()
                .app_data(data)
                .default_service(requests)
                .into_factory();
            HttpService::build()
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                // With Nagle on, a body that leaves after its head waits for the client's delayed ACK: 44 ms.
                .tcp_nodelay(true)
                .keep_alive(Duration::from_secs(75))
                .client_request_timeout(Duration::from_secs(30))
                .expect(fn_service(move |request| {
                    ready(expect::check(&expecting, &expected, request))
                }))
                .finish(map_config(
                    app.map_err(|error| error.error_response()),
                    |()| AppConfig::default(),
                ))
                .tcp()
        };
        let actix = builder
            .workers(workers)
            // A slow upload holds one for as long as it lasts; lists and small uploads must not wait for it.
            .worker_max_blocking_threads(512)
            .shutdown_timeout(30)
            .disable_signals()
            .listen("packhouse", self.listener, service)?
            .run();
        Ok(Running {
            registry: self.registry,
            actix,
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
