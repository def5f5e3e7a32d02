//! The lists of packages: every filter and order of GitLab's Packages API, over one project or many.
//!
//! A page must cost the same with a million packages as with ten, so each order walks an index of
//! `schema.sql` and stops after the page. A search by name starts from the trigram index when few names
//! match, and from the order's own index when so many do that a page of them is soon found.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::packages::{self, Package};
use super::{PackageStatus, PackageType};
use crate::error::Result;

/// What to list. Absent means "no filter"; all of them together are AND.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub package_type: Option<PackageType>,
    /// Every term must occur in the name, whatever the case.
    pub name_terms: Vec<String>,
    /// Exact. With it, versionless packages never match.
    pub version: Option<String>,
    /// `None`: what is displayable (default, deprecated, error).
    pub status: Option<PackageStatus>,
    pub include_versionless: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderBy {
    CreatedAt,
    Name,
    /// As text, not by the rules of any format.
    Version,
    /// By GitLab's number of the type.
    Type,
    /// Group lists: by the project's own path segment, newest package first in both directions.
    ProjectPath,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub by: OrderBy,
    pub descending: bool,
}

/// Totals are counted to here and no further: beyond 10 000 GitLab tells no total.
pub const COUNT_LIMIT: i64 = 10_001;

/// More matching names than this, and walking the order finds a page sooner than sorting the matches.
const FEW_NAMES: usize = 2_000;

pub fn page(
    conn: &Connection,
    projects: &[i64],
    filter: &Filter,
    order: Order,
    limit: i64,
    offset: i64,
) -> Result<Vec<Package>> {
    let Some(mut query) = Query::new(conn, projects, filter)? else {
        return Ok(Vec::new());
    };
    let direction = if order.descending { "DESC" } else { "ASC" };
    let nulls = if filter.include_versionless {
        if order.descending {
            " NULLS FIRST"
        } else {
            " NULLS LAST"
        }
    } else {
        ""
    };
    let (join, by) = match order.by {
        OrderBy::CreatedAt => (
            "",
            format!("packages.created_at {direction}, packages.id {direction}"),
        ),
        OrderBy::Name => (
            "",
            format!("packages.name {direction}, packages.id {direction}"),
        ),
        OrderBy::Version => (
            "",
            format!("packages.version {direction}{nulls}, packages.id {direction}"),
        ),
        OrderBy::Type => (
            "",
            format!("packages.package_type {direction}, packages.id {direction}"),
        ),
        OrderBy::ProjectPath => (
            " JOIN projects ON projects.id = packages.project_id",
            format!("projects.path {direction}, packages.id DESC"),
        ),
    };
    let sql = format!(
        "SELECT packages.id, packages.project_id, name_id, packages.package_type, packages.name, version, qualifier, status,
                status_message, packages.creator_id, packages.created_at, packages.updated_at, last_downloaded_at
           FROM packages{join}
          WHERE {}
          ORDER BY {by}
          LIMIT ? OFFSET ?",
        query.conditions
    );
    query
        .values
        .extend([Value::from(limit), Value::from(offset)]);
    let mut stmt = conn.prepare_cached(&sql)?;
    let rows = stmt.query_map(params_from_iter(query.values), packages::from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many packages the filter lets through; [`COUNT_LIMIT`] stands for that many or more.
pub fn count(conn: &Connection, projects: &[i64], filter: &Filter) -> Result<i64> {
    let Some(query) = Query::new(conn, projects, filter)? else {
        return Ok(0);
    };
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM packages WHERE {} LIMIT {COUNT_LIMIT})",
        query.conditions
    );
    Ok(conn
        .prepare_cached(&sql)?
        .query_row(params_from_iter(query.values), |row| row.get(0))?)
}

/// Terms that the trigram index is asked for; the names that it finds are compared with the others. A search has as
/// many terms as its sender likes, and a statement has a largest depth.
const MOST_PHRASES: usize = 16;

/// The conditions of a list with their values, in step.
struct Query {
    conditions: String,
    values: Vec<Value>,
}

impl Query {
    /// `None`: nothing can match.
    fn new(conn: &Connection, projects: &[i64], filter: &Filter) -> Result<Option<Query>> {
        let mut query = Query {
            conditions: String::new(),
            values: Vec::new(),
        };
        match projects {
            [] => return Ok(None),
            [id] => query.and("packages.project_id = ?", [Value::from(*id)]),
            many => query.and(
                "packages.project_id IN (SELECT value FROM json_each(?))",
                [json_ids(many)],
            ),
        }
        if let Some(package_type) = filter.package_type {
            query.and(
                "packages.package_type = ?",
                [Value::from(package_type as i64)],
            );
        }
        match filter.status {
            Some(PackageStatus::Default) => query.and("packages.status = 0", []),
            // `<> 0` says to SQLite that the small index of the rare ones holds them all.
            Some(status) => query.and(
                "packages.status <> 0 AND packages.status = ?",
                [Value::from(status as i64)],
            ),
            None => query.and("packages.status IN (0, 3, 5)", []),
        }
        match &filter.version {
            Some(version) => query.and("packages.version = ?", [Value::from(version.clone())]),
            None if !filter.include_versionless => query.and("packages.version IS NOT NULL", []),
            None => {}
        }
        if !filter.name_terms.is_empty() {
            let names = matching_names(conn, projects, &filter.name_terms)?;
            if names.is_empty() {
                return Ok(None);
            } else if names.len() <= FEW_NAMES {
                query.and(
                    "packages.name_id IN (SELECT value FROM json_each(?))",
                    [json_ids(&names)],
                );
            } else {
                query.and(
                    "EXISTS (SELECT 1 FROM package_names
                              WHERE package_names.id = packages.name_id
                                AND NOT EXISTS (SELECT 1 FROM json_each(?) WHERE instr(folded, value) = 0))",
                    [json_texts(&filter.name_terms)],
                );
            }
        }
        Ok(Some(query))
    }

    fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        if !self.conditions.is_empty() {
            self.conditions.push_str(" AND ");
        }
        self.conditions.push_str(condition);
        self.values.extend(values);
    }
}

/// The ids of names that hold every term, one more than [`FEW_NAMES`] at the most.
///
/// `CROSS JOIN` keeps SQLite from turning the join around: starting from the names, a million rows took
/// minutes; starting from the trigram index, a millisecond.
fn matching_names(conn: &Connection, projects: &[i64], terms: &[String]) -> Result<Vec<i64>> {
    // The trigram index knows nothing shorter than three characters.
    let (mut long, mut others): (Vec<&String>, Vec<&String>) =
        terms.iter().partition(|term| term.chars().count() >= 3);
    others.extend(long.split_off(long.len().min(MOST_PHRASES)));
    let mut sql = String::from("SELECT package_names.id FROM ");
    let mut values = Vec::new();
    if long.is_empty() {
        sql.push_str("package_names WHERE true");
    } else {
        sql.push_str(
            "package_names_search CROSS JOIN package_names ON package_names.id = package_names_search.rowid
             WHERE package_names_search MATCH ?",
        );
        let phrases: Vec<String> = long
            .iter()
            .map(|term| format!("\"{}\"", term.replace('"', "\"\"")))
            .collect();
        values.push(Value::from(phrases.join(" AND ")));
    }
    if !others.is_empty() {
        sql.push_str(" AND NOT EXISTS (SELECT 1 FROM json_each(?) WHERE instr(package_names.folded, value) = 0)");
        values.push(json_texts(&others));
    }
    sql.push_str(" AND package_names.project_id IN (SELECT value FROM json_each(?)) LIMIT ?");
    values.extend([json_ids(projects), Value::from(FEW_NAMES as i64 + 1)]);
    let mut stmt = conn.prepare_cached(&sql)?;
    let ids = stmt.query_map(params_from_iter(values), |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// Many ids as one bound value, so that the statement stays the same however many there are.
fn json_ids(ids: &[i64]) -> Value {
    Value::from(serde_json::to_string(ids).expect("integers are JSON"))
}

/// Many texts as one bound value, for the same reason.
fn json_texts(texts: &[impl AsRef<str>]) -> Value {
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    Value::from(serde_json::to_string(&texts).expect("texts are JSON"))
}
