//! A caller with (or without) a credential, and what it was answered.

use std::net::SocketAddr;

use serde_json::Value;
use ureq::{Agent, Body, http};

/// Speaks HTTP to one server, with the same headers and parameters on every request.
#[derive(Clone)]
pub struct Actor {
    address: SocketAddr,
    headers: Vec<(String, String)>,
    /// `name=value`, or nothing.
    query: String,
    agent: Agent,
}

impl Actor {
    pub(super) fn new(address: SocketAddr, headers: Vec<(String, String)>) -> Actor {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build();
        Actor {
            address,
            headers,
            query: String::new(),
            agent: config.into(),
        }
    }

    /// The same caller with one more header.
    pub fn with(&self, name: &str, value: &str) -> Actor {
        let mut more = self.clone();
        more.headers.push((name.to_owned(), value.to_owned()));
        more
    }

    /// The same caller with these parameters on every request.
    pub fn with_query(&self, query: &str) -> Actor {
        let mut more = self.clone();
        query.clone_into(&mut more.query);
        more
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[])
    }

    pub fn head(&self, path: &str) -> Answer {
        self.send("HEAD", path, &[])
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[])
    }

    pub fn put(&self, path: &str, body: impl AsRef<[u8]>) -> Answer {
        self.send("PUT", path, body.as_ref())
    }

    pub fn post(&self, path: &str, json: Value) -> Answer {
        self.send_json("POST", path, json)
    }

    pub fn patch(&self, path: &str, json: Value) -> Answer {
        self.send_json("PATCH", path, json)
    }

    pub fn put_json(&self, path: &str, json: Value) -> Answer {
        self.send_json("PUT", path, json)
    }

    pub fn send_json(&self, method: &str, path: &str, json: Value) -> Answer {
        self.with("Content-Type", "application/json").send(
            method,
            path,
            json.to_string().as_bytes(),
        )
    }

    /// The path goes out as it is: nothing is normalised, nothing encoded.
    pub fn send(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        self.try_send(method, path, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The same for a server that may go away in the middle.
    pub fn try_send(&self, method: &str, path: &str, body: &[u8]) -> Result<Answer, ureq::Error> {
        let joint = match (self.query.as_str(), path.contains('?')) {
            ("", _) => "",
            (_, false) => "?",
            (_, true) => "&",
        };
        let mut request = http::Request::builder().method(method).uri(format!(
            "http://{}{path}{joint}{}",
            self.address, self.query
        ));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let sends_nothing = body.is_empty() && matches!(method, "GET" | "HEAD" | "DELETE");
        let answer = match sends_nothing {
            true => self.agent.run(request.body(()).expect("a request")),
            false => self.agent.run(request.body(body).expect("a request")),
        };
        Answer::read(answer?)
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    fn read(answer: http::Response<Body>) -> Result<Answer, ureq::Error> {
        let (parts, mut body) = answer.into_parts();
        let body = body.with_config().limit(1 << 30).read_to_vec()?;
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }

    /// The header's text; panics with a clear word if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.find_header(name)
            .unwrap_or_else(|| panic!("no header {name} in {self:?}"))
    }

    pub fn find_header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("a header is text"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Fails with the whole answer if the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{} {:?}", self.text(), self.headers);
        self
    }

    /// Status and body at once: how refusals are checked.
    #[track_caller]
    pub fn expect_json(self, status: u16, json: Value) -> Answer {
        let answer = self.expect(status);
        assert_eq!(answer.json(), json);
        answer
    }
}
