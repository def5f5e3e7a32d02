//! Flags beat the environment, the environment beats the file, the file beats the default.

use std::net::SocketAddr;
use std::path::Path;

use packhouse::config::{Config, Flags};

use crate::support::Packhouse;

/// `packhouse.toml` in a folder of its own.
fn with_file(text: &str) -> (tempfile::TempDir, Packhouse) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("packhouse.toml");
    std::fs::write(&file, text).unwrap();
    let packhouse = Packhouse::bare()
        .in_folder(folder.path())
        .args(["--config".as_ref(), file.as_os_str()]);
    (folder, packhouse)
}

const FILE: &str = "data = 'of-file'\nlisten = '127.0.0.2:0'\nurl = 'http://file.test'\n";

/// Where it listens, which URL it prints, and which of the directories it made.
fn started(folder: &Path, packhouse: Packhouse) -> (String, String, Vec<String>) {
    let process = packhouse.start();
    let welcome = process.welcome();
    let url = welcome.lines().next().unwrap().rsplit(' ').next().unwrap();
    let made = ["of-file", "of-env", "of-flag", "packhouse-data"]
        .into_iter()
        .filter(|name| folder.join(name).join("packhouse.db").exists())
        .map(str::to_owned)
        .collect();
    (process.address.ip().to_string(), url.to_owned(), made)
}

fn expected(ip: &str, url: &str, made: &str) -> (String, String, Vec<String>) {
    (ip.to_owned(), url.to_owned(), vec![made.to_owned()])
}

#[test]
fn the_file_beats_the_defaults() {
    let (folder, packhouse) = with_file(FILE);
    assert_eq!(
        started(folder.path(), packhouse),
        expected("127.0.0.2", "http://file.test", "of-file")
    );
}

#[test]
fn the_environment_beats_the_file() {
    let (folder, packhouse) = with_file(FILE);
    let packhouse = packhouse
        .env("PACKHOUSE_DATA", "of-env")
        .env("PACKHOUSE_LISTEN", "127.0.0.3:0")
        .env("PACKHOUSE_URL", "http://env.test");
    assert_eq!(
        started(folder.path(), packhouse),
        expected("127.0.0.3", "http://env.test", "of-env")
    );
}

#[test]
fn flags_beat_the_environment_before_and_after_serve() {
    let flags = "--data of-flag --listen 127.0.0.4:0 --url http://flag.test";
    for words in [
        flags.to_owned(),
        format!("{flags} serve"),
        format!("serve {flags}"),
        "--url http://flag.test serve --listen 127.0.0.4:0 --data of-flag".to_owned(),
    ] {
        let (folder, packhouse) = with_file(FILE);
        let packhouse = packhouse
            .words(&words)
            .env("PACKHOUSE_DATA", "of-env")
            .env("PACKHOUSE_LISTEN", "127.0.0.3:0")
            .env("PACKHOUSE_URL", "http://env.test");
        assert_eq!(
            started(folder.path(), packhouse),
            expected("127.0.0.4", "http://flag.test", "of-flag"),
            "{words}"
        );
    }
}

#[test]
fn the_configuration_file_can_be_named_by_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("here.toml"), FILE).unwrap();
    let packhouse = Packhouse::bare()
        .in_folder(folder.path())
        .env("PACKHOUSE_CONFIG", "here.toml");
    assert_eq!(
        started(folder.path(), packhouse),
        expected("127.0.0.2", "http://file.test", "of-file")
    );
}

#[test]
fn defaults_hold_where_nothing_is_said() {
    let config = Config::load(Flags::default()).unwrap();
    assert_eq!(config.data, Path::new("packhouse-data"));
    assert_eq!(config.listen, SocketAddr::from(([127, 0, 0, 1], 8787)));
    assert_eq!(config.url().to_string(), "http://127.0.0.1:8787");
    assert!(config.guests_can_pull);
    let (folder, packhouse) = with_file("listen = '127.0.0.1:0'\n");
    let (_, url, made) = started(folder.path(), packhouse);
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert_eq!(made, ["packhouse-data"]);
}

#[test]
fn what_a_file_may_not_say_is_named() {
    for (text, named) in [
        ("lissten = '127.0.0.1:0'\n", "`lissten`"),
        ("[limits]\nnpn = 1\n", "`npn`"),
        ("default_project_visibility = 'secret'\n", "`secret`"),
        ("log = 'xml'\n", "`xml`"),
        ("listen = 'here'\n", "listen"),
        ("url = 'ftp://x'\n", "ftp://x"),
        ("guests_can_pull = 3\n", "guests_can_pull"),
        ("trusted_proxies = ['proxy.example']\n", "`proxy.example`"),
        (
            "auth_failures_per_minute = -1\n",
            "auth_failures_per_minute",
        ),
    ] {
        let (folder, packhouse) = with_file(text);
        let errors = packhouse.refused(1);
        assert!(errors.starts_with("error: "), "{errors}");
        assert!(errors.contains(named), "{text}: {errors}");
        assert!(!folder.path().join("packhouse-data").exists(), "{text}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let errors = Packhouse::bare().words("--config nowhere.toml").refused(1);
    assert!(
        errors.contains("cannot read the configuration file `nowhere.toml`"),
        "{errors}"
    );
}
