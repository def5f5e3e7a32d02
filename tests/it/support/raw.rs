//! Bytes on the socket, for requests that a polite HTTP client refuses to send.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use super::Answer;

/// One connection.
pub struct Raw {
    stream: TcpStream,
}

impl Raw {
    pub fn connect(address: SocketAddr) -> Raw {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout can be set");
        Raw { stream }
    }

    /// Sends bytes as they are. A server that has hung up already is no failure: its answer is read next.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Raw {
        let _ = self.stream.write_all(bytes.as_ref());
        self
    }

    /// Sends a request line and headers, which end the connection with the answer.
    pub fn head(&mut self, request_line: &str, headers: &[(&str, &str)]) -> &mut Raw {
        let mut head = format!("{request_line} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.send(head)
    }

    /// Sends one chunk of a chunked body; an empty one is its end.
    pub fn chunk(&mut self, bytes: &[u8]) -> &mut Raw {
        let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
        framed.extend_from_slice(bytes);
        framed.extend_from_slice(b"\r\n");
        self.send(framed)
    }

    /// Reads one head: status line and headers, without the blank line.
    pub fn read_head(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && self.stream.read(&mut byte).is_ok_and(|n| n == 1) {
            head.push(byte[0]);
        }
        String::from_utf8_lossy(&head).trim_end().to_owned()
    }

    /// Reads whatever comes until the server hangs up.
    pub fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = self.stream.read_to_end(&mut rest); // a reset is an end as well
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// Reads the final answer; interim ones (100) are skipped.
    pub fn answer(&mut self) -> Answer {
        loop {
            let head = self.read_head();
            let mut lines = head.split("\r\n");
            let status = lines
                .next()
                .and_then(|line| line.split(' ').nth(1))
                .and_then(|status| status.parse().ok())
                .unwrap_or_else(|| panic!("no answer: {head:?}"));
            if status == 100 {
                continue;
            }
            let mut headers = HeaderMap::new();
            for (name, value) in lines.filter_map(|line| line.split_once(':')) {
                headers.append(
                    HeaderName::from_bytes(name.as_bytes()).expect("a header name"),
                    HeaderValue::from_str(value.trim()).expect("a header value"),
                );
            }
            let length = headers
                .get("content-length")
                .and_then(|value| value.to_str().ok()?.parse().ok());
            let mut body = Vec::new();
            // A reset after the answer is its end as well.
            let _ = (&self.stream)
                .take(length.unwrap_or(u64::MAX))
                .read_to_end(&mut body);
            return Answer {
                status,
                headers,
                body,
            };
        }
    }
}
