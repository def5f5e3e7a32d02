//! What holds for every id, version, path and manifest of NuGet.

use std::io::{Seek, Write};

use proptest::prelude::*;

use super::manifest::Nuspec;
use super::odata::{self, Filter};
use super::path::{FilePath, PackagePath, VersionPath};
use super::version::{Version, is_range};
use super::{id, nupkg};
use crate::fuzz::{self, escapes, promptly};
use crate::http::{FromPath, PathParams};

const IDS: &[&str] = &["Acme", "demo", ".", "..", "-", "_", "+", "1.0", "nupkg"];
const VERSIONS: &[&str] = &[
    "1",
    "0",
    "00",
    "10",
    ".",
    "-",
    "+",
    "rc",
    "RC",
    "a",
    "beta",
    "2147483648",
    "*",
    "[",
    ")",
    ",",
];
const FILTERS: &[&str] = &[
    "Id",
    " eq ",
    "'acme'",
    "tolower(",
    ")",
    "(",
    " and ",
    " or ",
    "IsLatestVersion",
    "substringof(",
    ",",
    "not ",
    "desc",
    "''",
];

fn on_disk(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

#[test]
fn the_corpus_is_read_and_its_findings_are_refused() {
    let [good, bad] = fuzz::corpus("nuspec");
    assert!(
        good.iter()
            .all(|(_, bytes)| Nuspec::parse(bytes).is_ok_and(|nuspec| nuspec.id == "Acme.Demo"))
    );
    assert!(bad.iter().all(|(_, bytes)| Nuspec::parse(bytes).is_err()));
    let [good, bad] = fuzz::corpus("nupkg");
    assert!(
        good.iter()
            .all(|(_, bytes)| nupkg::read(on_disk(bytes)).is_ok())
    );
    assert!(
        bad.iter()
            .all(|(_, bytes)| nupkg::read(on_disk(bytes)).is_err())
    );
}

#[test]
fn long_texts_take_no_square_of_their_length() {
    for flood in fuzz::floods(
        &[
            "1.",
            "a.",
            "0",
            "-a",
            "[",
            "(",
            "'",
            "''",
            "not ",
            "(Id eq 'a') or ",
            "tolower(",
        ],
        64 << 10,
    ) {
        promptly(|| {
            (
                id::is_valid(&flood),
                Version::parse(&flood),
                is_range(&flood),
            )
        });
        promptly(|| {
            (
                Filter::parse(&flood).is_ok(),
                odata::order(&flood).is_ok(),
                odata::entity_key(&flood),
                odata::unquoted(&flood),
            )
        });
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn an_id_is_one_plain_segment_whose_key_is_its_own(text in fuzz::texts(IDS)) {
        if id::is_valid(&text) {
            prop_assert!(!escapes(&text) && !text.contains(['/', '%', ' ']), "{text:?}");
            prop_assert_eq!(id::key(&id::key(&text)), id::key(&text));
            prop_assert!(id::is_valid(&id::key(&text)));
        }
    }

    #[test]
    fn a_version_is_read_as_it_is_written(text in fuzz::texts(VERSIONS)) {
        let Some(version) = Version::parse(&text) else { return Ok(()) };
        prop_assert!(!escapes(&text) && is_range(&text), "{text:?}");
        let full = Version::parse(&version.full());
        prop_assert_eq!(full.as_ref(), Some(&version));
        let normal = Version::parse(&version.normal()).unwrap();
        prop_assert_eq!(normal.key(), version.key());
        prop_assert_eq!(Version::parse(&version.key()).unwrap().key(), version.key());
    }

    #[test]
    fn versions_have_one_order(texts in [fuzz::texts(VERSIONS), fuzz::texts(VERSIONS), fuzz::texts(VERSIONS)]) {
        let versions: Vec<Version> = texts.iter().filter_map(|text| Version::parse(text)).collect();
        let [a, b, c] = versions.as_slice() else { return Ok(()) };
        prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
        prop_assert_eq!(a.cmp(b).is_eq(), a == b, "{:?} {:?}", a, b);
        prop_assert!(!(a <= b && b <= c) || a <= c);
    }

    #[test]
    fn a_path_that_is_understood_names_one_version(package in fuzz::texts(IDS), version in fuzz::texts(VERSIONS), file in fuzz::texts(IDS)) {
        let params = PathParams::decode([("package", &*package), ("version", &*version), ("file", &*file)].into_iter());
        if let Ok(PackagePath(name)) = PackagePath::from_path(&params) {
            prop_assert!(!escapes(&name) && !name.contains('/'));
        }
        if let Ok(VersionPath(key)) = VersionPath::from_path(&params) {
            prop_assert!(!escapes(&key.name_key) && key.version_key.is_some());
        }
        let _ = FilePath::from_path(&params);
    }

    #[test]
    fn a_filter_is_understood_or_refused(text in fuzz::texts(FILTERS)) {
        for text in [text.clone(), format!("({text})"), format!("Id eq '{text}'")] {
            let _ = promptly(|| Filter::parse(&text));
            let _ = promptly(|| odata::order(&text));
            promptly(|| odata::entity_key(&text));
        }
    }

    #[test]
    fn a_damaged_manifest_is_refused_or_of_a_package(bytes in fuzz::files("nuspec"), package in fuzz::files("nupkg")) {
        for nuspec in [promptly(|| Nuspec::parse(&bytes)), promptly(|| nupkg::read(on_disk(&package)))].into_iter().flatten() {
            prop_assert!(id::is_valid(&nuspec.id));
            prop_assert_eq!(Version::parse(&nuspec.version), Some(nuspec.parsed));
        }
    }
}
