//! The lines that a client of a format needs, ready to paste: how it installs, how it is configured, how it publishes.
//!
//! They carry the real addresses and names, and [`TOKEN`] where a token goes. A name that somebody published ends up in
//! somebody else's shell here, so nothing is put into a line without being quoted for where it stands.

mod composer;
mod conan;
mod generic;
mod golang;
mod helm;
mod maven;
mod npm;
mod nuget;
mod pypi;
mod quote;
mod terraform;

use crate::http::BaseUrl;
use crate::registry::PackageType;

/// Stands where a token goes.
pub(super) const TOKEN: &str = "YOUR_TOKEN";
/// Stands where a user name goes.
const USER: &str = "YOUR_USER";

/// What the lines are about.
pub(super) struct Target<'a> {
    pub(super) url: &'a BaseUrl,
    pub(super) project_id: i64,
    pub(super) project_path: &'a str,
    /// Whether it can be read without a token.
    pub(super) public: bool,
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    /// Conan's `user/channel`, Helm's channel.
    pub(super) qualifier: &'a str,
    pub(super) files: &'a [String],
}

/// One thing to paste.
pub(super) struct Snippet {
    /// Where it goes: a file's name, or `Terminal`.
    pub(super) place: &'static str,
    pub(super) text: String,
}

/// One client of a format.
pub(super) struct Client {
    pub(super) name: &'static str,
    pub(super) install: Vec<Snippet>,
    /// Once for each machine or project.
    pub(super) configure: Vec<Snippet>,
    pub(super) publish: Vec<Snippet>,
}

/// The formats that a page can tell how to use, by the name that people know.
pub(super) const FORMATS: &[(PackageType, &str)] = &[
    (PackageType::Generic, "Generic"),
    (PackageType::Npm, "npm"),
    (PackageType::Pypi, "PyPI"),
    (PackageType::Maven, "Maven"),
    (PackageType::Nuget, "NuGet"),
    (PackageType::Composer, "Composer"),
    (PackageType::Conan, "Conan"),
    (PackageType::Helm, "Helm"),
    (PackageType::Golang, "Go"),
    (PackageType::TerraformModule, "Terraform"),
];

/// What people call a format.
pub(super) fn format_name(package_type: PackageType) -> &'static str {
    let known = FORMATS.iter().find(|(known, _)| *known == package_type);
    known.map_or(package_type.as_str(), |(_, name)| name)
}

/// Every client of a format with its lines; empty for a format that is not served here.
pub(super) fn clients(package_type: PackageType, target: &Target<'_>) -> Vec<Client> {
    match package_type {
        PackageType::Generic => generic::clients(target),
        PackageType::Npm => npm::clients(target),
        PackageType::Pypi => pypi::clients(target),
        PackageType::Maven => maven::clients(target),
        PackageType::Nuget => nuget::clients(target),
        PackageType::Composer => composer::clients(target),
        PackageType::Conan => conan::clients(target),
        PackageType::Helm => helm::clients(target),
        PackageType::Golang => golang::clients(target),
        PackageType::TerraformModule => terraform::clients(target),
        _ => Vec::new(),
    }
}

/// Names to show where there is no package yet.
pub(super) fn example_of(package_type: PackageType) -> (&'static str, &'static str, &'static str) {
    match package_type {
        PackageType::Maven => ("com/example/demo", "1.0.0", ""),
        PackageType::Npm => ("@example/demo", "1.0.0", ""),
        PackageType::Composer => ("example/demo", "1.0.0", ""),
        PackageType::Golang => ("example.com/demo", "v1.0.0", ""),
        PackageType::TerraformModule => ("demo/aws", "1.0.0", ""),
        PackageType::Helm => ("demo", "1.0.0", "stable"),
        _ => ("demo", "1.0.0", ""),
    }
}

impl Target<'_> {
    /// `http://host/api/v4/projects/1/packages/npm`
    fn api(&self, format: &str) -> String {
        let id = self.project_id;
        self.url
            .absolute(&format!("/api/v4/projects/{id}/packages/{format}"))
    }

    /// `host:port`
    fn host(&self) -> String {
        let address = self.url.to_string();
        let rest = address.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default().to_owned()
    }

    /// The host without its port.
    fn host_name(&self) -> String {
        let host = self.host();
        match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
            _ => host,
        }
    }

    /// Plain http to another machine, which some clients must be told to speak.
    fn is_plain(&self) -> bool {
        !self.url.is_https()
    }

    fn is_loopback(&self) -> bool {
        matches!(
            self.host_name().as_str(),
            "127.0.0.1" | "localhost" | "[::1]"
        )
    }

    /// An address with the credentials in front of the host.
    fn with_credentials(&self, url: &str, user: &str) -> String {
        url.replacen("://", &format!("://{user}:{TOKEN}@"), 1)
    }

    fn first_file(&self) -> &str {
        self.files.first().map_or("FILE", String::as_str)
    }
}

impl Snippet {
    fn terminal(text: String) -> Snippet {
        Snippet {
            place: "Terminal",
            text,
        }
    }

    fn file(place: &'static str, text: String) -> Snippet {
        Snippet { place, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a'; rm -rf ~ \"$(id)\" `id` <b>&\n--flag";

    fn target<'a>(url: &'a BaseUrl, name: &'a str, files: &'a [String]) -> Target<'a> {
        Target {
            url,
            project_id: 7,
            project_path: "acme/tools",
            public: false,
            name,
            version: "1.0.0",
            qualifier: "",
            files,
        }
    }

    #[test]
    fn every_format_says_how_to_install_and_publish() {
        let url = BaseUrl::parse("https://packages.example.com/sub").expect("a good URL");
        for (package_type, name) in FORMATS {
            let (example, _, _) = example_of(*package_type);
            let clients = clients(*package_type, &target(&url, example, &[]));
            assert!(!clients.is_empty(), "{name}");
            assert!(
                clients.iter().any(|client| !client.publish.is_empty()),
                "{name}"
            );
            for client in clients {
                let all: Vec<Snippet> = [client.install, client.configure, client.publish]
                    .into_iter()
                    .flatten()
                    .collect();
                assert!(!all.is_empty(), "{}", client.name);
                let text: String = all.into_iter().map(|snippet| snippet.text).collect();
                assert!(
                    text.contains("packages.example.com"),
                    "{}: {text}",
                    client.name
                );
                assert!(!text.contains("{}"), "{}: {text}", client.name);
            }
        }
    }

    #[test]
    fn a_hostile_name_cannot_leave_its_quotes() {
        let url = BaseUrl::parse("https://packages.example.com").expect("a good URL");
        let files = [HOSTILE.to_owned()];
        for (package_type, name) in FORMATS {
            let mut target = target(&url, HOSTILE, &files);
            target.version = HOSTILE;
            target.qualifier = HOSTILE;
            for client in clients(*package_type, &target) {
                for snippet in client.install.iter().chain(&client.publish) {
                    let text = &snippet.text;
                    assert!(
                        !text.contains("\n--flag"),
                        "{name}, {}: {text}",
                        client.name
                    );
                    if matches!(snippet.place, "Terminal") {
                        assert!(is_harmless(text), "{name}, {}: {text}", client.name);
                    }
                }
            }
        }
    }

    /// Outside of single quotes nothing is run or expanded.
    fn is_harmless(line: &str) -> bool {
        let line = line.replace("'\\''", ""); // a quote inside of quotes
        let outside: String = line.split('\'').step_by(2).collect();
        !outside.contains("$(") && !outside.contains('`') && !outside.contains("rm -rf")
    }
}
