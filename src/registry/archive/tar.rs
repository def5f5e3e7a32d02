//! One member of a tar file, found on the way (POSIX pax; GNU long names).
//!
//! Names and sizes are those that Python's `tarfile` finds, or an archive could show one member to the index and another
//! to the installer.

use std::io::{self, Read};

use super::{broken, climbs, read_at_most};
use crate::error::Result;

const BLOCK: usize = 512;

/// The first regular file that `wanted` names, of at most `limit` bytes; what follows it is not read.
///
/// At most `most` bytes of the archive are looked at: an archive that unpacks to more without showing the member is
/// refused, however small it came in.
pub fn find(
    archive: impl Read,
    wanted: impl Fn(&str) -> bool,
    limit: u64,
    most: u64,
) -> Result<Option<Vec<u8>>> {
    let mut archive = archive.take(most);
    let mut more = Extension::default();
    loop {
        let mut header = [0; BLOCK];
        match read_block(&mut archive, &mut header)? {
            true if header.iter().any(|byte| *byte != 0) => {}
            // Two empty blocks end an archive; so does the end of the file.
            _ if archive.limit() == 0 => {
                return Err(broken(format!("it unpacks to more than {most} bytes")));
            }
            _ => return Ok(None),
        }
        let damaged = || broken("a header in it is damaged");
        let size = number(&header[124..136]).filter(|_| has_its_checksum(&header));
        let size = size.ok_or_else(damaged)?;
        match header[156] {
            b'x' => {
                let extension = Extension::read(&member(&mut archive, size, limit)?);
                let Extension { path, size } = extension.ok_or_else(damaged)?;
                more.path = path.or(more.path);
                more.size = size.or(more.size);
                continue;
            }
            b'g' => {
                let extension = Extension::read(&member(&mut archive, size, limit)?);
                match extension.ok_or_else(damaged)? {
                    Extension {
                        path: None,
                        size: None,
                    } => continue,
                    _ => return Err(broken("it gives one name or size to all of its members")),
                }
            }
            b'L' => {
                more.path = Some(text(&member(&mut archive, size, limit)?));
                continue;
            }
            b'K' => {
                skip(&mut archive, padded(size))?;
                continue;
            }
            b'S' => return Err(broken("it has a sparse member")), // its size is not how long it is
            _ => {}
        }
        let Extension { path, size: longer } = std::mem::take(&mut more);
        let size = longer.unwrap_or(size);
        let name = path.unwrap_or_else(|| short_name(&header));
        match header[156] {
            b'0' | 0 if wanted(name.trim_start_matches("./")) => {
                if climbs(&name) {
                    return Err(broken("a name in it leaves its folder"));
                }
                return member(&mut archive, size, limit).map(Some);
            }
            _ => skip(&mut archive, padded(size))?,
        }
    }
}

/// False at the end of the file.
fn read_block(archive: &mut impl Read, block: &mut [u8; BLOCK]) -> Result<bool> {
    match archive.read_exact(block) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(broken(format!("it cannot be read: {error}"))),
    }
}

fn member(archive: &mut impl Read, size: u64, limit: u64) -> Result<Vec<u8>> {
    if size > limit {
        return Err(broken(format!(
            "a member is larger than {limit} bytes where it may not be"
        )));
    }
    let bytes = read_at_most(archive.by_ref().take(size), limit, "a member")?;
    if bytes.len() as u64 != size {
        return Err(broken("it breaks off"));
    }
    skip(archive, padded(size) - size)?;
    Ok(bytes)
}

fn skip(archive: &mut impl Read, length: u64) -> Result<()> {
    io::copy(&mut archive.by_ref().take(length), &mut io::sink())
        .map_err(|error| broken(format!("it cannot be read: {error}")))?;
    Ok(())
}

fn padded(size: u64) -> u64 {
    size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64)
}

/// Octal digits, or from 8 GiB on a big-endian number behind a set bit (GNU).
fn number(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 != 0 {
        // Negative ones, and those that no archive could be as long as, are none.
        if field[0] != 0x80 || field[1..field.len() - 8].iter().any(|byte| *byte != 0) {
            return None;
        }
        return field[field.len() - 8..]
            .iter()
            .try_fold(0_u64, |sum, byte| {
                sum.checked_mul(256)?.checked_add((*byte).into())
            });
    }
    let digits = text(field);
    match digits.trim() {
        "" => Some(0),
        digits => u64::from_str_radix(digits, 8).ok(),
    }
}

fn short_name(header: &[u8; BLOCK]) -> String {
    let name = text(&header[..100]);
    let prefix = text(&header[345..500]);
    let is_ustar = header[257..263] == *b"ustar\0";
    match is_ustar && !prefix.is_empty() {
        true => format!("{prefix}/{name}"),
        false => name,
    }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&field[..end.unwrap_or(field.len())]).into_owned()
}

/// The sum of the header's bytes, the checksum itself read as blanks; old archivers summed them with their signs.
fn has_its_checksum(header: &[u8; BLOCK]) -> bool {
    let bytes = || {
        let blanks = std::iter::repeat_n(&b' ', 8);
        header[..148].iter().chain(blanks).chain(&header[156..])
    };
    let unsigned: i64 = bytes().map(|byte| i64::from(*byte)).sum();
    let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
    let told = number(&header[148..156]).and_then(|told| i64::try_from(told).ok());
    told.is_some_and(|told| told == unsigned || told == signed)
}

/// What the headers before a member say of it.
#[derive(Default)]
struct Extension {
    path: Option<String>,
    size: Option<u64>,
}

impl Extension {
    /// Records `30 path=a/long/name\n`: length of all of it, blank, key, value. The last of a key counts. `None` for what
    /// is damaged: readers differ about it.
    fn read(mut records: &[u8]) -> Option<Extension> {
        let mut extension = Extension::default();
        while records.first().is_some_and(|byte| *byte != 0) {
            let blank = records.iter().position(|byte| *byte == b' ')?;
            let length = std::str::from_utf8(&records[..blank]).ok()?;
            let length: usize = length.parse().ok()?;
            let record = records.get(blank + 1..length)?.strip_suffix(b"\n")?;
            let equals = record.iter().position(|byte| *byte == b'=')?;
            let value = String::from_utf8_lossy(&record[equals + 1..]);
            match &record[..equals] {
                b"path" => extension.path = Some(value.into_owned()),
                b"size" => extension.size = Some(value.parse().ok()?),
                _ => {}
            }
            records = &records[length..];
        }
        Some(extension)
    }
}
