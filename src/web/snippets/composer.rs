//! Composer packages. The repository is the group's: Composer reads one list of packages from it.

use super::quote::{path, shell};
use super::{Client, Snippet, TOKEN, Target, USER};

pub(super) fn clients(target: &Target<'_>) -> Vec<Client> {
    let group = match target.project_path.rsplit_once('/') {
        Some((group, _)) => group.replace('/', "%2F"),
        None => target.project_path.to_owned(),
    };
    let list = target.url.absolute(&format!(
        "/api/v4/group/{}/-/packages/composer/packages.json",
        path(&group).replace("%252F", "%2F")
    ));
    let host = target.host();
    let plain = match target.is_plain() {
        true => "composer config secure-http false\n",
        false => "",
    };
    let upload = target.api("composer");
    let wanted = shell(&format!("{}:{}", target.name, target.version));
    let auth_json = serde_json::json!({
        "http-basic": { host.clone(): { "username": USER, "password": TOKEN } }
    });
    vec![Client {
        name: "Composer",
        install: vec![Snippet::terminal(format!("composer require {wanted}"))],
        configure: vec![
            Snippet::terminal(format!(
                "{plain}composer config repositories.packhouse composer {}\ncomposer config --auth {} {USER} {TOKEN}",
                shell(&list),
                shell(&format!("http-basic.{host}"))
            )),
            Snippet::file("auth.json", format!("{auth_json:#}\n")),
        ],
        publish: vec![Snippet::terminal(format!(
            "git archive --format=zip --output=package.zip HEAD\ncurl --fail --header 'PRIVATE-TOKEN: {TOKEN}' --upload-file package.zip \\\n  {}",
            shell(&format!("{upload}?version=1.0.0"))
        ))],
    }]
}
