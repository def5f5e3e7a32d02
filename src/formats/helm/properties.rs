//! What holds for every chart, whatever was written into it.

use std::io::{Seek, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::chart::Chart;
use super::provenance::Provenance;
use super::{archive, channel, yaml};
use crate::fuzz::{self, escapes, promptly};

const YAML: &[&str] = &[
    "name: ", "a", "\n", "  ", "- ", "&a ", "*a", "{", "}", "[", "]", ": ", "\"", "'", "|\n",
    "!!x ", "? ", "<<: ", "---\n", "#", "\t",
];

fn packed(tar: &[u8]) -> std::fs::File {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(tar).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&gz.finish().unwrap()).unwrap();
    file.rewind().unwrap();
    file
}

#[test]
fn the_corpus_is_read_and_its_findings_are_refused() {
    let [good, bad] = fuzz::corpus("chart-yaml");
    assert!(good.iter().all(|(_, bytes)| Chart::parse(bytes).is_ok()));
    assert!(bad.iter().all(|(_, bytes)| Chart::parse(bytes).is_err()));
    let [good, bad] = fuzz::corpus("helm-tar");
    assert!(good.iter().all(|(_, bytes)| {
        archive::read(packed(bytes)).is_ok_and(|read| read.chart.name == "mychart")
    }));
    assert!(
        bad.iter()
            .all(|(_, bytes)| archive::read(packed(bytes)).is_err())
    );
}

#[test]
fn long_documents_take_no_square_of_their_length() {
    for flood in fuzz::floods(
        &[
            "[", "{", "- ", "a: ", "a: b\n", "&a ", "*a ", "\"", "? ", "\n", " ", "#", "!", "a",
            "{a: ", "- - ", "|\n", "'",
        ],
        256 << 10,
    ) {
        promptly(|| yaml::parse(&flood).is_ok());
        promptly(|| Provenance::parse(&flood).is_ok());
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn any_yaml_is_understood_or_refused(text in fuzz::texts(YAML)) {
        let _ = promptly(|| yaml::parse(&text));
        let _ = promptly(|| Chart::parse(format!("apiVersion: v2\nname: a\nversion: 1.0.0\n{text}").as_bytes()));
        let _ = promptly(|| Provenance::parse(&text));
    }

    #[test]
    fn a_damaged_chart_is_refused_or_has_a_plain_name(bytes in fuzz::files("chart-yaml"), tar in fuzz::files("helm-tar")) {
        for chart in [promptly(|| Chart::parse(&bytes)), promptly(|| archive::read(packed(&tar)).map(|read| read.chart))].into_iter().flatten() {
            let file = chart.file_name();
            prop_assert!(!escapes(&file) && !file.contains(['/', '%', ' ']), "{file:?}");
            prop_assert!(channel::is_label(&chart.name));
            prop_assert_eq!(chart.entry["name"].as_str(), Some(&*chart.name));
        }
    }

    #[test]
    fn a_label_is_one_plain_segment(text in fuzz::texts(&["a", ".", "..", "-", "_", "1"])) {
        prop_assert!(!channel::is_label(&text) || !escapes(&text) && !text.contains('/'), "{text:?}");
    }
}
