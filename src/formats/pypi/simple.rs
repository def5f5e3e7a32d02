//! The simple index, of a project and of a group.

use std::sync::Arc;

use actix_web::http::header::{HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse, web};

use super::name;
use super::negotiate::Form;
use super::pages::{self, Files, segment};
use crate::error::{Error, Result};
use crate::http::{FromPath, Params, Path, PathParams, answer, document};
use crate::registry::{
    Document, DocumentKey, GroupAccess, PackageType, ProjectAccess, Registry, Shows, Wanted,
};

/// `…/simple[/:name]`, below the project or group that the path names as `id`.
pub(super) struct IndexPath {
    id: String,
    name_key: String,
}

impl FromPath for IndexPath {
    fn from_path(params: &PathParams) -> Result<IndexPath> {
        Ok(IndexPath {
            id: segment(params.get("id")),
            name_key: name::normal(params.get("name")),
        })
    }
}

/// Which page is asked for, where it lies, and how it is to be written.
struct Page {
    path: IndexPath,
    /// The URL of the place, as the caller spelt it: lock files keep the file URLs that begin with it.
    prefix: String,
    form: Form,
}

impl Page {
    fn of_project(
        path: IndexPath,
        registry: &Registry,
        request: &HttpRequest,
        params: &Params,
    ) -> Page {
        let prefix = format!("/api/v4/projects/{}/packages/pypi", path.id);
        Page::below(prefix, path, registry, request, params)
    }

    fn of_group(
        path: IndexPath,
        registry: &Registry,
        request: &HttpRequest,
        params: &Params,
    ) -> Page {
        let prefix = format!("/api/v4/groups/{}/-/packages/pypi", path.id);
        Page::below(prefix, path, registry, request, params)
    }

    fn below(
        prefix: String,
        path: IndexPath,
        registry: &Registry,
        request: &HttpRequest,
        params: &Params,
    ) -> Page {
        Page {
            prefix: registry.config().url().absolute(&prefix),
            form: Form::wanted_by(request, params),
            path,
        }
    }

    fn key(&self) -> DocumentKey {
        DocumentKey {
            package_type: PackageType::Pypi,
            kind: match self.form {
                Form::Json => "json",
                Form::Html | Form::TextHtml => "html",
            },
            name_key: self.path.name_key.clone(),
            prefix: self.prefix.clone(),
        }
    }

    /// The list of all names; an empty one is a page, too.
    async fn names(&self, registry: &Registry, projects: &[i64]) -> Result<Option<Arc<Document>>> {
        let (form, prefix) = (self.form, self.prefix.clone());
        let render = move |names: Vec<_>| match form {
            Form::Json => pages::names_json(&names).map(Some),
            Form::Html | Form::TextHtml => Ok(Some(pages::names_html(&prefix, &names))),
        };
        registry.names_document(projects, self.key(), render).await
    }

    /// The files of the name; `None` if nothing of it is listed.
    async fn files(&self, registry: &Registry, projects: &[i64]) -> Result<Option<Arc<Document>>> {
        let (form, prefix) = (self.form, self.prefix.clone());
        let name_key = self.path.name_key.clone();
        let render = move |listing| {
            let files = Files::of(&name_key, &prefix, listing)?;
            match form {
                Form::Json => files.json().map(Some),
                Form::Html | Form::TextHtml => Ok(Some(files.html())),
            }
        };
        registry
            .listing_document(projects, self.key(), Shows::Listed, render)
            .await
    }

    /// The name, and where its page lies in the index that requests are sent on to.
    fn elsewhere(&self) -> ([Wanted<'_>; 1], String) {
        let name = &self.path.name_key;
        ([Wanted::Name(name)], format!("/{}/", segment(name)))
    }

    fn answer(&self, request: &HttpRequest, document: &Document) -> HttpResponse {
        let mut response = document::send(request, document, self.form.content_type());
        response
            .headers_mut()
            .insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
        response
    }
}

/// `GET …/projects/:id/packages/pypi/simple`: 200 and every name, also if there is none.
pub(super) async fn project_names(
    access: ProjectAccess,
    Path(path): Path<IndexPath>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let page = Page::of_project(path, &registry, &request, &params);
    let names = page.names(&registry, &access.projects()).await?;
    Ok(page.answer(&request, &*names.ok_or_else(missing)?))
}

/// `GET …/projects/:id/packages/pypi/simple/:name`: 200 and the files of that name.
pub(super) async fn project_files(
    access: ProjectAccess,
    Path(path): Path<IndexPath>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let page = Page::of_project(path, &registry, &request, &params);
    let files = page.files(&registry, &access.projects()).await?;
    let Some(files) = files else {
        let (wanted, path) = page.elsewhere();
        let url = registry.forward_from_project(&access, PackageType::Pypi, &wanted, &path)?;
        return answer::found_at(&url.ok_or_else(missing)?);
    };
    Ok(page.answer(&request, &files))
}

/// `GET …/groups/:id/-/packages/pypi/simple`: 200 and every name that the caller may read there.
pub(super) async fn group_names(
    access: GroupAccess,
    Path(path): Path<IndexPath>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let page = Page::of_group(path, &registry, &request, &params);
    let projects = registry.readable_projects(&access)?;
    let names = page.names(&registry, &projects).await?;
    Ok(page.answer(&request, &*names.ok_or_else(missing)?))
}

/// `GET …/groups/:id/-/packages/pypi/simple/:name`: 200 and the files of that name in all readable projects.
pub(super) async fn group_files(
    access: GroupAccess,
    Path(path): Path<IndexPath>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let page = Page::of_group(path, &registry, &request, &params);
    let projects = registry.readable_projects(&access)?;
    let files = page.files(&registry, &projects).await?;
    let Some(files) = files else {
        let (wanted, path) = page.elsewhere();
        let url = registry.forward_from_group(&access, PackageType::Pypi, &wanted, &path)?;
        return answer::found_at(&url.ok_or_else(|| missing_in_group(&access))?);
    };
    Ok(page.answer(&request, &files))
}

fn missing() -> Error {
    Error::not_found("Package")
}

/// A name that a group does not show: whoever shows no credentials is asked for some, since the name may be that of
/// a private project, and a client that hears 404 goes on to a public index.
pub(super) fn missing_in_group(access: &GroupAccess) -> Error {
    match access.actor.is_anonymous() {
        true => Error::Challenge,
        false => missing(),
    }
}
