//! Archives written by hand, so that a test can also write the ones that no archiver would.

use std::io::Write;

use flate2::Compression;
use flate2::Crc;
use flate2::write::{DeflateEncoder, GzEncoder};

/// A zip file of deflated members, in this order.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut index = Vec::new();
    for (name, bytes) in members {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
        packed.write_all(bytes).unwrap();
        let packed = packed.finish().unwrap();
        let mut crc = Crc::new();
        crc.update(bytes);
        let offset = file.len() as u32;
        let mut common = Vec::new();
        for number in [20_u16, 0, 8, 0, 0x21] {
            common.extend(number.to_le_bytes());
        }
        for number in [crc.sum(), packed.len() as u32, bytes.len() as u32] {
            common.extend(number.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(name.as_bytes());
        file.extend(&packed);
        index.extend(b"PK\x01\x02\x14\x00");
        index.extend(&common);
        index.extend([0; 10]);
        index.extend(offset.to_le_bytes());
        index.extend(name.as_bytes());
    }
    let start = file.len() as u32;
    file.extend(&index);
    file.extend(b"PK\x05\x06\0\0\0\0");
    let count = members.len() as u16;
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend((index.len() as u32).to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0; 2]);
    file
}

/// A gzipped tar file.
pub fn tar_gz(members: &[(&str, &[u8])]) -> Vec<u8> {
    let members: Vec<_> = members
        .iter()
        .map(|(name, bytes)| Member::file(name, bytes))
        .collect();
    tar_gz_of(&members)
}

/// A member of a tar file, whatever it is.
pub struct Member {
    /// As it stands in the header: `0` a file, `1` a hard link, `2` a symbolic one.
    pub kind: u8,
    pub name: String,
    pub target: String,
    pub bytes: Vec<u8>,
    /// What the header claims, where that is not the truth.
    pub size: Option<u64>,
}

impl Member {
    pub fn file(name: &str, bytes: &[u8]) -> Member {
        Member::raw(b'0', name, bytes)
    }

    pub fn raw(kind: u8, name: &str, bytes: &[u8]) -> Member {
        Member {
            kind,
            name: name.to_owned(),
            target: String::new(),
            bytes: bytes.to_owned(),
            size: None,
        }
    }

    pub fn link(kind: u8, name: &str, target: &str) -> Member {
        Member {
            target: target.to_owned(),
            ..Member::raw(kind, name, b"")
        }
    }

    /// A member of a name that no header has room for, written as GNU tar does.
    pub fn long_name(name: &str, bytes: &[u8]) -> Member {
        Member::raw(b'L', name, bytes)
    }

    fn write(&self, file: &mut impl Write) {
        if self.kind == b'L' {
            write_block(file, b'L', "././@LongLink", "", self.name.as_bytes(), None);
            return write_block(file, b'0', &self.name[..100], "", &self.bytes, None);
        }
        write_block(
            file,
            self.kind,
            &self.name,
            &self.target,
            &self.bytes,
            self.size,
        );
    }
}

fn write_block(
    file: &mut impl Write,
    kind: u8,
    name: &str,
    target: &str,
    bytes: &[u8],
    size: Option<u64>,
) {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..107].copy_from_slice(b"0000644");
    let size = size.unwrap_or(bytes.len() as u64);
    match size < 1 << 33 {
        true => header[124..135].copy_from_slice(format!("{size:011o}").as_bytes()),
        false => {
            header[124] = 0x80;
            header[128..136].copy_from_slice(&size.to_be_bytes());
        }
    }
    header[148..156].copy_from_slice(b"        ");
    header[156] = kind;
    header[157..157 + target.len()].copy_from_slice(target.as_bytes());
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    file.write_all(&header).unwrap();
    file.write_all(bytes).unwrap();
    let padding = bytes.len().next_multiple_of(512) - bytes.len();
    file.write_all(&vec![0; padding]).unwrap();
}

/// The same of members of every kind.
pub fn tar_gz_of(members: &[Member]) -> Vec<u8> {
    let mut file = GzEncoder::new(Vec::new(), Compression::default());
    for member in members {
        member.write(&mut file);
    }
    file.write_all(&[0; 1024]).unwrap();
    file.finish().unwrap()
}
