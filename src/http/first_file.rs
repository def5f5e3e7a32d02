//! The first file of a multipart body, read as it streams in.
//!
//! More patient than RFC 2046: nuget 2.8 writes its last boundary behind a bare line feed, and gives its parts names and
//! file names as it likes. So lines may end either way here, and the first part that is a file is the file.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use memchr::memmem::Finder;

use crate::error::{Error, Result};

/// Bytes of the headers of one part, and of everything around the file.
const MOST_HEADERS: usize = 8 << 10;
const MOST_AROUND: usize = 64 << 10;

/// A stream of the bytes of that file, once [`FirstFile::find`] has found it.
pub struct FirstFile<S> {
    body: S,
    /// What has come and is not yet passed on.
    buffer: BytesMut,
    /// A line feed and the boundary.
    delimiter: Finder<'static>,
    ended: bool,
}

impl<S> FirstFile<S>
where
    S: Stream<Item = Result<Bytes>> + Unpin,
{
    /// Reads up to the first part that has a file name, or is called `called`. `None` if there is no such part.
    pub async fn find(body: S, boundary: &str, called: &str) -> Result<Option<FirstFile<S>>> {
        let delimiter = format!("\n--{boundary}").into_bytes();
        let mut file = FirstFile {
            body,
            buffer: BytesMut::from("\n"), // the first boundary has no line before it
            delimiter: Finder::new(&delimiter).into_owned(),
            ended: false,
        };
        let mut around = 0;
        loop {
            // What is before a boundary, and the rest of the boundary's own line.
            let before = file.read_until(&delimiter, MOST_AROUND).await?;
            let line = file.read_until(b"\n", MOST_HEADERS).await?;
            if line.starts_with(b"--") {
                return Ok(None);
            }
            around += before.len() + line.len();
            let headers = file.headers().await?;
            around += headers.len();
            if around > MOST_AROUND {
                return Err(broken("it has too much before its file"));
            }
            if is_file(&headers, called) {
                return Ok(Some(file));
            }
        }
    }

    /// The header lines of a part, up to the empty one.
    async fn headers(&mut self) -> Result<String> {
        let mut headers = String::new();
        loop {
            let line = self.read_until(b"\n", MOST_HEADERS).await?;
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                return Ok(headers);
            }
            headers.push_str(line);
            headers.push('\n');
            if headers.len() > MOST_HEADERS {
                return Err(broken("the headers of a part are too long"));
            }
        }
    }

    /// What comes before `end`, which is taken off as well; 400 if it does not come, or not within `most` bytes.
    async fn read_until(&mut self, end: &[u8], most: usize) -> Result<Bytes> {
        let finder = Finder::new(end);
        loop {
            if let Some(at) = finder.find(&self.buffer) {
                let taken = self.buffer.split_to(at).freeze();
                let _ = self.buffer.split_to(end.len());
                return Ok(taken);
            }
            if self.buffer.len() > most {
                return Err(broken("a part of it is too long"));
            }
            match self.body.next().await {
                Some(chunk) => self.buffer.extend_from_slice(&chunk?),
                None => return Err(broken("it ends in the middle")),
            }
        }
    }

    /// Reads what is behind the file, which is nothing much; only then can the connection be used again.
    pub async fn finish(mut self) -> Result<()> {
        let mut behind = self.buffer.len();
        while let Some(chunk) = self.body.next().await {
            behind += chunk?.len();
            if behind > MOST_AROUND {
                return Err(broken("it goes on behind its file"));
            }
        }
        Ok(())
    }
}

impl<S> Stream for FirstFile<S>
where
    S: Stream<Item = Result<Bytes>> + Unpin,
{
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let this = self.get_mut();
        loop {
            if this.ended {
                return Poll::Ready(None);
            }
            if let Some(at) = this.delimiter.find(&this.buffer) {
                this.ended = true;
                let mut last = this.buffer.split_to(at);
                if last.ends_with(b"\r") {
                    last.truncate(last.len() - 1);
                }
                return Poll::Ready(Some(Ok(last.freeze())));
            }
            // The last bytes may be the beginning of the boundary.
            let keep = this.delimiter.needle().len() + 1;
            if this.buffer.len() > keep {
                let ready = this.buffer.split_to(this.buffer.len() - keep).freeze();
                return Poll::Ready(Some(Ok(ready)));
            }
            match ready!(this.body.poll_next_unpin(context)) {
                Some(Ok(chunk)) => this.buffer.extend_from_slice(&chunk),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(Some(Err(broken("it ends in the middle")))),
            }
        }
    }
}

/// The boundary in a `Content-Type`, with or without quotes.
pub fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').skip(1).map(str::trim);
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then_some(value.trim())
    })?;
    let value = value.trim_matches('"');
    (!value.is_empty() && value.len() <= 200).then_some(value)
}

fn is_file(headers: &str, called: &str) -> bool {
    let mut lines = headers.lines();
    let disposition = lines.find(|line| {
        let name = line.split(':').next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("content-disposition")
    });
    let Some(disposition) = disposition else {
        return false;
    };
    let mut parameters = disposition.split(';').skip(1).map(str::trim);
    parameters.any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = name.trim().to_ascii_lowercase();
        let value = value.trim().trim_matches('"');
        matches!(name.as_str(), "filename" | "filename*") || (name == "name" && value == called)
    })
}

fn broken(why: &str) -> Error {
    Error::bad_request(format!("the multipart body is broken: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file in this body, which comes in chunks of this size.
    fn read(body: &[u8], size: usize) -> Result<Option<Vec<u8>>> {
        let chunks: Vec<Result<Bytes>> = body
            .chunks(size)
            .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
            .collect();
        futures_util::future::FutureExt::now_or_never(async {
            let found =
                FirstFile::find(futures_util::stream::iter(chunks), "b0", "package").await?;
            let Some(mut file) = found else {
                return Ok(None);
            };
            let mut bytes = Vec::new();
            while let Some(chunk) = file.next().await {
                bytes.extend_from_slice(&chunk?);
            }
            file.finish().await?;
            Ok(Some(bytes))
        })
        .expect("nothing to wait for")
    }

    #[test]
    fn the_file_comes_out_however_the_body_is_cut_and_ended() {
        let file = b"PK\n--b\r\n-\r\r\n--b1\n\0";
        let head = "Content-Disposition: form-data; name=\"x\"; filename=\"y\"\r\n\r\n";
        for (before, after) in [
            ("--b0\r\n".to_owned() + head, "\r\n--b0--\r\n"),
            ("--b0\r\n".to_owned() + head, "\n--b0--"),
            (
                "preamble\r\n--b0\n".to_owned() + &head.replace('\r', ""),
                "\n--b0--\n",
            ),
            (
                "--b0\r\nContent-Disposition: form-data; name=k\r\n\r\n\r\n--b0\r\n".to_owned()
                    + head,
                "\r\n--b0\r\nmore\r\n--b0--",
            ),
            (
                "--b0\r\ncontent-disposition:form-data;name=package\r\n\r\n".to_owned(),
                "\r\n--b0--",
            ),
        ] {
            let body = [before.as_bytes(), file, after.as_bytes()].concat();
            for size in [1, 2, 3, 7, 1000] {
                let found =
                    read(&body, size).unwrap_or_else(|error| panic!("{before:?} {size}: {error}"));
                assert_eq!(found.as_deref(), Some(&file[..]), "{before:?} {size}");
            }
            for cut in before.len()..before.len() + file.len() {
                assert!(read(&body[..cut], 5).is_err(), "{before:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_body_without_a_file_has_none() {
        let field = b"--b0\r\nContent-Disposition: form-data; name=\"k\"\r\n\r\nv\r\n--b0--\r\n";
        assert_eq!(read(field, 9).unwrap(), None);
        assert_eq!(read(b"--b0--", 9).ok().flatten(), None);
        assert!(read(b"", 9).is_err());
        assert!(read(&b"--b0\r\nA: b\r\n".repeat(20_000), 4096).is_err());
        assert!(read(&b"x".repeat(200_000), 4096).is_err());
    }

    #[test]
    fn boundaries_are_read_in_every_spelling() {
        assert_eq!(
            boundary("multipart/form-data; boundary=\"a b\""),
            Some("a b")
        );
        assert_eq!(
            boundary("multipart/form-data; charset=x; Boundary=a"),
            Some("a")
        );
        assert_eq!(boundary("multipart/form-data"), None);
        assert_eq!(boundary("multipart/form-data; boundary="), None);
    }
}
