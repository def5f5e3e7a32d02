//! `GET /:project/-/packages/:package_id`: what a package is and how to get it.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

use super::assets::PACKAGE_PAGE;
use super::html::escape;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::{BaseUrl, FromPath, Path, PathParams};
use crate::registry::{Ability, Actor, Door, PackageDetail, PackageType, Registry};

/// Nothing but our own style sheet: a name or version that slipped through could still do nothing.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) struct PagePath {
    project: String,
    package_id: i64,
}

impl FromPath for PagePath {
    fn from_path(params: &PathParams) -> Result<PagePath> {
        // What is no id has the page of what is not there.
        let package_id = params.id("package_id").unwrap_or(0);
        Ok(PagePath {
            project: params.get("id").to_owned(),
            package_id,
        })
    }
}

/// 200 `text/html` whoever asks.
pub(super) async fn show(
    Caller(actor): Caller,
    Path(path): Path<PagePath>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let url = registry.config().url();
    let (title, main) = match find(&registry, &path, actor).await? {
        Some(detail) => (detail.item.package.name.clone(), shown(&detail, &url)),
        None => ("Package".to_owned(), NOT_SHOWN.to_owned()),
    };
    let page = PACKAGE_PAGE
        .replace("{{base}}", &escape(&url.path_of("")))
        .replace("{{title}}", &escape(&title))
        .replace("{{main}}", &main);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(page))
}

const NOT_SHOWN: &str = "<h1>Nothing to show</h1>
<p>There is no such package, or it belongs to a project that is not public. Whoever may read the project sees it here.</p>";

/// The package, as far as this visitor may read it.
async fn find(registry: &Registry, path: &PagePath, actor: Actor) -> Result<Option<PackageDetail>> {
    let access =
        match registry.project_access(&path.project, actor, Ability::ReadPackage, Door::Core) {
            Ok(access) => access,
            Err(error) if error.status().is_server_error() => return Err(error),
            Err(_refused) => return Ok(None),
        };
    match registry.package_detail(&access, path.package_id).await {
        Ok(detail) => Ok(Some(detail)),
        Err(Error::RecordNotFound | Error::Message { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// GOPRIVATE would do more than it should: it sends `go` past every proxy, this one too.
fn of_a_module(module: &str, version: &str, api: &str) -> String {
    let address = api.split('/').nth(2).unwrap_or_default();
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let in_url = |text: &str| -> String {
        let marked = |letter: char| {
            let mark = letter.is_ascii_uppercase().then_some('!');
            mark.into_iter().chain([letter.to_ascii_lowercase()])
        };
        text.chars().flat_map(marked).collect()
    };
    let sums = format!("{api}/go/{}/@v/{}.sum", in_url(module), in_url(version));
    format!(
        "export GOPROXY={api}/go GONOSUMDB={module}
go get {module}@{version}

# its lines of go.sum
curl {sums}

# ~/.netrc for a private project, over https alone; go 1.19 reads the second line, newer ones the first
machine {address} login USER password TOKEN
machine {host} login USER password TOKEN"
    )
}

fn shown(detail: &PackageDetail, url: &BaseUrl) -> String {
    let package = &detail.item.package;
    let version = package.version.as_deref().unwrap_or("");
    let api = url.absolute(&format!("/api/v4/projects/{}/packages", package.project_id));
    let install = match package.package_type {
        PackageType::Generic => format!(
            "curl --remote-name {api}/generic/{}/{version}/FILE",
            package.name
        ),
        PackageType::Golang => of_a_module(&package.name, version, &api),
        _ => format!("{api}/{}/package_files", package.id),
    };
    format!(
        "<h1>{name} {version}</h1>
<dl>
<dt>Project</dt><dd>{project}</dd>
<dt>Type</dt><dd>{package_type}</dd>
<dt>Status</dt><dd>{status}</dd>
<dt>Published</dt><dd><time datetime=\"{created}\">{created}</time></dd>
</dl>
<pre>{install}</pre>
<p class=\"note\">A package that is still being processed may have broken or incomplete data. Deleting a file may corrupt the \
package: clients that ask for that file fail. Deleting a whole package while requests are forwarded to a public registry \
lets clients fetch that name from there.</p>",
        name = escape(&package.name),
        version = escape(version),
        project = escape(&detail.item.project_path),
        package_type = package.package_type,
        status = package.status,
        created = package.created_at,
        install = escape(&install),
    )
}
