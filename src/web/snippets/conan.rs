//! Conan recipes and binaries: Conan 2 and 1.

use super::quote::shell;
use super::{Client, Snippet, TOKEN, Target, USER};

pub(super) fn clients(target: &Target<'_>) -> Vec<Client> {
    let remote = shell(&target.api("conan"));
    let reference = match target.qualifier {
        "" => format!("{}/{}", target.name, target.version),
        qualifier => format!("{}/{}@{qualifier}", target.name, target.version),
    };
    let short = shell(&reference);
    // Conan 1 wants the `@` even where nothing follows it.
    let long = match target.qualifier {
        "" => shell(&format!("{reference}@")),
        _ => short.clone(),
    };
    vec![
        Client {
            name: "Conan 2",
            install: vec![Snippet::terminal(format!(
                "conan install --requires={short} --remote=packhouse"
            ))],
            configure: vec![Snippet::terminal(format!(
                "conan remote add packhouse {remote}\nconan remote login packhouse {USER} -p {TOKEN}"
            ))],
            publish: vec![Snippet::terminal(format!(
                "conan upload {short} --remote=packhouse --confirm"
            ))],
        },
        Client {
            name: "Conan 1",
            install: vec![Snippet::terminal(format!(
                "conan install {long} --remote=packhouse"
            ))],
            configure: vec![Snippet::terminal(format!(
                "conan remote add packhouse {remote}\nconan user {USER} --remote=packhouse --password={TOKEN}"
            ))],
            publish: vec![Snippet::terminal(format!(
                "conan upload {long} --remote=packhouse --all --confirm"
            ))],
        },
    ]
}
