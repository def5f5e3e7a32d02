//! The variable parts of a path, decoded once and parsed into a type before a handler sees them.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use percent_encoding::percent_decode_str;

use crate::error::{Error, Result};

/// What the pattern's names stand for in this request, percent-decoded exactly once.
///
/// Routing is by the raw path, so `acme%2Ftools` is one segment; bytes that are no UTF-8 become U+FFFD,
/// which no grammar allows.
#[derive(Clone, Debug, Default)]
pub struct PathParams {
    values: Vec<(String, String)>,
}

impl PathParams {
    pub fn decode<'a>(raw: impl Iterator<Item = (&'a str, &'a str)>) -> PathParams {
        let values = raw.map(|(name, value)| {
            (
                name.to_owned(),
                percent_decode_str(value).decode_utf8_lossy().into_owned(),
            )
        });
        PathParams {
            values: values.collect(),
        }
    }

    /// The text of a name; empty if the pattern has no such name.
    pub fn get(&self, name: &str) -> &str {
        self.values
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// A record's id. Not an integer: 400 in GitLab's words; beyond 64 bits: an id that nothing has.
    pub fn id(&self, name: &str) -> Result<i64> {
        let text = self.get(name);
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::invalid_param(format!("{name} is invalid")));
        }
        Ok(text.parse().unwrap_or(0))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A path that was understood: `Path(file): Path<FilePath>`.
pub struct Path<T>(pub T);

/// What a handler wants to know of the path.
pub trait FromPath: Sized {
    fn from_path(params: &PathParams) -> Result<Self>;
}

impl<T: FromPath> FromRequest for Path<T> {
    type Error = Error;
    type Future = Ready<Result<Path<T>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let params = extensions
            .get::<PathParams>()
            .expect("the server notes the path before it calls a handler");
        ready(T::from_path(params).map(Path))
    }
}
