//! The real clients: where their programs are, and how one is run so that it touches nothing of this machine.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const TIME_LIMIT: Duration = Duration::from_secs(120);

/// Nothing listens on the discard port: a client that forgets which registry it was told fails at once.
const NOWHERE: &str = "http://127.0.0.1:9/";

/// What would lead a client to a registry or a proxy of its own choice. One that speaks to another machine than this
/// must go through the proxy, and there is none.
const TO_NOWHERE: &[&str] = &[
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "npm_config_registry",
    "YARN_REGISTRY",
    "YARN_NPM_REGISTRY_SERVER",
    "PIP_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "TWINE_REPOSITORY_URL",
    "HATCH_INDEX_REPO",
    "FLIT_INDEX_URL",
    "PDM_PYPI_URL",
    "GOPROXY",
    "GITLAB_URL",
    "GITLAB_HOST",
    "CI_SERVER_URL",
];

/// The folder that `tests/run.sh` installs into (the rule stands at its top).
fn clients_folder() -> PathBuf {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    match (set("PACKHOUSE_CLIENTS"), set("XDG_CACHE_HOME"), set("HOME")) {
        (Some(clients), _, _) => PathBuf::from(clients),
        (None, Some(cache), _) => Path::new(&cache).join("packhouse-tests"),
        (None, None, Some(home)) => Path::new(&home).join(".cache/packhouse-tests"),
        (None, None, None) => panic!("neither $PACKHOUSE_CLIENTS nor $HOME is set"),
    }
}

/// A client's program.
fn program(kind: &str, group: &str, bin: &str, name: &str) -> PathBuf {
    let program = clients_folder().join(kind).join(group).join(bin).join(name);
    assert!(
        program.exists(),
        "there is no client {}: run bash tests/run.sh, which installs it",
        program.display()
    );
    program
}

/// A program of one of the groups in `tests/clients/npm`.
pub fn npm_program(group: &str, name: &str) -> PathBuf {
    program("npm", group, "node_modules/.bin", name)
}

/// The folder of the packages of such a group: what an `import` in a script is looked up in.
pub fn npm_modules(group: &str) -> PathBuf {
    program("npm", group, "", "node_modules")
}

/// A program of one of the groups in `tests/clients/python`; `python` is the interpreter that can import them.
pub fn python_program(group: &str, name: &str) -> PathBuf {
    program("python", group, "bin", name)
}

/// Where one release of Go keeps what it has compiled of its own library, from run to run. Modules are never in it.
pub fn go_build_cache(release: &str) -> PathBuf {
    clients_folder().join("go-build").join(release)
}

/// A program of the system, installed by `tests/run.sh` too.
pub fn system_program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").expect("there is a PATH");
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("there is no {name}: run bash tests/run.sh, which installs it"))
}

/// A place for clients to live in: a home, a folder for temporary files and one to work in, all gone at the end.
pub struct Sandbox {
    root: TempDir,
    env: Vec<(String, String)>,
}

impl Sandbox {
    pub fn new() -> Sandbox {
        let root = tempfile::tempdir().expect("a temporary directory");
        for folder in ["home", "tmp", "cache", "work"] {
            fs::create_dir(root.path().join(folder)).expect("a folder can be made");
        }
        Sandbox {
            root,
            env: Vec::new(),
        }
    }

    /// The folder clients run in.
    pub fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// Writes a file below the working folder; answers its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(name);
        let folder = path.parent().expect("a file has a folder");
        fs::create_dir_all(folder).expect("the folder can be made");
        fs::write(&path, content).expect("the file can be written");
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        let path = self.work().join(name);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// One more variable for every client that runs here; it wins over what is set anyway.
    pub fn set(&mut self, name: &str, value: impl Into<String>) -> &mut Sandbox {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    pub fn run<A: AsRef<OsStr>>(&self, program: &Path, args: impl IntoIterator<Item = A>) -> Ran {
        self.run_with(program, args, b"")
    }

    /// Runs a client to its end, with this on its standard input. One that takes too long is killed, with its children.
    pub fn run_with<A: AsRef<OsStr>>(
        &self,
        program: &Path,
        args: impl IntoIterator<Item = A>,
        stdin: &[u8],
    ) -> Ran {
        let folder = tempfile::tempdir_in(self.root.path()).expect("a temporary directory");
        let file = |name: &str| folder.path().join(name);
        fs::write(file("stdin"), stdin).expect("the input can be written");
        let create = |name: &str| File::create(file(name)).expect("the output can be written");
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.work())
            .env_clear()
            .envs(self.environment())
            .stdin(File::open(file("stdin")).expect("the input can be read"))
            .stdout(create("stdout"))
            .stderr(create("stderr"))
            .process_group(0); // so that its children can be killed with it
        let what = format!("{command:?}");
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let status = wait(child, &what);
        let text = |name: &str| {
            let bytes = fs::read(file(name)).expect("the output can be read");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Ran {
            status,
            stdout: text("stdout"),
            stderr: text("stderr"),
        }
    }

    fn environment(&self) -> Vec<(String, String)> {
        let folder = |name: &str| self.root.path().join(name).display().to_string();
        let path = std::env::var("PATH").expect("there is a PATH");
        let mut env = vec![
            ("PATH".to_owned(), path),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            ("HOME".to_owned(), folder("home")),
            ("TMPDIR".to_owned(), folder("tmp")),
            ("XDG_CACHE_HOME".to_owned(), folder("cache")),
            ("no_proxy".to_owned(), "127.0.0.1".to_owned()),
            ("NO_PROXY".to_owned(), "127.0.0.1".to_owned()),
        ];
        env.extend(
            TO_NOWHERE
                .iter()
                .map(|name| ((*name).to_owned(), NOWHERE.to_owned())),
        );
        env.extend(self.env.iter().cloned()); // the last of two values counts
        env
    }
}

fn wait(mut child: Child, what: &str) -> ExitStatus {
    let deadline = Instant::now() + TIME_LIMIT;
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status;
        }
        if Instant::now() > deadline {
            let group = format!("-{}", child.id());
            let killed = Command::new("kill")
                .args(["-KILL", "--", &group])
                .stderr(Stdio::null())
                .status();
            child.wait().expect("a child can be waited for");
            panic!("killed ({killed:?}) after {TIME_LIMIT:?}: {what}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How a client ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Fails with everything the client said unless it was content.
    #[track_caller]
    pub fn succeeds(self) -> Ran {
        assert!(self.status.success(), "{self}");
        self
    }

    /// Fails unless the client ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(self.status.code(), Some(code), "{self}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ran {
            status,
            stdout,
            stderr,
        } = self;
        write!(f, "{status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}
