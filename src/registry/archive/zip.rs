//! The index of a zip file, and single members of it (PKWARE APPNOTE 6.3.10, sections 4.3.7 to 4.3.16).
//!
//! Readers of zip files differ in what they make of a strange one, and that is how a file shows one thing to the
//! index and another to the installer. So strange ones are refused: bytes behind the end record, two records that could
//! be the end, an index that does not end where that record begins or counts less than it lists, a member whose two
//! headers differ.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::{broken, climbs};
use crate::error::Result;

/// Beyond this size in all, members may unpack to at most [`RATIO`] times their packed size: a real package stays far
/// below, a zip bomb does not.
const FREE: u64 = 64 << 20;
const RATIO: u64 = 50;

/// Bytes of an index: half a million members.
const MOST_INDEX: u64 = 64 << 20;

/// The bytes of the first member of this name, whatever its case and slashes; `None` without one of at most `limit` bytes.
pub fn find(file: File, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
    let zip = Zip::open(file)?;
    let plain = |name: &str| name.replace('\\', "/");
    let wanted = plain(name);
    let found = zip
        .entries(|name| name.len() == wanted.len() && plain(name).eq_ignore_ascii_case(&wanted))?;
    match found.first().filter(|entry| entry.size <= limit) {
        Some(entry) => zip.read(entry, limit).map(Some),
        None => Ok(None),
    }
}

/// A member, as the index has it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    /// Bytes once unpacked.
    pub size: u64,
    /// Unpacks to a symbolic link whose target is the content (Info-ZIP: Unix attributes).
    pub is_link: bool,
    packed: u64,
    method: u16,
    crc: u32,
    offset: u64,
}

/// A zip file whose end was found.
pub struct Zip {
    file: File,
    index_start: u64,
    index_size: u64,
    entries: u64,
}

impl Zip {
    /// Fails with 400 for what is no zip file.
    pub fn open(mut file: File) -> Result<Zip> {
        let length = file.metadata()?.len();
        let tail_length = length.min(22 + 0xffff + 20);
        let tail_start = length - tail_length;
        file.seek(SeekFrom::Start(tail_start))?;
        let mut tail = Vec::new();
        (&mut file).take(tail_length).read_to_end(&mut tail)?;
        let end = (0..=tail.len().saturating_sub(22))
            .rev()
            .find(|at| tail[*at..].starts_with(b"PK\x05\x06"))
            .filter(|at| tail.len() >= at + 22)
            .ok_or_else(|| broken("it is no zip file"))?;
        let record = &tail[end..];
        if !is_end(record) {
            return Err(broken("something follows the end of the zip file"));
        }
        if (0..end).any(|at| is_end(&tail[at..])) {
            return Err(broken("it has two ends, one in the comment of the other"));
        }
        let mut zip = Zip {
            file,
            entries: u16_at(record, 10).into(),
            index_size: u32_at(record, 12).into(),
            index_start: u32_at(record, 16).into(),
        };
        let mut index_end = tail_start + end as u64;
        let locator = end
            .checked_sub(20)
            .map(|at| &tail[at..end])
            .filter(|locator| locator.starts_with(b"PK\x06\x07"));
        if let Some(locator) = locator {
            index_end = zip.follow(u64_at(locator, 8))?;
        }
        if zip.index_size > MOST_INDEX {
            return Err(broken("it has too many members"));
        }
        if zip.index_start.checked_add(zip.index_size) != Some(index_end) {
            return Err(broken("its index is not where its end says"));
        }
        Ok(zip)
    }

    /// The zip64 end record, whose numbers count more; answers where it begins.
    fn follow(&mut self, at: u64) -> Result<u64> {
        let mut record = [0; 56];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.read_exact(&mut record))
            .map_err(|error| broken(format!("its zip64 end cannot be read: {error}")))?;
        if !record.starts_with(b"PK\x06\x06") {
            return Err(broken("its zip64 end is not where it should be"));
        }
        self.entries = u64_at(&record, 32);
        self.index_size = u64_at(&record, 40);
        self.index_start = u64_at(&record, 48);
        Ok(at)
    }

    /// How many members the index has, as its end says.
    pub fn count(&self) -> u64 {
        self.entries
    }

    /// Shows every member in the order of the index. Fails for a name that leaves the folder it is unpacked in, and as
    /// `visit` does; how much all of them unpack to is for the caller to bound.
    pub fn each(&self, mut visit: impl FnMut(Entry) -> Result<()>) -> Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(self.index_start))?;
        let mut index = BufReader::with_capacity(64 << 10, file.take(self.index_size));
        for _ in 0..self.entries {
            let entry = read_entry(&mut index)?;
            if climbs(&entry.name) {
                return Err(broken(format!(
                    "its member `{}` would leave the folder it is unpacked in",
                    entry.name.escape_debug()
                )));
            }
            visit(entry)?;
        }
        match index.fill_buf()?.is_empty() {
            true => Ok(()),
            false => Err(broken("its index lists more members than its end counts")),
        }
    }

    /// Every member that `wanted` names, once the whole index was found to be sound: no name that leaves the folder
    /// it is unpacked in, nothing encrypted, and no bomb.
    pub fn entries(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<Entry>> {
        self.select(|entry| wanted(&entry.name))
    }

    /// The same by more than the name, asked in the order of the index.
    pub fn select(&self, mut wanted: impl FnMut(&Entry) -> bool) -> Result<Vec<Entry>> {
        let (mut found, mut size, mut packed) = (Vec::new(), 0_u64, 0_u64);
        self.each(|entry| {
            size = size.saturating_add(entry.size);
            packed = packed.saturating_add(entry.packed);
            if wanted(&entry) {
                found.push(entry);
            }
            Ok(())
        })?;
        if size > FREE && size / RATIO > packed {
            return Err(broken(format!(
                "{packed} packed bytes would become {size} when unpacked"
            )));
        }
        Ok(found)
    }

    /// The bytes of one member, of at most `limit`.
    pub fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>> {
        if entry.size > limit {
            return Err(broken(format!(
                "{} is larger than {limit} bytes",
                entry.shown()
            )));
        }
        let mut bytes = Vec::new();
        self.unpack(entry, &mut bytes)?;
        Ok(bytes)
    }

    /// Writes one member to `sink`, piece by piece: exactly the bytes that the index promises, or an error.
    pub fn unpack(&self, entry: &Entry, sink: &mut impl Write) -> Result<()> {
        let what = entry.shown();
        let mut file = &self.file;
        let mut header = [0; 30];
        file.seek(SeekFrom::Start(entry.offset))
            .and_then(|_| file.read_exact(&mut header))
            .map_err(|error| broken(format!("{what} cannot be read: {error}")))?;
        let mut name = vec![0; u16_at(&header, 26).into()];
        file.read_exact(&mut name)
            .map_err(|error| broken(format!("{what} cannot be read: {error}")))?;
        if !header.starts_with(b"PK\x03\x04")
            || u16_at(&header, 8) != entry.method
            || name != entry.name.as_bytes()
        {
            return Err(broken(format!("{what} is not where the index says")));
        }
        file.seek_relative(u16_at(&header, 28).into())?;
        let packed = file.take(entry.packed);
        match entry.method {
            0 => copy(packed, entry, sink),
            8 => copy(DeflateDecoder::new(BufReader::new(packed)), entry, sink),
            method => Err(broken(format!("{what} is packed by method {method}"))),
        }
    }
}

/// An end record whose comment ends with the file.
fn is_end(record: &[u8]) -> bool {
    record.starts_with(b"PK\x05\x06")
        && record.len() >= 22
        && 22 + usize::from(u16_at(record, 20)) == record.len()
}

impl Entry {
    fn shown(&self) -> String {
        format!("`{}`", self.name.escape_debug())
    }
}

/// At most one byte is read beyond what the index promises.
fn copy(reader: impl Read, entry: &Entry, sink: &mut impl Write) -> Result<()> {
    let mut reader = reader.take(entry.size.saturating_add(1));
    let piece = usize::try_from(entry.size.saturating_add(1)).unwrap_or(usize::MAX);
    let mut piece = vec![0; piece.min(64 << 10)];
    let (mut crc, mut size) = (Crc::new(), 0);
    loop {
        let length = reader
            .read(&mut piece)
            .map_err(|error| broken(format!("{} cannot be read: {error}", entry.shown())))?;
        if length == 0 {
            break;
        }
        crc.update(&piece[..length]);
        size += length as u64;
        sink.write_all(&piece[..length])?;
    }
    if size > entry.size {
        return Err(broken(format!(
            "{} is larger than the {} bytes that the index promises",
            entry.shown(),
            entry.size
        )));
    }
    if size < entry.size || crc.sum() != entry.crc {
        return Err(broken(format!("{} is damaged", entry.shown())));
    }
    Ok(())
}

fn read_entry(index: &mut impl Read) -> Result<Entry> {
    let mut take = |length: usize| {
        let mut bytes = vec![0; length];
        index
            .read_exact(&mut bytes)
            .map_err(|error| broken(format!("its index cannot be read: {error}")))?;
        Ok::<_, crate::error::Error>(bytes)
    };
    let fixed = take(46)?;
    if !fixed.starts_with(b"PK\x01\x02") {
        return Err(broken("its index is damaged"));
    }
    let name = take(u16_at(&fixed, 28).into())?;
    let extra = take(u16_at(&fixed, 30).into())?;
    take(u16_at(&fixed, 32).into())?;
    let name = String::from_utf8(name)
        .map_err(|error| broken(format!("a name in it is no UTF-8: {error}")))?;
    if u16_at(&fixed, 8) & 1 != 0 {
        return Err(broken(format!(
            "its member `{}` is encrypted",
            name.escape_debug()
        )));
    }
    let made_on_unix = matches!(fixed[5], 3 | 19);
    let mut entry = Entry {
        name,
        is_link: made_on_unix && u32_at(&fixed, 38) >> 16 & 0o170_000 == 0o120_000,
        method: u16_at(&fixed, 10),
        crc: u32_at(&fixed, 16),
        packed: u32_at(&fixed, 20).into(),
        size: u32_at(&fixed, 24).into(),
        offset: u32_at(&fixed, 42).into(),
    };
    widen(&mut entry, &extra);
    Ok(entry)
}

/// Numbers that do not fit into 32 bits stand in the extra field 1, in this order, each only if it is needed.
fn widen(entry: &mut Entry, mut extra: &[u8]) {
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let Some(mut field) = extra.get(4..4 + length) else {
            return;
        };
        extra = &extra[4 + length..];
        if id != 1 {
            continue;
        }
        for number in [&mut entry.size, &mut entry.packed, &mut entry.offset] {
            if *number == u64::from(u32::MAX) && field.len() >= 8 {
                *number = u64_at(field, 0);
                field = &field[8..];
            }
        }
    }
}

/// Little-endian numbers of a record that is long enough; beyond its end there are zeros.
fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut number = [0; N];
    for (to, from) in number.iter_mut().zip(bytes.iter().skip(at)) {
        *to = *from;
    }
    number
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes_at(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes_at(bytes, at))
}
