//! What is no package, and what would do harm: refused with a sentence, and nothing is stored.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::archives::zip;
use crate::support::composer::{composer, package, upload};
use crate::support::seeds::{PRIV, Seeds, packages};

const MANIFEST: &[u8] = br#"{"name":"acme/hello"}"#;

/// Uploads it as version 1.0.0; answers the message.
#[track_caller]
fn refused(seeds: &Seeds, zip: &[u8], status: u16) -> String {
    let developer = seeds.user("developer");
    let answer = upload(&developer, PRIV, "1.0.0", zip).expect(status);
    assert_eq!(developer.get(&packages(PRIV)).expect(200).json(), json!([]));
    assert_eq!(seeds.stored_files().len(), 0, "{:?}", seeds.stored_files());
    answer.json()["message"]
        .as_str()
        .expect("a sentence")
        .to_owned()
}

/// A zip whose index says other things of its only link: Unix attributes, or flags.
fn with_attributes(mut bytes: Vec<u8>, name: &str, mode: u32) -> Vec<u8> {
    let index =
        u32::from_le_bytes(bytes[bytes.len() - 6..bytes.len() - 2].try_into().unwrap()) as usize;
    let found = bytes[index..]
        .windows(name.len())
        .position(|window| window == name.as_bytes());
    let entry = index + found.expect("the name is in the index") - 46;
    bytes[entry + 5] = 3;
    bytes[entry + 38..entry + 42].copy_from_slice(&(mode << 16).to_le_bytes());
    bytes
}

#[test]
fn the_manifest_lies_at_the_top_or_in_the_only_folder() {
    let seeds = Seeds::start();
    for members in [
        &[("README.md", &b"x"[..])][..],
        &[("a/b/composer.json", MANIFEST)],
        &[("a/composer.json", MANIFEST), ("b/x", b"")],
        &[("b/x", b""), ("a/composer.json", MANIFEST)],
        &[("a/composer.json", MANIFEST), ("README.md", b"x")],
        &[("a/composer.json", MANIFEST), ("__MACOSX/a/x", b"")],
        &[("composer.json/x", MANIFEST)],
        &[("Composer.json", MANIFEST)],
    ] {
        let message = refused(&seeds, &zip(members), 422);
        assert!(
            message.starts_with("The file composer.json was not found."),
            "{message}"
        );
    }
    for members in [
        &[("composer.json", MANIFEST), ("composer.json", MANIFEST)][..],
        &[("composer.json", MANIFEST), ("./composer.json", MANIFEST)],
        &[
            ("a/composer.json", MANIFEST),
            ("a\\composer.json", MANIFEST),
        ],
    ] {
        let message = refused(&seeds, &zip(members), 422);
        assert!(message.contains("twice"), "{message}");
    }
    let developer = seeds.user("developer");
    for (at, members) in [
        &[
            ("composer.json", MANIFEST),
            ("vendor/x/composer.json", b"{}"),
        ][..],
        &[
            ("./composer.json", MANIFEST),
            ("other/composer.json", b"{}"),
        ],
        &[(".DS_Store", b"x"), ("hello/composer.json", MANIFEST)],
        &[
            ("hello\\src\\x.php", b"x"),
            ("hello\\composer.json", MANIFEST),
        ],
        &[
            ("hello/", b""),
            ("hello/src/composer.json", b"{}"),
            ("hello/composer.json", MANIFEST),
        ],
        &[("composer.json", b"\xEF\xBB\xBF{\"name\":\"acme/hello\"}")],
    ]
    .into_iter()
    .enumerate()
    {
        upload(&developer, PRIV, &format!("1.{at}"), &zip(members)).expect(201);
    }
}

#[test]
fn a_manifest_that_would_break_clients_is_refused() {
    let seeds = Seeds::start();
    for bad in [
        "",
        "null",
        "[]",
        "\"acme/hello\"",
        "{",
        "{\"name\":\"acme/hello\",}",
        "{'name':'acme/hello'}",
        "\u{feff}\u{feff}{}",
        "{\"a\":\u{0}}",
    ] {
        let message = refused(&seeds, &zip(&[("composer.json", bad.as_bytes())]), 422);
        assert_eq!(
            message, "Could not parse composer.json file. Invalid JSON.",
            "{bad:?}"
        );
    }
    let deep = format!(
        "{{\"name\":\"acme/hello\",\"extra\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    refused(&seeds, &zip(&[("composer.json", deep.as_bytes())]), 422);
    for name in [
        "null",
        "1",
        "\"\"",
        "\"hello\"",
        "\"Acme/Hello\"",
        "\"acme/../hello\"",
        "\"acme/hello\\n\"",
        "\"a/b/c\"",
        "\"acme/hello~dev\"",
    ] {
        let manifest = format!("{{\"name\":{name}}}");
        let message = refused(&seeds, &zip(&[("composer.json", manifest.as_bytes())]), 400);
        assert_eq!(message, "Validation failed: Name is invalid", "{name}");
    }
    for more in [
        json!({ "require": "php" }),
        json!({ "require": { "php": 8 } }),
        json!({ "replace": ["acme/x"] }),
        json!({ "conflict": null }),
        json!({ "type": ["library"] }),
    ] {
        refused(&seeds, &package("acme/hello", more, "x"), 422);
    }
    for version in [
        "1.0.0.0.0",
        "^1.0",
        "1.*",
        "1.0@dev",
        "1.0 as 2.0",
        "latest",
        "dev-",
        "dev-a b",
        "dev-../../x",
        "dev-<script>",
    ] {
        let answer = upload(
            &seeds.user("developer"),
            PRIV,
            version,
            &package("acme/hello", json!({}), "x"),
        );
        answer.expect_json(
            400,
            json!({ "message": "Validation failed: Version is invalid" }),
        );
    }
}

#[test]
fn what_is_no_zip_is_refused() {
    let seeds = Seeds::start();
    for bytes in [
        &b""[..],
        b"PK",
        b"not a zip at all",
        b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"\x1f\x8b\x08\0",
    ] {
        let message = refused(&seeds, bytes, 400);
        assert!(message.starts_with("not a valid package file"), "{message}");
    }
    let whole = package("acme/hello", json!({}), "x");
    for broken in [
        &whole[..whole.len() / 2],
        &whole[..whole.len() - 1],
        &[&whole[..], b"more"].concat(),
        b"PK\x03\x04 and nothing else",
    ] {
        let message = refused(&seeds, broken, 400);
        assert!(message.contains("the archive is refused"), "{message}");
    }
}

#[test]
fn archives_that_reach_out_of_their_folder_are_refused() {
    let seeds = Seeds::start();
    for name in [
        "../x",
        "/etc/x",
        "a/../../x",
        "..\\x",
        "C:\\x",
        "a/..",
        "x\0y",
    ] {
        let message = refused(
            &seeds,
            &zip(&[("composer.json", MANIFEST), (name, b"x")]),
            400,
        );
        assert!(
            message.contains("would leave the folder"),
            "{name}: {message}"
        );
    }
    const LINK: u32 = 0o120_777;
    let link = |name: &str, target: &[u8]| {
        with_attributes(
            zip(&[("composer.json", MANIFEST), (name, target)]),
            name,
            LINK,
        )
    };
    for (name, target) in [
        ("link", &b"/etc/passwd"[..]),
        ("link", b"../x"),
        ("a/link", b"../../x"),
        ("a/link", b"b/../../../x"),
        ("link", b"C:x"),
    ] {
        let message = refused(&seeds, &link(name, target), 400);
        assert!(message.contains("leads out of the package"), "{message}");
    }
    let behind = zip(&[
        ("composer.json", MANIFEST),
        ("dir", b"."),
        ("dir/link", b".."),
    ]);
    let behind = with_attributes(with_attributes(behind, "dir/link", LINK), "dir", LINK);
    refused(&seeds, &behind, 400);
    // In the folder that is dropped, the top is one further down.
    let below = zip(&[("top/composer.json", MANIFEST), ("top/link", b"../x")]);
    refused(&seeds, &with_attributes(below, "top/link", LINK), 400);
    let manifest = zip(&[("composer.json", b"../../etc/passwd")]);
    refused(
        &seeds,
        &with_attributes(manifest, "composer.json", LINK),
        400,
    );
    upload(
        &seeds.user("developer"),
        PRIV,
        "1.0.0",
        &link("bin/tool", b"../src/tool.php"),
    )
    .expect(201);
}

#[test]
fn encrypted_members_are_refused() {
    let seeds = Seeds::start();
    let mut bytes = zip(&[("composer.json", MANIFEST)]);
    let index = bytes
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    bytes[index + 8] |= 1;
    let message = refused(&seeds, &bytes, 400);
    assert!(message.contains("encrypted"), "{message}");
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let seeds = Seeds::start();
    let start = Instant::now();
    let zeros = vec![0; 96 << 20];
    let message = refused(
        &seeds,
        &zip(&[("composer.json", MANIFEST), ("zeros", &zeros)]),
        400,
    );
    assert!(message.contains("when unpacked"), "{message}");
    let large = format!(
        "{{\"name\":\"acme/hello\",\"x\":\"{}\"}}",
        " ".repeat(2 << 20)
    );
    let message = refused(&seeds, &zip(&[("composer.json", large.as_bytes())]), 400);
    assert!(message.contains("larger than"), "{message}");
    // An index that lies about the size.
    let mut lies = zip(&[("composer.json", large.as_bytes())]);
    let index = lies
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    lies[index + 24..index + 28].copy_from_slice(&100_u32.to_le_bytes());
    refused(&seeds, &lies, 400);
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn an_upload_beyond_the_limit_is_refused() {
    let seeds = Seeds::start_with_file("[limits]\ncomposer = 100\n");
    let zip = package("acme/hello", json!({}), "x");
    let message = refused(&seeds, &zip, 413);
    assert!(
        message.contains("the limit for composer is 100 bytes"),
        "{message}"
    );
    let form = crate::support::python::Form::default().part("file", "x.zip", &zip);
    form.send(&seeds.user("developer"), &composer(PRIV))
        .expect(413);
    let many = (0..40).fold(form, |form, number| form.field(&format!("f{number}"), "x"));
    many.send(&seeds.user("developer"), &composer(PRIV))
        .expect(413);
}

#[test]
fn many_publishers_of_one_release_leave_one_of_theirs() {
    let seeds = Seeds::start();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let publishers: Vec<_> = (0..8)
            .map(|number| {
                let developer = seeds.user("developer");
                scope.spawn(move || {
                    let zip = package("acme/hello", json!({}), &number.to_string());
                    upload(&developer, PRIV, "1.0.0", &zip).status
                })
            })
            .collect();
        publishers
            .into_iter()
            .map(|one| one.join().unwrap())
            .collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 409).count(),
        7,
        "{statuses:?}"
    );
    assert_eq!(seeds.stored_files().len(), 1);
}
