//! The pipelines of a package (contract, section 8): keyset paging over the links between the two.

use std::collections::BTreeMap;

use actix_web::http::header::{HeaderValue, LINK};
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::{BASE64URL, BASE64URL_NOPAD};
use serde_json::{Value, json};

use super::packages::PackageId;
use super::views::PipelineView;
use super::views::shapes::PIPELINE;
use crate::error::Result;
use crate::http::describe::{Answer::*, Operation, Shape::*};
use crate::http::pagination::Link;
use crate::http::{Params, Path, Route, answer};
use crate::registry::{ProjectAccess, Registry};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/packages/{package_id}/pipelines" Project(ReadPipeline) => list, described LIST;
};

const LIST: Operation = Operation::new("Pipelines of a package", Json(200, &List(&PIPELINE)))
    .takes(&[&[
        ("page?", Integer),
        ("per_page?", Integer),
        ("cursor?", Text),
    ]]);

/// Neither more nor less: this route refuses where others clamp.
const PER_PAGE: std::ops::RangeInclusive<i64> = 1..=20;

/// `GET …/packages/:package_id/pipelines`: 200, newest first; `Link` while there are more.
async fn list(
    access: ProjectAccess,
    Path(PackageId(package_id)): Path<PackageId>,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let page = check.integer("page").unwrap_or(1); // accepted, and means nothing
    let per_page = check.integer("per_page").unwrap_or(*PER_PAGE.end());
    if !PER_PAGE.contains(&per_page) {
        check.refuse("per_page does not have a valid value");
    }
    let cursor = check.text("cursor").map(|text| Cursor::decode(&text));
    if let Some(None) = cursor {
        check.refuse("cursor is invalid");
    }
    check.done()?;
    let (before, after) = match cursor.flatten() {
        None => (None, None),
        Some(Cursor::Older(id)) => (Some(id), None),
        Some(Cursor::Newer(id)) => (None, Some(id)),
    };
    let found = registry.package_pipelines(&access, package_id, before, after, per_page)?;
    let url = registry.config().url();
    let views: Vec<PipelineView> = found
        .pipelines
        .into_iter()
        .map(|(pipeline, user)| PipelineView::new(pipeline, user, &access.project.full_path, &url))
        .collect();
    let mut response = answer::ok(&views)?;
    if let Some(next) = found.next {
        let declared = BTreeMap::from([
            ("page".to_owned(), page.to_string()),
            ("pagination".to_owned(), "keyset".to_owned()),
        ]);
        let link = Link::new(&request, &url, declared, per_page);
        let link = link.with([("cursor", Cursor::Older(next).encode())], "next");
        if let Ok(value) = HeaderValue::try_from(link) {
            response.headers_mut().insert(LINK, value);
        }
    }
    Ok(response)
}

/// Where a page starts: URL-safe Base64 of `{"id":"<link id>","_kd":"n"}`, as GitLab's keyset paginator writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cursor {
    Older(i64),
    /// The page before.
    Newer(i64),
}

impl Cursor {
    fn encode(self) -> String {
        let (id, direction) = match self {
            Cursor::Older(id) => (id, "n"),
            Cursor::Newer(id) => (id, "p"),
        };
        let text = json!({ "id": id.to_string(), "_kd": direction }).to_string();
        BASE64URL.encode(text.as_bytes())
    }

    /// `None` if it is broken. The id may be a number or its digits, the padding may be missing.
    fn decode(text: &str) -> Option<Cursor> {
        let bytes = BASE64URL_NOPAD
            .decode(text.trim_end_matches('=').as_bytes())
            .ok()?;
        let cursor: Value = serde_json::from_slice(&bytes).ok()?;
        let id = match &cursor["id"] {
            Value::String(digits) => digits.parse().ok()?,
            number => number.as_i64()?,
        };
        match cursor["_kd"].as_str()? {
            "n" => Some(Cursor::Older(id)),
            "p" => Some(Cursor::Newer(id)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(json: &str) -> String {
        BASE64URL.encode(json.as_bytes())
    }

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        for cursor in [Cursor::Older(42), Cursor::Newer(7)] {
            assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }
        assert_eq!(
            Cursor::Older(42).encode(),
            encoded(r#"{"id":"42","_kd":"n"}"#)
        );
    }

    #[test]
    fn ids_are_numbers_or_digits_and_anything_else_is_broken() {
        assert_eq!(
            Cursor::decode(&encoded(r#"{"id":42,"_kd":"p"}"#)),
            Some(Cursor::Newer(42))
        );
        for broken in [
            "{}",
            "[]",
            "42",
            r#"{"id":"x","_kd":"n"}"#,
            r#"{"id":1}"#,
            r#"{"id":1,"_kd":"q"}"#,
            r#"{"id":1.5,"_kd":"n"}"#,
            r#"{"id":99999999999999999999,"_kd":"n"}"#,
        ] {
            assert_eq!(Cursor::decode(&encoded(broken)), None, "{broken}");
        }
        assert_eq!(Cursor::decode("not base64!"), None);
        assert_eq!(Cursor::decode(""), None);
    }
}
