//! Recipes by a pattern, and the binaries of a recipe.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};

use super::conaninfo;
use super::glob::Glob;
use super::path::Revision;
use super::reference::{Reference, user_of_project};
use super::scope::Scope;
use crate::auth::Caller;
use crate::error::Result;
use crate::http::{Params, Path, answer};
use crate::registry::{Binary, Named, PackageType, ProjectAccess, Registry};

/// `GET …/conans/search?q=&ignorecase=`: 200 `{"results":["hello/0.1@user/channel",…]}`, newest first.
pub(super) async fn in_project(
    access: ProjectAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let query = Query::of(&params);
    let projects = Arc::from(access.projects());
    recipes(&registry, projects, move |named| query.finds(named)).await
}

/// The same over everything that the caller may read, as far as this level has an address for it.
pub(super) async fn in_instance(
    Caller(actor): Caller,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let query = Query::of(&params);
    let projects = registry.readable_everywhere(&actor)?;
    let finds = move |named: &Named| {
        let user = named.qualifier.split('/').next().unwrap_or_default();
        user == user_of_project(&named.project_path) && query.finds(named)
    };
    recipes(&registry, projects, finds).await
}

async fn recipes(
    registry: &Registry,
    projects: Arc<[i64]>,
    wanted: impl FnMut(&Named) -> bool + Send + 'static,
) -> Result<HttpResponse> {
    let found = registry
        .find_all_named(projects, PackageType::Conan, wanted)
        .await?;
    let results: Vec<String> = found.iter().map(shown).collect();
    answer::ok(&json!({ "results": results }))
}

fn shown(named: &Named) -> String {
    match named.qualifier.as_str() {
        "" => format!("{}/{}", named.name, named.version),
        qualifier => format!("{}/{}@{qualifier}", named.name, named.version),
    }
}

/// What a person types behind `conan search -r`.
struct Query {
    /// `None` finds everything.
    glob: Option<Glob>,
    without_user: bool,
}

impl Query {
    fn of(params: &Params) -> Query {
        let pattern = params.text("q").unwrap_or("*");
        let ignore_case = !params
            .text("ignorecase")
            .is_some_and(|text| text.eq_ignore_ascii_case("false"));
        let bare = pattern.strip_suffix("@_/_");
        let pattern = bare.unwrap_or(pattern);
        Query {
            glob: (pattern != "*").then(|| Glob::parse(pattern, ignore_case)),
            without_user: bare.is_some(),
        }
    }

    /// The pattern stands for the whole reference or for its beginning up to a separator: `hello` is every version of it
    /// (Conan's own server).
    fn finds(&self, named: &Named) -> bool {
        if self.without_user && !named.qualifier.is_empty() {
            return false;
        }
        let Some(glob) = &self.glob else {
            return true;
        };
        let version = format!("{}/{}", named.name, named.version);
        glob.matches(&shown(named))
            || glob.matches(&version)
            || glob.matches(&named.name)
            || named
                .qualifier
                .split_once('/')
                .is_some_and(|(user, _)| glob.matches(&format!("{version}@{user}")))
    }
}

/// `GET …/v2/conans/R/revisions/RREV/search`: 200 and what each binary says of itself.
pub(super) async fn binaries(
    scope: Scope,
    Path(Revision { reference, path }): Path<Revision>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let form = match lists_only(&params) {
        true => |_: &str| json!({}),
        false => conaninfo::for_either,
    };
    of_revision(&registry, &scope, &reference, path.recipe, form).await
}

/// `GET …/v2/conans/R/search`: the same of the latest revision (Conan 1 with revisions).
pub(super) async fn binaries_of_latest(
    scope: Scope,
    Path(reference): Path<Reference>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let latest = registry.latest_revision(&scope.access, &reference.key(), None);
    let latest = latest.map_err(|error| scope.missing(&reference, error))?;
    let form = conaninfo::for_either;
    of_revision(&registry, &scope, &reference, latest.revision, form).await
}

/// The binaries of one revision, each as `form` writes its `conaninfo.txt`.
pub(super) async fn of_revision(
    registry: &Registry,
    scope: &Scope,
    reference: &Reference,
    recipe_revision: String,
    form: fn(&str) -> Value,
) -> Result<HttpResponse> {
    let found = registry
        .binaries(&scope.access, reference.key(), recipe_revision)
        .await
        .map_err(|error| scope.missing(reference, error))?;
    let shown = found.into_iter().map(|binary: Binary| {
        let info = binary.metadata.as_deref().map_or_else(|| json!({}), form);
        (binary.reference, info)
    });
    answer::ok(&shown.collect::<Map<String, Value>>())
}

fn lists_only(params: &Params) -> bool {
    params
        .text("list_only")
        .is_some_and(|text| text.eq_ignore_ascii_case("true"))
}
