//! A package file on its way in: a raw or multipart body becomes a staged blob, with every check that bytes can fail.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use futures_util::StreamExt;

use super::first_file::{self, FirstFile};
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
    let staged = if is_multipart(request) {
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

/// The same for clients that call the part as they like: the first part that is a file, else the part `called`.
pub async fn stage_first_file(
    registry: &Registry,
    request: &HttpRequest,
    body: Payload,
    package_type: PackageType,
    called: &str,
) -> Result<StagedBlob> {
    if !is_multipart(request) {
        if !has_body(request) {
            return Err(Error::invalid_param(format!("{called} is missing")));
        }
        return stage(registry, request, body, package_type).await;
    }
    let room = registry.upload_limit(package_type).saturating_add(1 << 20);
    if declared_length(request).is_some_and(|length| length > room) {
        return Err(registry.too_large(package_type));
    }
    let content_type = request.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let boundary = first_file::boundary(content_type.unwrap_or_default())
        .ok_or_else(|| Error::bad_request("the multipart body is broken: it names no boundary"))?;
    let body = body.map(|chunk| chunk.map_err(broken_off));
    let Some(mut file) = FirstFile::find(body, boundary, called).await? else {
        return Err(Error::invalid_param(format!("{called} is missing")));
    };
    let staged = registry.stage(&mut file, package_type).await?;
    file.finish().await?;
    verify(request, &staged)?;
    Ok(staged)
}

/// What a form may hold beside its file.
pub struct FormPlan {
    /// What the part that is the package file may be called. Every other part is text.
    pub file: &'static [&'static str],
    /// How many text parts.
    pub most_texts: usize,
    /// Bytes that one of them may have, and all of them together.
    pub most_text: usize,
    pub most_text_in_all: usize,
}

/// A form that has arrived whole.
#[derive(Default)]
pub struct Form {
    /// Name and value, in the order in which they came.
    pub texts: Vec<(String, String)>,
    pub file: Option<FormFile>,
}

/// The file part of a form.
pub struct FormFile {
    /// What the client calls it.
    pub name: String,
    pub staged: StagedBlob,
}

impl Form {
    /// The first text of this name; an empty one is none.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts
            .iter()
            .find(|(known, text)| known == name && !text.is_empty())
            .map(|(_, text)| text.as_str())
    }
}

/// Reads a multipart form whose parts may come in any order: the file goes to the staging area as it arrives, texts
/// are kept in memory, within the plan.
///
/// Fails with 413 beyond the type's limit, and with 400 for a broken body or a form beyond its plan.
pub async fn stage_form(
    registry: &Registry,
    request: &HttpRequest,
    body: Payload,
    package_type: PackageType,
    plan: &FormPlan,
) -> Result<Form> {
    let room = registry
        .upload_limit(package_type)
        .saturating_add(plan.most_text_in_all as u64);
    if declared_length(request).is_some_and(|length| length > room.saturating_add(1 << 20)) {
        return Err(registry.too_large(package_type));
    }
    let mut form = Form::default();
    let mut room_for_texts = plan.most_text_in_all;
    if !is_multipart(request) {
        return Ok(form); // whoever reads it says what is missing
    }
    let mut parts = Multipart::new(request.headers(), body);
    while let Some(part) = parts.next().await {
        let part = part.map_err(broken)?;
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        if !plan.file.contains(&name.as_str()) {
            if form.texts.len() == plan.most_texts {
                return Err(Error::bad_request("the form has too many fields"));
            }
            let text = read_text(part, &name, plan.most_text.min(room_for_texts)).await?;
            room_for_texts -= text.len().min(room_for_texts);
            form.texts.push((name, text));
            continue;
        }
        if form.file.is_some() {
            return Err(Error::bad_request(format!("the form has two parts {name}")));
        }
        let file_name = part
            .content_disposition()
            .and_then(|disposition| disposition.get_filename());
        let file_name = file_name.unwrap_or_default().to_owned();
        let staged = registry
            .stage(part.map(|chunk| chunk.map_err(broken)), package_type)
            .await?;
        form.file = Some(FormFile {
            name: file_name,
            staged,
        });
    }
    Ok(form)
}

async fn read_text(mut part: Field, name: &str, most: usize) -> Result<String> {
    let mut text = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(broken)?;
        if text.len() + chunk.len() > most {
            let name: String = name.chars().take(60).collect();
            return Err(Error::bad_request(format!(
                "the form's field {} is too long",
                name.escape_debug()
            )));
        }
        text.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8(text)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

fn broken(error: MultipartError) -> Error {
    Error::bad_request(format!("the multipart body is broken: {error}"))
}

/// Whether the body is a form with parts.
pub fn is_multipart(request: &HttpRequest) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| {
            text.trim_start()
                .to_ascii_lowercase()
                .starts_with("multipart/form-data")
        })
}

fn has_body(request: &HttpRequest) -> bool {
    request.headers().contains_key(TRANSFER_ENCODING)
        || declared_length(request).is_some_and(|length| length > 0)
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
