//! One member of a tar file, found on the way, or all of them in their order (POSIX pax; GNU long names).
//!
//! Names and sizes are those that Python's `tarfile` finds, or an archive could show one member to the index and another
//! to the installer.

use std::collections::HashSet;
use std::io::{self, Read};

use super::{broken, climbs, read_at_most};
use crate::error::Result;

const BLOCK: usize = 512;

/// A name or a link target of more bytes is nobody's file.
const LONGEST_NAME: u64 = 64 << 10;

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
        let size = checked_size(&header)?;
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

/// How far an archive is followed.
pub struct Limits {
    /// Bytes that it unpacks to.
    pub bytes: u64,
    pub members: u64,
}

/// The bytes of a member, as long as it is being visited.
pub struct Content<'a>(&'a mut dyn Read);

impl Content<'_> {
    /// All of them. Whoever asks has looked at the size.
    pub fn read(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }
}

/// Shows every regular file of an archive to `visit`, by name, size and content, and reads the archive to its end.
///
/// Fails with 400 for what no unpacker should meet: a name or a link that leaves the folder, a file behind a link, a
/// device, a damaged header, an archive that breaks off or unpacks to more than the limits.
pub fn walk(
    archive: impl Read,
    limits: &Limits,
    mut visit: impl FnMut(&str, u64, &mut Content<'_>) -> Result<()>,
) -> Result<()> {
    let mut archive = archive.take(limits.bytes);
    let mut links = HashSet::new();
    let mut members = 0;
    let (mut long_name, mut long_link) = (None, None);
    loop {
        let mut header = [0; BLOCK];
        if !fill(&mut archive, &mut header)? || header.iter().all(|byte| *byte == 0) {
            io::copy(&mut archive, &mut io::sink()).map_err(unreadable)?;
            return match archive.limit() {
                0 => Err(too_much(limits)),
                _ => Ok(()),
            };
        }
        let size = checked_size(&header)?;
        members += 1;
        if members > limits.members {
            return Err(broken(format!(
                "it has more than {} members",
                limits.members
            )));
        }
        let kind = header[156];
        if let b'x' | b'g' | b'L' | b'K' = kind {
            let bytes = member(&mut archive, size, LONGEST_NAME)?;
            match kind {
                b'L' => long_name = Some(text(&bytes)),
                b'K' => long_link = Some(text(&bytes)),
                _ => pax(&bytes, kind == b'g', &mut long_name, &mut long_link)?,
            }
            continue;
        }
        let name = long_name.take().unwrap_or_else(|| short_name(&header));
        let target = long_link.take().unwrap_or_else(|| text(&header[157..257]));
        let path = path_within(&name).ok_or_else(|| broken("a name in it leaves its folder"))?;
        if lies_behind(&links, &path) {
            return Err(broken("a name in it leads through a link"));
        }
        match kind {
            b'0' | b'7' | 0 if !name.ends_with('/') => {
                let mut content = archive.by_ref().take(size);
                visit(&name, size, &mut Content(&mut content))?;
                let unread = content.limit();
                skip_all(&mut archive, unread + (padded(size) - size), limits)?;
            }
            b'0' | b'7' | 0 | b'5' => skip_all(&mut archive, padded(size), limits)?,
            b'1' | b'2' => {
                let folder = match kind {
                    b'2' => &path[..path.len().saturating_sub(1)],
                    _ => &[], // a hard link names a member of the archive
                };
                if !stays_within(folder.len(), &target) {
                    return Err(broken("a link in it leaves its folder"));
                }
                links.insert(path.join("/"));
                skip_all(&mut archive, padded(size), limits)?;
            }
            _ => {
                return Err(broken(
                    "it holds something that is neither file, folder nor link",
                ));
            }
        }
    }
}

fn too_much(limits: &Limits) -> crate::error::Error {
    broken(format!("it unpacks to more than {} bytes", limits.bytes))
}

fn unreadable(error: io::Error) -> crate::error::Error {
    broken(format!("it cannot be read: {error}"))
}

/// False at the end of the file; what ends within a block breaks off.
fn fill(archive: &mut impl Read, block: &mut [u8; BLOCK]) -> Result<bool> {
    let mut filled = 0;
    while filled < BLOCK {
        match archive.read(&mut block[filled..]).map_err(unreadable)? {
            0 if filled == 0 => return Ok(false),
            0 => return Err(broken("it breaks off")),
            size => filled += size,
        }
    }
    Ok(true)
}

fn skip_all(archive: &mut io::Take<impl Read>, length: u64, limits: &Limits) -> Result<()> {
    let skipped =
        io::copy(&mut archive.by_ref().take(length), &mut io::sink()).map_err(unreadable)?;
    match skipped == length {
        true => Ok(()),
        false if archive.limit() == 0 => Err(too_much(limits)),
        false => Err(broken("it breaks off")),
    }
}

/// The size that a header gives, if the header is what its checksum says.
fn checked_size(header: &[u8; BLOCK]) -> Result<u64> {
    let damaged = || broken("a header in it is damaged");
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            if (148..156).contains(&at) {
                b' '.into()
            } else {
                u64::from(*byte)
            }
        })
        .sum();
    let size = number(&header[124..136]).ok_or_else(damaged)?;
    match number(&header[148..156]) == Some(sum) && size <= u64::MAX / 2 {
        true => Ok(size),
        false => Err(damaged()),
    }
}

/// Extended headers: long names. One that moves the borders of members, or names all of them, is refused.
fn pax(
    bytes: &[u8],
    global: bool,
    name: &mut Option<String>,
    link: &mut Option<String>,
) -> Result<()> {
    for extension in ::tar::PaxExtensions::new(bytes) {
        let extension = extension.map_err(unreadable)?;
        let value = String::from_utf8_lossy(extension.value_bytes()).into_owned();
        match extension.key_bytes() {
            b"path" if !global => *name = Some(value),
            b"linkpath" if !global => *link = Some(value),
            b"path" | b"linkpath" | b"size" => {
                return Err(broken("an extended header in it changes names or sizes"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The segments of a name; `None` for one that leaves its folder.
fn path_within(name: &str) -> Option<Vec<&str>> {
    let is_step = |segment: &&str| !matches!(*segment, "" | ".");
    (!climbs(name)).then(|| name.split('/').filter(is_step).collect())
}

fn lies_behind(links: &HashSet<String>, path: &[&str]) -> bool {
    !links.is_empty() && (1..path.len()).any(|length| links.contains(&path[..length].join("/")))
}

/// Whether a link in a folder of this depth leads to something within the archive. Steps upwards come first or not at
/// all: behind a name that is itself a link, `..` would lead anywhere.
fn stays_within(depth: usize, target: &str) -> bool {
    let relative = target.trim_start_matches("./");
    let (mut up, mut rest) = (0, relative);
    while let Some(further) = rest.strip_prefix("../").or((rest == "..").then_some("")) {
        (up, rest) = (up + 1, further);
    }
    up <= depth && !climbs(rest)
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
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        // Negative ones, and those that no archive could be as long as, are none.
        let number = rest.iter().try_fold(0_u64, |sum, byte| {
            sum.checked_mul(256)?.checked_add((*byte).into())
        });
        return number.filter(|_| *first == 0x80);
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
