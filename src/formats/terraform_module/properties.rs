//! What holds for every module, whatever lies in its archive.

use std::io::{Seek, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::path::{ModulePath, ProjectPath};
use super::{archive, hcl};
use crate::fuzz::{self, escapes, promptly};
use crate::http::{FromPath, PathParams};

const HCL: &[&str] = &[
    "variable", " \"a\" ", "{", "}", "=", "\n", "[", "]", "(", ")", "\"", "${", "<<EOT\n", "EOT\n",
    "\\", "#", "/*", "*/", "//", ",",
];

fn read(bytes: &[u8]) -> crate::error::Result<archive::Archive> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    archive::read(file, bytes.len() as u64)
}

fn packed(tar: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(tar).unwrap();
    gz.finish().unwrap()
}

#[test]
fn the_corpus_is_read_and_its_findings_are_refused() {
    let [good, bad] = fuzz::corpus("terraform-tar");
    for (name, bytes) in good {
        assert!(
            read(&packed(&bytes)).is_ok_and(|archive| archive.about.to_string().contains("region")),
            "{name}"
        );
    }
    assert!(bad.iter().all(|(_, bytes)| read(&packed(bytes)).is_err()));
}

#[test]
fn long_files_take_no_square_of_their_length() {
    for flood in fuzz::floods(
        &[
            "a {",
            "{",
            "}",
            "a = ",
            "\"",
            "\"${",
            "<<E\n",
            "/*",
            "#",
            "[",
            "a = [",
            "(",
            "\\",
            "a \"b\" {}\n",
            "a = 1\n",
            "\n",
            "<<",
            "a=<<A\n",
        ],
        1 << 20,
    ) {
        promptly(|| hcl::outline(&flood));
        promptly(|| hcl::object(&format!("{{{flood}}}")));
        promptly(|| hcl::literal(&format!("\"{flood}\"")));
        promptly(|| hcl::literal(&format!("<<{flood}")));
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn any_source_has_an_outline(text in fuzz::texts(HCL), bytes in fuzz::files("hcl")) {
        for text in [text, String::from_utf8_lossy(&bytes).into_owned()] {
            let body = promptly(|| hcl::outline(&text));
            let mut said = body.arguments.iter();
            prop_assert!(said.all(|(name, expression)| name.len() + expression.len() <= text.len()));
            hcl::object(&text);
            hcl::literal(&text);
        }
    }

    #[test]
    fn a_damaged_archive_is_refused_or_told_about(tar in fuzz::files("terraform-tar"), zip in fuzz::files("composer-zip")) {
        for bytes in [packed(&tar), zip, tar] {
            if let Ok(archive) = promptly(|| read(&bytes)) {
                prop_assert!(archive.about.to_string().len() <= 2 << 20);
            }
        }
    }

    #[test]
    fn a_path_names_one_module(name in fuzz::texts(&["vpc", "-", "_", "A"]), system in fuzz::texts(&["aws", "-"]), version in fuzz::texts(&["1", ".", "0", "-", "rc", "+"])) {
        let raw = [("namespace", "acme"), ("name", &*name), ("system", &*system), ("version", &*version)];
        let params = PathParams::decode(raw.into_iter());
        let _ = ModulePath::from_path(&params);
        if let Ok(path) = ProjectPath::from_path(&params) {
            let file = path.module.file_name(&path.version, "tgz");
            prop_assert!(!escapes(&path.module.package()), "{:?}", path.module);
            prop_assert!(!escapes(&file) && !file.contains('/'), "{file:?}");
        }
    }
}
