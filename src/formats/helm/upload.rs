//! Charts and their signatures on their way in: GitLab's POST, which is ChartMuseum's.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;

use super::archive::{self, Archive};
use super::channel::ChannelPath;
use super::chart::Chart;
use super::provenance::{LARGEST, Provenance};
use super::{display, download, missing, taken};
use crate::error::{Error, Result};
use crate::http::upload::{self, Form, FormFile, FormPlan};
use crate::http::{Params, Path, answer};
use crate::registry::{
    AccessLevel, NewFile, NewPackage, OnExisting, PackageKey, PackageType, ProjectAccess, Registry,
    StagedBlob,
};

/// A form whose part of this name is the file.
const fn plan(file: &'static [&'static str]) -> FormPlan {
    FormPlan {
        file,
        most_texts: 20,
        most_text: LARGEST,
        most_text_in_all: 2 * LARGEST,
    }
}

/// `POST …/helm/api/:channel/charts[?force]`: the chart in the form field `chart`, perhaps its signature in `prov`; or the
/// chart alone as the body. 201 `{"message":"201 Created"}`.
pub(super) async fn chart(
    access: ProjectAccess,
    Path(place): Path<ChannelPath>,
    params: Params,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let (staged, signature) = receive(&registry, &request, body, &["chart"]).await?;
    let Archive { chart, readme } = registry.inspect(&staged, archive::read).await?;
    let key = place.key(&chart.name, &chart.version);
    let file_name = chart.file_name();
    let mut files = Vec::new();
    if let Some(text) = signature {
        let signature = Provenance::parse(&text)?;
        signature.check(&staged.digests.sha256)?;
        files.push(signature_file(&registry, &file_name, signature, text).await?);
    }
    refuse_two_charts_of_one_file(&registry, &access, &place, &chart, &key)?;
    files.push(NewFile {
        metadata: Some(serde_json::to_value(&chart)?),
        ..NewFile::new(file_name, staged)
    });
    let new = NewPackage {
        metadata: Some(display::kept(readme.as_deref())),
        ..NewPackage::new(key, on_existing(&access, &params))
    };
    registry.publish(&access, new, files).await?;
    answer::json(StatusCode::CREATED, &json!({ "message": "201 Created" }))
}

/// `POST …/helm/api/:channel/prov[?force]`: the signature of a chart that is there, in the form field `prov` or as the body.
/// 201 `{"message":"201 Created"}`.
pub(super) async fn provenance(
    access: ProjectAccess,
    Path(place): Path<ChannelPath>,
    params: Params,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let (staged, _) = receive(&registry, &request, body, &["prov"]).await?;
    let text = registry.inspect(&staged, read_text).await?;
    let signature = Provenance::parse(&text)?;
    let key = place.key(&signature.name, &signature.version);
    let file_name = super::chart::file_name(&signature.name, &signature.version);
    let chart = registry
        .find_file(&access.projects(), &key, &file_name)?
        .ok_or_else(|| missing(&file_name))?;
    signature.check(&chart.sha256)?;
    let file = signature_file(&registry, &file_name, signature, text).await?;
    let new = NewPackage::new(key, on_existing(&access, &params));
    registry.publish_file(&access, new, file).await?;
    answer::json(StatusCode::CREATED, &json!({ "message": "201 Created" }))
}

/// The file of a form or the whole body, and what the form calls `prov`.
async fn receive(
    registry: &Registry,
    request: &HttpRequest,
    body: web::Payload,
    field: &'static [&'static str; 1],
) -> Result<(StagedBlob, Option<String>)> {
    let (body, helm) = (body.into_inner(), PackageType::Helm);
    if !upload::is_multipart(request) {
        return Ok((upload::stage(registry, request, body, helm).await?, None));
    }
    let form = upload::stage_form(registry, request, body, helm, &plan(field)).await?;
    let signature = form.text("prov").map(str::to_owned);
    let Form { file, .. } = form;
    match file {
        None => Err(Error::invalid_param(format!("{} is missing", field[0]))),
        Some(FormFile { name, .. }) if name.is_empty() => {
            Err(Error::invalid_param(format!("{} is invalid", field[0])))
        }
        Some(FormFile { staged, .. }) => Ok((staged, signature)),
    }
}

fn read_text(file: std::fs::File) -> Result<String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).ok();
    text.filter(|text| text.len() <= LARGEST)
        .ok_or_else(|| Error::bad_request("the provenance file is no text of at most 1 MiB"))
}

async fn signature_file(
    registry: &Registry,
    chart_file_name: &str,
    signature: Provenance,
    text: String,
) -> Result<NewFile> {
    let body = stream::iter([Ok(Bytes::from(text))]);
    let staged = registry.stage(body, PackageType::Helm).await?;
    Ok(NewFile {
        metadata: Some(json!({ "signs": signature.sha256 })),
        ..NewFile::new(format!("{chart_file_name}.prov"), staged)
    })
}

/// `a` in version `1.0.0-2.0.0` and `a-1.0.0` in version `2.0.0` would both be `a-1.0.0-2.0.0.tgz`.
fn refuse_two_charts_of_one_file(
    registry: &Registry,
    access: &ProjectAccess,
    place: &ChannelPath,
    chart: &Chart,
    own: &PackageKey,
) -> Result<()> {
    let file_name = chart.file_name();
    for key in download::keys(place, &file_name).filter(|key| key != own) {
        if registry.find_package(access, &key)?.is_some() {
            return Err(taken(&file_name));
        }
    }
    Ok(())
}

/// The group's setting decides about a second chart of the same name and version; a maintainer may insist.
fn on_existing(access: &ProjectAccess, params: &Params) -> OnExisting {
    let forced = params.is_given("force") && !matches!(params.text("force"), Some("false" | "0"));
    match forced && access.is_at_least(AccessLevel::Maintainer) {
        true => OnExisting::Add,
        false => OnExisting::BySettingUnlessEqual(taken),
    }
}
