//! A full disk: 507, nothing half stored, and on with the next publish as soon as there is space.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::support::{Packhouse, Process, eventually};

const FILES: &str = "/api/v4/projects/1/packages/generic";
const FULL: &str =
    "507 Insufficient Storage - the disk of this registry is full; nothing was stored";

/// A small file system of its own; mounting wants root.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount(size: &str) -> SmallDisk {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .status()
            .expect("mount is there");
        assert!(mounted.success(), "a tmpfs can be mounted (as root)");
        SmallDisk { folder }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Takes every free byte but about so many.
    fn fill(&self, but: u64) -> PathBuf {
        let path = self.folder.path().join("filler");
        let mut filler = File::create(&path).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
        let size = filler.metadata().unwrap().len();
        filler.set_len(size.saturating_sub(but)).unwrap();
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that a failed test leaves behind may still hold it.
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.folder.path())
            .status();
    }
}

fn staged(data: &Path) -> usize {
    fs::read_dir(data.join("tmp")).unwrap().count()
}

fn packages(process: &Process) -> usize {
    let listed = process
        .root()
        .get("/api/v4/projects/1/packages")
        .expect(200);
    listed.json().as_array().unwrap().len()
}

#[test]
fn an_upload_that_does_not_fit_is_answered_507_and_leaves_nothing_behind() {
    let disk = SmallDisk::mount("16m");
    let data = disk.data();
    let mut process = Packhouse::on(&data).with_root_token().serve();
    process
        .root()
        .put(&format!("{FILES}/first/1/a"), "first")
        .expect(201);
    let filler = disk.fill(2 << 20);
    for size in [3 << 20, 64 << 20] {
        let path = format!("{FILES}/large/1/large.bin");
        process
            .root()
            .put(&path, vec![1; size])
            .expect_json(507, json!({ "message": FULL }));
        process.root().get(&path).expect(404);
        eventually("the half-written file is gone", || staged(&data) == 0);
    }
    assert_eq!(packages(&process), 1);
    fs::remove_file(filler).unwrap();
    let path = format!("{FILES}/large/1/large.bin");
    process.root().put(&path, vec![1; 3 << 20]).expect(201);
    assert!(process.root().get(&path).expect(200).body == vec![1; 3 << 20]);
    assert_eq!(packages(&process), 2);
    process.stop();
}

#[test]
fn a_disk_without_a_free_byte_still_serves_what_it_holds() {
    let disk = SmallDisk::mount("8m");
    let data = disk.data();
    let mut process = Packhouse::on(&data).with_root_token().serve();
    let first = format!("{FILES}/first/1/a");
    process.root().put(&first, "first").expect(201);
    let filler = disk.fill(0);
    for n in 0..20 {
        let path = format!("{FILES}/tool-{n}/1/a");
        process
            .root()
            .put(&path, vec![b'x'; 20_000])
            .expect_json(507, json!({ "message": FULL }));
        process.root().get(&path).expect(404);
        assert_eq!(process.root().get(&first).expect(200).text(), "first");
    }
    eventually("nothing half-written is left", || staged(&data) == 0);
    assert_eq!(packages(&process), 1);
    fs::remove_file(filler).unwrap();
    process
        .root()
        .put(&format!("{FILES}/tool-0/1/a"), "now")
        .expect(201);
    process.stop();
    let again = Packhouse::on(&data).serve();
    assert_eq!(packages(&again), 2);
    assert_eq!(again.root().get(&first).expect(200).text(), "first");
}

/// A change so large that SQLite writes while it still runs; on a full disk it then gives up the whole transaction.
#[test]
fn a_large_change_that_fails_half_way_says_that_the_disk_is_full() {
    let disk = SmallDisk::mount("64m");
    let data = disk.data();
    let mut process = Packhouse::on(&data).with_root_token().serve();
    let path = format!("{FILES}/tool/1/a");
    process.root().put(&path, "a").expect(201);
    rusqlite::Connection::open(data.join("packhouse.db"))
        .unwrap()
        .execute_batch(
            "WITH RECURSIVE numbers (n) AS (VALUES (2) UNION ALL SELECT n + 1 FROM numbers WHERE n < 30000)
             INSERT INTO packages (project_id, name_id, package_type, name, version, version_key, created_at, updated_at)
             SELECT project_id, name_id, package_type, name, n, n, created_at, updated_at FROM packages, numbers;
             PRAGMA wal_checkpoint(TRUNCATE);",
        )
        .unwrap();
    let filler = disk.fill(1 << 20);
    let delete = || Packhouse::on(&data).words("project delete local/packages");
    let errors = delete().refused(1);
    assert_eq!(errors, "error: the disk is full; nothing was stored\n");
    assert_eq!(process.root().get(&path).expect(200).text(), "a");
    fs::remove_file(filler).unwrap();
    delete().run();
    process.root().get(&path).expect(404);
    process.stop();
}

/// strace on a running server: from now on, what it traces fails.
struct Sabotage(Child);

impl Sabotage {
    fn of(process: &Process, rules: &[&str]) -> Sabotage {
        let mut strace = Command::new("strace")
            .args(["-f", "-p", &process.pid().to_string(), "-o", "/dev/null"])
            .args(rules)
            .stderr(Stdio::piped())
            .spawn()
            .expect("strace is installed");
        let mut said = BufReader::new(strace.stderr.take().unwrap()).lines();
        // It says so when it holds every thread.
        let attached = said.any(|line| line.is_ok_and(|line| line.contains("attached")));
        assert!(attached, "strace may trace");
        std::thread::spawn(move || said.count()); // it dies of a broken pipe if nobody listens
        Sabotage(strace)
    }

    fn end(mut self) {
        let pid = self.0.id().to_string();
        Command::new("kill").args(["-INT", &pid]).status().unwrap();
        self.0.wait().unwrap();
    }
}

/// What a publish is answered while these rules hold, and that it is neither seen nor in the way of the next.
fn sabotaged(status: u16, rules: impl Fn(&Path) -> Vec<String>) {
    let data = tempfile::tempdir().unwrap();
    let mut process = Packhouse::on(data.path()).with_root_token().serve();
    process
        .root()
        .put(&format!("{FILES}/first/1/a"), "first")
        .expect(201);
    let rules = rules(data.path());
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    let sabotage = Sabotage::of(&process, &rules);
    let path = format!("{FILES}/tool/1/a");
    for _ in 0..3 {
        process.root().put(&path, "lost").expect(status);
        process.root().get(&path).expect(404);
    }
    sabotage.end();
    assert_eq!(packages(&process), 1);
    eventually("nothing half-written is left", || staged(data.path()) == 0);
    process.root().put(&path, "kept").expect(201);
    process.stop();
    let again = Packhouse::on(data.path()).serve();
    assert_eq!(packages(&again), 2);
    assert_eq!(again.root().get(&path).expect(200).text(), "kept");
}

fn words(words: &str) -> Vec<String> {
    words.split(' ').map(str::to_owned).collect()
}

#[test]
fn a_write_ahead_log_that_cannot_grow_is_507() {
    sabotaged(507, |data| {
        let wal = data.join("packhouse.db-wal");
        words(&format!(
            "-P {} -e trace=write,pwrite64 -e inject=write,pwrite64:error=ENOSPC",
            wal.display()
        ))
    });
}

#[test]
fn a_commit_that_cannot_be_synced_is_not_acknowledged() {
    sabotaged(500, |data| {
        let wal = data.join("packhouse.db-wal");
        words(&format!(
            "-P {} -e trace=fsync,fdatasync -e inject=fsync,fdatasync:error=EIO",
            wal.display()
        ))
    });
}

#[test]
fn a_file_that_cannot_be_synced_or_named_is_not_acknowledged() {
    for (status, rules) in [
        (
            507,
            "-e trace=fsync,fdatasync -e inject=fsync,fdatasync:error=ENOSPC",
        ),
        (
            500,
            "-e trace=rename,renameat,renameat2 -e inject=rename,renameat,renameat2:error=EIO",
        ),
    ] {
        sabotaged(status, |_data| words(rules));
    }
}
