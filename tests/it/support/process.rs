//! The real binary as a process of its own: for what only a process has, such as signals, exit codes and its own death.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Actor, ROOT_TOKEN};

/// How long a test waits for what must happen; a machine under load is slow, a broken product is for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `done`, asking often; fails with `what` when it does not come.
#[track_caller]
pub fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How the binary is to be started.
pub struct Packhouse {
    program: Vec<OsString>,
    args: Vec<OsString>,
    env: Vec<(String, String)>,
    folder: Option<PathBuf>,
    log_is_read: bool,
}

impl Packhouse {
    /// `packhouse --data …` with nothing of this process's own settings.
    pub fn on(data: &Path) -> Packhouse {
        Packhouse::bare().args(["--data".as_ref(), data.as_os_str()])
    }

    /// `packhouse` alone.
    pub fn bare() -> Packhouse {
        Packhouse {
            program: vec![env!("CARGO_BIN_EXE_packhouse").into()],
            args: Vec::new(),
            env: Vec::new(),
            folder: None,
            log_is_read: true,
        }
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Packhouse {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Arguments that a space parts.
    pub fn words(self, words: &str) -> Packhouse {
        self.args(words.split(' '))
    }

    pub fn env(mut self, name: &str, value: &str) -> Packhouse {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Root's token in `PACKHOUSE_ROOT_TOKEN`, for a first start.
    pub fn with_root_token(self) -> Packhouse {
        self.env("PACKHOUSE_ROOT_TOKEN", ROOT_TOKEN)
    }

    pub fn in_folder(mut self, folder: &Path) -> Packhouse {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Once it listens, nobody holds the other end of its standard error.
    pub fn without_a_log_reader(mut self) -> Packhouse {
        self.log_is_read = false;
        self
    }

    /// Behind another program, such as `strace …`, that becomes it.
    pub fn under<S: AsRef<OsStr>>(mut self, tracer: impl IntoIterator<Item = S>) -> Packhouse {
        let mut program: Vec<OsString> = tracer
            .into_iter()
            .map(|word| word.as_ref().to_owned())
            .collect();
        program.append(&mut self.program);
        self.program = program;
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program[0]);
        command.args(&self.program[1..]).args(&self.args);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PACKHOUSE_")) {
            command.env_remove(name);
        }
        command.envs(self.env.iter().cloned());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn output(&self) -> Output {
        self.command().output().expect("the binary can be started")
    }

    /// Runs a command that must work; answers its standard output.
    #[track_caller]
    pub fn run(&self) -> String {
        let output = self.output();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{:?}: {errors}", self.args);
        String::from_utf8(output.stdout).expect("text")
    }

    /// Runs a command that must print JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.run()).expect("JSON")
    }

    /// Runs what must fail with this exit code; answers its standard error.
    #[track_caller]
    pub fn refused(self, code: i32) -> String {
        let mut process = self.spawn();
        let status = process.wait();
        let errors = process.stderr();
        assert_eq!(status.code(), Some(code), "{errors}");
        errors
    }

    /// Starts a server and waits until it listens.
    #[track_caller]
    pub fn start(self) -> Process {
        let mut process = self.spawn();
        match process.listening.recv_timeout(PATIENCE) {
            Ok(address) => process.address = address,
            Err(_) => panic!("it does not listen: {}", process.stderr()),
        }
        process
    }

    /// Starts a server on a free port.
    #[track_caller]
    pub fn serve(self) -> Process {
        self.words("--listen 127.0.0.1:0").start()
    }

    fn spawn(self) -> Process {
        let mut child = self
            .command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary can be started");
        let (sender, listening) = mpsc::channel();
        let stderr = child.stderr.take().expect("a pipe");
        let stdout = child.stdout.take().expect("a pipe");
        Process {
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            listening,
            stdout: Collected::from(stdout, |_line| true),
            stderr: Collected::from(stderr, move |line| {
                let address = line
                    .strip_prefix("listening on http://")
                    .or_else(|| line.strip_prefix("listening on https://"));
                let Some(Ok(address)) = address.map(|address| address.trim().parse()) else {
                    return true;
                };
                let _ = sender.send(address);
                self.log_is_read
            }),
            child,
        }
    }
}

/// A running server. Dropping it kills it.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
    listening: mpsc::Receiver<SocketAddr>,
    stdout: Collected,
    stderr: Collected,
}

impl Process {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn anonymous(&self) -> Actor {
        Actor::new(self.address, Vec::new())
    }

    /// By the token of [`Packhouse::with_root_token`].
    pub fn root(&self) -> Actor {
        self.with_token(ROOT_TOKEN)
    }

    pub fn with_token(&self, token: &str) -> Actor {
        self.anonymous().with("PRIVATE-TOKEN", token)
    }

    /// Asks it to stop, and goes on at once.
    pub fn terminate(&self) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.expect("kill is there").success(), "SIGTERM is sent");
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the process ends", || {
            status = self.child.try_wait().expect("it can be waited for");
            status.is_some()
        });
        self.stdout.join();
        self.stderr.join();
        status.expect("it has ended")
    }

    /// Stops it in peace: exit code 0.
    #[track_caller]
    pub fn stop(&mut self) {
        self.terminate();
        let status = self.wait();
        assert_eq!(status.code(), Some(0), "{}", self.stderr());
    }

    /// `kill -9`: no goodbye.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is there to be killed");
        self.child.wait().expect("it can be waited for");
    }

    /// The lines that a first start prints.
    pub fn welcome(&self) -> String {
        eventually("the welcome is printed", || {
            self.stdout().contains("</server>")
        });
        self.stdout()
    }

    /// What it has printed so far; all of it after [`Process::wait`].
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    pub fn stderr(&self) -> String {
        self.stderr.text()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What comes out of a pipe, read all the time so that the process never waits for us.
struct Collected {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Collected {
    /// Until the end, or until `each` line says no.
    fn from(
        pipe: impl Read + Send + 'static,
        mut each: impl FnMut(&str) -> bool + Send + 'static,
    ) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let shared = text.clone();
        let reader = std::thread::spawn(move || {
            let mut lines = BufReader::new(pipe);
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
                shared.lock().expect("nobody panics here").push_str(&line);
                if !each(&line) {
                    return;
                }
                line.clear();
            }
        });
        Collected {
            text,
            reader: Some(reader),
        }
    }

    fn join(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader did not panic");
        }
    }

    fn text(&self) -> String {
        self.text.lock().expect("nobody panics here").clone()
    }
}
