//! What publishers send: a module zip, or the three files of a version as mirrors put them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::json;

use super::go_mod;
use super::module_zip::{self, ModuleZip};
use super::path::{Part, PutPath, VersionPath};
use super::{Kept, in_seconds, key, mod_name, unknown, zip_name};
use crate::error::{Error, Result};
use crate::http::{Params, Path, answer, upload as file_upload};
use crate::registry::{
    NewFile, NewPackage, OnExisting, PackageType, ProjectAccess, Registry, StagedBlob, Timestamp,
};

/// Bytes of an `.info`, which holds two short texts.
const MOST_BYTES_OF_INFO: usize = 64 << 10;

/// `PUT …/go/upload[?time=]`: the body is a module zip, raw or as the part `file` of a form. 201
/// `{"message":"201 Created"}`, also for a version that is there with these very bytes; 409 if it has others.
pub(super) async fn upload(
    access: ProjectAccess,
    params: Params,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let time = time(&params)?;
    let staged =
        file_upload::stage(&registry, &request, body.into_inner(), PackageType::Golang).await?;
    let zip = registry.inspect(&staged, module_zip::read).await?;
    publish(&registry, &access, zip, staged, time).await
}

/// `PUT …/go/:module/@v/:version.zip`, `.mod`, `.info`: as [`upload`] for the zip; 200 for the others, which say nothing
/// that the zip does not.
pub(super) async fn put(
    access: ProjectAccess,
    Path(path): Path<PutPath>,
    params: Params,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    match path.part {
        Part::Zip => {
            let time = time(&params)?;
            let new = new_package(&path.module, &path.version);
            registry.may_publish(&access, &new, Some(&zip_name(&path.version)))?;
            let body = body.into_inner();
            let staged = file_upload::stage(&registry, &request, body, PackageType::Golang).await?;
            let zip = registry.inspect(&staged, module_zip::read).await?;
            if zip.module != path.module || zip.version != path.version {
                return Err(Error::bad_request(format!(
                    "the path is of {}@{}, the zip of {}@{}",
                    path.module, path.version, zip.module, zip.version
                )));
            }
            publish(&registry, &access, zip, staged, time).await
        }
        Part::Mod => {
            let body = body.into_inner();
            let staged = file_upload::stage(&registry, &request, body, PackageType::Golang).await?;
            let name = mod_name(&path.version);
            let there =
                registry.find_file(&access.projects(), &key(&path.module, &path.version), &name)?;
            match there {
                Some(there) if there.sha256 != staged.digests.sha256 => Err(Error::message(
                    StatusCode::CONFLICT,
                    "This is not the go.mod of the zip that was published",
                )),
                _ => accepted(),
            }
        }
        Part::Info => {
            check_info(&read_info(body).await?, &path)?;
            accepted()
        }
        Part::Sums => Err(unknown("sums are computed, not uploaded")),
    }
}

/// `DELETE …/go/:module/@v/:version`: 204. The version never comes back with other bytes.
pub(super) async fn remove(
    access: ProjectAccess,
    Path(path): Path<VersionPath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let VersionPath { module, version } = path;
    let package = registry.find_package(&access, &key(&module, &version))?;
    let package =
        package.ok_or_else(|| unknown(&format!("{module}@{version}: unknown version")))?;
    registry.remove_package(&access, package.id, None).await?;
    Ok(answer::no_content())
}

async fn publish(
    registry: &Registry,
    access: &ProjectAccess,
    zip: ModuleZip,
    staged: StagedBlob,
    time: Option<Timestamp>,
) -> Result<HttpResponse> {
    let new = NewPackage {
        metadata: Some(serde_json::to_value(go_mod::summary(&zip.go_mod))?),
        ..new_package(&zip.module, &zip.version)
    };
    registry.may_publish(access, &new, Some(&zip_name(&zip.version)))?;
    let kept = Kept {
        time: time.map(in_seconds),
        h1: zip.h1,
        go_mod_h1: zip.go_mod_h1,
    };
    let files = vec![
        NewFile {
            metadata: Some(serde_json::to_value(kept)?),
            ..NewFile::new(zip_name(&zip.version), staged)
        },
        NewFile::new(
            mod_name(&zip.version),
            stage_go_mod(registry, zip.go_mod).await?,
        ),
    ];
    registry.publish(access, new, files).await?;
    answer::created(&json!({ "message": "201 Created" }))
}

/// A file of its own, so that it is served like every other.
async fn stage_go_mod(registry: &Registry, go_mod: Vec<u8>) -> Result<StagedBlob> {
    let body = stream::iter([Ok(Bytes::from(go_mod))]);
    registry.stage(body, PackageType::Golang).await
}

fn new_package(module: &str, version: &super::version::Version) -> NewPackage {
    NewPackage::new(key(module, version), OnExisting::RefuseOther(taken))
}

fn taken() -> Error {
    Error::message(
        StatusCode::CONFLICT,
        "A package with the same name and version already exists",
    )
}

fn accepted() -> Result<HttpResponse> {
    answer::ok(&json!({ "message": "200 OK" }))
}

/// `?time=2026-01-02T03:04:05Z`: when the version was made, as its commit knows.
fn time(params: &Params) -> Result<Option<Timestamp>> {
    let parse =
        |text: &str| Timestamp::parse(text).ok_or_else(|| Error::invalid_param("time is invalid"));
    params.text("time").map(parse).transpose()
}

async fn read_info(mut body: web::Payload) -> Result<Vec<u8>> {
    let mut info = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk =
            chunk.map_err(|error| Error::bad_request(format!("the upload broke off: {error}")))?;
        if info.len() + chunk.len() > MOST_BYTES_OF_INFO {
            return Err(Error::TooLarge(format!(
                "an .info takes at most {MOST_BYTES_OF_INFO} bytes"
            )));
        }
        info.extend_from_slice(&chunk);
    }
    Ok(info)
}

#[derive(Deserialize)]
struct Info {
    #[serde(rename = "Version")]
    version: String,
}

fn check_info(info: &[u8], path: &PutPath) -> Result<()> {
    match serde_json::from_slice::<Info>(info) {
        Ok(info) if info.version == path.version.as_str() => Ok(()),
        Ok(_) => Err(Error::bad_request("the .info is of another version")),
        Err(error) => Err(Error::bad_request(format!(
            "the .info cannot be read: {error}"
        ))),
    }
}
