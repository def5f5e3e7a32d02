//! The root of a repository, and the lists of its names.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Value, json};

use super::names::vendor_of;
use super::place::Place;
use crate::error::Result;
use crate::http::BaseUrl;
use crate::registry::{Found, ListedName};

/// Names that the root lists. Of more, Composer asks for each that it wants to know.
const MOST_NAMES: usize = 5000;

/// The root. Composer asks here for the names listed in it and for no others, so that neither the names of public
/// dependencies are told to this server nor private ones to a public one.
///
/// To a stranger, who does not see everything, whole vendors are listed: asked for what it may not see, it is told to
/// sign in.
pub(super) fn root(place: &Place, url: &BaseUrl, names: &[ListedName]) -> Result<Vec<u8>> {
    let path = url.path_of(&place.path);
    let mut root = json!({
        "packages": [],
        "metadata-url": format!("{path}/p2/%package%.json"),
        "list": format!("{path}/list.json"),
        "search": format!("{path}/search.json?q=%query%&type=%type%"),
        "warning": "This repository is for Composer 2. Update with: composer self-update --2",
        "warning-versions": "<1.99",
    });
    if !names.is_empty() && names.len() <= MOST_NAMES {
        let names = names.iter().map(|listed| listed.name.as_str());
        root["available-packages"] = names.collect();
    }
    if place.is_stranger || names.len() > MOST_NAMES {
        let vendors: BTreeSet<&str> = names.iter().map(|listed| vendor_of(&listed.name)).collect();
        if !vendors.is_empty() && vendors.len() <= MOST_NAMES {
            let patterns = vendors.iter().map(|vendor| format!("{vendor}/*"));
            root["available-package-patterns"] = patterns.collect();
        }
    }
    Ok(serde_json::to_vec(&root)?)
}

/// `{"packageNames":[…]}`; in a filter `*` stands for any run of characters.
pub(super) fn list(names: &[ListedName], filter: Option<&str>) -> Value {
    let wanted = filter.map(|filter| {
        let literal: Vec<String> = filter.split('*').map(regex::escape).collect();
        Regex::new(&format!("(?i)^(?:{})$", literal.join(".*")))
    });
    let names = names.iter().map(|listed| listed.name.as_str());
    let found: Vec<&str> = names
        .filter(|name| match &wanted {
            None => true,
            Some(pattern) => pattern.as_ref().is_ok_and(|regex| regex.is_match(name)),
        })
        .collect();
    json!({ "packageNames": found })
}

/// One thing that a search has found.
pub(super) fn search_result(found: &Found, url: &BaseUrl) -> Value {
    let package = &found.package;
    json!({
        "name": package.name,
        "description": found.description,
        "url": url.absolute(&format!("/{}/-/packages/{}", package.project_id, package.id)),
        "downloads": 0,
        "favers": 0,
    })
}
