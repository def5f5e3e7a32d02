//! Starts that must not happen, each with a sentence that says what would help.

use std::net::TcpListener;

use crate::support::Packhouse;

const FREE_PORT: &str = "--listen 127.0.0.1:0";

#[test]
fn an_unspecified_address_without_a_url_is_refused() {
    let data = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0:0", "[::]:0", "[::ffff:0.0.0.0]:0"] {
        let errors = Packhouse::on(data.path())
            .args(["--listen", address])
            .refused(1);
        assert!(errors.contains("needs `--url`"), "{errors}");
        assert!(
            errors.contains("hint: add `--url http://<this machine's name>:0`"),
            "{errors}"
        );
    }
    assert!(!data.path().join("packhouse.db").exists());
}

#[test]
fn a_port_in_use_is_said_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let errors = Packhouse::on(data.path())
        .args(["--listen", &address])
        .refused(1);
    assert!(
        errors.contains(&format!("error: cannot listen on {address}: ")),
        "{errors}"
    );
    assert!(errors.contains("hint: choose another address"), "{errors}");
}

#[test]
fn a_second_process_on_the_same_directory_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let mut first = Packhouse::on(data.path()).serve();
    let errors = Packhouse::on(data.path()).words(FREE_PORT).refused(1);
    let sentence = format!(
        "error: another packhouse serves the data directory `{}`\nhint: stop it first",
        data.path().display()
    );
    assert!(errors.contains(&sentence), "{errors}");
    first.anonymous().get("/-/liveness").expect(200);
    first.kill();
    Packhouse::on(data.path()).serve(); // a lock dies with its process
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let data = tempfile::tempdir().unwrap();
    Packhouse::on(data.path()).serve().stop();
    let database = || rusqlite::Connection::open(data.path().join("packhouse.db")).unwrap();
    database()
        .pragma_update(None, "user_version", 1_000)
        .unwrap();
    for words in [FREE_PORT, "user list"] {
        let errors = Packhouse::on(data.path()).words(words).refused(1);
        assert!(
            errors.contains("the database has schema version 1000"),
            "{errors}"
        );
        assert!(
            errors.contains("hint: it was written by a newer release"),
            "{errors}"
        );
    }
    let version: i64 = database()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 1_000);
}

#[test]
fn a_data_directory_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let errors = Packhouse::on(&file.join("data"))
        .words(FREE_PORT)
        .refused(1);
    assert!(
        errors.contains("cannot make the data directory `"),
        "{errors}"
    );
}

#[test]
fn a_public_default_project_on_an_open_address_is_warned_of() {
    let data = tempfile::tempdir().unwrap();
    Packhouse::on(data.path()).serve().stop();
    let open = Packhouse::on(data.path())
        .words("--listen 0.0.0.0:0 --url http://packhouse.test")
        .start();
    assert!(
        open.stderr().contains("project local/packages is public"),
        "{}",
        open.stderr()
    );
}
