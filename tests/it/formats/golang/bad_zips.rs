//! Zips that clients would refuse are refused when they come: one test a rule, and nothing is stored.

use std::time::{Duration, Instant};

use crate::support::TestApp;
use crate::support::archives::zip;
use crate::support::golang::{go_upload, greeter, module_zip};

const HELLO: &str = "example.com/hello";
const GO_MOD: (&str, &str) = ("go.mod", "module example.com/hello\n");

/// 400 with these words, and the disk stays empty.
#[track_caller]
fn refused(body: impl AsRef<[u8]>, words: &str) {
    let app = TestApp::start();
    let answer = app.root().put(&go_upload(1), body).expect(400);
    assert!(answer.text().contains(words), "{words}: {}", answer.text());
    assert!(answer.json()["message"].is_string());
    assert!(app.stored_files().is_empty(), "nothing is stored");
    let list = app.root().get("/api/v4/projects/1/packages").expect(200);
    assert_eq!(list.text(), "[]");
}

#[track_caller]
fn accepted(body: impl AsRef<[u8]>) {
    TestApp::start().root().put(&go_upload(1), body).expect(201);
}

fn hello(files: &[(&str, &str)]) -> Vec<u8> {
    let mut all = vec![GO_MOD];
    all.extend(files);
    module_zip(HELLO, "v1.0.0", &all)
}

/// Overwrites bytes of a member's header in the index.
fn in_index(mut zip: Vec<u8>, name: &str, at: usize, bytes: &[u8]) -> Vec<u8> {
    let name = zip
        .windows(name.len())
        .rposition(|window| window == name.as_bytes())
        .unwrap();
    zip[name - 46 + at..][..bytes.len()].copy_from_slice(bytes);
    zip
}

#[test]
fn what_is_no_zip() {
    refused("hello", "package is invalid");
}

#[test]
fn a_zip_that_breaks_off() {
    let zip = greeter(HELLO, "v1.0.0");
    refused(&zip[..zip.len() / 2], "package is invalid");
}

#[test]
fn a_zip_without_files() {
    refused(zip(&[]), "package has invalid structure");
}

#[test]
fn a_file_that_is_damaged() {
    let crc = in_index(
        hello(&[]),
        "example.com/hello@v1.0.0/go.mod",
        16,
        &[1, 2, 3, 4],
    );
    refused(crc, "package is invalid");
}

#[test]
fn a_prefix_that_is_none() {
    refused(
        zip(&[("go.mod", b"module x\n")]),
        "package has invalid structure",
    );
    refused(
        zip(&[("example.com/hello/go.mod", b"")]),
        "package has invalid structure",
    );
}

#[test]
fn an_entry_with_another_prefix() {
    let other = zip(&[
        ("example.com/hello@v1.0.0/go.mod", GO_MOD.1.as_bytes()),
        ("example.com/hello@v1.0.1/a.go", b"package a\n"),
    ]);
    refused(other, "package has invalid structure");
}

#[test]
fn module_paths_that_go_does_not_take() {
    for path in [
        "hello",
        "Example.com/hello",
        "example.com/.hello",
        "example.com/hello.",
        "example.com//hello",
        "/example.com/hello",
        "example.com/hel lo",
        "example.com/con",
        "example.com/hello~1",
        "example.com/hello/v1",
        "gopkg.in/hello",
    ] {
        let go_mod = format!("module {path}\n");
        let body = module_zip(path, "v1.0.0", &[("go.mod", &go_mod)]);
        let words = match path.starts_with('/') {
            true => "package has invalid structure",
            false => "module path is invalid",
        };
        refused(body, words);
    }
}

#[test]
fn versions_that_are_not_canonical() {
    for version in [
        "1.0.0",
        "v1.0",
        "v1",
        "v01.0.0",
        "v1.0.0+build",
        "main",
        "v1.0.0-01",
    ] {
        refused(greeter(HELLO, version), "package version is invalid");
    }
}

#[test]
fn a_major_version_that_is_not_that_of_the_path() {
    refused(
        greeter(HELLO, "v2.0.0"),
        "version does not match module path",
    );
    refused(
        greeter("example.com/hello/v2", "v1.0.0"),
        "version does not match module path",
    );
    refused(
        greeter("example.com/hello/v2", "v3.0.0"),
        "version does not match module path",
    );
    refused(
        greeter("gopkg.in/hello.v2", "v3.0.0"),
        "version does not match module path",
    );
    accepted(greeter("example.com/hello/v2", "v2.0.0"));
    accepted(greeter("gopkg.in/hello.v2", "v2.0.0"));
}

#[test]
fn incompatible_code_that_has_a_go_mod() {
    refused(
        greeter(HELLO, "v2.0.0+incompatible"),
        "version does not match module path",
    );
    accepted(module_zip(
        HELLO,
        "v2.0.0+incompatible",
        &[("a.go", "package a\n")],
    ));
}

#[test]
fn names_that_differ_in_case_alone() {
    refused(
        hello(&[("README", ""), ("readme", "")]),
        "differs from another name in case alone",
    );
    refused(
        hello(&[("a/x.go", ""), ("A/y.go", "")]),
        "differs from another name in case alone",
    );
    refused(
        hello(&[("\u{3c3}.txt", ""), ("\u{3c2}.txt", "")]),
        "differs from another name in case alone",
    );
}

#[test]
fn names_that_stand_there_twice() {
    refused(hello(&[("a.go", ""), ("a.go", "x")]), "stands there twice");
    refused(
        hello(&[("a", ""), ("a/b", "")]),
        "is both a file and a folder",
    );
}

#[test]
fn names_that_leave_the_folder() {
    for name in ["../a.go", "a/../../b.go", "a\\b.go", "./a.go", "a//b.go"] {
        refused(hello(&[(name, "")]), "package has invalid structure");
    }
    refused(
        zip(&[("/etc/passwd", b"")]),
        "package has invalid structure",
    );
    refused(
        zip(&[("../example.com/x@v1.0.0/a", b"")]),
        "package has invalid structure",
    );
}

#[test]
fn names_that_some_system_cannot_have() {
    for name in ["nul.go", "a:b.go", "a*.go", "a.", "a\nb"] {
        refused(hello(&[(name, "")]), "package has invalid structure");
    }
}

#[test]
fn a_link() {
    let name = "example.com/hello@v1.0.0/link";
    let link = in_index(hello(&[("link", "go.mod")]), name, 5, &[3]);
    let link = in_index(link, name, 38, &(0o120_777_u32 << 16).to_le_bytes());
    refused(link, "is a link");
}

#[test]
fn a_go_mod_below_the_root() {
    refused(
        hello(&[("sub/go.mod", "module example.com/hello/sub\n")]),
        "package has invalid structure",
    );
    refused(
        hello(&[("sub/GO.MOD", "")]),
        "package has invalid structure",
    );
}

#[test]
fn a_go_mod_in_other_case() {
    let body = module_zip(HELLO, "v1.0.0", &[("Go.mod", GO_MOD.1)]);
    refused(body, "must be written `go.mod`");
}

#[test]
fn a_go_mod_or_a_license_that_is_too_large() {
    let large = format!("{}//{}", GO_MOD.1, "x".repeat(16 << 20));
    let body = module_zip(HELLO, "v1.0.0", &[("go.mod", &large)]);
    refused(body, "go.mod file is too large");
    refused(hello(&[("LICENSE", &large)]), "LICENSE file is too large");
    accepted(hello(&[("LICENSE.txt", &large)]));
}

#[test]
fn a_go_mod_of_another_module() {
    for go_mod in [
        "module example.com/other\n",
        "module example.com/Hello\n",
        "module \"example.com/hello/v2\"\n",
    ] {
        let body = module_zip(HELLO, "v1.0.0", &[("go.mod", go_mod)]);
        refused(body, "go.mod file has a different module path");
    }
    let body = module_zip(HELLO, "v1.0.0", &[("go.mod", "go 1.19\n")]);
    refused(body, "go.mod file has no module path");
    accepted(module_zip(
        HELLO,
        "v1.0.0",
        &[("go.mod", "// x\nmodule `example.com/hello` // y\n")],
    ));
}

#[test]
fn more_than_500_mib_in_all() {
    let name = "example.com/hello@v1.0.0/large.bin";
    let size = (500_u32 << 20).to_le_bytes();
    let body = in_index(hello(&[("large.bin", "small")]), name, 24, &size);
    refused(body, "File is too large");
}

#[test]
fn a_bomb_that_lies_about_its_size() {
    let zeros = "\0".repeat(32 << 20);
    let name = "example.com/hello@v1.0.0/zeros";
    let body = in_index(hello(&[("zeros", &zeros)]), name, 24, &10_u32.to_le_bytes());
    let start = Instant::now();
    refused(body, "is larger than");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn folders_of_a_zip_are_no_files() {
    let name = |path: &str| format!("{HELLO}@v1.0.0/{path}");
    let names = [name(""), name("sub/"), name("sub/a.go"), name("go.mod")];
    accepted(zip(&[
        (&names[0], b""),
        (&names[1], b""),
        (&names[2], b"package a\n"),
        (&names[3], GO_MOD.1.as_bytes()),
    ]));
    refused(
        zip(&[(&names[1], b"x"), (&names[3], GO_MOD.1.as_bytes())]),
        "has bytes",
    );
}

#[test]
fn ten_times_the_files_take_ten_times_the_time() {
    let folders = |depth: usize, count: usize| {
        let files: Vec<String> = (0..count)
            .map(|n| format!("{}{n}.go", format!("d{n}/").repeat(depth)))
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|name| (name.as_str(), "")).collect();
        hello(&files)
    };
    let app = TestApp::start();
    let start = Instant::now();
    let deep = folders(200, 1_500);
    let answer = app.root().put(&go_upload(1), deep).expect(400);
    assert!(
        answer.text().contains("too many folders"),
        "{}",
        answer.text()
    );
    accepted(folders(20, 1_000));
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
}
