//! `npm search`, over names, descriptions and keywords of what the caller may read.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::place::Place;
use crate::error::Result;
use crate::http::{Params, answer};
use crate::registry::{Found, PackageType, Registry, Timestamp};

/// Names on one page at most, as the public registry has it.
const MOST: usize = 250;

/// `GET …/-/v1/search?text=&size=&from=`: 200 and the names that have every word.
pub(in crate::formats::npm) async fn search(
    place: Place,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let number = |name: &str| {
        params
            .text(name)
            .and_then(|text| text.parse::<usize>().ok())
    };
    let text = params.text("text").unwrap_or_default().to_lowercase();
    // `keywords:` and its like qualify the words that follow.
    let words = text
        .split_whitespace()
        .map(|word| word.strip_prefix("keywords:").unwrap_or(word).to_owned())
        .collect();
    let (found, total) = registry
        .find_packages(
            place.projects.clone(),
            PackageType::Npm,
            words,
            number("size").unwrap_or(20).min(MOST),
            number("from").unwrap_or(0),
        )
        .await?;
    answer::ok(&json!({
        "objects": found.iter().map(object).collect::<Vec<_>>(),
        "total": total,
        "time": Timestamp::now(),
    }))
}

fn object(found: &Found) -> Value {
    let keywords: Value = serde_json::from_str(&found.keywords).unwrap_or_else(|_none| json!([]));
    json!({
        "package": {
            "name": found.package.name,
            "version": found.package.version,
            "description": found.description,
            "keywords": keywords,
            "date": found.package.created_at,
            "links": {},
            "publisher": { "username": "", "email": "" },
            "maintainers": [],
        },
        "score": { "final": 1, "detail": { "quality": 1, "popularity": 1, "maintenance": 1 } },
        "searchScore": 1,
    })
}
