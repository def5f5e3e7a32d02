//! Configuration: flags beat environment beats file beats default, checked once at the start.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::http::BaseUrl;
use crate::http::proxies::Network;
use crate::registry::{PackageType, Visibility};

/// Everything that an operator can set.
#[derive(Clone, Debug)]
pub struct Config {
    pub data: PathBuf,
    pub listen: SocketAddr,
    /// `None` until the server knows which port it got.
    pub url: Option<BaseUrl>,
    /// Whether guests of a private project may read its packages.
    pub guests_can_pull: bool,
    pub default_project_visibility: Visibility,
    pub limits: Limits,
    /// Where requests for packages that are not here are sent on to, where somebody has switched that on.
    pub forwarding: BTreeMap<PackageType, BaseUrl>,
    pub log: LogFormat,
    /// Failed authentications a minute from one address, beyond which more of them get 429; 0: no limit.
    pub auth_failures_per_minute: u32,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Days that the audit log is kept; 0: for good.
    pub audit_days: u32,
    /// A file that gets the audit log as JSON lines.
    pub audit_log: Option<PathBuf>,
    /// `None`: it speaks plain HTTP.
    pub tls: Option<TlsFiles>,
}

/// PEM files: the server's certificate with those of its issuers after it, and its private key.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    pub cert: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a terminal.
    Text,
    /// One object a line.
    Json,
}

/// Bytes that one uploaded file may have, by package type.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    set: BTreeMap<PackageType, u64>,
}

impl Limits {
    pub fn of(&self, package_type: PackageType) -> u64 {
        let default = match package_type {
            // GitLab's plan limits.
            PackageType::Generic => 5 << 30,
            PackageType::Maven | PackageType::Pypi | PackageType::Conan | PackageType::Debian => {
                3 << 30
            }
            PackageType::TerraformModule => 1 << 30,
            PackageType::Npm | PackageType::Nuget => 500 << 20,
            PackageType::Golang => 100 << 20,
            PackageType::Helm => 50 << 20, // GitLab's 5 MiB is too little for charts with CRDs
            _ => 1 << 30,
        };
        match self.set.get(&package_type) {
            Some(0) => u64::MAX,
            Some(bytes) => *bytes,
            None => default,
        }
    }
}

/// What the command line says, the environment behind it.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub data: Option<PathBuf>,
    pub listen: Option<SocketAddr>,
    pub url: Option<String>,
    pub config: Option<PathBuf>,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
}

/// The configuration file. A key that is not here is an error that names it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
    url: Option<String>,
    guests_can_pull: Option<bool>,
    default_project_visibility: Option<String>,
    log: Option<LogFormat>,
    auth_failures_per_minute: Option<u32>,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    audit_days: Option<u32>,
    audit_log: Option<PathBuf>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(default)]
    limits: BTreeMap<String, u64>,
    #[serde(default)]
    forwarding: BTreeMap<String, String>,
}

impl Config {
    /// Puts flags, environment (clap has merged those two) and file together.
    pub fn load(flags: Flags) -> Result<Config> {
        let file = match &flags.config {
            Some(path) => ConfigFile::read(path)?,
            None => ConfigFile::default(),
        };
        let listen = flags
            .listen
            .or(file.listen)
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8787)));
        let url = flags
            .url
            .or(file.url)
            .map(|url| BaseUrl::parse(&url))
            .transpose()?;
        let word = file
            .default_project_visibility
            .as_deref()
            .unwrap_or("private");
        let default_project_visibility = Visibility::parse(word).ok_or_else(|| {
            Error::for_a_person(format!(
                "`default_project_visibility` cannot be `{word}`\nhint: it is one of {}",
                Visibility::WORDS.join(", ")
            ))
        })?;
        Ok(Config {
            data: flags
                .data
                .or(file.data)
                .unwrap_or_else(|| PathBuf::from("packhouse-data")),
            listen,
            url,
            guests_can_pull: file.guests_can_pull.unwrap_or(true),
            default_project_visibility,
            limits: limits(file.limits)?,
            forwarding: forwarding(file.forwarding)?,
            log: file.log.unwrap_or(LogFormat::Text),
            auth_failures_per_minute: file.auth_failures_per_minute.unwrap_or(30),
            trusted_proxies: networks(&file.trusted_proxies)?,
            audit_days: file.audit_days.unwrap_or(365),
            audit_log: file.audit_log,
            tls: tls_files(
                flags.tls_cert.or(file.tls_cert),
                flags.tls_key.or(file.tls_key),
            )?,
        })
    }

    /// The external base URL.
    pub fn url(&self) -> BaseUrl {
        self.url
            .clone()
            .unwrap_or_else(|| BaseUrl::of_listener(self.scheme(), self.listen))
    }

    /// What the listener speaks.
    pub fn scheme(&self) -> &'static str {
        match self.tls {
            Some(_) => "https",
            None => "http",
        }
    }
}

impl ConfigFile {
    fn read(path: &Path) -> Result<ConfigFile> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::for_a_person(format!(
                "cannot read the configuration file `{name}`: {error}"
            ))
        })?;
        toml::from_str(&text).map_err(|error| {
            Error::for_a_person(format!("the configuration file `{name}` is wrong: {error}"))
        })
    }
}

fn networks(texts: &[String]) -> Result<Vec<Network>> {
    let parse = |text: &String| {
        Network::parse(text).ok_or_else(|| {
            Error::for_a_person(format!(
                "`trusted_proxies` cannot have `{text}`\nhint: it lists addresses and networks, such as \"10.0.0.0/8\""
            ))
        })
    };
    texts.iter().map(parse).collect()
}

/// Both or neither.
fn tls_files(cert: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<TlsFiles>> {
    let alone = |given: &str, missing: &str| {
        Err(Error::for_a_person(format!(
            "`{given}` is given without `{missing}`\nhint: TLS needs both; without both the server speaks plain HTTP"
        )))
    };
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        (None, None) => Ok(None),
        (Some(_), None) => alone("tls_cert", "tls_key"),
        (None, Some(_)) => alone("tls_key", "tls_cert"),
    }
}

fn limits(by_word: BTreeMap<String, u64>) -> Result<Limits> {
    let mut set = BTreeMap::new();
    for (word, bytes) in by_word {
        let package_type = PackageType::parse(&word).ok_or_else(|| {
            Error::for_a_person(format!(
                "`[limits]` has no package type `{word}`\nhint: it is one of {}",
                PackageType::WORDS.join(", ")
            ))
        })?;
        set.insert(package_type, bytes);
    }
    Ok(Limits { set })
}

/// The types whose requests can be sent on (contract 12.1).
const FORWARDED: [PackageType; 3] = [PackageType::Maven, PackageType::Npm, PackageType::Pypi];

fn forwarding(by_word: BTreeMap<String, String>) -> Result<BTreeMap<PackageType, BaseUrl>> {
    let one = |(word, url): (String, String)| {
        let package_type = PackageType::parse(&word)
            .filter(|package_type| FORWARDED.contains(package_type))
            .ok_or_else(|| {
                Error::for_a_person(format!(
                    "`[forwarding]` has no package type `{word}`\nhint: it is one of {}",
                    FORWARDED.map(PackageType::as_str).join(", ")
                ))
            })?;
        Ok((package_type, BaseUrl::parse(&url)?))
    };
    by_word.into_iter().map(one).collect()
}
