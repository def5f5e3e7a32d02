//! What must be refused, and leave nothing behind.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::{NPM, document, put, release, tarball, tarball_of};
use crate::support::{Packhouse, TestApp};

#[test]
fn a_broken_document_is_refused_and_leaves_nothing_behind() {
    let app = TestApp::start();
    let root = app.root();
    let manifest = json!({ "name": "demo", "version": "1.0.0" });
    let good = document(&manifest, &tarball_of(&manifest));
    let path = format!("{NPM}/demo");
    let text = good.to_string();
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"name\":",
        &text[..text.len() / 2],
        &text[..text.len() - 1],
    ] {
        let answer = root.put(&path, body).expect(400).json();
        assert_eq!(answer["error"], answer["message"]);
    }
    let changed = |pointer: &str, value: serde_json::Value| {
        let mut document = good.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        document
    };
    let data = "/_attachments/demo-1.0.0.tgz/data";
    for (document, text) in [
        (changed(data, json!("")), "Attachment data is empty."),
        (changed(data, json!("%%%%")), "Attachment data is no base64"),
        (changed(data, json!("abc")), "Attachment data is no base64"),
        (
            changed("/_attachments", json!({})),
            "Attachment data is empty.",
        ),
        (changed("/versions", json!([])), "versions is invalid"),
        (changed("/versions", json!({})), "versions is missing"),
        (changed("/versions", json!({ "": {} })), "Version is empty."),
        (
            changed("/versions", json!({ "1.2": {} })),
            "Validation failed: Version should follow SemVer",
        ),
        (
            changed("/versions/1.0.0/version", json!("1.0.1")),
            "The manifest's name and version",
        ),
        (
            changed("/versions/1.0.0/dist/shasum", json!("00")),
            "dist.shasum is not the SHA-1",
        ),
        (
            changed("/versions/1.0.0/dist/integrity", json!("sha512-AAAA")),
            "dist.integrity is not the SHA-512",
        ),
        (
            changed("/versions/1.0.0/dist", json!({})),
            "Validation failed: Package json structure is invalid",
        ),
        (
            changed("/dist-tags", json!({ "1.x": "1.0.0" })),
            "Validation failed: Tag name must not be",
        ),
        (
            changed("/versions/1.0.0/name", json!("x".repeat(2 << 20))),
            "Validation failed: Package json structure is too large",
        ),
    ] {
        let answer = root.put_json(&path, document).expect(400).json();
        assert!(
            answer["error"].as_str().unwrap().starts_with(text),
            "{text}: {answer}"
        );
    }
    put(&root, NPM, &changed("/name", json!("other"))).expect(400);
    release(&root, NPM, "no%20good", "1.0.0").expect(400);
    assert_eq!(app.stored_files(), Vec::<std::path::PathBuf>::new());
    root.get(&path).expect(404);
}

#[test]
fn what_the_tarball_holds_must_be_what_was_announced() {
    let app = TestApp::start();
    let manifest = json!({ "name": "demo", "version": "1.0.0" });
    let evil = json!({ "name": "demo", "version": "1.0.0", "scripts": { "postinstall": "evil" } });
    let (text, evil) = (manifest.to_string(), evil.to_string());
    for (files, reason) in [
        (
            vec![("package/package.json", evil.as_str())],
            "The manifest's scripts",
        ),
        (
            vec![
                ("package/package.json", text.as_str()),
                ("other/package.json", &evil),
            ],
            "The tarball has more than one",
        ),
        (
            vec![
                ("package/package.json", text.as_str()),
                ("package/./Package.JSON", &evil),
            ],
            "The tarball has more than one",
        ),
        (
            vec![("package/index.js", "1")],
            "The tarball has no package.json",
        ),
        (
            vec![("package/package.json", "{")],
            "The tarball's package.json is no JSON",
        ),
    ] {
        let answer = put(&app.root(), NPM, &document(&manifest, &tarball(&files)))
            .expect(400)
            .json();
        assert!(
            answer["error"].as_str().unwrap().starts_with(reason),
            "{reason}: {answer}"
        );
    }
    let answer = put(&app.root(), NPM, &document(&manifest, b"no tarball at all"))
        .expect(400)
        .json();
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .starts_with("The tarball cannot be read"),
        "{answer}"
    );
    assert_eq!(app.stored_files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_tarball_that_leaves_its_folder_is_refused() {
    let app = TestApp::start();
    let manifest = json!({ "name": "demo", "version": "1.0.0" });
    let text = manifest.to_string();
    for hostile in ["package/../../evil", "../evil", "package/a/../../../evil"] {
        let members: [(&str, &[u8]); 2] = [
            ("package/package.json", text.as_bytes()),
            (hostile, b"evil"),
        ];
        let tarball = crate::support::archives::tar_gz(&members);
        put(&app.root(), NPM, &document(&manifest, &tarball)).expect(400);
    }
    assert_eq!(app.stored_files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_tarball_that_unpacks_to_far_more_than_its_size_is_refused() {
    let app = TestApp::start();
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let mut header = tar::Header::new_gnu();
    header.set_path("package/zeros").unwrap();
    header.set_size(1 << 30);
    header.set_cksum();
    bomb.write_all(header.as_bytes()).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..400 {
        bomb.write_all(&zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let answer = put(
        &app.root(),
        NPM,
        &document(&json!({ "name": "demo", "version": "1.0.0" }), &bomb),
    )
    .expect(400)
    .json();
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .contains("unpacks to far more"),
        "{answer}"
    );
}

/// Kibibytes, at their highest.
fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_publish_of_200_megabytes_costs_no_memory_wherever_its_tarball_stands() {
    let data = tempfile::tempdir().unwrap();
    let server = Packhouse::on(data.path()).with_root_token().serve();
    release(&server.root(), NPM, "warm", "1.0.0").expect(200);
    let mut noise = Vec::with_capacity(200 << 20);
    let mut state = 1u64;
    while noise.len() < 200 << 20 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        noise.extend_from_slice(&(state ^ (state >> 31)).to_le_bytes());
    }
    let before = peak_memory(server.pid());
    for (version, attachments_first) in [("1.0.0", true), ("2.0.0", false)] {
        let manifest = json!({ "name": "large", "version": version });
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::none()));
        for (name, bytes) in [
            ("package/package.json", manifest.to_string().as_bytes()),
            ("package/noise", &noise),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, name, bytes).unwrap();
        }
        let tarball = archive.into_inner().unwrap().finish().unwrap();
        let mut sent = document(&manifest, &tarball);
        if attachments_first {
            let all = sent.as_object_mut().unwrap();
            let attachments = all.shift_remove("_attachments").unwrap();
            all.shift_insert(0, "_attachments".to_owned(), attachments);
        }
        put(&server.root(), NPM, &sent).expect(200);
        let path = format!("{NPM}/large/-/large-{version}.tgz");
        assert_eq!(
            server
                .anonymous()
                .head(&path)
                .expect(200)
                .header("content-length"),
            tarball.len().to_string()
        );
    }
    let grown = peak_memory(server.pid()) - before;
    assert!(grown < 16 << 10, "{grown} KiB");
}

#[test]
fn a_tarball_over_the_limit_is_413() {
    let data = tempfile::tempdir().unwrap();
    let config = data.path().join("packhouse.toml");
    std::fs::write(&config, "[limits]\nnpm = 2000000\n").unwrap();
    let server = Packhouse::on(data.path())
        .args(["--config".as_ref(), config.as_os_str()])
        .with_root_token()
        .serve();
    let manifest = json!({ "name": "demo", "version": "1.0.0" });
    let fits = put(
        &server.root(),
        NPM,
        &document(&manifest, &vec![1; 2_000_000]),
    );
    assert!(
        fits.expect(400)
            .text()
            .contains("The tarball cannot be read")
    );
    let answer = put(
        &server.root(),
        NPM,
        &document(&manifest, &vec![1; 2_000_001]),
    )
    .expect(413)
    .json();
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .contains("the limit for npm"),
        "{answer}"
    );
}
