//! What holds for every path of a generic file.

use proptest::prelude::*;

use super::path::FilePath;
use crate::fuzz::{self, escapes, promptly};
use crate::http::{FromPath, PathParams};

const WORDS: &[&str] = &[
    "tool",
    "1.0",
    "/",
    "%2F",
    ".tar.gz",
    "authorize",
    "+",
    "~",
    "@",
    "..",
    ".",
];

fn parse(name: &str, version: &str, file: &str) -> Option<FilePath> {
    let raw = [
        ("package_name", name),
        ("package_version", version),
        ("file", file),
    ];
    FilePath::from_path(&PathParams::decode(raw.into_iter())).ok()
}

#[test]
fn a_long_path_takes_no_square_of_its_length() {
    for flood in fuzz::floods(&["a/", "%25", "../", "%2e%2e%2f", "a"], 64 << 10) {
        promptly(|| parse("tool", "1.0", &flood));
        promptly(|| parse(&flood, &flood, "a"));
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn a_path_that_is_understood_stays_in_its_package(
        name in fuzz::texts(WORDS), version in fuzz::texts(WORDS), file in fuzz::texts(WORDS)
    ) {
        for (name, version, file) in [(&*name, "1.0", "f"), ("p", &*version, "f"), ("p", "1.0", &*file), (&*name, &*version, &*file)] {
            let Some(path) = parse(name, version, file) else { continue };
            let decoded = percent_encoding::percent_decode_str(&path.file_name).decode_utf8().unwrap();
            for text in [&path.name, &path.version, &path.base_name, &path.file_name, &*decoded] {
                prop_assert!(!text.is_empty() && !escapes(text), "{path:?}");
            }
            prop_assert!(!path.file_name.contains('/') && !path.base_name.contains(['/', '%']), "{path:?}");
            // One file has one stored name, and that name leads to it.
            prop_assert_eq!(parse(&path.name, &path.version, &path.file_name), Some(path.clone()));
            prop_assert_eq!(parse(&path.name, &path.version, &decoded), Some(path));
        }
    }
}
