//! Python packages: pip, uv, Poetry, PDM; twine, Hatch and Flit publish.

use super::quote::{shell, string};
use super::{Client, Snippet, TOKEN, Target};

/// An access token stands behind any user name.
const USER: &str = "__token__";

pub(super) fn clients(target: &Target<'_>) -> Vec<Client> {
    let upload = target.api("pypi");
    let simple = format!("{upload}/simple");
    let index = match target.public {
        true => simple.clone(),
        false => target.with_credentials(&simple, USER),
    };
    let wanted = shell(&format!("{}=={}", target.name, target.version));
    let trusted = match target.is_plain() && !target.is_loopback() {
        true => format!(" --trusted-host {}", target.host_name()),
        false => String::new(),
    };
    let pip_conf = format!(
        "[global]\nextra-index-url = {}\n",
        target.with_credentials(&simple, USER)
    );
    let insecure = match target.is_plain() && !target.is_loopback() {
        true => format!(" --allow-insecure-host {}", target.host()),
        false => String::new(),
    };
    vec![
        Client {
            name: "pip",
            install: vec![Snippet::terminal(format!(
                "pip install {wanted}{trusted} \\\n  --index-url {}",
                shell(&index)
            ))],
            configure: vec![Snippet::file("pip.conf", pip_conf)],
            publish: vec![],
        },
        Client {
            name: "uv",
            install: vec![Snippet::terminal(format!(
                "uv pip install {wanted}{insecure} \\\n  --index-url {}",
                shell(&index)
            ))],
            configure: vec![Snippet::file(
                "pyproject.toml",
                format!(
                    "[[tool.uv.index]]\nname = \"packhouse\"\nurl = {}\npublish-url = {}\n",
                    string(&simple),
                    string(&upload)
                ),
            )],
            publish: vec![Snippet::terminal(format!(
                "uv publish --publish-url {} --username {USER} --password {TOKEN} dist/*",
                shell(&upload)
            ))],
        },
        poetry(target, &simple, &upload),
        pdm(target, &simple, &upload),
        Client {
            name: "twine",
            install: vec![],
            configure: vec![Snippet::file(
                ".pypirc",
                format!(
                    "[distutils]\nindex-servers = packhouse\n\n[packhouse]\nrepository = {upload}\nusername = {USER}\npassword = {TOKEN}\n"
                ),
            )],
            publish: vec![
                Snippet::terminal("twine upload --repository packhouse dist/*".to_owned()),
                Snippet::terminal(format!(
                    "twine upload --repository-url {} -u {USER} -p {TOKEN} dist/*",
                    shell(&upload)
                )),
            ],
        },
        Client {
            name: "Hatch",
            install: vec![],
            configure: vec![],
            publish: vec![Snippet::terminal(format!(
                "hatch publish --repo {} --user {USER} --auth {TOKEN}",
                shell(&upload)
            ))],
        },
        Client {
            name: "Flit",
            install: vec![],
            configure: vec![],
            publish: vec![Snippet::terminal(format!(
                "FLIT_INDEX_URL={} FLIT_USERNAME={USER} FLIT_PASSWORD={TOKEN} flit publish",
                shell(&upload)
            ))],
        },
    ]
}

fn poetry(target: &Target<'_>, simple: &str, upload: &str) -> Client {
    let wanted = shell(&format!("{}=={}", target.name, target.version));
    Client {
        name: "Poetry",
        install: vec![Snippet::terminal(format!(
            "poetry source add --priority=explicit packhouse {}\npoetry add --source packhouse {wanted}",
            shell(simple)
        ))],
        configure: vec![Snippet::terminal(format!(
            "poetry config http-basic.packhouse {USER} {TOKEN}"
        ))],
        publish: vec![Snippet::terminal(format!(
            "poetry config repositories.packhouse {}\npoetry publish --build --repository packhouse",
            shell(upload)
        ))],
    }
}

fn pdm(target: &Target<'_>, simple: &str, upload: &str) -> Client {
    let wanted = shell(&format!("{}=={}", target.name, target.version));
    let url = match target.public {
        true => simple.to_owned(),
        false => target.with_credentials(simple, USER),
    };
    Client {
        name: "PDM",
        install: vec![Snippet::terminal(format!("pdm add {wanted}"))],
        configure: vec![Snippet::file(
            "pyproject.toml",
            format!(
                "[[tool.pdm.source]]\nname = \"packhouse\"\nurl = {}\n",
                string(&url)
            ),
        )],
        publish: vec![Snippet::terminal(format!(
            "pdm publish --repository {} --username {USER} --password {TOKEN}",
            shell(upload)
        ))],
    }
}
