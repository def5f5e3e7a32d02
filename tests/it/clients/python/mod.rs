//! pip, twine, uv, poetry, hatch, flit and pdm.

mod install;
mod publish;

use std::path::PathBuf;

use crate::support::clients::{Ran, Sandbox, python_program};
use crate::support::python::Dist;
use crate::support::seeds::Seeds;

/// A URL of the server with credentials in it.
fn with_credentials(seeds: &Seeds, user: &str, password: &str, path: &str) -> String {
    let user = user.replace('+', "%2B");
    seeds
        .url(path)
        .replace("http://", &format!("http://{user}:{password}@"))
}

/// `dist/FILE` in the sandbox.
fn lay(sandbox: &Sandbox, dists: &[&Dist]) {
    for dist in dists {
        sandbox.write(&format!("dist/{}", dist.file_name), &dist.bytes);
    }
}

/// Runs a client of the group `publish` with words and then more arguments.
fn run(sandbox: &Sandbox, name: &str, words: &str, more: &[&str]) -> Ran {
    let args = words
        .split(' ')
        .filter(|word| !word.is_empty())
        .chain(more.iter().copied());
    sandbox.run(&python_program("publish", name), args)
}

/// `pip install` into `into`.
fn pip_install(sandbox: &Sandbox, index: &str, into: &str, what: &[&str]) -> Ran {
    let words = format!(
        "install --disable-pip-version-check --no-input --retries 0 --target {into} --index-url {index}"
    );
    run(sandbox, "pip", &words, what)
}

/// The version that an installed module of our wheels says it has.
fn installed(sandbox: &Sandbox, into: &str, module: &str) -> String {
    let text = String::from_utf8(sandbox.read(&format!("{into}/{module}.py"))).unwrap();
    text.trim().replace("VERSION = ", "").replace('\'', "")
}

fn python() -> PathBuf {
    python_program("publish", "python")
}
