//! Helm charts: helm, its plugin cm-push, curl.

use super::quote::{path, shell};
use super::{Client, Snippet, TOKEN, Target, USER};

pub(super) fn clients(target: &Target<'_>) -> Vec<Client> {
    let channel = match target.qualifier {
        "" => "stable",
        channel => channel,
    };
    let repository = shell(&target.api(&format!("helm/{}", path(channel))));
    let upload = shell(&target.api(&format!("helm/api/{}/charts", path(channel))));
    let chart = shell(&format!("packhouse/{}", target.name));
    let version = shell(target.version);
    let archive = shell(&format!("{}-1.0.0.tgz", target.name));
    let form = shell(&format!("chart=@{}-1.0.0.tgz", target.name));
    let credentials = match target.public {
        true => String::new(),
        false => format!(" --username {USER} --password {TOKEN}"),
    };
    vec![
        Client {
            name: "Helm",
            install: vec![Snippet::terminal(format!(
                "helm repo add packhouse {repository}{credentials}\nhelm repo update\nhelm install my-release {chart} --version {version}"
            ))],
            configure: vec![Snippet::terminal(format!(
                "helm repo add packhouse {repository} --username {USER} --password {TOKEN}"
            ))],
            publish: vec![Snippet::terminal(format!(
                "helm plugin install https://github.com/chartmuseum/helm-push\nhelm cm-push {archive} packhouse"
            ))],
        },
        Client {
            name: "curl",
            install: vec![],
            configure: vec![],
            publish: vec![Snippet::terminal(format!(
                "curl --fail --user {USER}:{TOKEN} --form {form} \\\n  {upload}"
            ))],
        },
    ]
}
