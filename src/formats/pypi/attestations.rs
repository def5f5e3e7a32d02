//! Attestations: who says that a file is theirs (PEP 740).
//!
//! They are checked for their form and for speaking of this very file, kept, and handed out to whoever asks. Their
//! signatures are not verified, so the index pages do not claim a provenance.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::error::{Error, Result};

/// The form field `attestations`: a JSON array. Fails with 400 unless each of them is one and is about `sha256`.
pub(super) fn parse(field: &str, sha256: &str) -> Result<Value> {
    let parsed: Value = serde_json::from_str(field)
        .map_err(|error| invalid(&format!("they are no JSON: {error}")))?;
    let list = parsed
        .as_array()
        .ok_or_else(|| invalid("they must be a list"))?;
    for attestation in list {
        if attestation["version"] != 1
            || !attestation["verification_material"].is_object()
            || !attestation["envelope"]["signature"].is_string()
        {
            return Err(invalid("one of them has not the form of version 1"));
        }
        let statement = attestation["envelope"]["statement"].as_str().unwrap_or("");
        let subject = subject_sha256(statement);
        if subject.as_deref() != Some(sha256) {
            return Err(invalid("one of them is about another file"));
        }
    }
    Ok(parsed)
}

/// The digest of the one subject of an in-toto statement.
fn subject_sha256(statement: &str) -> Option<String> {
    let statement = BASE64.decode(statement.as_bytes()).ok()?;
    let statement: Value = serde_json::from_slice(&statement).ok()?;
    match statement["subject"].as_array()?.as_slice() {
        [subject] => Some(subject["digest"]["sha256"].as_str()?.to_owned()),
        _ => None,
    }
}

/// The provenance object of a file.
pub(super) fn provenance(attestations: &Value) -> Value {
    json!({
        "version": 1,
        "attestation_bundles": [{ "publisher": { "kind": "unverified" }, "attestations": attestations }],
    })
}

fn invalid(why: &str) -> Error {
    Error::bad_request(format!("the attestations are refused: {why}"))
}
