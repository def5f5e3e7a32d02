//! What holds for every reference, file name and pattern of Conan.

use proptest::prelude::*;

use super::conanfile::Conanfile;
use super::conaninfo;
use super::file_name::FileName;
use super::glob::Glob;
use super::path::Revision;
use super::reference::{self, Reference};
use crate::fuzz::{self, escapes, promptly};
use crate::http::{FromPath, PathParams};

const PARTS: &[&str] = &[
    "zlib", "1.3", "acme", "+", "_", "stable", ".", "-", "@", "#", " ",
];
const FILES: &[&str] = &[
    "conanfile.py",
    "conan_package.tgz",
    "metadata",
    "/",
    "logs",
    "%2F",
    ".",
    "..",
];
const GLOBS: &[&str] = &["*", "?", "[", "]", "!", "-", "a", "z", "zlib", "/"];

#[test]
fn long_texts_take_no_square_of_their_length() {
    for flood in fuzz::floods(
        &[
            "*",
            "?",
            "[",
            "[!",
            "a*",
            "*a",
            "[a-z]",
            "[settings]\n",
            "a=b\n",
            "\n",
        ],
        16 << 10,
    ) {
        promptly(|| Glob::parse(&flood, true).matches("a"));
        promptly(|| conaninfo::for_either(&flood));
        promptly(|| FileName::parse(&flood).is_ok());
    }
    for line in [
        "    license = \\\"\"\"\n",
        "    license = ((\n",
        "    license = '''\\\n",
        "    self.requires(\"\\\n",
    ] {
        let flood = line.repeat((1 << 20) / line.len());
        promptly(|| Conanfile::parse(&flood));
    }
    let pattern = "*a".repeat(500);
    promptly(|| Glob::parse(&pattern, false).matches(&"a".repeat(4000)));
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn a_reference_is_four_plain_segments(
        name in fuzz::texts(PARTS), version in fuzz::texts(PARTS), user in fuzz::texts(PARTS), channel in fuzz::texts(PARTS)
    ) {
        let params = |[name, version, user, channel]: [&str; 4]| {
            let raw = [("package_name", name), ("package_version", version), ("package_username", user), ("package_channel", channel)];
            PathParams::decode(raw.into_iter())
        };
        for parts in [[&*name, "1.3", "_", "_"], ["zlib", &*version, "_", "_"], ["zlib", "1.3", &*user, "stable"], [&*name, &*version, &*user, &*channel]] {
            let _ = Revision::from_path(&params(parts));
            if let Some(project) = reference::project(&params(parts)) {
                prop_assert!(project.contains('/') && !project.starts_with('/'), "{project:?}");
            }
            let Ok(found) = Reference::from_path(&params(parts)) else { continue };
            let path = found.path();
            prop_assert!(!escapes(&path) && path.split('/').count() == 4, "{path:?}");
            let again: Vec<&str> = path.split('/').collect();
            let again = Reference::from_path(&params([again[0], again[1], again[2], again[3]]));
            prop_assert_eq!(again.unwrap(), found);
        }
    }

    #[test]
    fn a_file_name_is_stored_as_one_segment(text in fuzz::texts(FILES)) {
        let Ok(name) = FileName::parse(&text) else { return Ok(()) };
        prop_assert!(!escapes(&text) && !name.stored().contains('/') && !name.base_name().contains('/'));
        prop_assert_eq!(FileName::of_stored(&name.stored()), text);
    }

    #[test]
    fn a_pattern_matches_what_it_stands_for(pattern in fuzz::texts(GLOBS), text in fuzz::texts(GLOBS)) {
        promptly(|| Glob::parse(&pattern, true).matches(&text));
        prop_assert!(Glob::parse("*", false).matches(&text));
        let as_long = "?".repeat(text.chars().count());
        prop_assert!(Glob::parse(&(as_long + "*"), false).matches(&text));
        if !text.contains(['*', '?', '[']) {
            prop_assert!(Glob::parse(&text, false).matches(&text));
        }
    }

    #[test]
    fn any_info_is_shown(bytes in fuzz::files("conaninfo")) {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(promptly(|| conaninfo::for_either(&text)).is_object());
        promptly(|| Conanfile::parse(&text));
    }
}
