//! A package file on its way out: whole or in part, fresh or known already, alike for every format.
//!
//! A small file is read on the worker and leaves in one write with its head; a large one is read on the
//! worker in chunks, so that memory stays flat. (Measured: a hop to the blocking pool costs more than
//! reading 10 KiB from the page cache, and 256 KiB chunks on the worker are the cheapest stream.)

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    LAST_MODIFIED, RANGE,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Error, Result};
use crate::registry::{PackageFile, Registry, SMALL_BLOB, Timestamp};

/// Up to this size a file is read at once.
const SMALL: u64 = 256 << 10;
const CHUNK: u64 = 256 << 10;

/// What RFC 5987 leaves as it is in `filename*`.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `If-Unmodified-Since`, as deletes ask for it; what cannot be read is as good as none (GitLab).
pub fn unmodified_since(request: &HttpRequest) -> Option<Timestamp> {
    let secs = http_date_secs(request.headers().get(IF_UNMODIFIED_SINCE)?)?;
    Some(Timestamp::from_millis(secs.saturating_mul(1000)))
}

/// Answers 200, 206, 304 or 416 for a stored file, and counts the download.
///
/// `name` is what a browser saves it as. The type is `application/octet-stream` always: stored HTML must
/// never be shown as a page of this server.
pub fn send(
    registry: &Registry,
    request: &HttpRequest,
    file: &PackageFile,
    name: &str,
) -> Result<HttpResponse> {
    let etag = format!("\"{}\"", file.sha256);
    let headers = request.headers();
    if is_known(headers, &etag, file.created_at) {
        let mut response = HttpResponse::NotModified();
        describe(&mut response, file, &etag);
        return Ok(response.finish());
    }
    if headers
        .get(IF_UNMODIFIED_SINCE)
        .and_then(http_date_secs)
        .is_some_and(|date| file.created_at.as_millis() / 1000 > date)
    {
        return Err(Error::PreconditionFailed); // mvn resumes a download that has been replaced (RFC 9110, 13.1.4)
    }
    let part = match range(headers, file.size) {
        Some(_) if !range_applies(headers, &etag, file.created_at) => None,
        Some(Ok(part)) => Some(part),
        Some(Err(Unsatisfiable)) => return Err(Error::RangeNotSatisfiable { size: file.size }),
        None => None,
    };
    let mut response = HttpResponse::build(if part.is_some() {
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    });
    describe(&mut response, file, &etag);
    response.insert_header((
        CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    ));
    response.insert_header((CONTENT_DISPOSITION, disposition(name)));
    // Should a browser open it after all, it may do nothing.
    response.insert_header((
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    ));
    let Part { start, length } = part.unwrap_or(Part {
        start: 0,
        length: file.size,
    });
    if part.is_some() {
        let end = start + length - 1;
        response.insert_header((CONTENT_RANGE, format!("bytes {start}-{end}/{}", file.size)));
    }
    let is_head = request.method() == actix_web::http::Method::HEAD;
    if is_head {
        return Ok(response.body(Unsent { size: length }));
    }
    if start == 0 {
        // Counted when the answer starts: a client that resumes must not count twice.
        registry.count_download(file);
    }
    if file.size <= SMALL_BLOB {
        let bytes = registry.read_small_blob(file)?;
        let part = start as usize..(start + length) as usize;
        return Ok(response.body(bytes.slice(part)));
    }
    let mut blob = registry.open_blob(file)?;
    if start > 0 {
        blob.seek(SeekFrom::Start(start))?;
    }
    if length <= SMALL {
        return Ok(response.body(read_exactly(&mut blob, length)?));
    }
    Ok(response.body(Chunks { blob, left: length }))
}

fn describe(response: &mut HttpResponseBuilder, file: &PackageFile, etag: &str) {
    response.insert_header((ETAG, etag));
    response.insert_header((ACCEPT_RANGES, HeaderValue::from_static("bytes")));
    response.insert_header((
        LAST_MODIFIED,
        httpdate::fmt_http_date(file.created_at.to_system_time()),
    ));
    response.insert_header(("x-checksum-sha256", file.sha256.as_str()));
}

/// `attachment; filename="a.txt"; filename*=UTF-8''a.txt`: plain ASCII for old clients, the exact name for the others.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\') || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        utf8_percent_encode(name, ATTR_CHAR)
    )
}

/// Whether the client has these bytes already: by `If-None-Match`, else by `If-Modified-Since` (RFC 9110, 13.2.2).
fn is_known(headers: &HeaderMap, etag: &str, changed_at: Timestamp) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        let mut tags = headers
            .get_all(IF_NONE_MATCH)
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        return tags.any(|tag| tag.trim() == "*" || tag.trim().trim_start_matches("W/") == etag);
    }
    let since = headers.get(IF_MODIFIED_SINCE).and_then(http_date_secs);
    since.is_some_and(|since| changed_at.as_millis() / 1000 <= since)
}

/// `If-Range`: a part is only good for bytes that are still the same; a weak tag never is.
fn range_applies(headers: &HeaderMap, etag: &str, changed_at: Timestamp) -> bool {
    match headers.get(IF_RANGE) {
        None => true,
        Some(value) if value.as_bytes().starts_with(b"\"") => value.as_bytes() == etag.as_bytes(),
        Some(value) => {
            http_date_secs(value).is_some_and(|date| changed_at.as_millis() / 1000 == date)
        }
    }
}

/// Seconds since 1970.
pub fn http_date_secs(value: &HeaderValue) -> Option<i64> {
    let date = httpdate::parse_http_date(value.to_str().ok()?).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    start: u64,
    /// At least 1.
    length: u64,
}

#[derive(Debug, PartialEq, Eq)]
struct Unsatisfiable;

/// A single byte range. Several ranges, other units and what cannot be read are answered with the whole file,
/// as RFC 9110 (14.2) allows.
fn range(headers: &HeaderMap, size: u64) -> Option<Result<Part, Unsatisfiable>> {
    let ranges = headers
        .get(RANGE)?
        .to_str()
        .ok()?
        .trim()
        .strip_prefix("bytes=")?;
    let (first, last) = ranges.split_once('-')?;
    let number = |text: &str| {
        let text = text.trim();
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (start, end) = match (first.trim().is_empty(), last.trim().is_empty()) {
        (true, true) => return None,
        (true, false) => (size.saturating_sub(number(last)?), size), // the last so many bytes
        (false, true) => (number(first)?, size),
        (false, false) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            (first, last.saturating_add(1).min(size))
        }
    };
    Some(if start < end {
        Ok(Part {
            start,
            length: end - start,
        })
    } else {
        Err(Unsatisfiable)
    })
}

/// One read for all of it. The buffer is zeroed first, which is cheaper than the growing reads of `read_to_end`.
fn read_exactly(blob: &mut File, length: u64) -> io::Result<Bytes> {
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    blob.read_exact(&mut bytes)?;
    Ok(bytes.into())
}

/// The body of a HEAD answer: its size is told, its bytes are not sent.
pub struct Unsent {
    pub size: u64,
}

impl MessageBody for Unsent {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        Poll::Ready(None)
    }
}

/// A large body, read from the disk as the client takes it.
struct Chunks {
    blob: File,
    left: u64,
}

impl MessageBody for Chunks {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.left)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let length = self.left.min(CHUNK);
        if length == 0 {
            return Poll::Ready(None);
        }
        let chunk = read_exactly(&mut self.blob, length);
        self.left -= length;
        Poll::Ready(Some(chunk))
    }

    fn boxed(self) -> BoxBody {
        BoxBody::new(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &'static str, size: u64) -> Option<Result<Part, Unsatisfiable>> {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_static(value));
        range(&headers, size)
    }

    #[test]
    fn single_ranges_are_understood() {
        assert_eq!(
            of("bytes=0-4", 10),
            Some(Ok(Part {
                start: 0,
                length: 5
            }))
        );
        assert_eq!(
            of("bytes=5-", 10),
            Some(Ok(Part {
                start: 5,
                length: 5
            }))
        );
        assert_eq!(
            of("bytes=5-100", 10),
            Some(Ok(Part {
                start: 5,
                length: 5
            }))
        );
        assert_eq!(
            of("bytes=-3", 10),
            Some(Ok(Part {
                start: 7,
                length: 3
            }))
        );
        assert_eq!(
            of("bytes=-30", 10),
            Some(Ok(Part {
                start: 0,
                length: 10
            }))
        );
    }

    #[test]
    fn ranges_beyond_the_end_cannot_be_satisfied() {
        assert_eq!(of("bytes=10-", 10), Some(Err(Unsatisfiable)));
        assert_eq!(
            of("bytes=99999999999999999999999-", 10),
            Some(Err(Unsatisfiable))
        );
        assert_eq!(of("bytes=-0", 10), Some(Err(Unsatisfiable)));
        assert_eq!(of("bytes=0-", 0), Some(Err(Unsatisfiable)));
    }

    #[test]
    fn what_is_no_single_range_is_ignored() {
        for text in [
            "bytes=5-4",
            "bytes=-",
            "bytes=a-b",
            "bytes=0-1,3-4",
            "lines=0-1",
            "bytes 0-1",
            "bytes=+1-2",
        ] {
            assert_eq!(of(text, 10), None, "{text}");
        }
    }

    #[test]
    fn a_hostile_name_stays_inside_its_quotes() {
        assert_eq!(
            disposition("a\"b\r\n.txt"),
            "attachment; filename=\"a_b__.txt\"; filename*=UTF-8''a%22b%0D%0A.txt"
        );
    }

    proptest::proptest! {
        #![proptest_config(crate::fuzz::config())]

        #[test]
        fn a_range_lies_within_the_file(
            text in crate::fuzz::texts(&["bytes=", "-", "0", "9", "18446744073709551615", ",", " "]), size in 0..u64::MAX
        ) {
            for text in [format!("bytes={text}"), text] {
                let Ok(value) = HeaderValue::from_str(&text) else { continue };
                let mut headers = HeaderMap::new();
                headers.insert(RANGE, value);
                for size in [size, size % 20] {
                    if let Some(Ok(part)) = range(&headers, size) {
                        let end = part.start.checked_add(part.length);
                        proptest::prop_assert!(part.length > 0 && end.is_some_and(|end| end <= size), "{text} {part:?}");
                    }
                }
            }
        }

        #[test]
        fn any_name_makes_one_header(name in crate::fuzz::texts(&["\"", ";", "=", "filename", "*"])) {
            let text = disposition(&name);
            proptest::prop_assert!(HeaderValue::from_str(&text).is_ok() && text.is_ascii(), "{text:?}");
            proptest::prop_assert_eq!(text.matches('"').count(), 2);
        }
    }
}
