//! What a package says of itself (ours): README, licence, links, dependencies.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::packages::PackageId;
use crate::error::Result;
use crate::http::describe::{
    Answer::*,
    Operation,
    Shape::{self, *},
};
use crate::http::{Path, Route, answer};
use crate::registry::{Display, ProjectAccess, Readme, ReadmeKind, Registry};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/-/projects/{id}/packages/{package_id}/display" Project(ReadPackage) => show, described SHOW;
};

const DISPLAY: Shape = Named(
    "PackageDisplay",
    &Object(&[&[
        ("description", Maybe(&Text)),
        (
            "readme",
            Maybe(&Object(&[&[
                ("kind", Words(&["markdown", "text"])),
                ("text", Text),
                ("html", Maybe(&Text)),
            ]])),
        ),
        ("license", Maybe(&Text)),
        ("authors", List(&Text)),
        ("keywords", List(&Text)),
        ("links", List(&Object(&[&[("label", Text), ("url", Text)]]))),
        (
            "dependencies",
            List(&Object(&[&[
                ("name", Text),
                ("requirement", Text),
                ("scope", Text),
            ]])),
        ),
        (
            "facts",
            List(&Object(&[&[("label", Text), ("value", Text)]])),
        ),
    ]]),
);
const SHOW: Operation = Operation::new("What a package says of itself", Json(200, &DISPLAY));

/// `GET /-/projects/:id/packages/:package_id/display`: 200; what the package does not say is null or empty.
///
/// `readme` has the text as it was published and its `kind`, `markdown` or `text`; of Markdown also `html`, sanitised.
async fn show(
    access: ProjectAccess,
    Path(PackageId(id)): Path<PackageId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let display = registry.package_display(&access, id).await?;
    // A README takes a millisecond or more.
    let view = web::block(move || view(&display)).await?;
    answer::ok(&view)
}

fn view(display: &Display) -> Value {
    let fact = |(label, value): &(String, String)| json!({ "label": label, "value": value });
    json!({
        "description": display.description,
        "readme": display.readme.as_ref().map(readme),
        "license": display.license,
        "authors": display.authors,
        "keywords": display.keywords,
        "links": display.links,
        "dependencies": display.dependencies,
        "facts": display.facts.iter().map(fact).collect::<Vec<_>>(),
    })
}

fn readme(readme: &Readme) -> Value {
    let kind = match readme.kind {
        ReadmeKind::Markdown => "markdown",
        ReadmeKind::Text => "text",
    };
    json!({ "kind": kind, "text": readme.text, "html": readme.html() })
}
