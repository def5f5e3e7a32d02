//! What holds for every archive, however it was damaged.

use std::cell::Cell;
use std::fs::File;
use std::io::{Read, Seek, Write};

use proptest::collection::vec;
use proptest::prelude::*;

use super::tar;
use super::zip::Zip;
use crate::fuzz::{self, escapes, promptly};

const LIMIT: u64 = 4096;
const MOST: u64 = 64 << 10;

fn on_disk(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

/// Names and contents of all members; an error for an archive or a member that is refused.
fn unzip(bytes: &[u8]) -> crate::error::Result<Vec<(String, Vec<u8>)>> {
    let zip = Zip::open(on_disk(bytes))?;
    let entries = zip.entries(|_| true)?;
    let read = |entry: &super::zip::Entry| Ok((entry.name.clone(), zip.read(entry, LIMIT)?));
    entries.iter().map(read).collect()
}

/// A zip file of stored members, which makes every byte of it count.
fn stored(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut file, mut index) = (Vec::new(), Vec::new());
    for (name, bytes) in members {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let (offset, length) = (file.len() as u32, bytes.len() as u32);
        let mut common = vec![20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
        for number in [crc.sum(), length, length, name.len() as u32] {
            common.extend(number.to_le_bytes()); // the last one: length of the name, and of nothing behind it
        }
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(name.as_bytes());
        file.extend(bytes);
        index.extend(b"PK\x01\x02\x14\0");
        index.extend(&common);
        index.extend([0; 10]);
        index.extend(offset.to_le_bytes());
        index.extend(name.as_bytes());
    }
    let start = file.len() as u32;
    file.extend(&index);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend((members.len() as u16).to_le_bytes());
    file.extend((members.len() as u16).to_le_bytes());
    file.extend((index.len() as u32).to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0; 2]);
    file
}

/// Counts what is read of it.
struct Counted<'a> {
    bytes: &'a [u8],
    read: &'a Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.bytes.read(buffer)?;
        self.read.set(self.read.get() + size as u64);
        Ok(size)
    }
}

fn is_pkg_info(path: &str) -> bool {
    path.ends_with("/PKG-INFO")
}

#[test]
fn the_corpus_is_read_and_its_findings_are_refused() {
    let [good, bad] = fuzz::corpus("zip");
    for (name, bytes) in good {
        assert!(unzip(&bytes).is_ok_and(|found| !found.is_empty()), "{name}");
    }
    for (name, bytes) in bad {
        assert!(unzip(&bytes).is_err(), "{name}");
    }
    let [good, bad] = fuzz::corpus("tar");
    for (name, bytes) in good {
        let found = tar::find(&bytes[..], is_pkg_info, LIMIT, MOST).unwrap();
        let found = String::from_utf8(found.expect("a member")).unwrap();
        assert!(found.contains("Name: acme-demo"), "{name}: {found}");
    }
    for (name, bytes) in bad {
        assert!(
            tar::find(&bytes[..], is_pkg_info, LIMIT, MOST).is_err(),
            "{name}"
        );
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn a_damaged_zip_gives_members_that_stay_inside_and_below_the_limit(bytes in fuzz::files("zip")) {
        for (name, content) in promptly(|| unzip(&bytes)).unwrap_or_default() {
            prop_assert!(content.len() as u64 <= LIMIT);
            prop_assert!(!name.starts_with('/') && !name.split(['/', '\\']).any(|part| part == ".."), "{name}");
        }
    }

    #[test]
    fn a_zip_gives_back_what_was_put_in_or_is_refused(
        members in vec((fuzz::texts(&["a", "b/", "composer.json", ".dist-info/METADATA"]), vec(any::<u8>(), 0..64)), 0..5)
    ) {
        match unzip(&stored(&members)) {
            Ok(found) => prop_assert_eq!(found, members),
            Err(_) => prop_assert!(members.iter().any(|(name, _)| escapes(name) || name.as_bytes().get(1) == Some(&b':'))),
        }
    }

    #[test]
    fn a_damaged_tar_is_read_within_its_bounds(bytes in fuzz::files("tar"), most in 0..MOST) {
        let read = Cell::new(0);
        let source = Counted { bytes: &bytes, read: &read };
        if let Ok(Some(found)) = promptly(|| tar::find(source, |_| true, LIMIT, most)) {
            prop_assert!(found.len() as u64 <= LIMIT);
        }
        prop_assert!(read.get() <= most);
    }

    #[test]
    fn a_tar_gives_back_what_was_put_in(
        members in vec(("[a-z]{1,120}(/[a-z.]{1,90}){0,3}", vec(any::<u8>(), 0..700)), 1..4), wanted in any::<prop::sample::Index>()
    ) {
        let mut archive = ::tar::Builder::new(Vec::new());
        for (name, bytes) in &members {
            let mut header = ::tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            // The archiver refuses some names and tidies others.
            prop_assume!(!escapes(name));
            prop_assume!(archive.append_data(&mut header, name, &bytes[..]).is_ok());
        }
        let archive = archive.into_inner().unwrap();
        let names: Vec<String> = ::tar::Archive::new(&archive[..])
            .entries().unwrap()
            .map(|entry| entry.unwrap().path().unwrap().to_string_lossy().into_owned())
            .collect();
        let name = wanted.get(&names);
        let first = names.iter().position(|other| other == name).unwrap();
        let found = tar::find(&archive[..], |path| path == name.trim_start_matches("./"), LIMIT, MOST).unwrap();
        prop_assert_eq!(found.as_ref(), Some(&members[first].1));
    }
}
