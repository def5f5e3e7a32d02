//! Terraform modules: Terraform, OpenTofu, and curl to publish.

use super::quote::{path, shell, string};
use super::{Client, Snippet, TOKEN, Target};

pub(super) fn clients(target: &Target<'_>) -> Vec<Client> {
    let host = target.host();
    let group = target.project_path.split('/').next().unwrap_or_default();
    let call = module(
        &string(&format!("{host}/{group}/{}", target.name)),
        target.version,
    );
    let credentials = format!(
        "credentials {} {{\n  token = \"{TOKEN}\"\n}}\n",
        string(&host)
    );
    // Without https there is no discovery, so the settings name the service.
    let services = match target.is_plain() {
        true => format!(
            "host {} {{\n  services = {{\n    \"modules.v1\" = {}\n  }}\n}}\n",
            string(&host),
            string(
                &target
                    .url
                    .absolute("/api/v4/packages/terraform/modules/v1/")
            )
        ),
        false => String::new(),
    };
    let upload = target.api(&format!(
        "terraform/modules/{}/1.0.0/file",
        path(target.name)
    ));
    let client = |name, command: &str, settings| Client {
        name,
        install: vec![
            Snippet::file("main.tf", call.clone()),
            Snippet::terminal(format!("{command} init")),
        ],
        configure: vec![Snippet::file(settings, format!("{services}{credentials}"))],
        publish: vec![],
    };
    vec![
        client("Terraform", "terraform", ".terraformrc"),
        client("OpenTofu", "tofu", ".tofurc"),
        Client {
            name: "curl",
            install: vec![],
            configure: vec![],
            publish: vec![Snippet::terminal(format!(
                "tar -czf module.tgz -C my-module .\ncurl --fail --header 'PRIVATE-TOKEN: {TOKEN}' --upload-file module.tgz \\\n  {}",
                shell(&upload)
            ))],
        },
    ]
}

fn module(source: &str, version: &str) -> String {
    // `${` and `%{` would begin a template.
    let literal = |text: &str| text.replace("${", "$${").replace("%{", "%%{");
    format!(
        "module \"my_module\" {{\n  source  = {}\n  version = {}\n}}\n",
        literal(source),
        literal(&string(version))
    )
}
