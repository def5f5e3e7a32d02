//! The flags that more than one command has, and how a word of the command line is understood.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command};

use crate::config::Flags;
use crate::registry::{AccessLevel, PackageType, Timestamp, Visibility};

/// Where everything is kept: every command has these.
#[derive(Args, Clone)]
pub(super) struct Everywhere {
    /// Directory of everything that is kept: `packhouse.db`, `blobs/`, `tmp/`, `root-token` [default: ./packhouse-data]
    #[arg(long, value_name = "DIR", env = "PACKHOUSE_DATA", global = true)]
    data: Option<PathBuf>,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE", env = "PACKHOUSE_CONFIG", global = true)]
    config: Option<PathBuf>,
}

/// What only a server needs; `packhouse --listen …` and `packhouse serve --listen …` are the same.
#[derive(Args, Clone, Default)]
pub(super) struct Listening {
    /// Address and port to listen on; port 0 picks a free one [env: PACKHOUSE_LISTEN] [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// External base URL: every absolute URL in an answer starts with it [env: PACKHOUSE_URL] [default: from --listen]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Speak TLS with this certificate (PEM, its issuers after it); SIGHUP reads it again [env: PACKHOUSE_TLS_CERT]
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The private key of `--tls-cert` (PEM) [env: PACKHOUSE_TLS_KEY]
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
}

impl Everywhere {
    pub(super) fn with(self, listening: Listening) -> Flags {
        Flags {
            data: self.data,
            config: self.config,
            listen: listening.listen,
            url: listening.url,
            tls_cert: listening.tls_cert,
            tls_key: listening.tls_key,
        }
    }
}

impl Listening {
    pub(super) fn or(self, other: Listening) -> Listening {
        Listening {
            listen: self.listen.or(other.listen),
            url: self.url.or(other.url),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
        }
    }
}

/// The environment stands behind the flags of `packhouse` alone: behind those of `serve` too, it would beat the others.
pub(super) fn with_environment(command: Command) -> Command {
    let names = [
        ("listen", "PACKHOUSE_LISTEN"),
        ("url", "PACKHOUSE_URL"),
        ("tls_cert", "PACKHOUSE_TLS_CERT"),
        ("tls_key", "PACKHOUSE_TLS_KEY"),
    ];
    names.into_iter().fold(command, |command, (flag, name)| {
        command.mut_arg(flag, |arg| arg.env(name).hide_env(true))
    })
}

/// `--listen` before a command that does not listen is a mistake; in the environment it may stand for all of them.
pub(super) fn refuse_listening(command: &mut Command, matches: &ArgMatches) {
    for flag in ["listen", "url", "tls_cert", "tls_key"] {
        if matches.value_source(flag) == Some(ValueSource::CommandLine) {
            let flag = flag.replace('_', "-");
            let what = format!("`--{flag}` is for `packhouse serve` alone");
            command.error(ErrorKind::ArgumentConflict, what).exit();
        }
    }
}

/// One project or one group.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Place {
    /// The project, by full path or number
    #[arg(long, value_name = "PROJECT")]
    pub(super) project: Option<String>,
    /// The group, by full path or number
    #[arg(long, value_name = "GROUP")]
    pub(super) group: Option<String>,
}

pub(super) fn visibility(word: &str) -> Result<Visibility, String> {
    Visibility::parse(word).ok_or_else(|| one_of(Visibility::WORDS))
}

pub(super) fn package_type(word: &str) -> Result<PackageType, String> {
    PackageType::parse(word).ok_or_else(|| one_of(PackageType::WORDS))
}

/// A role of a membership; `admin` is none.
pub(super) fn role(word: &str) -> Result<AccessLevel, String> {
    AccessLevel::parse(word)
        .filter(|level| *level != AccessLevel::Admin)
        .ok_or_else(|| one_of(&AccessLevel::WORDS[..AccessLevel::WORDS.len() - 1]))
}

/// A day that is still to come.
pub(super) fn expiry(text: &str) -> Result<String, String> {
    let day = Timestamp::parse(text).filter(|day| day.date() == text);
    match day {
        None => Err("it is a date, `YYYY-MM-DD`".to_owned()),
        Some(day) if day <= Timestamp::now() => Err("it must lie in the future".to_owned()),
        Some(day) => Ok(day.date()),
    }
}

pub(super) fn one_of(words: &[&str]) -> String {
    format!("it is one of {}", words.join(", "))
}
