//! `kill -9` in the middle: what was answered 201 is there, what was not is not half there.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{Packhouse, Process, ROOT_TOKEN, eventually};

const PUBLISHERS: usize = 8;
const UPLOADS: usize = 25;
/// Killed when so many uploads were answered.
const ANSWERED: usize = 70;

/// From a few bytes to beyond what is staged in one go, different every time.
fn body(publisher: usize, upload: usize) -> Vec<u8> {
    let size = match upload % 5 {
        0 => 1 << 21,
        small => small * 7_001,
    };
    let seed = format!("{publisher}/{upload}/").into_bytes();
    seed.iter().cycle().take(size).copied().collect()
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn path(publisher: usize, upload: usize) -> String {
    format!("/api/v4/projects/1/packages/generic/tool-{publisher}/{upload}.0/file.bin")
}

/// Every item of a paged list.
fn all(process: &Process, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    for page in 1.. {
        let url = format!("{path}?per_page=100&page={page}");
        match process.root().get(&url).expect(200).json() {
            Value::Array(some) if !some.is_empty() => items.extend(some),
            _ => break,
        }
    }
    items
}

#[test]
fn what_was_answered_201_outlives_a_kill_and_nothing_half_written_is_seen() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Packhouse::on(data.path()).with_root_token().serve();
    let answered = Mutex::new(BTreeMap::new());
    let failed = AtomicUsize::new(0);
    thread::scope(|scope| {
        for publisher in 0..PUBLISHERS {
            let (root, answered, failed) = (process.root(), &answered, &failed);
            scope.spawn(move || {
                for upload in 0..UPLOADS {
                    let (path, body) = (path(publisher, upload), body(publisher, upload));
                    match root.try_send("PUT", &path, &body) {
                        Ok(answer) => {
                            answer.expect(201);
                            answered.lock().unwrap().insert(path, sha256(&body));
                        }
                        Err(_) => {
                            failed.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        eventually("enough uploads are answered", || {
            answered.lock().unwrap().len() >= ANSWERED
        });
        process.kill();
    });
    let answered = answered.into_inner().unwrap();
    assert!(answered.len() >= ANSWERED);
    assert!(
        failed.into_inner() > 0,
        "it was killed too late to tell anything"
    );

    let process = Packhouse::on(data.path()).serve();
    let left = std::fs::read_dir(data.path().join("tmp")).unwrap();
    assert_eq!(left.count(), 0, "half-written uploads are swept");
    for (path, digest) in &answered {
        let bytes = process.root().get(path).expect(200).body;
        assert_eq!(&sha256(&bytes), digest, "{path}");
    }
    let packages = all(&process, "/api/v4/projects/1/packages");
    assert!(packages.len() >= answered.len());
    for package in packages {
        let (name, version) = (&package["name"], &package["version"]);
        let files = format!(
            "/api/v4/projects/1/packages/{}/package_files",
            package["id"]
        );
        let files = all(&process, &files);
        assert_eq!(
            files.len(),
            1,
            "{package}: a package is published with its file"
        );
        let path = format!(
            "/api/v4/projects/1/packages/generic/{}/{}/file.bin",
            name.as_str().unwrap(),
            version.as_str().unwrap()
        );
        let bytes = process.root().get(&path).expect(200).body;
        assert_eq!(sha256(&bytes), files[0]["file_sha256"], "{path}");
        assert_eq!(bytes.len() as u64, files[0]["size"], "{path}");
    }
    process.root().put(&path(99, 99), "after").expect(201);
    let check: String = rusqlite::Connection::open(data.path().join("packhouse.db"))
        .unwrap()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing_behind() {
    let data = tempfile::tempdir().unwrap();
    let process = Packhouse::on(data.path()).with_root_token().serve();
    let staged = || std::fs::read_dir(data.path().join("tmp")).unwrap().count();
    for sent in [10, 3 << 20] {
        let mut stream = TcpStream::connect(process.address).unwrap();
        write!(
            stream,
            "PUT {} HTTP/1.1\r\nHost: packhouse.test\r\nPRIVATE-TOKEN: {ROOT_TOKEN}\r\nContent-Length: {}\r\n\r\n",
            path(0, 0),
            4 << 20
        )
        .unwrap();
        stream.write_all(&vec![1; sent]).unwrap();
        if sent > 1 << 20 {
            eventually("it is being staged", || staged() == 1);
        }
        drop(stream);
        eventually("the half of it is gone", || staged() == 0);
        process.root().get(&path(0, 0)).expect(404);
    }
    assert!(all(&process, "/api/v4/projects/1/packages").is_empty());
}
