//! Bytes on their way out: whole, in part, known already, and never as a page of this server.

use serde_json::json;

use super::only_package;
use crate::support::seeds::{PUB, Seeds, files, generic, sha256};
use crate::support::{Actor, Answer, TestApp};

const BYTES: &[u8] = b"0123456789abcdef";

fn path() -> String {
    generic(PUB, "tool/1.0/a.bin")
}

/// A server with one file of sixteen bytes.
fn start() -> Seeds {
    let seeds = Seeds::start();
    seeds.user("developer").put(&path(), BYTES).expect(201);
    seeds
}

fn ask(seeds: &Seeds, headers: &[(&str, &str)]) -> Answer {
    let with = |caller: Actor, (name, value): &(&str, &str)| caller.with(name, value);
    headers.iter().fold(seeds.anonymous(), with).get(&path())
}

#[test]
fn a_download_has_its_headers() {
    let seeds = start();
    let answer = seeds.anonymous().get(&path()).expect(200);
    assert_eq!(answer.body, BYTES);
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("content-length"), "16");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"a.bin\"; filename*=UTF-8''a.bin"
    );
    assert_eq!(answer.header("x-checksum-sha256"), sha256(BYTES));
    assert_eq!(answer.header("etag"), format!("\"{}\"", sha256(BYTES)));
    assert_eq!(answer.header("accept-ranges"), "bytes");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("last-modified").ends_with(" GMT"));
}

#[test]
fn hostile_html_is_bytes_to_be_saved_and_nothing_else() {
    let seeds = Seeds::start();
    let path = generic(PUB, "tool/1.0/index.html");
    seeds
        .user("developer")
        .with("Content-Type", "text/html")
        .put(&path, b"<script>alert(document.cookie)</script>")
        .expect(201);
    let file = seeds
        .anonymous()
        .get(&files(PUB, only_package(&seeds)))
        .expect(200)
        .json()[0]["id"]
        .clone();
    let by_id = format!("{}/{file}/download", files(PUB, only_package(&seeds)));
    for path in [path, by_id] {
        for caller in [
            seeds.with_header("Accept", "text/html"),
            seeds.with_header("Range", "bytes=0-5"),
        ] {
            let answer = caller.get(&path);
            assert!([200, 206].contains(&answer.status));
            assert_eq!(answer.header("content-type"), "application/octet-stream");
            assert!(
                answer
                    .header("content-disposition")
                    .starts_with("attachment;")
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            let policy = answer.header("content-security-policy");
            assert!(
                policy.contains("sandbox") && policy.contains("default-src 'none'"),
                "{policy}"
            );
        }
    }
}

#[test]
fn head_tells_everything_but_the_bytes() {
    let seeds = start();
    let head = seeds.anonymous().head(&path()).expect(200);
    assert!(head.body.is_empty());
    for (header, value) in [("content-length", "16"), ("accept-ranges", "bytes")] {
        assert_eq!(head.header(header), value);
    }
    assert_eq!(head.header("x-checksum-sha256"), sha256(BYTES));
    seeds
        .anonymous()
        .head(&generic(PUB, "tool/1.0/none"))
        .expect(404);
}

#[test]
fn a_single_range_is_served() {
    let seeds = start();
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=0-4", 0, 5),
        ("bytes=5-9", 5, 10),
        ("bytes=10-", 10, 16),
        ("bytes=10-999", 10, 16),
        ("bytes=-3", 13, 16),
        ("bytes=-999", 0, 16),
        ("bytes=15-15", 15, 16),
    ] {
        let answer = ask(&seeds, &[("Range", range)]).expect(206);
        assert_eq!(answer.body, &BYTES[from..to], "{range}");
        assert_eq!(
            answer.header("content-range"),
            format!("bytes {from}-{}/16", to - 1)
        );
        assert_eq!(answer.header("content-length"), (to - from).to_string());
        assert_eq!(
            answer.header("x-checksum-sha256"),
            sha256(BYTES),
            "the whole file's"
        );
    }
}

#[test]
fn a_range_beyond_the_end_is_416_with_the_size() {
    let seeds = start();
    for range in [
        "bytes=16-",
        "bytes=16-20",
        "bytes=99999999999999999999-",
        "bytes=-0",
    ] {
        let answer = ask(&seeds, &[("Range", range)]).expect(416);
        assert_eq!(answer.header("content-range"), "bytes */16", "{range}");
    }
}

#[test]
fn what_is_no_single_range_gets_the_whole_file() {
    let seeds = start();
    for range in [
        "bytes=5-4",
        "bytes=-",
        "bytes=a-b",
        "bytes=0-1,3-4",
        "items=0-1",
        "bytes",
        "",
    ] {
        assert_eq!(
            ask(&seeds, &[("Range", range)]).expect(200).body,
            BYTES,
            "{range}"
        );
    }
}

#[test]
fn if_range_serves_a_part_of_the_same_bytes_alone() {
    let seeds = start();
    let etag = format!("\"{}\"", sha256(BYTES));
    let modified = seeds
        .anonymous()
        .get(&path())
        .expect(200)
        .header("last-modified")
        .to_owned();
    let part = ("Range", "bytes=4-7");
    for good in [&etag, &modified] {
        assert_eq!(
            ask(&seeds, &[part, ("If-Range", good)]).expect(206).body,
            b"4567"
        );
    }
    for bad in [
        "\"other\"",
        &format!("W/{etag}"),
        "Thu, 01 Jan 2026 00:00:00 GMT",
        "nonsense",
        "",
    ] {
        assert_eq!(
            ask(&seeds, &[part, ("If-Range", bad)]).expect(200).body,
            BYTES,
            "{bad}"
        );
    }
    // Without the same bytes an impossible range is no error either.
    ask(&seeds, &[("Range", "bytes=99-"), ("If-Range", "\"other\"")]).expect(200);
}

#[test]
fn what_the_client_has_already_is_304() {
    let seeds = start();
    let etag = format!("\"{}\"", sha256(BYTES));
    for tags in [
        etag.clone(),
        "*".into(),
        format!("W/{etag}"),
        format!("\"x\", {etag}"),
    ] {
        let answer = ask(&seeds, &[("If-None-Match", &tags)]).expect(304);
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), etag);
        seeds
            .anonymous()
            .with("If-None-Match", &tags)
            .head(&path())
            .expect(304);
    }
    for tags in ["\"other\"", "other", ""] {
        assert_eq!(
            ask(&seeds, &[("If-None-Match", tags)]).expect(200).body,
            BYTES
        );
    }
}

#[test]
fn if_modified_since_counts_where_no_tag_is_sent() {
    let seeds = start();
    let modified = seeds
        .anonymous()
        .get(&path())
        .expect(200)
        .header("last-modified")
        .to_owned();
    let since = "If-Modified-Since";
    ask(&seeds, &[(since, &modified)]).expect(304);
    ask(&seeds, &[(since, "Fri, 01 Jan 2100 00:00:00 GMT")]).expect(304);
    ask(&seeds, &[(since, "Thu, 01 Jan 2026 00:00:00 GMT")]).expect(200);
    ask(&seeds, &[(since, "yesterday")]).expect(200);
    ask(
        &seeds,
        &[(since, &modified), ("If-None-Match", "\"other\"")],
    )
    .expect(200);
}

#[test]
fn the_etag_is_the_same_after_a_restart() {
    let seeds = start();
    let before = seeds.anonymous().get(&path()).expect(200);
    let data = seeds.app.stop();
    let app = TestApp::start_in(data, |_| {});
    let after = app.anonymous().get(&path()).expect(200);
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_eq!(
        after.header("last-modified"),
        before.header("last-modified")
    );
    assert_eq!(after.body, BYTES);
    app.anonymous()
        .with("If-None-Match", before.header("etag"))
        .get(&path())
        .expect(304);
}

#[test]
fn a_file_of_many_chunks_comes_whole_and_in_parts() {
    let seeds = Seeds::start();
    let bytes: Vec<u8> = (0..3_000_000u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let path = generic(PUB, "tool/1.0/large.bin");
    seeds.user("developer").put(&path, &bytes).expect(201);
    assert_eq!(seeds.anonymous().get(&path).expect(200).body, bytes);
    let part = seeds
        .anonymous()
        .with("Range", "bytes=300000-2700000")
        .get(&path)
        .expect(206);
    assert_eq!(part.body, &bytes[300_000..=2_700_000]);
    let tail = seeds
        .anonymous()
        .with("Range", "bytes=-1000001")
        .get(&path)
        .expect(206);
    assert_eq!(tail.body, &bytes[bytes.len() - 1_000_001..]);
}

#[test]
fn every_gate_holds_for_every_way_to_ask() {
    let seeds = start();
    seeds.run("UPDATE projects SET visibility = 0 WHERE id = ?1", [PUB]);
    let etag = format!("\"{}\"", sha256(BYTES));
    let ways: [&[(&str, &str)]; 4] = [
        &[],
        &[("Range", "bytes=0-3")],
        &[("If-None-Match", &etag)],
        &[("Range", "bytes=99-")],
    ];
    for way in ways {
        let with = |caller: Actor, (name, value): &(&str, &str)| caller.with(name, value);
        for (caller, status) in [
            (seeds.anonymous(), 401),
            (seeds.user("stranger"), 404),
            (seeds.with_token("x"), 401),
        ] {
            let caller = way.iter().fold(caller, with);
            assert_eq!(caller.get(&path()).status, status, "{way:?}");
            assert_eq!(caller.head(&path()).status, status, "{way:?}");
        }
    }
}

#[test]
fn a_missing_blob_is_our_failure_and_tells_nothing_of_the_disk() {
    let seeds = start();
    for stored in seeds.stored_files() {
        std::fs::remove_file(stored).unwrap();
    }
    let answer = seeds.anonymous().get(&path());
    answer.expect_json(500, json!({ "message": "500 Internal Server Error" }));
}
