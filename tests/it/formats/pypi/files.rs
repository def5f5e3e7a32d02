//! Files and what belongs to them.

use data_encoding::BASE64;
use serde_json::json;

use super::{files_of, only_file};
use crate::support::python::{core_metadata, group_pypi, pypi, sdist, wheel};
use crate::support::seeds::{ACME, PRIV, PUB, Seeds, sha256};

#[test]
fn a_file_can_be_asked_about_and_taken_in_parts() {
    let seeds = Seeds::start();
    let dist = wheel("acme", "1.0", "");
    dist.upload(&seeds.user("developer"), PUB).expect(201);
    let path = only_file(&seeds.anonymous(), PUB, "acme");
    let whole = seeds
        .anonymous()
        .with("Accept-Encoding", "gzip")
        .get(&path)
        .expect(200);
    assert_eq!(whole.body, dist.bytes);
    assert_eq!(whole.find_header("content-encoding"), None);
    assert_eq!(whole.header("content-type"), "application/octet-stream");
    assert_eq!(
        whole.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert!(
        whole
            .header("content-disposition")
            .contains("acme-1.0-py3-none-any.whl")
    );
    let head = seeds.anonymous().head(&path).expect(200);
    assert_eq!(head.header("content-length"), dist.bytes.len().to_string());
    assert_eq!(head.header("accept-ranges"), "bytes");
    let part = seeds
        .anonymous()
        .with("Range", "bytes=-22")
        .with("If-Range", whole.header("etag"));
    assert_eq!(
        part.get(&path).expect(206).body,
        dist.bytes[dist.bytes.len() - 22..]
    );
    seeds
        .anonymous()
        .with("Range", "bytes=9999999-")
        .get(&path)
        .expect(416);
}

#[test]
fn the_name_and_the_digest_must_both_fit() {
    let seeds = Seeds::start();
    let (one, other) = (wheel("acme", "1.0", ""), wheel("other", "1.0", ""));
    for dist in [&one, &other] {
        dist.upload(&seeds.user("developer"), PUB).expect(201);
    }
    let missing = json!({ "message": "404 Package Not Found" });
    for (digest, name) in [
        (sha256(&one.bytes), "other-1.0-py3-none-any.whl"),
        (sha256("nothing"), "acme-1.0-py3-none-any.whl"),
        ("..".to_owned(), "acme-1.0-py3-none-any.whl"),
        (sha256(&one.bytes), "..%2Facme-1.0-py3-none-any.whl"),
        (sha256(&one.bytes), "%2e%2e%2f%2e%2e%2fpackhouse.db"),
        (
            sha256(&one.bytes),
            "%252e%252e%252facme-1.0-py3-none-any.whl",
        ),
        (sha256(&one.bytes), "..%5cacme-1.0-py3-none-any.whl"),
        (sha256(&one.bytes), "%c0%ae%c0%ae"),
    ] {
        let path = format!("{}/files/{digest}/{name}", pypi(PUB));
        seeds
            .anonymous()
            .get(&path)
            .expect_json(404, missing.clone());
    }
}

#[test]
fn a_wheels_metadata_is_served_beside_it_and_an_sdists_is_not() {
    let seeds = Seeds::start();
    wheel("acme", "1.0", "")
        .upload(&seeds.user("developer"), PRIV)
        .expect(201);
    sdist("source", "1.0", "")
        .upload(&seeds.user("developer"), PRIV)
        .expect(201);
    let guest = seeds.user("guest");
    let path = only_file(&guest, PRIV, "acme");
    let answer = guest.get(&format!("{path}.metadata")).expect(200);
    assert_eq!(answer.text(), core_metadata("acme", "1.0", ""));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(
        answer.header("cache-control"),
        "private, max-age=31536000, immutable"
    );
    let advertised =
        files_of(&guest, &pypi(PRIV), "acme")["files"][0]["core-metadata"]["sha256"].clone();
    assert_eq!(advertised, sha256(&answer.body));
    guest.head(&format!("{path}.metadata")).expect(200);
    seeds
        .anonymous()
        .get(&format!("{path}.metadata"))
        .expect(401);
    let group = files_of(&guest, &group_pypi(ACME), "acme");
    guest
        .get(&format!("{}.metadata", super::path_of(&group["files"][0])))
        .expect(200);
    let path = only_file(&guest, PRIV, "source");
    for part in [".metadata", ".asc", ".provenance"] {
        guest.get(&format!("{path}{part}")).expect(404);
    }
}

#[test]
fn a_signature_comes_back_as_it_was_sent() {
    let seeds = Seeds::start();
    let form = wheel("acme", "1.0", "").form().part(
        "gpg_signature",
        "acme.whl.asc",
        b"-----BEGIN PGP SIGNATURE-----\n",
    );
    form.send(&seeds.user("developer"), &pypi(PUB)).expect(201);
    let path = only_file(&seeds.anonymous(), PUB, "acme");
    let answer = seeds.anonymous().get(&format!("{path}.asc")).expect(200);
    assert_eq!(answer.text(), "-----BEGIN PGP SIGNATURE-----\n");
}

#[test]
fn attestations_are_kept_if_they_are_about_the_file_and_never_claimed() {
    let seeds = Seeds::start();
    let developer = seeds.user("developer");
    let dist = wheel("acme", "1.0", "");
    let attestations = |digest: &str| {
        let statement =
            json!({ "subject": [{ "name": dist.file_name, "digest": { "sha256": digest } }] });
        json!([{
            "version": 1,
            "verification_material": { "certificate": "", "transparency_entries": [] },
            "envelope": { "statement": BASE64.encode(statement.to_string().as_bytes()), "signature": "AA==" },
        }])
    };
    for bad in [
        "{",
        "{}",
        "[1]",
        &attestations(&sha256("other")).to_string(),
    ] {
        dist.form()
            .field("attestations", bad)
            .send(&developer, &pypi(PUB))
            .expect(400);
    }
    let good = attestations(&sha256(&dist.bytes));
    dist.form()
        .field("attestations", &good.to_string())
        .send(&developer, &pypi(PUB))
        .expect(201);
    let page = files_of(&developer, &pypi(PUB), "acme");
    assert_eq!(page["files"][0].get("provenance"), None);
    let answer = developer
        .get(&format!("{}.provenance", super::path_of(&page["files"][0])))
        .expect(200);
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.pypi.integrity.v1+json"
    );
    assert_eq!(
        answer.json()["attestation_bundles"][0]["attestations"],
        good
    );
}
