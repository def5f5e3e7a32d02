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
            install: vec![
                Snippet::terminal(format!("go env -w {goproxy} {nosumdb}\ngo get {module}")),
                // The lines of go.sum, which a checksum database would tell for a public module.
                Snippet::terminal(format!(
                    "curl {}",
                    shell(&format!(
                        "{proxy}/{}/@v/{}.sum",
                        in_url(target.name),
                        in_url(target.version)
                    ))
                )),
            ],
            configure: vec![
                Snippet::terminal(format!("go env -w {goproxy} {nosumdb}")),
                Snippet::file(
                    "~/.netrc",
                    // Go 1.19 reads the second line, newer ones the first.
                    format!(
                        "machine {} login {USER} password {TOKEN}\nmachine {} login {USER} password {TOKEN}\n",
                        target.host(),
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

/// Capitals as the module proxy protocol spells them: `!a` for `A`.
fn in_url(text: &str) -> String {
    let marked = |letter: char| {
        let mark = letter.is_ascii_uppercase().then_some('!');
        mark.into_iter().chain([letter.to_ascii_lowercase()])
    };
    text.chars().flat_map(marked).collect()
}
