//! What holds for every name, version, file name and metadata file of a Python project.

use std::io::{Seek, Write};

use actix_web::test::TestRequest;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::core_metadata::CoreMetadata;
use super::file_name::FileName;
use super::negotiate::Form;
use super::{attestations, distribution, name, version};
use crate::fuzz::{self, escapes, promptly};
use crate::http::Params;

const NAMES: &[&str] = &["acme", "Demo", "-", "_", ".", "--", "0", "A"];
const VERSIONS: &[&str] = &[
    "1", "0", "00", ".", "-", "_", "!", "+", "a", "b", "rc", "alpha", "preview", "post", "rev",
    "r", "dev", "v", "local",
];
const FILES: &[&str] = &[
    "acme",
    "demo",
    "-",
    "_",
    "1.0",
    "1",
    ".",
    "py3",
    "-none-any",
    ".whl",
    ".tar.gz",
    ".zip",
    ".egg",
    ".exe",
    "win32",
];

fn on_disk(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

#[test]
fn the_corpus_is_read_and_its_findings_are_refused() {
    for (name, bytes) in fuzz::corpus("core-metadata").concat() {
        assert!(CoreMetadata::parse(&bytes).text("name").is_some(), "{name}");
    }
    let [good, bad] = fuzz::corpus("attestations").map(|files| {
        files.into_iter().map(|(_, bytes)| {
            attestations::parse(&String::from_utf8(bytes).unwrap(), &"0".repeat(64)).is_ok()
        })
    });
    assert!(good.eq([true]) && bad.eq([false]));
}

#[test]
fn long_metadata_takes_no_square_of_its_length() {
    for flood in fuzz::floods(
        &[
            "Classifier: a\n",
            "Name: a\n",
            " a\n",
            "\n",
            "a",
            ":",
            "\r\n\r\n",
            "Description: a\n |\n",
        ],
        4 << 20,
    ) {
        promptly(|| CoreMetadata::parse(flood.as_bytes()));
    }
    for flood in fuzz::floods(&["-", "1-", "a-1.", "1.", "0", "a_", "-1.0"], 64 << 10) {
        promptly(|| {
            (
                name::normal(&flood),
                version::key(&flood),
                FileName::parse(&format!("{flood}.egg")),
            )
        });
    }
    for flood in fuzz::floods(&["-", "1-", "a-1.", "1.", "0", "1.0-"], 240) {
        let file = FileName::parse(&format!("a{flood}1.egg")).unwrap();
        promptly(|| file.is_of("a", "1"));
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn the_normal_form_of_a_name_is_its_own(text in fuzz::texts(NAMES)) {
        let normal = name::normal(&text);
        prop_assert_eq!(&name::normal(&normal), &normal);
        prop_assert!(!normal.contains("--") && !normal.contains(['_', '.']));
        if name::is_valid(&text) {
            prop_assert!(name::is_valid(&normal) && !escapes(&text), "{text:?}");
        }
    }

    #[test]
    fn the_key_of_a_version_is_its_own(text in fuzz::texts(VERSIONS), other in fuzz::texts(VERSIONS)) {
        let Some(key) = version::key(&text) else { return Ok(()) };
        prop_assert_eq!(version::key(&key), Some(key.clone()));
        prop_assert!(!escapes(&text) && text.is_ascii());
        for spelling in [text.to_uppercase(), format!("v{}", text.trim_start_matches(['v', 'V'])), text.replace(['-', '_'], ".")] {
            if !text.contains('-') || !spelling.contains('.') {
                prop_assert_eq!(version::key(&spelling), Some(key.clone()), "{}", spelling);
            }
        }
        if let Some(other_key) = version::key(&other) {
            prop_assert_eq!(key == other_key, version::key(&key) == version::key(&other_key));
        }
    }

    #[test]
    fn a_file_name_is_one_plain_segment(text in fuzz::texts(FILES)) {
        let Some(file) = FileName::parse(&text) else { return Ok(()) };
        prop_assert!(!escapes(&text) && !text.contains(['/', '%', ' ', '"', '<']), "{text:?}");
        prop_assert_eq!(FileName::parse(&file.text), Some(file.clone()));
        promptly(|| file.is_of("acme-demo", "1"));
    }

    #[test]
    fn a_sdist_or_wheel_is_of_the_project_it_was_named_after(project in "[a-z][a-z0-9]{0,5}([-_.][a-z0-9]{1,4}){0,2}", text in "v?[0-9]{1,2}(\\.[0-9]{1,2}){0,2}((a|b|rc|\\.post|\\.dev|_rev)[0-9]?)?(\\+[a-z0-9]{1,3})?") {
        let key = version::key(&text).unwrap();
        let name_key = name::normal(&project);
        for file in [format!("{project}-{text}.tar.gz"), format!("{}-{text}-py3-none-any.whl", project.replace('-', "_"))] {
            let file = FileName::parse(&file).unwrap();
            prop_assert!(file.is_of(&name_key, &key), "{file:?}");
            prop_assert!(!file.is_of("another", &key) && !file.is_of(&name_key, "7777"), "{file:?}");
        }
    }

    #[test]
    fn damaged_metadata_is_read_without_loss_of_bounds(bytes in fuzz::files("core-metadata")) {
        let metadata = promptly(|| CoreMetadata::parse(&bytes));
        let _ = metadata.requires_python();
        // Bytes that are no UTF-8 become three, and margins one.
        prop_assert!(metadata.into_json().to_string().len() <= 8 * bytes.len() + 1000);
    }

    #[test]
    fn a_damaged_distribution_is_refused_or_of_its_project(wheel in fuzz::files("zip"), sdist in fuzz::files("tar")) {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&sdist).unwrap();
        let packed = packed.finish().unwrap();
        for (bytes, name) in [(&wheel, "acme_demo-1.0-py3-none-any.whl"), (&wheel, "acme-demo-1.0.zip"), (&packed, "acme-demo-1.0.tar.gz")] {
            let file_name = FileName::parse(name).unwrap();
            if let Ok(Some(found)) = promptly(|| distribution::read(on_disk(bytes), &file_name, "acme-demo", "1")) {
                prop_assert_eq!(name::normal(found.metadata.text("name").unwrap()), "acme-demo");
            }
        }
    }

    #[test]
    fn damaged_attestations_are_refused_or_about_their_file(bytes in fuzz::files("attestations")) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Ok(kept) = promptly(|| attestations::parse(&text, &"0".repeat(64))) {
            prop_assert!(kept.is_array());
        }
    }

    #[test]
    fn any_accept_has_a_form(accept in fuzz::texts(&["application/vnd.pypi.simple.v1+json", "text/html", "*/*", ",", ";", "q=", "0.5", "nan", "inf", "-1"])) {
        if let Ok(value) = actix_web::http::header::HeaderValue::from_str(&accept) {
            let request = TestRequest::get().insert_header(("Accept", value)).to_http_request();
            let form = Form::wanted_by(&request, &Params::default());
            prop_assert!(form != Form::Json || accept.contains("json"));
        }
    }
}
