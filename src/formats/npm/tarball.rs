//! The staged tarball, read as a stream: its one `package.json`, and limits that a bomb runs into.
//!
//! Entries are taken as they lie in the archive. Names that an extension header gives are honoured, because npm does:
//! otherwise a second `package.json` could hide behind one.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use tar::{Archive, Entry, EntryType};

use super::names::refusal;
use crate::error::{Error, Result};

#[derive(Debug)]
pub(super) struct Contents {
    pub(super) manifest: Value,
    pub(super) has_binding_gyp: bool,
    pub(super) has_server_js: bool,
    pub(super) files: u64,
    /// Bytes of all files.
    pub(super) unpacked_size: u64,
}

const MOST_ENTRIES: u64 = 200_000;
/// As the one that is announced, which it must agree with.
const LARGEST_MANIFEST: u64 = 1 << 20;
/// An extension header holds one long name.
const LARGEST_HEADER: u64 = 64 << 10;
/// What a tarball may unpack to: so much at any rate, and so many times its own size.
const UNPACKED_ANYWAY: u64 = 256 << 20;
const UNPACKED_RATIO: u64 = 100;

/// Reads a tarball of `size` bytes.
pub(super) fn read(file: impl Read, size: u64) -> Result<Contents> {
    let limit = UNPACKED_ANYWAY.max(size.saturating_mul(UNPACKED_RATIO));
    let unpacked = Limited {
        source: MultiGzDecoder::new(io::BufReader::with_capacity(64 << 10, file)),
        left: limit,
    };
    let mut archive = Archive::new(unpacked);
    let mut manifest = None;
    let mut contents = Contents {
        manifest: Value::Null,
        has_binding_gyp: false,
        has_server_js: false,
        files: 0,
        unpacked_size: 0,
    };
    let mut long_name: Option<Vec<u8>> = None;
    let mut long_size: Option<Vec<u8>> = None;
    let mut entries = 0;
    for entry in archive.entries().map_err(broken)?.raw(true) {
        let mut entry = entry.map_err(broken)?;
        entries += 1;
        if entries > MOST_ENTRIES {
            return Err(refusal("The tarball has too many entries."));
        }
        let kind = entry.header().entry_type();
        match kind {
            EntryType::GNULongName => {
                let mut name = header_text(&mut entry)?;
                name.truncate(
                    name.iter()
                        .position(|byte| *byte == 0)
                        .unwrap_or(name.len()),
                );
                long_name = Some(name);
                continue;
            }
            EntryType::XHeader => {
                let text = header_text(&mut entry)?;
                if let Some(name) = pax(&text, b"path") {
                    long_name = Some(name);
                }
                long_size = pax(&text, b"size").or(long_size);
                continue;
            }
            EntryType::XGlobalHeader => {
                let text = header_text(&mut entry)?;
                if pax(&text, b"path").or(pax(&text, b"size")).is_some() {
                    return Err(refusal(
                        "The tarball gives one name or size to all of its files.",
                    ));
                }
                continue;
            }
            EntryType::GNULongLink => continue,
            _ => {}
        }
        // npm goes by the size of the extension header, this reader by the plain one: they must be the same.
        let size = entry.header().size().map_err(broken)?;
        if long_size
            .take()
            .is_some_and(|long| long != size.to_string().as_bytes())
        {
            return Err(refusal("The tarball has a file of two sizes."));
        }
        let name = match long_name.take() {
            Some(name) => name,
            None => entry.path_bytes().into_owned(),
        };
        let place = placed(&String::from_utf8_lossy(&name))?;
        let is_file = kind.is_file() || kind.is_contiguous();
        if is_file {
            contents.files += 1;
            contents.unpacked_size = contents.unpacked_size.saturating_add(size);
        }
        match place.to_lowercase().as_str() {
            "package.json" if !is_file || manifest.is_some() => {
                return Err(refusal(
                    "The tarball has more than one package.json, or one that is no plain file.",
                ));
            }
            "package.json" => manifest = Some(parse(&mut entry)?),
            "binding.gyp" => contents.has_binding_gyp = true,
            "server.js" => contents.has_server_js = true,
            _ => {}
        }
    }
    contents.manifest = manifest.ok_or_else(|| refusal("The tarball has no package.json."))?;
    Ok(contents)
}

fn broken(error: io::Error) -> Error {
    refusal(format!("The tarball cannot be read: {error}"))
}

/// Where npm puts an entry: without the first folder, whatever that is called.
fn placed(name: &str) -> Result<String> {
    let name = name.replace('\\', "/");
    let mut parts = name.split('/').filter(|part| !matches!(*part, "" | "."));
    if name.split('/').any(|part| part == "..") {
        return Err(refusal(
            "The tarball has a name that leads out of its folder.",
        ));
    }
    parts.next();
    Ok(parts.collect::<Vec<_>>().join("/"))
}

fn header_text(entry: &mut Entry<'_, impl Read>) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    entry
        .take(LARGEST_HEADER + 1)
        .read_to_end(&mut text)
        .map_err(broken)?;
    match text.len() as u64 > LARGEST_HEADER {
        true => Err(refusal("The tarball has a name that is too long.")),
        false => Ok(text),
    }
}

/// The last value of a key in an extended header: lines of `length key=value`.
fn pax(text: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    tar::PaxExtensions::new(text)
        .filter_map(std::result::Result::ok)
        .filter(|extension| extension.key_bytes() == key)
        .last()
        .map(|extension| extension.value_bytes().to_vec())
}

fn parse(entry: &mut Entry<'_, impl Read>) -> Result<Value> {
    let mut text = Vec::new();
    entry
        .take(LARGEST_MANIFEST + 1)
        .read_to_end(&mut text)
        .map_err(broken)?;
    if text.len() as u64 > LARGEST_MANIFEST {
        return Err(refusal("The tarball's package.json is too large."));
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    serde_json::from_slice(text)
        .map_err(|error| refusal(format!("The tarball's package.json is no JSON: {error}")))
}

/// Fails where a limit is passed, instead of going on for ever.
struct Limited<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.source.read(buffer)?;
        let left = self.left.checked_sub(size as u64);
        self.left = left.ok_or_else(|| io::Error::other("it unpacks to far more than its size"))?;
        Ok(size)
    }
}
