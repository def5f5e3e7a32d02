//! Parameters: query, form, JSON and multipart text merged into one set, as GitLab's API has it.

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_multipart::{Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde_json::Value;

use super::Check;
use crate::error::{Error, Result};

/// Parameters of a core route are small; package files never come this way.
const MOST_BYTES: usize = 1 << 20;

/// One set of parameters. What it does not know it ignores; path parameters are not in it, so they always win.
#[derive(Clone, Debug, Default)]
pub struct Params {
    pub(super) values: BTreeMap<String, Param>,
}

#[derive(Clone, Debug)]
pub(super) enum Param {
    Null,
    Text(String),
    /// `scopes[]=a&scopes[]=b`, or a JSON array.
    List(Vec<String>),
}

impl Params {
    pub fn from_query(query: &str) -> Params {
        let mut params = Params::default();
        params.add_form(query.as_bytes());
        params
    }

    /// Query and body. Fails with 400 for a body that is not what its type says, 413 for a large one.
    pub async fn read(request: &HttpRequest, body: &mut Payload) -> Result<Params> {
        let mut params = Params::from_query(request.query_string());
        let content_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let essence = content_type
            .split(';')
            .next()
            .unwrap_or("")
            .trim()
            .to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => params.add_json(&collect(body).await?)?,
            "application/x-www-form-urlencoded" => params.add_form(&collect(body).await?),
            "multipart/form-data" => params.add_multipart(request, collect(body).await?).await?,
            _ => {}
        }
        Ok(params)
    }

    fn add_form(&mut self, form: &[u8]) {
        for (name, value) in form_urlencoded::parse(form) {
            self.add(&name, value.into_owned());
        }
    }

    fn add_json(&mut self, body: &[u8]) -> Result<()> {
        if body.is_empty() {
            return Ok(());
        }
        let parsed = serde_json::from_slice(body)
            .map_err(|error| Error::bad_request(format!("the body is no JSON: {error}")))?;
        let Value::Object(object) = parsed else {
            return Err(Error::bad_request("the JSON body must be an object"));
        };
        for (name, value) in object {
            let param = match value {
                Value::Null => Param::Null,
                Value::Array(items) => Param::List(items.iter().map(plain).collect()),
                other => Param::Text(plain(&other)),
            };
            self.values.insert(name, param);
        }
        Ok(())
    }

    async fn add_multipart(&mut self, request: &HttpRequest, body: Bytes) -> Result<()> {
        let broken = |error: MultipartError| {
            Error::bad_request(format!("the multipart body is broken: {error}"))
        };
        let body = futures_util::stream::iter([Ok::<_, PayloadError>(body)]);
        let mut parts = Multipart::new(request.headers(), body);
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(broken)?;
            let Some(name) = part.name().map(str::to_owned) else {
                continue;
            };
            let mut text = Vec::new();
            while let Some(chunk) = part.next().await {
                text.extend_from_slice(&chunk.map_err(broken)?);
            }
            self.add(&name, String::from_utf8_lossy(&text).into_owned());
        }
        Ok(())
    }

    fn add(&mut self, name: &str, value: String) {
        match name.strip_suffix("[]") {
            None => {
                self.values.insert(name.to_owned(), Param::Text(value));
            }
            Some(name) => match self.values.get_mut(name) {
                Some(Param::List(list)) => list.push(value),
                _ => {
                    self.values
                        .insert(name.to_owned(), Param::List(vec![value]));
                }
            },
        }
    }

    /// A single value that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(Param::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    pub fn is_given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Starts validation.
    pub fn check(&self) -> Check<'_> {
        Check::new(self)
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

async fn collect(body: &mut Payload) -> Result<Bytes> {
    let mut all = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk =
            chunk.map_err(|error| Error::bad_request(format!("the body broke off: {error}")))?;
        if all.len() + chunk.len() > MOST_BYTES {
            return Err(Error::TooLarge(format!(
                "parameters may take {MOST_BYTES} bytes"
            )));
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all.freeze())
}

impl FromRequest for Params {
    type Error = Error;
    type Future = Ready<Result<Params>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request
            .extensions()
            .get::<Params>()
            .cloned()
            .unwrap_or_default()))
    }
}
