//! SIGTERM: running requests finish, counters are written down, the exit code is 0.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::support::{Packhouse, Process, ROOT_TOKEN, eventually};

const FILES: &str = "/api/v4/projects/1/packages/generic";
/// More than the sockets of both sides hold, so that the download is still running.
const LARGE: usize = 48 << 20;

fn connect(process: &Process, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(process.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    write!(
        stream,
        "{head} HTTP/1.1\r\nHost: packhouse.test\r\nPRIVATE-TOKEN: {ROOT_TOKEN}\r\n"
    )
    .unwrap();
    stream
}

/// Everything up to the empty line.
fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "the answer begins");
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn last_download(process: &Process, name: &str) -> serde_json::Value {
    let list = format!("/api/v4/projects/1/packages?package_name={name}");
    let id = process.root().get(&list).expect(200).json()[0]["id"].clone();
    let package = format!("/api/v4/projects/1/packages/{id}");
    process.root().get(&package).expect(200).json()["last_downloaded_at"].clone()
}

#[test]
fn a_running_upload_and_a_slow_download_finish_before_the_end() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Packhouse::on(data.path()).with_root_token().serve();
    let (large, path) = (vec![7; LARGE], format!("{FILES}/large/1/large.bin"));
    process.root().put(&path, &large).expect(201);

    let mut download = connect(&process, &format!("GET {path}"));
    download.write_all(b"\r\n").unwrap();
    assert!(read_head(&mut download).starts_with("HTTP/1.1 200"));
    let mut upload = connect(&process, &format!("PUT {FILES}/late/1/late.bin"));
    write!(upload, "Content-Length: {}\r\n\r\n", 2 << 20).unwrap();
    upload.write_all(&vec![9; 3 << 19]).unwrap();
    let staged = || std::fs::read_dir(data.path().join("tmp")).unwrap().count();
    eventually("the upload is being written", || staged() == 1);

    process.terminate();
    eventually("nobody new is let in", || {
        TcpStream::connect(process.address).is_err()
    });
    upload.write_all(&vec![9; 1 << 19]).unwrap();
    assert!(read_head(&mut upload).starts_with("HTTP/1.1 201"));
    let mut received = Vec::new();
    download.read_to_end(&mut received).unwrap();
    assert!(received == large, "the download came whole");
    drop((upload, download));
    assert_eq!(process.wait().code(), Some(0), "{}", process.stderr());

    let again = Packhouse::on(data.path()).serve();
    let late = again.root().get(&format!("{FILES}/late/1/late.bin"));
    assert!(late.expect(200).body == vec![9; 2 << 20]);
    assert!(last_download(&again, "large").is_string());
}

#[test]
fn what_was_counted_last_is_written_down_at_the_end() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Packhouse::on(data.path()).with_root_token().serve();
    let names: Vec<String> = (0..5).map(|n| format!("tool-{n}")).collect();
    let path = |name: &str| format!("{FILES}/{name}/1/a");
    for name in &names {
        process.root().put(&path(name), "a").expect(201);
    }
    for name in &names {
        process.anonymous().get(&path(name)).expect(200);
    }
    process.stop(); // at once: the flush of every second has hardly come in between
    let again = Packhouse::on(data.path()).serve();
    for name in &names {
        assert!(last_download(&again, name).is_string(), "{name}");
    }
    let unread = format!("{FILES}/unread/1/a");
    again.root().put(&unread, "a").expect(201);
    assert!(last_download(&again, "unread").is_null());
}

#[test]
fn connections_that_wait_for_their_next_request_do_not_hold_up_the_end() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Packhouse::on(data.path()).with_root_token().serve();
    let mut idle = connect(&process, "GET /-/liveness");
    idle.write_all(b"\r\n").unwrap();
    assert!(read_head(&mut idle).starts_with("HTTP/1.1 200"));
    let start = Instant::now();
    process.stop();
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    let _ = idle.shutdown(Shutdown::Both);
}

#[test]
fn a_second_signal_does_not_wait_for_a_client_that_has_stopped_reading() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Packhouse::on(data.path()).with_root_token().serve();
    let path = format!("{FILES}/large/1/large.bin");
    process.root().put(&path, vec![7; LARGE]).expect(201);
    let mut stuck = connect(&process, &format!("GET {path}"));
    stuck.write_all(b"\r\n").unwrap();
    assert!(read_head(&mut stuck).starts_with("HTTP/1.1 200"));
    process.terminate();
    eventually("nobody new is let in", || {
        TcpStream::connect(process.address).is_err()
    });
    let start = Instant::now();
    process.terminate();
    assert_eq!(process.wait().code(), Some(0), "{}", process.stderr());
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}
