//! Go modules: the go command, and curl to publish.

use super::quote::shell;
use super::{Client, Snippet, TOKEN, Target, USER};

pub(super) fn clients(target: &Target<'_>) -> Vec<Client> {
    let proxy = target.api("go");
    let module = shell(&format!("{}@{}", target.name, target.version));
    // Not GOPRIVATE: that would lead the go command past the proxy.
    let nosumdb = shell(&format!("GONOSUMDB={}", target.name));
    let goproxy = shell(&format!("GOPROXY={proxy},direct"));
    vec![
        Client {
            name: "go",
            install: vec![Snippet::terminal(format!(
                "go env -w {goproxy} {nosumdb}\ngo get {module}"
            ))],
            configure: vec![
                Snippet::terminal(format!("go env -w {goproxy} {nosumdb}")),
                Snippet::file(
                    "~/.netrc",
                    format!(
                        "machine {} login {USER} password {TOKEN}\n",
                        target.host_name()
                    ),
                ),
            ],
            publish: vec![],
        },
        Client {
            name: "curl",
            install: vec![],
            configure: vec![],
            publish: vec![Snippet::terminal(format!(
                "curl --fail --user {USER}:{TOKEN} --upload-file module.zip \\\n  {}",
                shell(&format!("{proxy}/upload"))
            ))],
        },
    ]
}
