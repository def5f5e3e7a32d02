//! What holds for every module path, version and zip of Go.

use std::io::{Seek, Write};

use proptest::prelude::*;

use super::path::ReadPath;
use super::version::Version;
use super::{go_mod, module_path, module_zip};
use crate::fuzz::{self, escapes, promptly};
use crate::http::{FromPath, PathParams};

const PATHS: &[&str] = &[
    "example.com",
    "gopkg.in",
    "/",
    "!acme",
    "hello",
    "v2",
    ".v3",
    "/@v/",
    "@latest",
    "v1.2.3",
    ".zip",
    ".mod",
    ".info",
    "list",
    "-",
    "~",
    "!",
];
const VERSIONS: &[&str] = &[
    "v",
    "1",
    "0",
    "2",
    ".",
    "-",
    "+",
    "rc",
    "incompatible",
    "20260102030405",
    "-abcdefabcdef",
    "-0.",
];

fn read(bytes: &[u8]) -> crate::error::Result<module_zip::ModuleZip> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    module_zip::read(file)
}

#[test]
fn the_corpus_is_read_and_its_findings_are_refused() {
    let [good, bad] = fuzz::corpus("go-zip");
    assert!(
        good.iter()
            .all(|(_, bytes)| read(bytes).is_ok_and(|zip| zip.module == "example.com/Acme/hello"))
    );
    assert!(bad.iter().all(|(_, bytes)| read(bytes).is_err()));
    for (name, bytes) in fuzz::corpus("go-mod").concat() {
        assert_eq!(
            go_mod::module_path(&bytes).as_deref(),
            Some("example.com/x"),
            "{name}"
        );
    }
}

#[test]
fn long_texts_take_no_square_of_their_length() {
    for flood in fuzz::floods(
        &[
            "a/",
            "!a",
            "v1.",
            "1",
            "module ",
            "module (\n",
            "//",
            "\n",
            "~1/",
            ".",
            "/@v/",
        ],
        256 << 10,
    ) {
        promptly(|| {
            (
                module_path::fault(&flood),
                module_path::file_fault(&flood),
                Version::parse(&flood),
            )
        });
        promptly(|| go_mod::module_path(flood.as_bytes()));
        promptly(|| go_mod::summary(flood.as_bytes()));
        promptly(|| {
            ReadPath::from_path(&PathParams::decode([("path", flood.as_str())].into_iter())).is_ok()
        });
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn a_path_that_is_understood_stays_below_its_host(text in fuzz::texts(PATHS)) {
        if module_path::fault(&text).is_none() {
            prop_assert!(!escapes(&text) && text.is_ascii() && !text.contains(['%', '!', ' ']), "{text:?}");
        }
        if module_path::file_fault(&text).is_none() {
            prop_assert!(!escapes(&text), "{text:?}");
        }
        // What is only looked for may be called anything: nothing of that name was ever stored.
        let _ = promptly(|| ReadPath::from_path(&PathParams::decode([("path", text.as_str())].into_iter())));
    }

    #[test]
    fn a_version_is_its_only_spelling(text in fuzz::texts(VERSIONS)) {
        if let Some(version) = Version::parse(&text) {
            prop_assert_eq!(version.as_str(), &text);
            prop_assert!(!escapes(&text) && text.is_ascii());
            module_path::fits("example.com/x/v2", &version);
        }
    }

    #[test]
    fn versions_have_one_order(texts in [fuzz::texts(VERSIONS), fuzz::texts(VERSIONS), fuzz::texts(VERSIONS)]) {
        let versions: Vec<Version> = texts.iter().filter_map(|text| Version::parse(&format!("v1.0.0{text}")).or(Version::parse(text))).collect();
        let [a, b, c] = versions.as_slice() else { return Ok(()) };
        prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
        prop_assert_eq!(a.cmp_as_latest(b), b.cmp_as_latest(a).reverse());
        prop_assert!(!(a <= b && b <= c) || a <= c);
        let [ab, bc, ac] = [(a, b), (b, c), (a, c)].map(|(one, other)| one.cmp_as_latest(other).is_le());
        prop_assert!(!(ab && bc) || ac);
    }

    #[test]
    fn a_damaged_zip_is_refused_or_of_a_module(bytes in fuzz::files("go-zip"), text in fuzz::files("go-mod")) {
        if let Ok(zip) = promptly(|| read(&bytes)) {
            prop_assert_eq!(module_path::fault(&zip.module), None);
            prop_assert!(zip.h1.starts_with("h1:") && zip.go_mod_h1.starts_with("h1:"));
            prop_assert!(go_mod::module_path(&zip.go_mod).is_none_or(|module| module == zip.module));
        }
        promptly(|| go_mod::module_path(&text));
        promptly(|| go_mod::summary(&text));
    }
}
