//! What answers requests on one worker, over plain connections or over TLS.
//!
//! Put together as `actix_web::HttpServer` does it, which has no door for an answer to `Expect`.

use std::fmt::Debug;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, Request, Response, TlsAcceptorConfig};
use actix_server::GracefulShutdownSignal;
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config,
};
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpResponse, web};
use rustls::ServerConfig;

use super::dispatch::dispatch;
use super::expect;
use super::table::Table;
use crate::registry::Registry;

/// What all workers have in common.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) registry: Registry,
    pub(super) table: Arc<Table>,
    pub(super) stopping: GracefulShutdownSignal,
}

pub(super) fn plain(
    shared: Shared,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), InitError = (), Error: Debug> {
    http(requests(&shared), expectations(&shared), shared.stopping).tcp()
}

pub(super) fn secure(
    shared: Shared,
    tls: ServerConfig,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), InitError = (), Error: Debug> {
    let handshake = TlsAcceptorConfig::default().handshake_timeout(Duration::from_secs(10));
    http(requests(&shared), expectations(&shared), shared.stopping)
        .rustls_0_23_with_config(tls, handshake)
}

/// Clients that connect and say nothing must not keep others out: as many may shake hands as may be connected.
pub(super) fn allow_many_handshakes() {
    actix_tls::accept::max_concurrent_tls_connect(25_600);
}

/// HTTP/1.1 over streams of one kind.
fn http<T, S, X>(
    requests: S,
    expectations: X,
    stopping: GracefulShutdownSignal,
) -> HttpService<T, S, BoxBody, X>
where
    S: ServiceFactory<
            Request,
            Config = (),
            Response = ServiceResponse,
            Error = HttpResponse,
            InitError: Debug,
            Service: Service<Request, Future: 'static>,
        >,
    X: ServiceFactory<
            Request,
            Config = (),
            Response = Request,
            Error = Response<BoxBody>,
            InitError: Debug,
        >,
{
    HttpService::build()
        .graceful_shutdown_signal(move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        })
        // With Nagle on, a body that leaves after its head waits for the client's delayed ACK: 44 ms.
        .tcp_nodelay(true)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(30))
        .expect(expectations)
        .finish(requests)
}

fn requests(
    shared: &Shared,
) -> impl ServiceFactory<
    Request,
    Config = (),
    Response = ServiceResponse,
    Error = HttpResponse,
    InitError = (),
    Future: 'static,
    Service: Service<Request, Future: 'static>,
> + use<> {
    let (data, table) = (
        web::Data::new(shared.registry.clone()),
        shared.table.clone(),
    );
    let registry = data.clone();
    let dispatching = fn_service(move |request| dispatch(registry.clone(), table.clone(), request));
    let app = App::new()
        .app_data(data)
        .default_service(dispatching)
        .into_factory();
    map_config(
        app.map_err(|error: actix_web::Error| error.error_response()),
        |()| AppConfig::default(),
    )
}

/// What is answered to `Expect: 100-continue`.
fn expectations(
    shared: &Shared,
) -> impl ServiceFactory<
    Request,
    Config = (),
    Response = Request,
    Error = Response<BoxBody>,
    InitError = (),
    Future: 'static,
> + use<> {
    let (registry, table) = (shared.registry.clone(), shared.table.clone());
    fn_service(move |request| ready(expect::check(&registry, &table, request)))
}
