//! A server for one test: the same `Server` that `packhouse serve` runs, in this process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use packhouse::config::{Config, Flags};
use packhouse::registry::Visibility;
use packhouse::server::Server;
use tempfile::TempDir;

use super::Actor;

/// Root's access token in every test server.
pub const ROOT_TOKEN: &str = "glpat-root-of-this-test";

pub struct TestApp {
    pub address: SocketAddr,
    data: TempDir,
    server: actix_web::dev::ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl TestApp {
    /// A fresh registry: user root, group local, the public project local/packages (id 1).
    pub fn start() -> TestApp {
        TestApp::start_with(|_| {})
    }

    /// The same with another configuration.
    pub fn start_with(configure: impl FnOnce(&mut Config)) -> TestApp {
        TestApp::start_in(
            tempfile::tempdir().expect("a temporary directory"),
            configure,
        )
    }

    /// On a data directory that exists already: what a restart sees.
    pub fn start_in(data: TempDir, configure: impl FnOnce(&mut Config)) -> TestApp {
        let mut config = config_for(data.path());
        configure(&mut config);
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let server = Server::open(config).expect("the server opens");
            server
                .registry
                .first_start(Some(ROOT_TOKEN), Visibility::Public)
                .expect("the first start works");
            let address = server.address;
            actix_web::rt::System::new().block_on(async move {
                let running = server.serve(1).expect("the server serves");
                sender
                    .send((address, running.handle()))
                    .expect("the test waits");
                running
                    .until_stopped()
                    .await
                    .expect("the server stops in peace");
            });
        });
        let (address, server) = receiver.recv().expect("the server started");
        TestApp {
            address,
            data,
            server,
            thread: Some(thread),
        }
    }

    /// Stops the server in peace and hands back its data directory.
    pub fn stop(mut self) -> TempDir {
        self.shut_down();
        std::mem::replace(
            &mut self.data,
            tempfile::tempdir().expect("a temporary directory"),
        )
    }

    fn shut_down(&mut self) {
        drop(self.server.stop(false)); // the command is sent by the call; the thread is waited for instead
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server thread did not panic");
        }
    }

    pub fn data(&self) -> &Path {
        self.data.path()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The database itself, for rows that no client can cause.
    pub fn database(&self) -> rusqlite::Connection {
        let conn = rusqlite::Connection::open(self.data().join("packhouse.db"))
            .expect("the database opens");
        conn.busy_timeout(std::time::Duration::from_secs(10))
            .expect("a timeout can be set");
        conn
    }

    /// Every file below `blobs/` and `tmp/`: what is really on the disk.
    pub fn stored_files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.data().join("blobs"), self.data().join("tmp")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("the folder can be read") {
                let path = entry.expect("the entry can be read").path();
                if path.is_dir() {
                    folders.push(path)
                } else {
                    found.push(path)
                }
            }
        }
        found
    }

    pub fn anonymous(&self) -> Actor {
        Actor::new(self.address, Vec::new())
    }

    pub fn root(&self) -> Actor {
        self.with_token(ROOT_TOKEN)
    }

    /// A caller with an access token in `PRIVATE-TOKEN`.
    pub fn with_token(&self, token: &str) -> Actor {
        self.with_header("PRIVATE-TOKEN", token)
    }

    pub fn with_header(&self, name: &str, value: &str) -> Actor {
        Actor::new(self.address, vec![(name.to_owned(), value.to_owned())])
    }

    /// A caller with Basic credentials.
    pub fn with_basic(&self, user: &str, password: &str) -> Actor {
        let pair = data_encoding::BASE64.encode(format!("{user}:{password}").as_bytes());
        self.with_header("Authorization", &format!("Basic {pair}"))
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if self.thread.is_some() && !std::thread::panicking() {
            self.shut_down();
        }
    }
}

fn config_for(data: &Path) -> Config {
    let flags = Flags {
        data: Some(data.to_owned()),
        listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        ..Flags::default()
    };
    let config = Config::load(flags).expect("the defaults are good");
    // Many tests show wrong credentials many times, all from one address.
    Config {
        auth_failures_per_minute: 0,
        ..config
    }
}
