//! Backup, restore, fsck and gc: beside a running server, and on what others have changed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::seeds::sha256;
use crate::support::{Packhouse, Process};

fn path(name: &str) -> String {
    format!("/api/v4/projects/1/packages/generic/{name}/1.0/a.bin")
}

struct Site {
    data: TempDir,
    server: Process,
    backups: TempDir,
}

impl Site {
    fn start() -> Site {
        let data = tempfile::tempdir().unwrap();
        let server = Packhouse::on(data.path()).with_root_token().serve();
        let backups = tempfile::tempdir().unwrap();
        Site {
            data,
            server,
            backups,
        }
    }

    fn put(&self, name: &str, bytes: &str) {
        self.server.root().put(&path(name), bytes).expect(201);
    }

    fn packhouse(&self, words: &str) -> Packhouse {
        Packhouse::on(self.data.path()).words(words)
    }

    fn json(&self, words: &str) -> Value {
        self.packhouse(&format!("{words} --json")).json()
    }

    fn backup(&self) -> PathBuf {
        let folder = self.backups.path().join("backup");
        self.packhouse("backup").args([&folder]).run();
        folder
    }

    fn storage(&self) -> Value {
        self.server
            .root()
            .get("/api/v4/-/storage")
            .expect(200)
            .json()
    }
}

/// Where the content of these bytes lies.
fn blob(data: &Path, bytes: &str) -> PathBuf {
    let digest = sha256(bytes);
    data.join("blobs").join(&digest[..2]).join(digest)
}

fn restore(backup: &Path, data: &Path) -> Packhouse {
    Packhouse::on(data).words("restore").args([backup])
}

#[test]
fn a_backup_is_restored_and_serves_what_was_there() {
    let site = Site::start();
    site.put("one", "first");
    site.put("two", "second");
    site.put("twin", "first");
    let backup = site.backup();
    site.put("later", "after the backup");
    assert_eq!(site.storage()["last_backup"]["blobs"], 2);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&backup), mode(&backup.join("packhouse.db"))),
        (0o700, 0o600)
    );

    let fresh = tempfile::tempdir().unwrap();
    let data = fresh.path().join("restored");
    let told = restore(&backup, &data).run();
    assert!(
        told.contains("the database and 2 contents of 11 bytes"),
        "{told}"
    );
    let server = Packhouse::on(&data).serve();
    for (name, bytes) in [("one", "first"), ("two", "second"), ("twin", "first")] {
        assert_eq!(server.root().get(&path(name)).expect(200).text(), bytes);
    }
    server.root().get(&path("later")).expect(404);
    server
        .root()
        .put(&path("later"), "published again")
        .expect(201);
    let quota = "/api/v4/projects/1/-/packages/quota";
    assert_eq!(server.root().get(quota).expect(200).json()["used_files"], 4);
}

#[test]
fn a_second_backup_copies_what_is_new() {
    let site = Site::start();
    site.put("one", "first");
    let folder = site.backups.path().join("b");
    let run = || site.packhouse("backup --json").args([&folder]).json();
    let first = run();
    assert_eq!((&first["blobs"], &first["copied"]), (&json!(1), &json!(1)));
    site.put("two", "second");
    let second = run();
    assert_eq!(
        (&second["blobs"], &second["copied"]),
        (&json!(2), &json!(1))
    );
    // What a copy lacks is copied again.
    fs::write(blob(&folder, "first"), "cut").unwrap();
    assert_eq!(run()["copied"], 1);
}

#[test]
fn a_backup_of_a_busy_server_is_whole() {
    let site = Site::start();
    let stop = AtomicBool::new(false);
    let backup = thread::scope(|scope| {
        for publisher in 0..3 {
            let (root, stop) = (site.server.root(), &stop);
            scope.spawn(move || {
                for upload in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let name = format!("p{publisher}-{upload}");
                    root.put(&path(&name), &name).expect(201);
                    if upload % 3 == 0 {
                        root.delete(&path(&name)).expect(204);
                    }
                }
            });
        }
        site.packhouse("gc").run();
        let backup = site.backup();
        site.packhouse("gc").run();
        stop.store(true, Ordering::Relaxed);
        backup
    });
    let fresh = tempfile::tempdir().unwrap();
    restore(&backup, fresh.path()).run();
    let checked = Packhouse::on(fresh.path()).words("fsck").run();
    assert!(checked.starts_with("all is well"), "{checked}");
    let checked = site.packhouse("fsck").run();
    assert!(checked.starts_with("all is well"), "{checked}");
}

#[test]
fn a_restore_wants_the_data_directory_for_itself_and_empty() {
    let site = Site::start();
    site.put("one", "first");
    let backup = site.backup();
    let errors = restore(&backup, site.data.path()).refused(1);
    assert!(
        errors.contains("another packhouse serves the data directory"),
        "{errors}"
    );
    let Site {
        data,
        server,
        backups: _backups,
    } = site;
    drop(server);
    let errors = restore(&backup, data.path()).refused(1);
    assert!(errors.contains("has a database already"), "{errors}");
    assert!(errors.contains("--replace"), "{errors}");
    restore(&backup, data.path()).words("--replace").run();
    assert!(data.path().join("packhouse.db.before-restore").exists());
    let server = Packhouse::on(data.path()).serve();
    assert_eq!(server.root().get(&path("one")).expect(200).text(), "first");
}

#[test]
fn a_backup_that_was_tampered_with_is_refused_and_what_is_there_stays() {
    let site = Site::start();
    site.put("one", "first");
    site.put("two", "second");
    let backup = site.backup();
    let refused = |what: &str| {
        let fresh = tempfile::tempdir().unwrap();
        let errors = restore(&backup, fresh.path()).refused(1);
        assert!(errors.contains(what), "{what}: {errors}");
        assert!(!fresh.path().join("packhouse.db").exists());
        assert!(!fresh.path().join("packhouse.db.restored").exists());
    };
    let content = blob(&backup, "first");
    fs::write(&content, "frist").unwrap();
    refused(&format!("{} is damaged", sha256("first")));
    fs::write(&content, "first and more").unwrap();
    refused(&format!("{} is damaged", sha256("first")));
    fs::remove_file(&content).unwrap();
    refused(&format!("{} is missing", sha256("first")));
    fs::write(&content, "first").unwrap();

    let manifest = backup.join("backup.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::remove_file(&manifest).unwrap();
    refused("is no finished backup");
    fs::write(&manifest, "{}").unwrap();
    refused("is no manifest");
    fs::write(&manifest, &text).unwrap();

    // Names that would lead out of the folder of contents, in a database whose digest is right again.
    let database = backup.join("packhouse.db");
    let sound = fs::read(&database).unwrap();
    let conn = rusqlite::Connection::open(&database).unwrap();
    conn.execute_batch(
        "PRAGMA foreign_keys = off;
         UPDATE blobs SET sha256 = '../../../../tmp/x' WHERE size = 5;
         UPDATE package_files SET sha256 = '../../../../tmp/x' WHERE sha256 NOT IN (SELECT sha256 FROM blobs);",
    )
    .unwrap();
    drop(conn);
    refused("the database of the backup is not the one");
    let mut forged: Value = serde_json::from_str(&text).unwrap();
    forged["database_sha256"] = json!(sha256(fs::read(&database).unwrap()));
    fs::write(&manifest, forged.to_string()).unwrap();
    refused("is no digest");
    // A database of the future.
    fs::write(&database, &sound).unwrap();
    let conn = rusqlite::Connection::open(&database).unwrap();
    conn.pragma_update(None, "user_version", 999).unwrap();
    drop(conn);
    forged["database_sha256"] = json!(sha256(fs::read(&database).unwrap()));
    fs::write(&manifest, forged.to_string()).unwrap();
    refused("schema version 999");
}

#[test]
fn a_backup_tells_of_damaged_contents_and_of_a_wrong_place() {
    let site = Site::start();
    site.put("one", "first");
    site.put("two", "second");
    fs::write(blob(site.data.path(), "first"), "FIRST").unwrap();
    let folder = site.backups.path().join("b");
    let errors = site.packhouse("backup").args([&folder]).refused(1);
    assert!(
        errors.contains(&format!("{} is damaged", sha256("first"))),
        "{errors}"
    );
    assert!(!folder.join("backup.json").exists(), "it is not finished");
    let errors = site.packhouse("backup").args([site.data.path()]).refused(1);
    assert!(
        errors.contains("cannot go into the data directory itself"),
        "{errors}"
    );
    assert_eq!(site.storage()["last_backup"], Value::Null);
}

#[test]
fn fsck_names_what_is_wrong_and_where_it_belongs() {
    let site = Site::start();
    site.put("one", "first");
    site.put("two", "second");
    site.put("three", "third");
    assert_eq!(
        site.packhouse("fsck").run(),
        "all is well: the database and 3 contents of 16 bytes\n"
    );
    fs::write(blob(site.data.path(), "first"), "FIRST").unwrap();
    fs::remove_file(blob(site.data.path(), "second")).unwrap();
    // The size alone is not enough to see the first.
    let quick = site.packhouse("fsck --quick --json").output();
    assert_eq!(quick.status.code(), Some(1));
    let quick: Value = serde_json::from_slice(&quick.stdout).unwrap();
    let second = format!(
        "{} is missing: local/packages two 1.0 a.bin",
        sha256("second")
    );
    assert_eq!(quick["problems"], json!([second]));
    let whole = site.packhouse("scrub --json").output();
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    let first = format!(
        "{} is damaged: local/packages one 1.0 a.bin",
        sha256("first")
    );
    let mut problems: Vec<&str> = whole["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect();
    problems.sort_unstable();
    let mut expected = [first.as_str(), second.as_str()];
    expected.sort_unstable();
    assert_eq!(problems, expected);
    assert_eq!(site.storage()["last_fsck"]["problems"], 2);
    // Published again, they are sound again.
    site.put("again-one", "first");
    site.put("again-two", "second");
    site.packhouse("fsck").run();
    assert_eq!(site.storage()["last_fsck"]["problems"], 0);
}

#[test]
fn fsck_sees_counters_that_are_wrong() {
    let site = Site::start();
    site.put("one", "first");
    let conn = rusqlite::Connection::open(site.data.path().join("packhouse.db")).unwrap();
    conn.execute("UPDATE project_storage SET bytes = bytes + 1", [])
        .unwrap();
    let found = site.packhouse("fsck").output();
    let text = String::from_utf8(found.stdout).unwrap();
    assert_eq!(text, "the storage counters of local/packages are wrong\n");
}

#[test]
fn gc_frees_what_nobody_has_any_more() {
    let site = Site::start();
    site.put("one", "shared");
    site.put("two", "shared");
    site.put("three", "alone");
    site.server.root().delete(&path("one")).expect(204);
    site.server.root().delete(&path("three")).expect(204);
    // What a crash leaves between the rename and the commit: a content without a row.
    fs::write(blob(site.data.path(), "stray"), "stray").unwrap();
    // What is none of ours stays.
    let foreign = site.data.path().join("blobs/00/readme.txt");
    fs::write(&foreign, "not ours").unwrap();
    assert_eq!(site.json("gc"), json!({ "blobs": 2, "bytes": 10 }));
    assert!(blob(site.data.path(), "shared").exists());
    assert!(!blob(site.data.path(), "alone").exists());
    assert!(!blob(site.data.path(), "stray").exists());
    assert!(foreign.exists());
    assert_eq!(
        site.server.root().get(&path("two")).expect(200).text(),
        "shared"
    );
    assert_eq!(site.storage()["last_gc"]["bytes"], 10);
    assert_eq!(site.storage()["reclaimable_bytes"], 0);
    assert_eq!(site.json("gc"), json!({ "blobs": 0, "bytes": 0 }));
    // The same content again is a content like any other.
    site.put("four", "alone");
    assert_eq!(
        site.server.root().get(&path("four")).expect(200).text(),
        "alone"
    );
}

#[test]
fn gc_beside_publishers_of_the_same_contents_loses_nothing() {
    let site = Site::start();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for publisher in 0..2 {
            let (root, stop) = (site.server.root(), &stop);
            scope.spawn(move || {
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let name = path(&format!("p{publisher}-{round}"));
                    let bytes = format!("content {}", round % 3);
                    root.put(&name, &bytes).expect(201);
                    assert_eq!(root.get(&name).expect(200).text(), bytes);
                    root.delete(&name).expect(204);
                }
            });
        }
        for _ in 0..8 {
            site.packhouse("gc").run();
        }
        stop.store(true, Ordering::Relaxed);
    });
    let checked = site.packhouse("fsck").run();
    assert!(checked.starts_with("all is well"), "{checked}");
}
