//! npm packages, as their clients' requests: recorded sequences, complaints, and what must be refused.

mod bad_input;
mod documents;
mod levels;
mod publishing;
mod recorded;
mod traps;
mod unpublishing;

use std::io::Write;

use data_encoding::{BASE64, HEXLOWER};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha1::Digest;

use crate::support::{Actor, Answer};

pub const NPM: &str = "/api/v4/projects/1/packages/npm";

/// A tarball of these files, as `npm pack` lays them out.
pub fn tarball(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, name, text.as_bytes())
            .unwrap();
    }
    let mut gzip = archive.into_inner().unwrap();
    gzip.flush().unwrap();
    gzip.finish().unwrap()
}

pub fn tarball_of(manifest: &Value) -> Vec<u8> {
    tarball(&[
        ("package/package.json", &manifest.to_string()),
        ("package/index.js", "1\n"),
    ])
}

/// What npm PUTs for this manifest and tarball.
pub fn document(manifest: &Value, tarball: &[u8]) -> Value {
    let (name, version) = (
        manifest["name"].as_str().unwrap(),
        manifest["version"].as_str().unwrap(),
    );
    let file = format!("{name}-{version}.tgz");
    let mut sent = manifest.clone();
    sent["dist"] = json!({
        "integrity": integrity(tarball),
        "shasum": HEXLOWER.encode(&sha1::Sha1::digest(tarball)),
        "tarball": format!("http://localhost/{file}"),
    });
    json!({
        "_id": name, "name": name, "dist-tags": { "latest": version }, "versions": { version: sent }, "access": null,
        "_attachments": { file: { "content_type": "application/octet-stream", "data": BASE64.encode(tarball), "length": tarball.len() } },
    })
}

pub fn integrity(bytes: &[u8]) -> String {
    format!("sha512-{}", BASE64.encode(&sha2::Sha512::digest(bytes)))
}

pub fn put(actor: &Actor, prefix: &str, document: &Value) -> Answer {
    let name = document["name"].as_str().unwrap().replace('/', "%2f");
    actor.put_json(&format!("{prefix}/{name}"), document.clone())
}

pub fn publish(actor: &Actor, prefix: &str, manifest: &Value) -> Answer {
    put(actor, prefix, &document(manifest, &tarball_of(manifest)))
}

/// The same for a package of no more than name and version.
pub fn release(actor: &Actor, prefix: &str, name: &str, version: &str) -> Answer {
    publish(actor, prefix, &json!({ "name": name, "version": version }))
}

pub fn refusal(text: &str) -> Value {
    json!({ "message": text, "error": text })
}
