//! What is sent to do harm: metadata that disagrees, bombs, archives that climb, forms without end.

use crate::support::archives::{tar_gz, zip};
use crate::support::python::{Dist, Form, core_metadata, pypi, sdist, wheel};
use crate::support::seeds::{PUB, Seeds};

const WHEEL: &str = "acme-1.0-py3-none-any.whl";
const METADATA: &str = "acme-1.0.dist-info/METADATA";

/// Refused, with this word in the answer, and nothing is left behind.
#[track_caller]
fn refused(seeds: &Seeds, dist: &Dist, why: &str) {
    let before = seeds.stored_files().len();
    let answer = dist.upload(&seeds.user("developer"), PUB).expect(400);
    assert!(answer.text().contains(why), "{}", answer.text());
    assert_eq!(seeds.stored_files().len(), before);
    seeds
        .anonymous()
        .get(&format!("{}/simple/acme/", pypi(PUB)))
        .expect(404);
}

fn a_wheel(members: &[(&str, &[u8])]) -> Dist {
    Dist::new("acme", "1.0", WHEEL, zip(members))
}

#[test]
fn metadata_that_disagrees_with_the_form_is_refused() {
    let seeds = Seeds::start();
    let (other_name, other_version) = (
        core_metadata("evil", "1.0", ""),
        core_metadata("acme", "1.1", ""),
    );
    refused(
        &seeds,
        &a_wheel(&[(METADATA, other_name.as_bytes())]),
        "its metadata has the name `evil`",
    );
    refused(
        &seeds,
        &a_wheel(&[(METADATA, other_version.as_bytes())]),
        "its metadata has the version `1.1`",
    );
    refused(
        &seeds,
        &a_wheel(&[(METADATA, b"Summary: nothing\n")]),
        "its metadata has the name ``",
    );
    let source = |text: &str| {
        Dist::new(
            "acme",
            "1.0",
            "acme-1.0.tar.gz",
            tar_gz(&[("acme-1.0/PKG-INFO", text.as_bytes())]),
        )
    };
    refused(
        &seeds,
        &source(&other_name),
        "its metadata has the name `evil`",
    );
    refused(
        &seeds,
        &source(&other_version),
        "its metadata has the version `1.1`",
    );
    let zipped = zip(&[("acme-1.0/PKG-INFO", other_name.as_bytes())]);
    refused(
        &seeds,
        &Dist::new("acme", "1.0", "acme-1.0.zip", zipped),
        "its metadata has the name `evil`",
    );
}

#[test]
fn there_must_be_metadata_and_only_once() {
    let seeds = Seeds::start();
    let good = core_metadata("acme", "1.0", "");
    let good = good.as_bytes();
    refused(&seeds, &a_wheel(&[("acme.py", b"")]), "it has no METADATA");
    refused(
        &seeds,
        &a_wheel(&[("vendor/acme-1.0.dist-info/METADATA", good)]),
        "it has no METADATA",
    );
    refused(
        &seeds,
        &a_wheel(&[(METADATA, good), (METADATA, good)]),
        "more than one METADATA",
    );
    refused(
        &seeds,
        &a_wheel(&[(METADATA, good), ("evil-1.0.dist-info/METADATA", good)]),
        "more than one METADATA",
    );
    let foreign: &[(&str, &[u8])] = &[("evil-1.0.dist-info/METADATA", good)];
    refused(&seeds, &a_wheel(foreign), "is not of this version");
    let empty = tar_gz(&[("acme-1.0/setup.py", b"")]);
    refused(
        &seeds,
        &Dist::new("acme", "1.0", "acme-1.0.tar.gz", empty),
        "it has no PKG-INFO",
    );
}

#[test]
fn bombs_do_not_go_off() {
    let seeds = Seeds::start();
    let good = core_metadata("acme", "1.0", "");
    let zeros = vec![0; 70 << 20];
    refused(
        &seeds,
        &a_wheel(&[(METADATA, good.as_bytes()), ("acme.bin", &zeros)]),
        "when unpacked",
    );
    refused(
        &seeds,
        &a_wheel(&[(METADATA, &zeros[..11 << 20])]),
        "is larger than",
    );
    let source = tar_gz(&[("acme-1.0/PKG-INFO", &zeros[..11 << 20])]);
    refused(
        &seeds,
        &Dist::new("acme", "1.0", "acme-1.0.tar.gz", source),
        "is larger than",
    );
    // An index that promises little: what is unpacked counts.
    let mut lying = zip(&[(METADATA, &zeros[..11 << 20])]);
    let size = (11_u32 << 20).to_le_bytes();
    while let Some(at) = lying.windows(4).position(|bytes| bytes == size) {
        lying[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    refused(
        &seeds,
        &Dist::new("acme", "1.0", WHEEL, lying),
        "is larger than",
    );
}

#[test]
fn members_that_climb_out_of_their_folder_are_refused() {
    let seeds = Seeds::start();
    let good = core_metadata("acme", "1.0", "");
    for name in [
        "../evil.py",
        "a/../../evil.py",
        "/etc/evil",
        "..\\evil.py",
        "C:\\evil.py",
        "a\0b",
    ] {
        refused(
            &seeds,
            &a_wheel(&[(METADATA, good.as_bytes()), (name, b"")]),
            "would leave the folder",
        );
    }
}

#[test]
fn what_is_no_sound_archive_is_refused() {
    let seeds = Seeds::start();
    let good = wheel("acme", "1.0", "").bytes;
    let of = |bytes: Vec<u8>| Dist::new("acme", "1.0", WHEEL, bytes);
    refused(&seeds, &of(b"no zip".to_vec()), "it is no zip file");
    refused(&seeds, &of(Vec::new()), "it is no zip file");
    refused(
        &seeds,
        &of([&good[..], b"more"].concat()),
        "something follows the end",
    );
    refused(
        &seeds,
        &of([b"#!shell\n", &good[..]].concat()),
        "its index is not where its end says",
    );
    let name = b"acme-1.0.dist-info/METADATA";
    let at = good
        .windows(name.len())
        .position(|bytes| bytes == name)
        .unwrap();
    let mut two_names = good.clone();
    two_names[at] = b'A'; // only the header beside the bytes
    refused(&seeds, &of(two_names), "is not where the index says");
    let mut damaged = good.clone();
    damaged[at + name.len() + 5] ^= 0xff;
    refused(&seeds, &of(damaged), "the archive is refused");
    for cut in 1..22 {
        refused(
            &seeds,
            &of(good[..good.len() - cut].to_vec()),
            "it is no zip file",
        );
    }
    let source = sdist("acme", "1.0", "").bytes;
    for bytes in [b"no gzip".to_vec(), source[..source.len() / 2].to_vec()] {
        refused(
            &seeds,
            &Dist::new("acme", "1.0", "acme-1.0.tar.gz", bytes),
            "",
        );
    }
}

#[test]
fn file_names_that_climb_are_refused() {
    let seeds = Seeds::start();
    for name in [
        "../acme-1.0.tar.gz",
        "..%2Facme-1.0.tar.gz",
        "%2e%2e%2facme-1.0.tar.gz",
        "..\\\\acme-1.0.tar.gz",
        "a/acme-1.0.tar.gz",
        "/acme-1.0.tar.gz",
        "acme-1.0.tar.gz/..",
        "acme\0-1.0.tar.gz",
    ] {
        let form = Form::default()
            .field("name", "acme")
            .field("version", "1.0")
            .file(name, &sdist("acme", "1.0", "").bytes);
        let answer = form.send(&seeds.user("developer"), &pypi(PUB));
        assert!(answer.status == 400, "{name}: {}", answer.text());
    }
    seeds
        .anonymous()
        .get(&format!("{}/simple/acme/", pypi(PUB)))
        .expect(404);
}

#[test]
fn forms_are_bounded() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let dist = wheel("acme", "1.0", "");
    let long = "x".repeat((2 << 20) + 1);
    dist.form()
        .field("description", &long)
        .send(&developer, &pypi(PUB))
        .expect(400);
    let many = (0..10_001).fold(Form::default(), |form, _| form.field("classifiers", "x"));
    many.send(&developer, &pypi(PUB)).expect(400);
    dist.form()
        .file(WHEEL, b"second")
        .send(&developer, &pypi(PUB))
        .expect(400);
    let long = "x".repeat(1 << 20);
    dist.form()
        .field("description", &long)
        .send(&developer, &pypi(PUB))
        .expect(201);
}

/// Every byte of an archive may be wrong: what is read of it is an error of the sender's, never one of ours.
#[test]
fn no_byte_of_an_archive_can_do_more_than_be_wrong() {
    use packhouse::registry::archive::{tar, zip::Zip};
    use std::io::Write;
    let good = wheel("acme", "1.0", "").bytes;
    let mut file = tempfile::tempfile().unwrap();
    let mut read = |bytes: &[u8]| {
        use std::io::Seek;
        file.set_len(0).unwrap();
        file.rewind().unwrap();
        file.write_all(bytes).unwrap();
        let zip = Zip::open(file.try_clone().unwrap())?;
        let entries = zip.entries(|_| true)?;
        entries
            .iter()
            .map(|entry| zip.read(entry, 1 << 20))
            .collect::<Result<Vec<_>, _>>()
    };
    assert_eq!(read(&good).unwrap().len(), 4);
    for at in 0..good.len() {
        for value in [0x00, 0x01, 0x7f, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] ^= value;
            if let Err(error) = read(&bad) {
                assert_eq!(error.status(), 400, "{at} {value}: {error}");
            }
        }
        read(&good[..at]).map(|_| ()).unwrap_err();
    }
    let mut header = vec![0; 512];
    header[..17].copy_from_slice(b"acme-1.0/PKG-INFO");
    header[124..135].copy_from_slice(b"00000000003");
    header[156] = b'0';
    // Nothing is read behind a wrong checksum.
    let signed = |mut archive: Vec<u8>| {
        archive[148..156].fill(b' ');
        let sum: u32 = archive[..512].iter().map(|byte| u32::from(*byte)).sum();
        archive[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive
    };
    let good = signed([&header[..], b"abc", &[0; 509], &[0; 1024]].concat());
    let read = |bytes: &[u8]| tar::find(bytes, |name| name.ends_with("PKG-INFO"), 100, 1 << 20);
    assert_eq!(read(&good).unwrap().unwrap(), b"abc");
    for at in 0..512 {
        for value in 0..=255 {
            let mut bad = good.clone();
            bad[at] = value;
            for bad in [signed(bad.clone()), bad] {
                if let Err(error) = read(&bad) {
                    assert_eq!(error.status(), 400, "{at} {value}: {error}");
                }
            }
        }
    }
    assert_eq!(
        tar::find(std::io::repeat(b'0'), |_| false, 100, 1 << 20)
            .unwrap_err()
            .status(),
        400
    );
}
