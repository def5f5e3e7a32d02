//! A query of the feed: which versions, in which order, and which part of them.

use std::cmp::Ordering;
use std::collections::HashMap;

use form_urlencoded::Serializer;

use crate::error::{Error, Result};
use crate::formats::nuget::names::{self, Entry, Name};
use crate::formats::nuget::odata::{self, Candidate, Filter, OrderBy};
use crate::formats::nuget::place::Place;
use crate::formats::nuget::release::Release;
use crate::formats::nuget::{id, path};
use crate::http::Params;
use crate::registry::{PackageKey, Registry};

/// Entries of one page; behind it stands a link to the next.
const MOST: usize = 1_000;

pub(super) struct Query {
    of: Of,
    /// `/$count`: the number of entries instead of them.
    pub(super) counts: bool,
    filter: Option<Filter>,
    order: Vec<(OrderBy, bool)>,
    skip: usize,
    top: Option<usize>,
    /// Whether the client reads SemVer 2 versions: one that does not would fail at the first of them.
    semver2: bool,
}

enum Of {
    /// `Packages(Id='x',Version='1.0')`; `None` for what can be no package.
    One(Option<PackageKey>),
    /// `Packages()`
    All,
    /// `FindPackagesById()?id='x'`, unlisted versions too.
    Id(String),
    /// `Search()?searchTerm='x'&includePrerelease=false`
    Search { text: String, prerelease: bool },
}

/// What was found: a page of releases.
pub(super) struct Found {
    pub(super) total: usize,
    pub(super) releases: Vec<Listed>,
    /// Whether there is more behind the page than the client has asked to leave out.
    more: bool,
}

/// A release with what only its neighbours tell.
pub(super) struct Listed {
    pub(super) release: Release,
    pub(super) is_latest: bool,
    pub(super) is_absolute_latest: bool,
    pub(super) downloads: i64,
    /// Of all versions.
    pub(super) all_downloads: i64,
}

impl Query {
    /// 404 for a path that the feed does not have, 400 for a question that it does not understand.
    pub(super) fn parse(path: &str, params: &Params) -> Result<Query> {
        let (path, counts) = match path.strip_suffix("/$count") {
            Some(path) => (path, true),
            None => (path, false),
        };
        let (name, inner) = match path.split_once('(') {
            Some((name, rest)) => (
                name,
                rest.strip_suffix(')').ok_or(Error::NoSuchRoute)?.trim(),
            ),
            None => (path, ""),
        };
        let text = |name: &str| odata::unquoted(params.text(name).unwrap_or_default().trim());
        let of = match (name, inner) {
            ("Packages", "") => Of::All,
            ("Packages", key) => {
                let (id, version) = odata::entity_key(key).ok_or(Error::NoSuchRoute)?;
                check_id(&id)?;
                Of::One(path::find_key(&id, &version))
            }
            ("FindPackagesById", "") => {
                let id = text("id");
                check_id(&id)?;
                Of::Id(id::key(&id))
            }
            ("Search", "") => Of::Search {
                text: text("searchTerm"),
                prerelease: params.check().flag("includePrerelease").unwrap_or(false),
            },
            _ => return Err(Error::NoSuchRoute),
        };
        let mut check = params.check();
        let mut number = |name: &str| {
            let number = check.integer(name);
            if number.is_some_and(|number| number < 0) {
                check.refuse(format!("{name} is invalid"));
            }
            number.map(|number| usize::try_from(number).unwrap_or(0))
        };
        let (skip, top) = (number("$skip").unwrap_or(0), number("$top"));
        check.done()?;
        Ok(Query {
            of,
            counts,
            filter: params.text("$filter").map(Filter::parse).transpose()?,
            order: params
                .text("$orderby")
                .map(odata::order)
                .transpose()?
                .unwrap_or_default(),
            skip,
            top,
            semver2: text("semVerLevel").starts_with('2'),
        })
    }

    pub(super) fn is_of_one(&self) -> bool {
        matches!(self.of, Of::One(_))
    }

    pub(super) async fn run(&self, registry: &Registry, place: &Place) -> Result<Found> {
        let names = self.names(registry, place).await?;
        let mut rows: Vec<Row<'_>> = names.iter().flat_map(|name| self.rows(name)).collect();
        rows.sort_by(|a, b| self.compare(a, b));
        let total = rows.len();
        let size = self.top.unwrap_or(MOST).min(MOST);
        let page: Vec<Row<'_>> = rows.into_iter().skip(self.skip).take(size).collect();
        let more =
            self.skip.saturating_add(page.len()) < total && self.top.is_none_or(|top| top > MOST);
        let ids = match self.counts {
            true => Vec::new(),
            false => page.iter().map(|row| row.entry.row.package_id).collect(),
        };
        let mut releases = HashMap::new();
        for listed in registry.catalog_packages(ids).await? {
            if let Some(release) = Release::of(&listed)? {
                releases.insert(listed.package.id, release);
            }
        }
        let listed = |row: &Row<'_>| {
            Some(Listed {
                release: releases.remove(&row.entry.row.package_id)?,
                is_latest: row.is_latest,
                is_absolute_latest: row.is_absolute_latest,
                downloads: row.entry.row.downloads,
                all_downloads: row
                    .name
                    .versions
                    .iter()
                    .map(|entry| entry.row.downloads)
                    .sum(),
            })
        };
        Ok(Found {
            total,
            releases: page.iter().filter_map(listed).collect(),
            more,
        })
    }

    async fn names(&self, registry: &Registry, place: &Place) -> Result<Vec<Name>> {
        let projects = place.projects.clone();
        let only = self.filter.as_ref().and_then(Filter::only_id);
        let name_key = match (&self.of, only) {
            (Of::One(None), _) => return Ok(Vec::new()),
            (Of::One(Some(key)), _) => &key.name_key,
            (Of::Id(name_key), _) => name_key,
            (Of::All, Some(name_key)) => name_key,
            (Of::Search { text, .. }, _) => {
                return names::search(registry, projects, text, false).await;
            }
            (Of::All, None) => return names::search(registry, projects, "", false).await,
        };
        let found = names::find(registry, projects, name_key.to_owned()).await?;
        Ok(found.into_iter().collect())
    }

    /// The versions of a name that this query lets through.
    fn rows<'a>(&self, name: &'a Name) -> Vec<Row<'a>> {
        let one = match &self.of {
            Of::One(key) => key.as_ref().and_then(|key| key.version_key.as_deref()),
            _ => None,
        };
        // The latest is the latest of those that this client can read.
        let readable =
            |entry: &&Entry| one.is_some() || self.semver2 || !entry.version.is_semver2();
        let versions: Vec<&Entry> = name.versions.iter().filter(readable).collect();
        let listed = || versions.iter().filter(|entry| entry.is_listed());
        let absolute_latest = listed().next_back().map(|entry| entry.row.package_id);
        let latest = listed().rfind(|entry| !entry.version.is_prerelease());
        let latest = latest.map(|entry| entry.row.package_id);
        let row = |entry: &'a Entry| Row {
            name,
            entry,
            is_latest: latest == Some(entry.row.package_id),
            is_absolute_latest: absolute_latest == Some(entry.row.package_id),
        };
        let rows = versions.iter().map(|entry| row(entry));
        rows.filter(|row| match one {
            Some(version_key) => row.entry.row.version_key == version_key,
            None => self.shows(row),
        })
        .collect()
    }

    fn shows(&self, row: &Row<'_>) -> bool {
        let candidate = Candidate {
            name_key: &row.name.key,
            version_key: &row.entry.row.version_key,
            is_latest: row.is_latest,
            is_absolute_latest: row.is_absolute_latest,
            is_prerelease: row.entry.version.is_prerelease(),
            is_listed: row.entry.is_listed(),
        };
        let by_kind = match &self.of {
            Of::Search { prerelease, .. } => {
                candidate.is_listed && (*prerelease || !candidate.is_prerelease)
            }
            Of::All => candidate.is_listed,
            Of::Id(_) | Of::One(_) => true,
        };
        by_kind
            && self
                .filter
                .as_ref()
                .is_none_or(|filter| filter.accepts(&candidate))
    }

    /// As asked for, and then by id and version.
    fn compare(&self, a: &Row<'_>, b: &Row<'_>) -> Ordering {
        let asked = self.order.iter().map(|(by, descends)| {
            let order = match by {
                OrderBy::Id => a.name.key.cmp(&b.name.key),
                OrderBy::Version => a.entry.version.cmp(&b.entry.version),
                OrderBy::Published => a.entry.row.created_at.cmp(&b.entry.row.created_at),
                OrderBy::Downloads => a.entry.row.downloads.cmp(&b.entry.row.downloads),
            };
            if *descends { order.reverse() } else { order }
        });
        let found = asked.into_iter().find(|order| order.is_ne());
        found.unwrap_or_else(|| {
            let by_name = a.name.key.cmp(&b.name.key);
            by_name.then_with(|| a.entry.version.cmp(&b.entry.version))
        })
    }

    /// The query of the next page: the questions of this one, no credentials.
    pub(super) fn next(&self, query: &str, found: &Found) -> Option<String> {
        const KEPT: [&str; 7] = [
            "id",
            "searchTerm",
            "targetFramework",
            "includePrerelease",
            "semVerLevel",
            "$filter",
            "$orderby",
        ];
        if !found.more {
            return None;
        }
        let kept =
            form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| KEPT.contains(&&**name));
        let mut next = Serializer::new(String::new());
        next.extend_pairs(kept);
        next.append_pair("$skip", &self.skip.saturating_add(MOST).to_string());
        if let Some(top) = self.top {
            next.append_pair("$top", &top.saturating_sub(MOST).to_string());
        }
        Some(next.finish())
    }
}

struct Row<'a> {
    name: &'a Name,
    entry: &'a Entry,
    is_latest: bool,
    is_absolute_latest: bool,
}

fn check_id(id: &str) -> Result<()> {
    match id::is_valid(id) {
        true => Ok(()),
        false => Err(Error::invalid_param("package_name is invalid")),
    }
}
