//! `composer.json` (Composer docs, "The composer.json schema"), as far as the registry must understand it; the rest is
//! passed on.

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use super::names::Name;
use super::version::Version;
use crate::error::{Error, Result};

/// Keys of `composer.json` that say nothing about the package as others see it, that the registry says itself, or that
/// would steer how clients download it.
const DROPPED: &[&str] = &[
    "name",
    "version",
    "version_normalized",
    "dist",
    "source",
    "uid",
    "time",
    "notification-url",
    "installation-source",
    "transport-options",
    "repositories",
    "config",
    "scripts",
    "minimum-stability",
    "prefer-stable",
];

/// Maps from names to constraints: Composer breaks off where one is something else, for every version of the name.
const LINKS: &[&str] = &["require", "require-dev", "conflict", "replace", "provide"];

/// `composer.json`, understood.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) name: Name,
    version: Option<String>,
    abandoned: Option<Value>,
    /// What is passed on untouched.
    fields: Map<String, Value>,
}

impl Manifest {
    /// One byte order mark is overlooked, as Windows editors write it; nothing else that is no JSON.
    pub(super) fn parse(bytes: &[u8]) -> Result<Manifest> {
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(text) else {
            return Err(unprocessable(
                "Could not parse composer.json file. Invalid JSON.",
            ));
        };
        let name = Name::claimed(fields.get("name").and_then(Value::as_str))?;
        let version = match fields.get("version") {
            None | Some(Value::Null) => None,
            Some(Value::String(version)) => Some(version.clone()),
            Some(_) => return Err(invalid_version()),
        };
        for key in LINKS {
            check_constraints(key, fields.get(*key))?;
        }
        if fields.get("type").is_some_and(|kind| !kind.is_string()) {
            return Err(unprocessable("composer.json: `type` is no text"));
        }
        fields.entry("type").or_insert_with(|| json!("library"));
        let abandoned = fields.shift_remove("abandoned");
        let abandoned = abandoned.filter(|reason| reason.is_string() || reason.is_boolean());
        fields.retain(|key, _| !DROPPED.contains(&key.as_str()));
        Ok(Manifest {
            name,
            version,
            abandoned,
            fields,
        })
    }

    /// The version that the request names, or else the archive itself; 400 if they differ or nobody says one.
    pub(super) fn version(&self, wanted: Option<Version>) -> Result<Version> {
        let own = match &self.version {
            Some(text) => Some(Version::parse(text).ok_or_else(invalid_version)?),
            None => None,
        };
        match (wanted, own) {
            (Some(wanted), Some(own)) if wanted.normalized != own.normalized => {
                Err(refused(format!(
                    "version mismatch: the request says {}, composer.json says {}",
                    wanted.text, own.text
                )))
            }
            (Some(version), _) | (None, Some(version)) => Ok(version),
            (None, None) => Err(refused(
                "version is missing: add ?version=1.0.0 to the URL, or a version to composer.json",
            )),
        }
    }

    /// What is kept of the version whose zip has this reference.
    pub(super) fn kept(self, reference: &str) -> Value {
        let mut kept = json!({ "reference": reference, "manifest": self.fields });
        if let Some(abandoned) = self.abandoned {
            kept["abandoned"] = abandoned;
        }
        kept
    }
}

/// PHP writes an empty map as an empty list.
fn check_constraints(key: &str, links: Option<&Value>) -> Result<()> {
    let is_good = match links {
        None => true,
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(map)) => map.values().all(Value::is_string),
        Some(_) => false,
    };
    match is_good {
        true => Ok(()),
        false => Err(unprocessable(format!(
            "composer.json: `{key}` is no map from names to constraints"
        ))),
    }
}

pub(super) fn invalid_version() -> Error {
    refused("Validation failed: Version is invalid")
}

fn refused(text: impl Into<String>) -> Error {
    Error::message(StatusCode::BAD_REQUEST, text.into())
}

pub(super) fn unprocessable(text: impl Into<String>) -> Error {
    Error::message(StatusCode::UNPROCESSABLE_ENTITY, text.into())
}
