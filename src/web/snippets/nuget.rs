//! NuGet packages: dotnet, nuget, Chocolatey.

use super::quote::{shell, xml};
use super::{Client, Snippet, TOKEN, Target, USER};

pub(super) fn clients(target: &Target<'_>) -> Vec<Client> {
    let source = target.api("nuget/index.json");
    let v2 = target.api("nuget/v2");
    let (name, version) = (shell(target.name), shell(target.version));
    let insecure = if target.is_plain() {
        " allowInsecureConnections=\"true\""
    } else {
        ""
    };
    let allow = if target.is_plain() {
        " --allow-insecure-connections"
    } else {
        ""
    };
    let config = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <packageSources>\n    <add key=\"packhouse\" value=\"{}\"{insecure} />\n  </packageSources>\n  <packageSourceCredentials>\n    <packhouse>\n      <add key=\"Username\" value=\"{USER}\" />\n      <add key=\"ClearTextPassword\" value=\"{TOKEN}\" />\n    </packhouse>\n  </packageSourceCredentials>\n</configuration>\n",
        xml(&source)
    );
    vec![
        Client {
            name: "dotnet",
            install: vec![Snippet::terminal(format!(
                "dotnet add package {name} --version {version} --source packhouse"
            ))],
            configure: vec![
                Snippet::terminal(format!(
                    "dotnet nuget add source {} --name packhouse \\\n  --username {USER} --password {TOKEN} --store-password-in-clear-text{allow}",
                    shell(&source)
                )),
                Snippet::file("nuget.config", config.clone()),
            ],
            publish: vec![Snippet::terminal(
                "dotnet nuget push bin/Release/*.nupkg --source packhouse".to_owned(),
            )],
        },
        Client {
            name: "nuget",
            install: vec![Snippet::terminal(format!(
                "nuget install {name} -Version {version} -Source {}",
                shell(&source)
            ))],
            configure: vec![Snippet::file("nuget.config", config)],
            publish: vec![Snippet::terminal(format!(
                "nuget push '*.nupkg' -Source {} -ApiKey {TOKEN}",
                shell(&source)
            ))],
        },
        Client {
            name: "Chocolatey",
            install: vec![Snippet::terminal(format!(
                "choco install {name} --version {version} --source packhouse"
            ))],
            configure: vec![Snippet::terminal(format!(
                "choco source add --name=packhouse --source={} --user={USER} --password={TOKEN}",
                shell(&v2)
            ))],
            publish: vec![Snippet::terminal(format!(
                "choco push --source {} --api-key {TOKEN}",
                shell(&v2)
            ))],
        },
    ]
}
