//! The small JSON bodies of the first protocol.

use actix_web::web;
use futures_util::StreamExt;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Names of files and of packages, however many a person has.
const MOST: usize = 1 << 20;

/// 400 for what is no JSON object.
pub(super) async fn read(mut body: web::Payload) -> Result<Map<String, Value>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk =
            chunk.map_err(|error| Error::bad_request(format!("the body broke off: {error}")))?;
        if bytes.len() + chunk.len() > MOST {
            return Err(Error::TooLarge(format!("the list may take {MOST} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Error::bad_request("the body must be a JSON object")),
    }
}

/// The strings in a list.
pub(super) fn texts(object: &Map<String, Value>, name: &str) -> Vec<String> {
    let items = object.get(name).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}
