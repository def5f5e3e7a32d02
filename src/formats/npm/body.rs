//! The document that publishing and its relatives PUT, read while it arrives: the tarball inside it is decoded from
//! base64 piece by piece and handed on, so a large one costs no memory, wherever in the document it stands.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::rc::Rc;

use bytes::{Buf, Bytes};
use data_encoding::BASE64;
use serde_json::Value;
use struson::reader::{JsonReader, JsonStreamReader, ReaderError, TransferError, ValueType};
use struson::writer::{JsonStreamWriter, JsonWriter};
use tokio::sync::mpsc;

use super::names::refusal;
use crate::error::{Error, Result};

/// What the document said.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) name: Option<String>,
    /// `None`: there was no such key.
    pub(super) versions: Option<Vec<SentVersion>>,
    /// Tag and version.
    pub(super) tags: Vec<(String, String)>,
    pub(super) readme: Option<String>,
    pub(super) has_attachments: bool,
    /// `npm star` and `npm unstar`.
    pub(super) has_users: bool,
}

#[derive(Debug)]
pub(super) struct SentVersion {
    pub(super) version: String,
    /// Kept of the first version alone: a document that publishes has no other.
    pub(super) manifest: Option<Value>,
    /// `None`: the key was absent.
    pub(super) deprecated: Option<String>,
}

/// Bytes of one manifest. GitLab refuses at 20 000, which real packages pass.
const LARGEST_MANIFEST: usize = 1 << 20;
const LARGEST_README: usize = 4 << 20;
/// Bytes of the whole document without its tarball.
const LARGEST_DOCUMENT: u64 = 64 << 20;
/// Versions, and tags, of one document: each costs more memory than it has bytes.
const MOST_NAMES: usize = 100_000;
/// Base64 that is decoded at once.
const PIECE: usize = 64 << 10;

/// Reads a whole document. `tarball` gets the decoded pieces and answers false when nobody wants more.
pub(super) fn read(
    arriving: mpsc::Receiver<io::Result<Bytes>>,
    mut tarball: impl FnMut(Bytes) -> bool,
) -> Result<Sent> {
    let allowance = Rc::new(Cell::new(LARGEST_DOCUMENT));
    let source = Arriving {
        chunks: arriving,
        current: Bytes::new(),
        allowance: allowance.clone(),
    };
    let mut json = JsonStreamReader::new(source);
    let mut sent = Sent::default();
    json.begin_object().map_err(broken)?;
    while json.has_next().map_err(broken)? {
        let key = json.next_name_owned().map_err(broken)?;
        match key.as_str() {
            "name" => sent.name = Some(text(&mut json, "name")?),
            "versions" => sent.versions = Some(versions(&mut json)?),
            "dist-tags" => sent.tags = tags(&mut json)?,
            "readme" => {
                sent.readme = match value(&mut json, LARGEST_README)? {
                    Value::String(readme) if !readme.is_empty() => Some(readme),
                    _ => None,
                }
            }
            "users" => {
                sent.has_users = true;
                json.skip_value().map_err(broken)?;
            }
            "_attachments" => {
                sent.has_attachments = true;
                attachments(&mut json, &allowance, &mut tarball)?;
            }
            _ => json.skip_value().map_err(broken)?,
        }
    }
    json.end_object().map_err(broken)?;
    json.consume_trailing_whitespace().map_err(broken)?;
    Ok(sent)
}

fn broken(error: ReaderError) -> Error {
    refusal(format!("the body cannot be read as JSON: {error}"))
}

fn text(json: &mut impl JsonReader, what: &str) -> Result<String> {
    match json.peek().map_err(broken)? {
        ValueType::String => json.next_string().map_err(broken),
        _ => Err(Error::invalid_param(format!("{what} is invalid"))),
    }
}

fn begin(json: &mut impl JsonReader, what: &str) -> Result<()> {
    match json.peek().map_err(broken)? {
        ValueType::Object => json.begin_object().map_err(broken),
        _ => Err(Error::invalid_param(format!("{what} is invalid"))),
    }
}

fn versions(json: &mut impl JsonReader) -> Result<Vec<SentVersion>> {
    let mut versions = Vec::new();
    begin(json, "versions")?;
    while json.has_next().map_err(broken)? {
        let version = json.next_name_owned().map_err(broken)?;
        not_too_many(versions.len(), "versions")?;
        let manifest = value(json, LARGEST_MANIFEST)?;
        let deprecated = match &manifest["deprecated"] {
            Value::String(message) => Some(message.clone()),
            Value::Bool(false) => Some(String::new()),
            _ => None,
        };
        versions.push(SentVersion {
            version,
            manifest: versions.is_empty().then_some(manifest),
            deprecated,
        });
    }
    json.end_object().map_err(broken)?;
    Ok(versions)
}

fn not_too_many(number: usize, what: &str) -> Result<()> {
    match number < MOST_NAMES {
        true => Ok(()),
        false => Err(refusal(format!(
            "Validation failed: {what} has more than {MOST_NAMES} members"
        ))),
    }
}

fn tags(json: &mut impl JsonReader) -> Result<Vec<(String, String)>> {
    let mut tags = Vec::new();
    begin(json, "dist-tags")?;
    while json.has_next().map_err(broken)? {
        let tag = json.next_name_owned().map_err(broken)?;
        not_too_many(tags.len(), "dist-tags")?;
        tags.push((tag, text(json, "dist-tags")?));
    }
    json.end_object().map_err(broken)?;
    Ok(tags)
}

/// The tarball, and what may lie beside it: a provenance bundle, whose `data` is no base64.
fn attachments(
    json: &mut impl JsonReader,
    allowance: &Cell<u64>,
    tarball: &mut impl FnMut(Bytes) -> bool,
) -> Result<()> {
    let mut found = false;
    begin(json, "_attachments")?;
    while json.has_next().map_err(broken)? {
        let name = json.next_name_owned().map_err(broken)?;
        if !name.ends_with(".tgz") {
            json.skip_value().map_err(broken)?;
            continue;
        }
        if found {
            return Err(refusal("There may be one tarball in a publish."));
        }
        found = true;
        begin(json, "_attachments")?;
        let mut has_data = false;
        while json.has_next().map_err(broken)? {
            match json.next_name_owned().map_err(broken)?.as_str() {
                "data" if has_data => {
                    return Err(refusal("There may be one tarball in a publish."));
                }
                "data" => {
                    has_data = true;
                    decode(json, allowance, tarball)?;
                }
                _ => json.skip_value().map_err(broken)?,
            }
        }
        json.end_object().map_err(broken)?;
    }
    json.end_object().map_err(broken)
}

fn decode(
    json: &mut impl JsonReader,
    allowance: &Cell<u64>,
    tarball: &mut impl FnMut(Bytes) -> bool,
) -> Result<()> {
    if json.peek().map_err(broken)? != ValueType::String {
        return Err(refusal("Attachment data is empty."));
    }
    let left = allowance.get();
    let mut text = json.next_string_reader().map_err(broken)?;
    let mut encoded = vec![0; PIECE];
    loop {
        // Twelve times: a letter may be written as an escape of six.
        allowance.set(12 * PIECE as u64);
        let length = fill(&mut text, &mut encoded)
            .map_err(|error| refusal(format!("the body cannot be read as JSON: {error}")))?;
        if length == 0 {
            break;
        }
        let no_base64 = |error| refusal(format!("Attachment data is no base64: {error}"));
        let mut decoded = vec![0; BASE64.decode_len(length).map_err(no_base64)?];
        let size = BASE64
            .decode_mut(&encoded[..length], &mut decoded)
            .map_err(|partial| no_base64(partial.error))?;
        decoded.truncate(size);
        if !tarball(decoded.into()) {
            return Err(Error::internal("nobody takes the tarball"));
        }
    }
    allowance.set(left);
    Ok(())
}

/// Reads until the buffer is full or the source has ended.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match source.read(&mut buffer[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

fn value(json: &mut impl JsonReader, limit: usize) -> Result<Value> {
    let mut kept = Bounded {
        bytes: Vec::new(),
        limit,
    };
    let mut writer = JsonStreamWriter::new(&mut kept);
    let done = json.transfer_to(&mut writer).and_then(|()| {
        writer.finish_document()?;
        Ok(())
    });
    match done {
        Ok(()) => serde_json::from_slice(&kept.bytes)
            .map_err(|error| refusal(format!("the body cannot be read as JSON: {error}"))),
        Err(TransferError::ReaderError(error)) => Err(broken(error)),
        Err(TransferError::WriterError(_)) => Err(refusal(format!(
            "Validation failed: Package json structure is too large. Maximum size is {limit} characters"
        ))),
    }
}

/// A buffer that refuses to grow beyond its limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The body as a blocking reader. Only so many bytes may pass, or an endless key would fill the memory.
struct Arriving {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    current: Bytes,
    allowance: Rc<Cell<u64>>,
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.chunks.blocking_recv() {
                None => return Ok(0),
                Some(chunk) => self.current = chunk?,
            }
        }
        let size = self.current.len().min(buffer.len());
        let left = self.allowance.get().checked_sub(size as u64);
        self.allowance
            .set(left.ok_or_else(|| io::Error::other("the document is too large"))?);
        self.current.copy_to_slice(&mut buffer[..size]);
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a document that arrives in chunks of so many bytes; answers it with the tarball.
    fn read_in(document: &str, size: usize) -> Result<(Sent, Vec<u8>)> {
        let (sender, arriving) = mpsc::channel(document.len() / size + 1);
        for chunk in document.as_bytes().chunks(size) {
            sender.try_send(Ok(Bytes::copy_from_slice(chunk))).unwrap();
        }
        drop(sender);
        let mut tarball = Vec::new();
        let sent = read(arriving, |piece| {
            tarball.extend_from_slice(&piece);
            true
        })?;
        Ok((sent, tarball))
    }

    fn document(data: &str, attachments_first: bool) -> String {
        let attachments = format!(
            r#""_attachments":{{"d-1.0.0.sigstore":{{"data":"{{\"a\":1}}"}},"d-1.0.0.tgz":{{"length":3,"data":"{data}"}}}}"#
        );
        let rest = r#""_id":"d","name":"d","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"name":"d","x":"\u00e4"}},"access":null"#;
        match attachments_first {
            true => format!("{{{attachments},{rest}}}"),
            false => format!("{{{rest},{attachments}}}"),
        }
    }

    #[test]
    fn the_tarball_is_decoded_wherever_it_stands_and_however_it_arrives() {
        let bytes: Vec<u8> = (0..200_000u32).map(|n| (n * 7 % 251) as u8).collect();
        let data = BASE64.encode(&bytes).replace('/', "\\/");
        for first in [false, true] {
            for size in [1, 7, 4096, 1 << 20] {
                let (sent, tarball) = read_in(&document(&data, first), size).unwrap();
                assert!(tarball == bytes, "{first} {size}");
                assert_eq!(sent.name.as_deref(), Some("d"));
                assert_eq!(sent.tags, [("latest".to_owned(), "1.0.0".to_owned())]);
                let versions = sent.versions.unwrap();
                assert_eq!(versions[0].manifest.as_ref().unwrap()["x"], "ä");
            }
        }
    }

    #[test]
    fn what_is_broken_is_refused_whole() {
        for bad in ["====", "abc", "a bc", "äöüß", "YWJj\\n"] {
            assert!(read_in(&document(bad, false), 16).is_err(), "{bad}");
        }
        let good = document("YWJj", true);
        for end in 1..good.len() {
            if good.is_char_boundary(end) {
                assert!(read_in(&good[..end], 16).is_err(), "{}", &good[..end]);
            }
        }
        for bad in [
            "[]",
            "null",
            "",
            "{}x",
            r#"{"versions":[]}"#,
            r#"{"_attachments":1}"#,
        ] {
            assert!(read_in(bad, 16).is_err(), "{bad}");
        }
        let deep = format!(r#"{{"versions":{{"1.0.0":{}"#, "[".repeat(100_000));
        assert!(read_in(&deep, 1 << 20).is_err());
    }

    #[test]
    fn a_manifest_may_be_large_but_not_endless() {
        let of = |size: usize| {
            format!(
                r#"{{"versions":{{"1.0.0":{{"x":"{}"}}}}}}"#,
                "x".repeat(size)
            )
        };
        assert!(read_in(&of(100_000), 1 << 16).is_ok());
        assert!(read_in(&of(LARGEST_MANIFEST), 1 << 16).is_err());
    }
}
