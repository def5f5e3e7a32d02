//! What holds for every name, version and archive of Composer.

use std::cmp::Ordering;
use std::io::{Seek, Write};

use proptest::prelude::*;

use super::archive;
use super::manifest::Manifest;
use super::names::Name;
use super::path::{ArchivePath, VersionsPath};
use super::version::Version;
use crate::fuzz::{self, escapes, promptly};
use crate::http::{FromPath, PathParams};

const NAMES: &[&str] = &[
    "acme", "hello", "/", "-", "--", "_", ".", "~dev", ".json", ".zip", "X",
];
const VERSIONS: &[&str] = &[
    "1", "0", "2026", "01", "9999999", ".", "-", "_", "+", "v", "x", "X", "*", "dev", "dev-",
    "-dev", "main", "/", "alpha", "beta", "b", "RC", "p", "pl", "patch", "stable", "master", "@",
];

fn read(bytes: &[u8]) -> crate::error::Result<Manifest> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    archive::read(file)
}

#[test]
fn the_corpus_is_read_and_its_findings_are_refused() {
    for (name, bytes) in fuzz::corpus("composer-zip").concat() {
        assert!(
            read(&bytes).is_ok_and(|manifest| manifest.name.as_str() == "acme/hello"),
            "{name}"
        );
    }
    let [good, bad] = fuzz::corpus("composer-json");
    for (name, bytes) in good {
        assert!(Manifest::parse(&bytes).is_ok(), "{name}");
    }
    for (name, bytes) in bad {
        assert!(Manifest::parse(&bytes).is_err(), "{name}");
    }
}

#[test]
fn long_texts_take_no_square_of_their_length() {
    for flood in fuzz::floods(
        &[
            "a-", "a/", "1.", "0", "beta.1", "dev-", "x.", "a", "{\"a\":", "[", "\"a\",",
        ],
        1 << 20,
    ) {
        promptly(|| {
            (
                Name::parse(&flood),
                Version::parse(&flood),
                Version::of_branch(&flood),
            )
        });
        promptly(|| Manifest::parse(flood.as_bytes()).is_ok());
    }
    for flood in fuzz::floods(&["a-", "1.", "0", "-1", "beta.1", "20", ".1", "x."], 250) {
        promptly(|| {
            (
                Name::parse(&format!("a/{flood}a!")),
                Version::parse(&flood),
                Version::parse(&format!("1-p{flood}!")),
            )
        });
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn a_name_is_two_plain_segments(text in fuzz::texts(NAMES)) {
        if let Some(name) = Name::asked_for(&text) {
            let text = name.as_str().to_owned();
            prop_assert!(!escapes(&text) && text.split('/').count() == 2, "{text:?}");
            prop_assert_eq!(Name::parse(&text), Some(name));
            let params = |text: String| PathParams::decode([("name", text.as_str())].into_iter());
            let asked = VersionsPath::from_path(&params(format!("{text}~dev.json"))).unwrap();
            prop_assert!(asked.dev && asked.name.unwrap().as_str() == text);
            let asked = ArchivePath::from_path(&params(format!("{text}.zip"))).unwrap();
            prop_assert!(asked.name.unwrap().as_str() == text);
        }
    }

    #[test]
    fn the_normal_form_of_a_version_is_its_own(text in fuzz::texts(VERSIONS)) {
        for version in [Version::parse(&text), Version::of_branch(&text)].into_iter().flatten() {
            prop_assert!(version.text.len() <= 260 && !version.text.contains(char::is_whitespace));
            let again = Version::parse(&version.text);
            prop_assert_eq!(again.as_ref(), Some(&version));
            let normal = Version::parse(&version.normalized);
            prop_assert_eq!(normal.map(|normal| normal.normalized), Some(version.normalized.clone()));
            let name = Name::parse("acme/hello").unwrap();
            prop_assert!(!escapes(&name.file_name(&version)) && !name.file_name(&version).contains('/'));
        }
    }

    #[test]
    fn versions_have_one_order(texts in [fuzz::texts(VERSIONS), fuzz::texts(VERSIONS), fuzz::texts(VERSIONS)]) {
        let versions: Vec<Version> = texts.iter().filter_map(|text| Version::parse(text)).collect();
        let [a, b, c] = versions.as_slice() else { return Ok(()) };
        prop_assert_eq!(a.compare(b), b.compare(a).reverse());
        if a.compare(b) != Ordering::Greater && b.compare(c) != Ordering::Greater {
            prop_assert!(a.compare(c) != Ordering::Greater);
        }
    }

    #[test]
    fn a_damaged_archive_is_refused_or_has_a_name(bytes in fuzz::files("composer-zip")) {
        if let Ok(manifest) = promptly(|| read(&bytes)) {
            prop_assert!(Name::parse(manifest.name.as_str()).is_some());
        }
    }

    #[test]
    fn a_damaged_manifest_is_refused_or_kept_whole(bytes in fuzz::files("composer-json")) {
        let Ok(manifest) = promptly(|| Manifest::parse(&bytes)) else { return Ok(()) };
        let _ = manifest.version(None);
        let kept = manifest.kept("0123");
        // What clients would be steered by never comes through.
        for key in ["dist", "source", "repositories", "scripts", "version"] {
            prop_assert!(kept["manifest"].get(key).is_none());
        }
    }
}
