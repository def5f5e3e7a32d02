//! `packhouse serve`: the server, from the first start to the last counter.

use std::sync::Arc;
use std::thread::available_parallelism;

use actix_web::dev::ServerHandle;
use actix_web::rt;
use tokio::signal::unix::{SignalKind, signal};

use super::output;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::BaseUrl;
use crate::registry::{Visibility, Welcome};
use crate::server::{Certificate, Server, init_log};

pub(super) fn run(config: Config) -> Result<()> {
    let ip = config.listen.ip().to_canonical(); // `::ffff:0.0.0.0` is `0.0.0.0`
    if config.url.is_none() && ip.is_unspecified() {
        return Err(Error::for_a_person(format!(
            "listening on {} needs `--url`: answers hold absolute URLs, and that address is none\n\
             hint: add `--url {}://<this machine's name>:{}`",
            config.listen.ip(),
            config.scheme(),
            config.listen.port()
        )));
    }
    init_log(config.log)?;
    let chosen_token = std::env::var_os("PACKHOUSE_ROOT_TOKEN");
    // What is not text becomes text that no token may have, and is refused like any other bad choice.
    let chosen_token = chosen_token.map(|token| token.to_string_lossy().into_owned());
    let on_loopback = ip.is_loopback();
    let server = Server::open(config)?;
    let visibility = if on_loopback {
        Visibility::Public
    } else {
        Visibility::Private
    };
    if let Some(welcome) = server
        .registry
        .first_start(chosen_token.as_deref(), visibility)?
    {
        print_welcome(&welcome, &server.registry.config().url())?;
    }
    if !on_loopback && server.registry.default_project_is_public()? {
        tracing::warn!(
            "project local/packages is public: anybody who reaches this address can read it"
        );
    }
    let listening = format!(
        "listening on {}://{}",
        server.registry.config().scheme(),
        server.address
    );
    let certificate = server.certificate.clone();
    let workers = available_parallelism().map_or(2, usize::from);
    rt::System::new().block_on(async move {
        let running = server.serve(workers)?;
        let hurry = stop_on_signal(running.handle())?;
        if let Some(certificate) = certificate {
            reload_on_signal(certificate)?;
        }
        // The sign that it serves: the socket listens, and what connects now is answered.
        output::say(&listening);
        running.until_stopped_or(hurry).await
    })
}

/// The first SIGTERM or SIGINT lets running requests finish; the answer is over when a second one comes.
fn stop_on_signal(server: ServerHandle) -> Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let mut any = async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    Ok(async move {
        any().await;
        tracing::info!("stopping when the running requests are finished");
        // Not awaited: a second signal must be heard while the first one waits.
        drop(server.stop(true));
        any().await;
        tracing::info!("stopping at once");
    })
}

/// SIGHUP: new connections get the certificate that the files hold by now. Without TLS the signal ends the server, as
/// closing the terminal does.
fn reload_on_signal(certificate: Arc<Certificate>) -> Result<()> {
    let mut hang_up = signal(SignalKind::hangup())?;
    rt::spawn(async move {
        while hang_up.recv().await.is_some() {
            match certificate.reload() {
                Ok(()) => tracing::info!("the certificate is read again"),
                Err(error) => tracing::error!(
                    cause = output::sentence(&error),
                    "the certificate stays what it was"
                ),
            }
        }
    });
    Ok(())
}

/// Lines to paste, once: after this the token is in its file alone.
fn print_welcome(welcome: &Welcome, url: &BaseUrl) -> Result<()> {
    let Welcome {
        secret,
        token_file,
        project_path,
        project_id,
        visibility,
    } = welcome;
    let token = secret.reveal();
    let packages = url.absolute(&format!("/api/v4/projects/{project_id}/packages"));
    let without_scheme = packages.split_once(':').map_or("", |(_, rest)| rest);
    let with_token = packages.replacen("://", &format!("://root:{token}@"), 1);
    output::print(&format!(
        "\
Welcome to Packhouse. The {visibility} project {project_path} is ready at {url}

root's access token, also in {file}:

  {token}

curl     curl --header 'PRIVATE-TOKEN: {token}' --upload-file hello.txt {packages}/generic/hello/1.0.0/hello.txt
         curl {packages}/generic/hello/1.0.0/hello.txt
npm      npm config set --location=project '{without_scheme}/npm/:_authToken={token}'
         npm publish --registry {packages}/npm/
pip      twine upload --repository-url {packages}/pypi -u root -p {token} dist/*
         pip install --index-url {with_token}/pypi/simple <name>
Maven    <repository><id>packhouse</id><url>{packages}/maven</url></repository>
         settings.xml: <server><id>packhouse</id><username>root</username><password>{token}</password></server>
NuGet    dotnet nuget add source {packages}/nuget/index.json -n packhouse -u root -p {token} --store-password-in-clear-text
         dotnet nuget push *.nupkg --source packhouse
",
        file = token_file.display(),
    ))
}
