//! What holds for every path, version and document of a Maven repository.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::file_name::{SnapshotFile, newest_builds};
use super::metadata::{Kept, Uploaded};
use super::path::MavenPath;
use super::pom::Pom;
use super::version::Version;
use crate::fuzz::{self, escapes, promptly};
use crate::registry::xml::{Element, Writer};

const PATHS: &[&str] = &[
    "com",
    "acme",
    "demo",
    "/",
    "1.0",
    "-SNAPSHOT",
    "-20260101.000000-1",
    ".jar",
    ".pom",
    ".sha1",
    ".md5",
    "maven-metadata.xml",
    "authorize",
    "@",
    "..",
];
const VERSIONS: &[&str] = &[
    "1", "0", "00", "10", ".", "-", "_", "a", "b", "m", "alpha", "beta", "rc", "cr", "snapshot",
    "ga", "final", "sp", "x", "jre",
];
const FILES: &[&str] = &[
    "demo",
    "-",
    "1.0",
    "-SNAPSHOT",
    "20260101",
    ".",
    "000000",
    "1",
    "sources",
    "jar",
    "tar.gz",
    ".asc",
];

#[test]
fn the_corpus_is_read_and_its_findings_are_refused() {
    let [good, bad] = fuzz::corpus("xml");
    for (name, bytes) in good {
        assert!(Element::parse(&bytes).is_ok(), "{name}");
        assert!(
            Pom::read(&bytes[..]).is_some() != Uploaded::read(&bytes[..]).is_ok(),
            "{name}"
        );
    }
    for (name, bytes) in bad {
        assert!(Element::parse(&bytes).is_err(), "{name}");
    }
}

#[test]
fn large_documents_are_bounded() {
    let many = format!("<metadata>{}</metadata>", "<a/>".repeat(2 << 20));
    let refused = promptly(|| Element::parse(many.as_bytes())).unwrap_err();
    assert!(refused.contains("200000 elements"), "{refused}");
    for flood in fuzz::floods(
        &[
            "<a>",
            "<a/>",
            "</a>",
            "<",
            "&amp;",
            "&#65;",
            "<!--",
            "<![CDATA[",
            "<a b='c' ",
            "]]>",
            "a",
        ],
        1 << 20,
    ) {
        promptly(|| Element::parse(flood.as_bytes()).is_ok());
        promptly(|| Element::parse(format!("<a>{flood}</a>").as_bytes()).is_ok());
    }
    for flood in fuzz::floods(
        &["1.", "0.", "a1", "-", "1-ga.", "0-", "a", "1", "1-0-ga-"],
        64 << 10,
    ) {
        let version = promptly(|| Version::parse(&flood));
        promptly(|| version.cmp(&Version::parse(&format!("{flood}1"))));
        promptly(|| MavenPath::parse(&format!("com/{flood}/a.jar")).is_ok());
        promptly(|| SnapshotFile::parse("demo", "1.0-SNAPSHOT", &format!("demo-1.0-{flood}.jar")));
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn a_path_that_is_understood_stays_in_its_folder(text in fuzz::texts(PATHS)) {
        let Ok(path) = MavenPath::parse(&text) else { return Ok(()) };
        prop_assert!(!escapes(&path.folder) && !escapes(&path.file_name) && !path.file_name.contains('/'), "{path:?}");
        let suffix = path.checksum.map_or("", |_| &text[text.rfind('.').unwrap()..]);
        let slash = if path.folder.is_empty() { "" } else { "/" };
        prop_assert_eq!(format!("{}{slash}{}{suffix}", path.folder, path.file_name), text);
        if let Ok(key) = path.file_key() {
            prop_assert_eq!(format!("{}/{}", key.name, key.version.unwrap()), path.folder);
        }
    }

    #[test]
    fn versions_have_one_order(texts in [fuzz::texts(VERSIONS), fuzz::texts(VERSIONS), fuzz::texts(VERSIONS)]) {
        let [a, b, c] = texts.each_ref().map(|text| Version::parse(text));
        prop_assert_eq!(a.cmp(&a), Ordering::Equal);
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse(), "{:?}", texts);
        if a <= b && b <= c {
            prop_assert!(a <= c, "{texts:?}");
        }
        if a == b {
            prop_assert_eq!(a.cmp(&c), b.cmp(&c), "{:?}", texts);
        }
    }

    #[test]
    fn the_file_of_a_snapshot_is_named_as_it_is_read(text in fuzz::texts(FILES), version in "[0-9]\\.[0-9]-SNAPSHOT") {
        for name in [text.clone(), format!("demo-{version}{text}"), format!("demo-{}-20260101.000000-{text}", &version[..3])] {
            let Some(file) = SnapshotFile::parse("demo", &version, &name) else { continue };
            let again = match &file.build {
                Some(build) => file.part.name_in_build("demo", &version, build),
                None => file.part.plain_name("demo", &version),
            };
            prop_assert_eq!(SnapshotFile::parse("demo", &version, &again), Some(file));
            prop_assert_eq!(newest_builds("demo", &version, [&*name].into_iter()).len(), 1);
        }
    }

    #[test]
    fn a_damaged_document_is_refused_or_written_again(bytes in fuzz::files("xml")) {
        promptly(|| Pom::read(&bytes[..]));
        if let Ok(uploaded) = promptly(|| Uploaded::read(&bytes[..])) {
            let kept = uploaded.kept.value().unwrap();
            let merged = Kept::merge(Some(&kept.to_string()), kept.clone());
            let again = Kept::merge(Some(&merged.to_string()), merged.clone());
            prop_assert_eq!(&again["plugins"], &merged["plugins"]);
        }
        if let Ok(root) = promptly(|| Element::parse(&bytes)) {
            let mut writer = Writer::new();
            writer.element(&root);
            let text = writer.finish();
            let again = Element::parse(&text);
            prop_assert!(again.is_ok(), "{:?} in {}", again, String::from_utf8_lossy(&text));
        }
    }
}
