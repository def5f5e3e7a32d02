//! One member of a tar file, found on the way (POSIX pax; GNU long names).

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
    let mut long_name = None;
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
        let size = number(&header[124..136]);
        let size = size.ok_or_else(|| broken("a header in it is damaged"))?;
        let name = long_name.take().unwrap_or_else(|| short_name(&header));
        match header[156] {
            b'x' => long_name = pax_path(&member(&mut archive, size, limit)?).or(long_name),
            b'L' => {
                let name = member(&mut archive, size, limit)?;
                long_name = Some(text(&name));
            }
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

/// `30 path=a/long/name\n`: length, blank, key, value.
fn pax_path(records: &[u8]) -> Option<String> {
    let records = String::from_utf8_lossy(records);
    records.lines().find_map(|record| {
        let (_, record) = record.split_once(' ')?;
        Some(record.strip_prefix("path=")?.to_owned())
    })
}
