//! Publishes share their commits, are durable nevertheless, and fail alone. Counted by strace.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::support::{Packhouse, Process, ROOT_TOKEN, eventually};

const FILES: &str = "/api/v4/projects/1/packages/generic";
const PUBLISHERS: usize = 8;
const UPLOADS: usize = 20;

/// A server whose syncs are written to `log`, each with the path of its file.
fn traced(data: &Path, log: &Path) -> Process {
    let strace = [
        "strace",
        "-D",
        "-f",
        "-y",
        "-e",
        "trace=fsync,fdatasync",
        "-o",
    ];
    Packhouse::on(data)
        .with_root_token()
        .under(
            strace
                .map(|word| word.as_ref())
                .into_iter()
                .chain([log.as_os_str()]),
        )
        .serve()
}

/// How many syncs so far concern a path with this in it.
fn syncs(log: &Path, part: &str) -> usize {
    let text = fs::read_to_string(log).expect("strace has started");
    text.lines()
        .filter(|line| line.contains("sync(") && line.contains(part))
        .count()
}

#[test]
fn eight_publishers_need_fewer_commits_than_publishes_and_every_file_is_synced() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("strace"));
    let mut process = traced(&data, &log);
    let (wal, staged, blobs) = ("packhouse.db-wal>", "/tmp/upload-", "/blobs/");
    let before = [wal, staged, blobs].map(|part| syncs(&log, part));
    thread::scope(|scope| {
        for publisher in 0..PUBLISHERS {
            let root = process.root();
            scope.spawn(move || {
                for upload in 0..UPLOADS {
                    let path = format!("{FILES}/tool-{publisher}/{upload}/a");
                    root.put(&path, format!("{publisher} {upload}")).expect(201);
                }
            });
        }
    });
    let after = [wal, staged, blobs].map(|part| syncs(&log, part));
    let [commits, files, folders] = [0, 1, 2].map(|n| after[n] - before[n]);
    let publishes = PUBLISHERS * UPLOADS;
    assert!(commits > 0, "a commit is synced");
    assert!(
        commits < publishes,
        "{commits} commits for {publishes} publishes"
    );
    assert_eq!(
        files, publishes,
        "every file is synced before it is answered"
    );
    assert!(folders > 0, "and the folder that it lies in");
    process.stop();
}

#[test]
fn one_publisher_waits_for_a_synced_commit_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("strace"));
    let process = traced(&data, &log);
    for upload in 0..10 {
        let before = ["packhouse.db-wal>", "/blobs/"].map(|part| syncs(&log, part));
        let path = format!("{FILES}/tool/{upload}/a");
        process.root().put(&path, format!("{upload}")).expect(201);
        let after = ["packhouse.db-wal>", "/blobs/"].map(|part| syncs(&log, part));
        assert!(after[0] > before[0] && after[1] > before[1], "{upload}");
    }
}

/// Sends the head and all but the last byte of a body that is large enough to be staged as it comes.
fn begin(process: &Process, path: &str, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(process.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    write!(
        stream,
        "PUT {path} HTTP/1.1\r\nHost: packhouse.test\r\nPRIVATE-TOKEN: {ROOT_TOKEN}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .unwrap();
    stream.write_all(&body[..body.len() - 1]).unwrap();
    stream
}

fn finish(mut stream: TcpStream, body: &[u8]) -> String {
    stream.write_all(&body[body.len() - 1..]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_change_that_fails_in_a_shared_commit_fails_alone() {
    let data = tempfile::tempdir().unwrap();
    let process = Packhouse::on(data.path()).with_root_token().serve();
    rusqlite::Connection::open(data.path().join("packhouse.db"))
        .unwrap()
        .execute(
            "INSERT INTO package_settings (namespace_id, name, value)
             SELECT id, 'generic_duplicates_allowed', 'false' FROM namespaces WHERE full_path = 'local'",
            [],
        )
        .unwrap();
    // All pass the rules before any of them is published, so that the writer itself has to refuse all but one.
    let bodies: Vec<Vec<u8>> = (0..PUBLISHERS as u8).map(|n| vec![n; 1_300_000]).collect();
    let same = format!("{FILES}/same/1/file.bin");
    let begun: Vec<TcpStream> = bodies
        .iter()
        .map(|body| begin(&process, &same, body))
        .collect();
    let tmp = data.path().join("tmp");
    let staged = || fs::read_dir(&tmp).unwrap().count();
    eventually("all are being staged", || staged() == PUBLISHERS);
    let (rivals, neighbours) = thread::scope(|scope| {
        let rivals: Vec<_> = begun
            .into_iter()
            .zip(&bodies)
            .map(|(stream, body)| scope.spawn(move || finish(stream, body)))
            .collect();
        let neighbours: Vec<_> = (0..PUBLISHERS)
            .map(|n| {
                let root = process.root();
                scope.spawn(move || root.put(&format!("{FILES}/other-{n}/1/a"), format!("{n}")))
            })
            .collect();
        let rivals: Vec<String> = rivals.into_iter().map(|t| t.join().unwrap()).collect();
        let neighbours: Vec<_> = neighbours.into_iter().map(|t| t.join().unwrap()).collect();
        (rivals, neighbours)
    });
    let count = |start: &str| {
        rivals
            .iter()
            .filter(|answer| answer.starts_with(start))
            .count()
    };
    assert_eq!(count("HTTP/1.1 201"), 1, "{rivals:?}");
    assert_eq!(count("HTTP/1.1 400"), PUBLISHERS - 1, "{rivals:?}");
    let refused = r#"{"message":"400 Bad request - Duplicate package is not allowed"}"#;
    assert_eq!(
        rivals
            .iter()
            .filter(|answer| answer.ends_with(refused))
            .count(),
        PUBLISHERS - 1
    );
    for (n, answer) in neighbours.into_iter().enumerate() {
        answer.expect(201);
        let kept = process.root().get(&format!("{FILES}/other-{n}/1/a"));
        assert_eq!(kept.expect(200).text(), n.to_string());
    }
    let winner = rivals
        .iter()
        .position(|answer| answer.starts_with("HTTP/1.1 201"));
    assert!(process.root().get(&same).expect(200).body == bodies[winner.unwrap()]);
    eventually("the refused files are gone", || staged() == 0);
}
