//! A package file on its way in: a raw or multipart body becomes a staged blob, with every check that bytes can fail.

use actix_multipart::{Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use futures_util::StreamExt;

use crate::error::{Error, Result};
use crate::registry::{PackageType, Registry, StagedBlob};

/// Streams the file in a request into the staging area: the whole body, or the part `file` of a multipart one.
///
/// Fails with 413 beyond the type's limit (before the body is read where its length is known), and with 400
/// for a body that broke off, that is not there at all, or that is not what its checksum headers promise.
pub async fn stage(
    registry: &Registry,
    request: &HttpRequest,
    body: Payload,
    package_type: PackageType,
) -> Result<StagedBlob> {
    let declared = declared_length(request);
    let limit = registry.upload_limit(package_type);
    if declared.is_some_and(|length| length > limit) {
        return Err(registry.too_large(package_type));
    }
    if declared.is_none() && !request.headers().contains_key(TRANSFER_ENCODING) {
        return Err(Error::invalid_param("file is missing")); // an empty file says so: Content-Length: 0
    }
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let staged = if content_type
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("multipart/form-data")
    {
        stage_part(registry, request, body, package_type).await?
    } else {
        registry
            .stage(body.map(|chunk| chunk.map_err(broken_off)), package_type)
            .await?
    };
    verify(request, &staged)?;
    Ok(staged)
}

/// Multipart, as gitbeaker and `curl -F file=@x` send it: the framing is never stored.
async fn stage_part(
    registry: &Registry,
    request: &HttpRequest,
    body: Payload,
    package_type: PackageType,
) -> Result<StagedBlob> {
    let broken = |error: MultipartError| {
        Error::bad_request(format!("the multipart body is broken: {error}"))
    };
    let mut parts = Multipart::new(request.headers(), body);
    while let Some(part) = parts.next().await {
        let part = part.map_err(broken)?;
        if part.name() == Some("file") {
            return registry
                .stage(part.map(|chunk| chunk.map_err(broken)), package_type)
                .await;
        }
    }
    Err(Error::invalid_param("file is missing"))
}

fn declared_length(request: &HttpRequest) -> Option<u64> {
    request
        .headers()
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn broken_off(error: PayloadError) -> Error {
    Error::bad_request(format!("the upload broke off: {error}"))
}

/// What the client says of its bytes must be true: `X-Checksum-*`, `Content-MD5` and `Digest`, where it sends them.
fn verify(request: &HttpRequest, staged: &StagedBlob) -> Result<()> {
    let digests = &staged.digests;
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    for (name, actual) in [
        ("x-checksum-sha256", &digests.sha256),
        ("x-checksum-sha1", &digests.sha1),
        ("x-checksum-md5", &digests.md5),
    ] {
        if let Some(promised) = header(name)
            && !promised.eq_ignore_ascii_case(actual)
        {
            return Err(mismatch(name, promised, actual));
        }
    }
    let in_base64 = |hex: &str| {
        BASE64.encode(
            &HEXLOWER_PERMISSIVE
                .decode(hex.as_bytes())
                .unwrap_or_default(),
        )
    };
    if let Some(promised) = header("content-md5") {
        let actual = in_base64(&digests.md5);
        if promised != actual {
            return Err(mismatch("content-md5", promised, &actual));
        }
    }
    for promise in header("digest").unwrap_or("").split(',') {
        let Some((algorithm, promised)) = promise.trim().split_once('=') else {
            continue;
        };
        let actual = match algorithm.to_ascii_lowercase().as_str() {
            "sha-256" => in_base64(&digests.sha256),
            "sha" => in_base64(&digests.sha1),
            "md5" => in_base64(&digests.md5),
            _ => continue,
        };
        if promised != actual {
            return Err(mismatch("digest", promised, &actual));
        }
    }
    Ok(())
}

fn mismatch(header: &str, promised: &str, actual: &str) -> Error {
    Error::bad_request(format!(
        "{header} says {promised}, but the uploaded file has {actual}"
    ))
}
