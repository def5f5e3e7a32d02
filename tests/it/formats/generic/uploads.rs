//! Bodies on their way in: chunked, empty, absent, multipart, too large, broken off, and promises about them.

use std::time::{Duration, Instant};

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};

use super::{only_package, uploaded};
use crate::support::seeds::{PUB, Seeds, files, generic, md5, package, packages, sha1, sha256};
use crate::support::{Answer, Raw};

const PATH: &str = "tool/1.0/a.txt";

fn put_line() -> String {
    format!("PUT {}", generic(PUB, PATH))
}

/// A server whose generic packages may have a kilobyte.
fn with_small_limit() -> Seeds {
    Seeds::start_with_file("[limits]\ngeneric = 1024\n")
}

fn too_large() -> Value {
    json!({ "message": "413 Request Entity Too Large - File is too large: the limit for generic is 1 KiB" })
}

/// Waits until no upload is on its way any more, then looks at what is on the disk.
fn settled(seeds: &Seeds) -> Vec<std::path::PathBuf> {
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        let stored = seeds.stored_files();
        let under_way = stored
            .iter()
            .any(|path| path.starts_with(seeds.data().join("tmp")));
        if !under_way || Instant::now() > patience {
            return stored;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn nothing_is_there(seeds: &Seeds) {
    assert_eq!(settled(seeds), Vec::<std::path::PathBuf>::new());
    assert_eq!(
        seeds.user("owner").get(&packages(PUB)).expect(200).json(),
        json!([])
    );
}

#[test]
fn a_chunked_body_needs_no_content_length() {
    let seeds = Seeds::start();
    let token = seeds.token("developer");
    let mut raw = Raw::connect(seeds.address);
    raw.head(
        &put_line(),
        &[("PRIVATE-TOKEN", &token), ("Transfer-Encoding", "chunked")],
    );
    raw.chunk(b"one ")
        .chunk(b"two ")
        .chunk(&[b'x'; 70_000])
        .chunk(b"");
    raw.answer().expect_json(201, uploaded());
    let expected = [b"one two ".as_slice(), &[b'x'; 70_000]].concat();
    assert_eq!(
        seeds.anonymous().get(&generic(PUB, PATH)).expect(200).body,
        expected
    );
}

#[test]
fn an_empty_file_says_that_it_is_empty() {
    let seeds = Seeds::start();
    let token = seeds.token("developer");
    let mut raw = Raw::connect(seeds.address);
    raw.head(&put_line(), &[("PRIVATE-TOKEN", &token)]);
    raw.answer()
        .expect_json(400, json!({ "error": "file is missing" }));
    nothing_is_there(&seeds);

    let mut raw = Raw::connect(seeds.address);
    raw.head(
        &put_line(),
        &[("PRIVATE-TOKEN", &token), ("Content-Length", "0")],
    );
    raw.answer().expect_json(201, uploaded());
    let answer = seeds.anonymous().get(&generic(PUB, PATH)).expect(200);
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("content-length"), "0");
    assert_eq!(answer.header("x-checksum-sha256"), sha256(""));
    let file = seeds
        .anonymous()
        .get(&files(PUB, only_package(&seeds)))
        .expect(200)
        .json()[0]
        .clone();
    assert_eq!(file["size"], 0);
    let range = seeds
        .anonymous()
        .with("Range", "bytes=0-")
        .get(&generic(PUB, PATH))
        .expect(416);
    assert_eq!(range.header("content-range"), "bytes */0");
}

fn multipart(name: &str) -> (String, Vec<u8>) {
    let body = format!(
        "--limit\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nnot this\r\n\
         --limit\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"../../x\"\r\n\
         Content-Type: text/html\r\n\r\nthe file\r\n--limit--\r\n"
    );
    (
        "multipart/form-data; boundary=limit".to_owned(),
        body.into_bytes(),
    )
}

#[test]
fn of_a_multipart_body_the_part_file_is_stored_and_no_framing() {
    let seeds = Seeds::start();
    let (kind, body) = multipart("file");
    let developer = seeds.user("developer").with("Content-Type", &kind);
    developer
        .put(&generic(PUB, PATH), &body)
        .expect_json(201, uploaded());
    assert_eq!(
        seeds.anonymous().get(&generic(PUB, PATH)).expect(200).body,
        b"the file"
    );
    assert_eq!(seeds.stored_files().len(), 1);
}

#[test]
fn a_multipart_body_without_a_file_or_an_end_stores_nothing() {
    let seeds = Seeds::start();
    let (kind, body) = multipart("files");
    let developer = seeds.user("developer").with("Content-Type", &kind);
    developer
        .put(&generic(PUB, PATH), &body)
        .expect_json(400, json!({ "error": "file is missing" }));
    let (_, body) = multipart("file");
    for broken in [
        &body[..body.len() - 30],
        b"no multipart at all".as_slice(),
        b"--limit\r\n",
    ] {
        developer.put(&generic(PUB, PATH), broken).expect(400);
    }
    let without_boundary = seeds
        .user("developer")
        .with("Content-Type", "multipart/form-data");
    without_boundary.put(&generic(PUB, PATH), &body).expect(400);
    nothing_is_there(&seeds);
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let seeds = with_small_limit();
    let token = seeds.token("developer");
    let mut raw = Raw::connect(seeds.address);
    // Not one byte of the body is sent: the answer comes all the same.
    raw.head(
        &put_line(),
        &[("PRIVATE-TOKEN", &token), ("Content-Length", "1025")],
    );
    raw.answer().expect_json(413, too_large());
    nothing_is_there(&seeds);
    seeds
        .user("developer")
        .put(&generic(PUB, PATH), [b'x'; 1024])
        .expect(201);
}

#[test]
fn a_chunked_body_is_stopped_where_it_crosses_the_limit() {
    let seeds = with_small_limit();
    let token = seeds.token("developer");
    let send = |bytes: &[usize], end: bool| -> Answer {
        let mut raw = Raw::connect(seeds.address);
        raw.head(
            &put_line(),
            &[("PRIVATE-TOKEN", &token), ("Transfer-Encoding", "chunked")],
        );
        for length in bytes {
            raw.chunk(&vec![b'x'; *length]);
        }
        if end {
            raw.chunk(b"");
        }
        raw.answer()
    };
    send(&[1000, 25], true).expect_json(413, too_large());
    send(&[600, 600], false).expect_json(413, too_large()); // without waiting for the end
    nothing_is_there(&seeds);
    send(&[1000, 24], true).expect(201);
}

#[test]
fn the_limit_counts_the_file_in_a_multipart_body_too() {
    let seeds = with_small_limit();
    let token = seeds.token("developer");
    let framed = |length: usize| {
        let mut body =
            b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n"
                .to_vec();
        body.extend(vec![b'x'; length]);
        body.extend(b"\r\n--b--\r\n");
        body
    };
    let mut raw = Raw::connect(seeds.address);
    let kind = ("Content-Type", "multipart/form-data; boundary=b");
    raw.head(
        &put_line(),
        &[
            ("PRIVATE-TOKEN", &token),
            ("Transfer-Encoding", "chunked"),
            kind,
        ],
    );
    raw.chunk(&framed(1025)).chunk(b"");
    raw.answer().expect_json(413, too_large());
    nothing_is_there(&seeds);
}

#[test]
fn no_limit_means_no_limit() {
    let seeds = Seeds::start_with_file("[limits]\ngeneric = 0\n");
    let bytes = vec![b'x'; 3 << 20];
    seeds
        .user("developer")
        .put(&generic(PUB, PATH), &bytes)
        .expect(201);
    assert_eq!(
        seeds.anonymous().get(&generic(PUB, PATH)).expect(200).body,
        bytes
    );
}

#[test]
fn who_expects_a_continue_gets_one_and_uploads() {
    let seeds = Seeds::start();
    let token = seeds.token("developer");
    let mut raw = Raw::connect(seeds.address);
    raw.head(
        &put_line(),
        &[
            ("PRIVATE-TOKEN", &token),
            ("Content-Length", "5"),
            ("Expect", "100-continue"),
        ],
    );
    assert_eq!(raw.read_head(), "HTTP/1.1 100 Continue");
    raw.send(b"bytes").answer().expect_json(201, uploaded());
}

#[test]
fn who_expects_a_continue_and_is_refused_is_told_without_a_body_and_hung_up_on() {
    let seeds = with_small_limit();
    let (token, guest) = (seeds.token("developer"), seeds.token("guest"));
    for (token, length, status) in [
        (&token, "2000000", 413),
        (&guest, "5", 403),
        (&"glpat-no".to_owned(), "5", 401),
    ] {
        let mut raw = Raw::connect(seeds.address);
        let request = format!(
            "{} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {token}\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n",
            put_line()
        );
        let answer = raw.send(request).answer();
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.header("connection"), "close");
        assert_eq!(raw.rest(), "", "the server hangs up");
    }
    nothing_is_there(&seeds);
}

#[test]
fn who_announces_too_much_is_never_told_to_continue() {
    let seeds = with_small_limit();
    let token = seeds.token("developer");
    let mut raw = Raw::connect(seeds.address);
    let expect = ("Expect", "100-continue");
    let headers = [
        ("PRIVATE-TOKEN", token.as_str()),
        ("Content-Length", "1025"),
        expect,
    ];
    let head = raw.head(&put_line(), &headers).read_head();
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    assert!(
        raw.rest()
            .contains("File is too large: the limit for generic is 1 KiB")
    );
    nothing_is_there(&seeds);
}

#[test]
fn an_interrupted_upload_leaves_nothing_behind() {
    let seeds = Seeds::start();
    let token = seeds.token("developer");
    let hang_up = |headers: &[(&str, &str)], body: &[u8]| {
        let mut raw = Raw::connect(seeds.address);
        raw.head(&put_line(), headers).send(body);
    };
    let large = vec![b'x'; 300_000];
    hang_up(
        &[("PRIVATE-TOKEN", &token), ("Content-Length", "1000000")],
        &large,
    );
    hang_up(
        &[("PRIVATE-TOKEN", &token), ("Content-Length", "1000000")],
        b"",
    );
    let chunked = ("Transfer-Encoding", "chunked");
    hang_up(&[("PRIVATE-TOKEN", &token), chunked], b"ff\r\nnot so many");
    hang_up(&[("PRIVATE-TOKEN", &token), chunked], b"3\r\nabc\r\n");
    // The server still works, and what it finished later than the others is there alone.
    seeds
        .user("developer")
        .put(&generic(PUB, "done/1.0/x"), b"x")
        .expect(201);
    let patience = Instant::now() + Duration::from_secs(10);
    while settled(&seeds).len() > 1 {
        assert!(Instant::now() < patience, "{:?}", seeds.stored_files());
        std::thread::sleep(Duration::from_millis(20));
    }
    seeds.anonymous().get(&generic(PUB, PATH)).expect(404);
    assert_eq!(
        seeds
            .anonymous()
            .get(&packages(PUB))
            .expect(200)
            .header("x-total"),
        "1"
    );
}

#[test]
fn a_broken_chunk_is_refused() {
    let seeds = Seeds::start();
    let token = seeds.token("developer");
    let mut raw = Raw::connect(seeds.address);
    raw.head(
        &put_line(),
        &[("PRIVATE-TOKEN", &token), ("Transfer-Encoding", "chunked")],
    );
    let answer = raw.send(b"3\r\nabc\r\nzz\r\nx\r\n0\r\n\r\n").answer();
    assert_eq!(answer.status, 400, "{}", answer.text());
    nothing_is_there(&seeds);
}

#[test]
fn what_the_client_promises_of_its_bytes_must_be_true() {
    let seeds = Seeds::start();
    let bytes = b"bytes";
    let in_base64 = |hex: String| BASE64.encode(&HEXLOWER.decode(hex.as_bytes()).unwrap());
    let good = [
        ("X-Checksum-Sha256", sha256(bytes)),
        ("X-Checksum-Sha256", sha256(bytes).to_uppercase()),
        ("X-Checksum-Sha1", sha1(bytes)),
        ("X-Checksum-Md5", md5(bytes)),
        ("Content-MD5", in_base64(md5(bytes))),
        ("Digest", format!("SHA-256={}", in_base64(sha256(bytes)))),
        (
            "Digest",
            format!(
                "md5={},sha-256={}",
                in_base64(md5(bytes)),
                in_base64(sha256(bytes))
            ),
        ),
        ("Digest", "unixsum=30637".to_owned()),
    ];
    let bad = [
        ("X-Checksum-Sha256", sha256("other")),
        ("X-Checksum-Sha256", "".to_owned()),
        ("X-Checksum-Sha1", sha1("other")),
        ("X-Checksum-Md5", md5("other")),
        ("Content-MD5", in_base64(md5("other"))),
        ("Content-MD5", md5(bytes)),
        ("Digest", format!("SHA-256={}", in_base64(sha256("other")))),
        (
            "Digest",
            format!(
                "md5={}, sha-256={}",
                in_base64(md5(bytes)),
                in_base64(sha256("other"))
            ),
        ),
    ];
    let developer = seeds.user("developer");
    for (header, value) in bad {
        let answer = developer
            .with(header, &value)
            .put(&generic(PUB, PATH), bytes)
            .expect(400);
        let text = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(
            text.starts_with("400 Bad request - ") && text.contains(&header.to_lowercase()),
            "{text}"
        );
    }
    nothing_is_there(&seeds);
    for (header, value) in good {
        developer
            .with(header, &value)
            .put(&generic(PUB, PATH), bytes)
            .expect(201);
    }
}

#[test]
fn two_requests_on_one_connection_do_not_mix() {
    let seeds = Seeds::start();
    let token = seeds.token("developer");
    let mut raw = Raw::connect(seeds.address);
    let first = format!(
        "{} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {token}\r\nContent-Length: 5\r\n\r\nbytes",
        put_line()
    );
    let second = format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        generic(PUB, PATH)
    );
    raw.send(first).send(second);
    let head = raw.read_head();
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    let rest = raw.rest();
    assert!(
        rest.starts_with("{\"message\":\"201 Created\"}HTTP/1.1 200"),
        "{rest}"
    );
    assert!(rest.ends_with("\r\n\r\nbytes"), "{rest}");
}

#[test]
fn a_refused_body_is_never_taken_for_the_next_request() {
    let seeds = with_small_limit();
    let smuggled = format!(
        "DELETE {} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {}\r\n\r\n",
        package(
            PUB,
            seeds.plant(PUB, &crate::support::seeds::Planted::generic("kept"))
        ),
        seeds.token("maintainer")
    );
    let padded = format!("{smuggled}{}", "x".repeat(2000));
    for token in [
        seeds.token("guest"),
        seeds.token("developer"),
        "glpat-no".to_owned(),
    ] {
        let mut raw = Raw::connect(seeds.address);
        let head = format!(
            "{} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {token}\r\nContent-Length: {}\r\n\r\n",
            put_line(),
            padded.len()
        );
        raw.send(head).send(&padded);
        raw.send(format!(
            "GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            packages(PUB)
        ));
        let head = raw.read_head();
        assert!(head.starts_with("HTTP/1.1 4"), "{head}");
        assert!(!raw.rest().contains("HTTP/1.1 204"));
    }
    assert_eq!(
        seeds
            .anonymous()
            .get(&packages(PUB))
            .expect(200)
            .header("x-total"),
        "1"
    );
}

#[test]
fn a_content_type_of_the_client_is_never_believed() {
    let seeds = Seeds::start();
    for kind in [
        "text/html",
        "application/json",
        "application/x-www-form-urlencoded",
        "",
    ] {
        let developer = seeds.user("developer").with("Content-Type", kind);
        developer
            .put(&generic(PUB, PATH), format!("a=b&{kind}"))
            .expect(201);
        let answer = seeds.anonymous().get(&generic(PUB, PATH)).expect(200);
        assert_eq!(answer.text(), format!("a=b&{kind}"));
        assert_eq!(answer.header("content-type"), "application/octet-stream");
    }
}

#[test]
fn two_lengths_for_one_body_smuggle_nothing() {
    let seeds = Seeds::start();
    let token = seeds.token("maintainer");
    let kept = seeds.plant(PUB, &crate::support::seeds::Planted::generic("kept"));
    let inner = format!(
        "DELETE {} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {token}\r\n\r\n",
        package(PUB, kept)
    );
    for lengths in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n".to_owned(),
        format!(
            "Content-Length: 5\r\nContent-Length: {}\r\n",
            5 + inner.len()
        ),
        "Transfer-Encoding: chunked, identity\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
    ] {
        let mut raw = Raw::connect(seeds.address);
        let head = format!(
            "{} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {token}\r\n{lengths}\r\n",
            put_line()
        );
        raw.send(head).send("0\r\n\r\n").send(&inner);
        let first = raw.read_head();
        assert!(
            !first.contains(" 204 ") && !first.contains(" 5"),
            "{lengths}: {first}"
        );
    }
    // What stands behind the one length that counts is a request of its own, and only that: nobody hid it.
    let stored = settled(&seeds);
    assert!(stored.len() <= 1, "{stored:?}");
}
