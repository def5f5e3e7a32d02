//! Publishing: a zip with its version (ours), and the refusal of GitLab's way, which reads a Git repository.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::archive;
use super::manifest::invalid_version;
use super::version::Version;
use crate::error::{Error, Result};
use crate::http::upload::{self, FormPlan};
use crate::http::{Params, answer};
use crate::registry::{
    NewFile, NewPackage, OnExisting, PackageType, ProjectAccess, Registry, StagedBlob,
};

const PLAN: FormPlan = FormPlan {
    file: &["file", "package"],
    most_texts: 32,
    most_text: 1 << 10,
    most_text_in_all: 16 << 10,
};

/// `PUT …/packages/composer?version=`: the body is the zip, raw or in a form. 201 `{"message":"201 Created"}`.
pub(super) async fn put(
    access: ProjectAccess,
    params: Params,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    if upload::is_multipart(&request) {
        return publish_form(&registry, &access, &params, &request, body).await;
    }
    let wanted = Wanted::of(|name| params.text(name)).version()?;
    let body = body.into_inner();
    let staged = upload::stage(&registry, &request, body, PackageType::Composer).await?;
    publish(&registry, &access, wanted, staged).await
}

/// `POST …/packages/composer`: a form with a zip, answered as PUT. GitLab's own `tag` or `branch` without a zip: 422.
pub(super) async fn post(
    access: ProjectAccess,
    params: Params,
    request: HttpRequest,
    body: web::Payload,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    if upload::is_multipart(&request) {
        return publish_form(&registry, &access, &params, &request, body).await;
    }
    let params = Params::read(&request, &mut body.into_inner()).await?;
    Err(Wanted::of(|name| params.text(name)).without_zip(&access))
}

async fn publish_form(
    registry: &Registry,
    access: &ProjectAccess,
    params: &Params,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse> {
    let body = body.into_inner();
    let form = upload::stage_form(registry, request, body, PackageType::Composer, &PLAN).await?;
    let wanted = Wanted::of(|name| form.text(name).or_else(|| params.text(name)));
    match form.file {
        Some(file) => publish(registry, access, wanted.version()?, file.staged).await,
        None => Err(wanted.without_zip(access)),
    }
}

async fn publish(
    registry: &Registry,
    access: &ProjectAccess,
    wanted: Option<Version>,
    staged: StagedBlob,
) -> Result<HttpResponse> {
    let manifest = registry.inspect(&staged, archive::read).await?;
    let version = manifest.version(wanted)?;
    let name = manifest.name.clone();
    let reference = staged.digests.sha1.clone();
    let new = NewPackage {
        metadata: Some(manifest.kept(&reference)),
        ..NewPackage::new(name.key(&version), on_existing(&version))
    };
    let file = NewFile {
        metadata: Some(json!({ "reference": reference })),
        ..NewFile::new(name.file_name(&version), staged)
    };
    registry.publish_file(access, new, file).await?;
    answer::json(StatusCode::CREATED, &json!({ "message": "201 Created" }))
}

/// A branch moves on; what was released does not. Either way the zips of before stay, for the lock files that name them.
fn on_existing(version: &Version) -> OnExisting {
    match version.is_dev() {
        true => OnExisting::Add,
        false => OnExisting::RefuseOtherContent(|| {
            Error::message(
                StatusCode::CONFLICT,
                "A package with the same name and version already exists",
            )
        }),
    }
}

/// Which version a request is about, in its own words.
struct Wanted {
    given: Vec<(&'static str, String)>,
}

impl Wanted {
    fn of<'a>(text: impl Fn(&str) -> Option<&'a str>) -> Wanted {
        let given = ["version", "tag", "branch"]
            .into_iter()
            .filter_map(|name| Some((name, text(name)?.to_owned())));
        Wanted {
            given: given.collect(),
        }
    }

    /// `None` where it is the archive's to say.
    fn version(&self) -> Result<Option<Version>> {
        match self.given.as_slice() {
            [] => Ok(None),
            [(name, text)] => version_of(name, text).ok_or_else(invalid_version).map(Some),
            _ => Err(self.too_many()),
        }
    }

    /// What GitLab's way of publishing is answered: there is no repository to make the archive from.
    fn without_zip(&self, access: &ProjectAccess) -> Error {
        match self.given.as_slice() {
            [] => Error::invalid_param(
                "tag, branch are missing, exactly one parameter must be provided",
            ),
            [("version", _)] => Error::invalid_param("file is missing"),
            [(name, text)] => {
                let version = version_of(name, text);
                let version = version.map_or_else(|| "VERSION".to_owned(), |version| version.text);
                let shown: String = text.chars().take(255).collect();
                let path = super::place::project_path(access.project.id);
                Error::message(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    format!(
                        "This server has no Git repository to read {name} '{}' from. Upload a zip: PUT {path}?version={}",
                        shown.escape_debug(),
                        form_urlencoded::byte_serialize(version.as_bytes()).collect::<String>(),
                    ),
                )
            }
            _ => self.too_many(),
        }
    }

    fn too_many(&self) -> Error {
        let names: Vec<&str> = self.given.iter().map(|(name, _)| *name).collect();
        Error::invalid_param(format!("{} are mutually exclusive", names.join(", ")))
    }
}

fn version_of(name: &str, text: &str) -> Option<Version> {
    match name {
        "branch" => Version::of_branch(text),
        _ => Version::parse(text),
    }
}
