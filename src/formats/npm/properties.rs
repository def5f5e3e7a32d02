//! What holds for every path, name and upload of npm.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tokio::sync::mpsc;

use super::compare::compare;
use super::path::{NpmPath, TagPath};
use super::{body, names, tarball};
use crate::error::Result;
use crate::fuzz::{self, escapes, promptly};
use crate::http::{FromPath, PathParams};

const WORDS: &[&str] = &[
    "@acme",
    "demo",
    "/",
    "%2f",
    "/-/",
    "-",
    ".tgz",
    "1.0.0",
    "/-rev/",
    "dist-tags",
    "/packages/npm/",
    "latest",
    "..",
];
const VERSIONS: &[&str] = &[
    "1", ".", "0", "-", "+", "rc", "v", "x", "^", "~", "latest", "*", "||", ">=",
];

fn params(path: &str) -> PathParams {
    PathParams::decode([("path", path)].into_iter())
}

fn read_body(document: &[u8], size: usize) -> Result<(body::Sent, Vec<u8>)> {
    let (sender, arriving) = mpsc::channel(document.len() / size + 1);
    for chunk in document.chunks(size) {
        sender.try_send(Ok(Bytes::copy_from_slice(chunk))).unwrap();
    }
    drop(sender);
    let mut tarball = Vec::new();
    let sent = body::read(arriving, |piece| {
        tarball.extend_from_slice(&piece);
        true
    })?;
    Ok((sent, tarball))
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn read_tarball(tar: &[u8]) -> Result<tarball::Contents> {
    let packed = packed(tar);
    tarball::read(&packed[..], packed.len() as u64)
}

#[test]
fn the_corpus_is_read_and_its_findings_are_refused() {
    let [good, bad] = fuzz::corpus("npm-tar");
    for (name, bytes) in good {
        let contents = read_tarball(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(contents.manifest["name"], "demo", "{name}");
    }
    for (name, bytes) in bad {
        assert!(read_tarball(&bytes).is_err(), "{name}");
    }
    let [good, bad] = fuzz::corpus("npm-body");
    for (name, bytes) in good {
        assert!(read_body(&bytes, 64).is_ok(), "{name}");
    }
    for (name, bytes) in bad {
        assert!(read_body(&bytes, 64).is_err(), "{name}");
    }
}

#[test]
fn a_package_may_be_called_like_the_route_of_its_tags() {
    for (path, name) in [
        (
            "@acme/dist-tags-tool/dist-tags/next",
            "@acme/dist-tags-tool",
        ),
        ("@acme/dist-tags/dist-tags/next", "@acme/dist-tags"),
        ("dist-tags/dist-tags/next", "dist-tags"),
    ] {
        let found = TagPath::from_path(&params(path)).unwrap();
        assert_eq!(
            (found.name.as_str(), found.tag.as_deref()),
            (name, Some("next"))
        );
    }
}

#[test]
fn a_document_has_only_so_many_versions_and_tags() {
    let many = |member: &str| vec![member; 200_000].join(",");
    for document in [
        format!(r#"{{"versions":{{{}}}}}"#, many(r#""":{}"#)),
        format!(r#"{{"dist-tags":{{{}}}}}"#, many(r#""":"""#)),
    ] {
        let refused = promptly(|| read_body(document.as_bytes(), 64 << 10)).unwrap_err();
        assert!(
            refused.to_string().contains("more than 100000"),
            "{refused}"
        );
    }
}

#[test]
fn long_paths_and_tarballs_that_grow_are_bounded() {
    for flood in fuzz::floods(
        &[
            "a/",
            "/-/",
            "/-rev/",
            "@a/",
            "%2f",
            "/packages/npm/",
            "dist-tags",
        ],
        64 << 10,
    ) {
        promptly(|| NpmPath::from_path(&params(&flood)).is_ok());
        promptly(|| TagPath::from_path(&params(&flood)).is_ok());
        promptly(|| {
            names::is_name(&flood)
                || names::check_tag(&flood).is_ok()
                || names::check_version(&flood).is_ok()
        });
    }
    let mut header = ::tar::Header::new_gnu();
    header.set_path("package/package.json").unwrap();
    header.set_size(2 << 20);
    header.set_cksum();
    let mut tar = header.as_bytes().to_vec();
    tar.resize(tar.len() + (2 << 20), b' ');
    assert!(
        promptly(|| read_tarball(&tar)).is_err(),
        "a manifest beyond its limit"
    );
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn a_path_that_is_understood_climbs_nowhere(text in fuzz::texts(WORDS)) {
        let name = match NpmPath::from_path(&params(&text)) {
            Ok(NpmPath::Package { name } | NpmPath::Revision { name, .. } | NpmPath::Version { name, .. }) => name,
            Ok(NpmPath::Tarball { name, version } | NpmPath::TarballRevision { name, version }) => {
                // What is asked for in GitLab's spelling is the same file.
                let path = format!("{name}/-/{}", names::file_name(&name, &version));
                if names::is_name(&name) && names::check_version(&version).is_ok() {
                    prop_assert_eq!(NpmPath::from_path(&params(&path)).unwrap(), NpmPath::Tarball { name: name.clone(), version });
                }
                name
            }
            Err(_) => return Ok(()),
        };
        prop_assert!(!name.split('/').any(|part| part == "..") && !name.contains(['\\', '%', '\0']), "{name:?}");
    }

    #[test]
    fn a_name_or_tag_that_is_allowed_is_safe_everywhere(text in fuzz::texts(WORDS)) {
        if names::is_name(&text) {
            prop_assert!(!escapes(&text) && !text.contains(['%', ' ', '"']), "{text:?}");
            let asked = NpmPath::from_path(&params(&text.replace('/', "%2f")));
            prop_assert!(text == "-" || asked.unwrap() == NpmPath::Package { name: text.clone() }, "{text:?}");
            let tags = TagPath::from_path(&params(&format!("{text}/dist-tags/next")));
            let expected = TagPath { name: text, tag: Some("next".to_owned()) };
            prop_assert_eq!(tags.unwrap(), expected);
        }
    }

    #[test]
    fn a_tag_is_no_version_and_a_version_no_path(text in fuzz::texts(VERSIONS)) {
        prop_assert!(names::check_tag(&text).is_err() || names::check_version(&text).is_err(), "{text:?}");
        if names::check_version(&text).is_ok() {
            prop_assert!(!text.contains(['/', '\\', '%', ' ']) && !text.contains(".."), "{text:?}");
        }
    }

    #[test]
    fn a_damaged_document_is_read_alike_however_it_arrives(document in fuzz::files("npm-body"), size in 1..64_usize) {
        let [whole, pieces] = [1 << 20, size].map(|size| promptly(|| read_body(&document, size)));
        match (whole, pieces) {
            (Ok((one, tarball)), Ok((other, same))) => {
                prop_assert_eq!(tarball, same);
                prop_assert_eq!(format!("{one:?}"), format!("{other:?}"));
            }
            (one, other) => prop_assert!(one.is_err() && other.is_err()),
        }
    }

    #[test]
    fn a_damaged_tarball_is_refused_or_has_one_manifest(tar in fuzz::files("npm-tar")) {
        if let Ok(contents) = promptly(|| read_tarball(&tar)) {
            prop_assert!(contents.files > 0);
            // A manifest agrees with itself, whatever stands in it.
            prop_assert!(compare(&contents.manifest, &contents).is_ok());
        }
        let _ = promptly(|| tarball::read(&tar[..], tar.len() as u64)); // not packed at all
    }
}
