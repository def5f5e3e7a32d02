//! What the property tests of every parser have in common; in test builds alone.
//!
//! `cargo test` tries the same few hundred inputs for each property every time. `PACKHOUSE_FUZZ=100000 cargo test
//! properties` tries as many new ones. What fails is written below `tests/regressions` and is tried first from then on.
//!
//! Good files lie in `tests/corpus`, one folder for each parser of uploaded bytes; inputs are made by damaging them.
//! Files whose names begin with `bad-` are findings: they must be refused.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};

const CASES: u32 = 256;

/// What a small input may take, on a machine that is busy with other tests.
const PROMPT: Duration = Duration::from_secs(10);

pub(crate) fn config() -> Config {
    let wanted = std::env::var("PACKHOUSE_FUZZ").ok();
    let wanted = wanted.map(|text| text.parse().expect("PACKHOUSE_FUZZ is a number"));
    let kept = FileFailurePersistence::SourceParallel("tests/regressions");
    Config {
        cases: wanted.unwrap_or(CASES),
        rng_seed: match wanted {
            Some(_) => RngSeed::Random,
            None => RngSeed::Fixed(1),
        },
        failure_persistence: Some(Box::new(kept)),
        max_global_rejects: u32::MAX,
        ..Config::default()
    }
}

/// The files of a folder of the corpus, good ones first, then the findings.
pub(crate) fn corpus(folder: &str) -> [Vec<(String, Vec<u8>)>; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(folder);
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(&folder).expect("a folder of the corpus") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let mut bytes = Vec::new();
        let mut file = fs::File::open(&path).expect("a file of the corpus");
        file.read_to_end(&mut bytes).expect("a file of the corpus");
        match name.starts_with("bad-") {
            true => bad.push((name, bytes)),
            false => good.push((name, bytes)),
        }
    }
    good.sort();
    bad.sort();
    assert!(!good.is_empty(), "{} is empty", folder.display());
    [good, bad]
}

/// Files of the corpus, damaged in a few places; now and then bytes without any sense.
pub(crate) fn files(folder: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let seeds: Vec<Vec<u8>> = corpus(folder)
        .into_iter()
        .flatten()
        .map(|(_, bytes)| bytes)
        .collect();
    let damaged = (select(seeds), vec(damage(), 0..6)).prop_map(|(mut bytes, damages)| {
        for damage in damages {
            damage.apply(&mut bytes);
        }
        bytes
    });
    prop_oneof![15 => damaged, 1 => vec(any::<u8>(), 0..512)]
}

#[derive(Clone, Debug)]
enum Damage {
    Put(Index, Vec<u8>),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    End(Index),
}

impl Damage {
    fn apply(self, bytes: &mut Vec<u8>) {
        let at = |index: Index, bytes: &[u8]| index.index(bytes.len() + 1);
        match self {
            Damage::Put(index, piece) => {
                let at = at(index, bytes);
                let end = bytes.len().min(at + piece.len());
                bytes[at..end].copy_from_slice(&piece[..end - at]);
            }
            Damage::Insert(index, piece) => {
                let at = at(index, bytes);
                bytes.splice(at..at, piece);
            }
            Damage::Remove(index, length) => {
                let at = at(index, bytes);
                bytes.drain(at..bytes.len().min(at + length));
            }
            Damage::Repeat(index, length) => {
                let at = at(index, bytes);
                let piece = bytes[at..bytes.len().min(at + length)].to_vec();
                bytes.splice(at..at, piece);
            }
            Damage::End(index) => bytes.truncate(at(index, bytes)),
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let piece = || {
        prop_oneof![
            vec(any::<u8>(), 1..9),
            select(
                &[
                    0_u64,
                    1,
                    0x7f,
                    0xff,
                    0xffff,
                    0x7fff_ffff,
                    0xffff_ffff,
                    u64::MAX
                ][..]
            )
            .prop_flat_map(|number| select(vec![1_usize, 2, 4, 8])
                .prop_map(move |size| number.to_le_bytes()[..size].to_vec())),
            select(
                &[
                    "\0", "\n", "/", "../", "\\", ":", "\"", "{", "}", "[", "<", "&", " ", "0",
                    "7777777"
                ][..]
            )
            .prop_map(|text| text.as_bytes().to_vec()),
        ]
    };
    prop_oneof![
        6 => (any::<Index>(), piece()).prop_map(|(at, piece)| Damage::Put(at, piece)),
        2 => (any::<Index>(), piece()).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        2 => (any::<Index>(), 1..600_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        2 => (any::<Index>(), 1..600_usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
        1 => any::<Index>().prop_map(Damage::End),
    ]
}

/// Texts in which these words stand in any order, between letters of all kinds.
pub(crate) fn texts(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => select(words).prop_map(str::to_owned),
        2 => "[a-zA-Z0-9]{1,3}",
        1 => select(&HOSTILE[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// What has broken parsers of names and paths before.
pub(crate) const HOSTILE: [&str; 24] = [
    "..", ".", "/", "//", "\\", "%2e", "%2E%2e", "%2f", "%5c", "%00", "%25", "%", "\0", "\r\n",
    "~", "@", "-", "_", "+", " ", "é", "ſ", "İ", "\u{202e}",
];

/// Each of these words again and again, up to so many bytes: what a parser must not take the square of.
pub(crate) fn floods(words: &[&str], size: usize) -> Vec<String> {
    let flood = |word: &&str| word.repeat(size / word.len());
    words.iter().map(flood).collect()
}

/// What the work answers; that it takes long is a failure.
#[track_caller]
pub(crate) fn promptly<T>(work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = work();
    let took = started.elapsed();
    assert!(took < PROMPT, "it took {took:?}");
    done
}

/// Whether a text leads out of the folder that it is put in, once decoded again or unpacked on Windows.
pub(crate) fn escapes(path: &str) -> bool {
    path.starts_with(['/', '\\'])
        || path.contains('\0')
        || path
            .split(['/', '\\'])
            .any(|segment| matches!(segment, "." | ".."))
}
