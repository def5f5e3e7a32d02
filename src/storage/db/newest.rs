//! The newest package of each name, over many projects: what a search and the front page show.
//!
//! Nothing here sorts all packages: names come from the trigram index, and what is newest from the ends of the lists'
//! own indexes, project by project.

use std::collections::HashSet;

use rusqlite::types::Value;
use rusqlite::{Connection, named_params, params_from_iter};

use super::name_search::{self, Names};
use super::package_list::{json_ids, json_texts};
use super::packages::{self, Package};
use super::{PackageType, all};
use crate::error::Result;

/// Rows that are looked at for one row that is shown: a project with a thousand new versions of one name must not
/// keep a page busy.
const LOOKED_AT: usize = 50;

/// The newest package of each name that holds every term, newest first, at most `limit`; of those that have a page.
pub fn of_each_name(
    conn: &Connection,
    projects: &[i64],
    package_type: Option<PackageType>,
    terms: &[String],
    limit: usize,
) -> Result<Vec<Package>> {
    if projects.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    if !terms.is_empty()
        && let Names::Few(names) = name_search::find(conn, projects, terms)?
    {
        return of_names(conn, &names, package_type, limit);
    }
    let mut found: Vec<Package> = Vec::new();
    for (project_id, newest) in by_newest(conn, projects, package_type)? {
        // Projects come newest first: once the page is full of what is newer, nothing below can enter it.
        if found.len() >= limit && found[limit - 1].id > newest {
            break;
        }
        found.extend(in_project(conn, project_id, package_type, terms, limit)?);
        found.sort_by_key(|package| std::cmp::Reverse(package.id));
    }
    found.truncate(limit);
    Ok(found)
}

fn of_names(
    conn: &Connection,
    names: &[i64],
    package_type: Option<PackageType>,
    limit: usize,
) -> Result<Vec<Package>> {
    all(
        conn,
        "SELECT max(id), project_id, name_id, package_type, name, version, qualifier, status,
                status_message, creator_id, created_at, updated_at, last_downloaded_at
           FROM packages INDEXED BY packages_unique
          WHERE name_id IN (SELECT value FROM json_each(:names))
            AND status <> 4 AND status IN (0, 5) AND version IS NOT NULL
            AND (:package_type IS NULL OR package_type = :package_type)
          GROUP BY name_id
          ORDER BY 1 DESC
          LIMIT :limit",
        named_params! {
            ":names": json_ids(names), ":package_type": package_type, ":limit": limit as i64,
        },
        packages::from_row,
    )
}

/// The projects that have anything to list with their newest package, newest first: one step into an index for each.
fn by_newest(
    conn: &Connection,
    projects: &[i64],
    package_type: Option<PackageType>,
) -> Result<Vec<(i64, i64)>> {
    let (index, of_type) = of_type(package_type);
    let sql = format!(
        "SELECT value, (SELECT max(id) FROM packages INDEXED BY {index}
                         WHERE project_id = value {of_type} AND status IN (0, 3, 5) AND version IS NOT NULL) AS newest
           FROM json_each(?) WHERE newest IS NOT NULL ORDER BY newest DESC"
    );
    all(conn, &sql, params_from_iter([json_ids(projects)]), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

fn in_project(
    conn: &Connection,
    project_id: i64,
    package_type: Option<PackageType>,
    terms: &[String],
    limit: usize,
) -> Result<Vec<Package>> {
    let (index, of_type) = of_type(package_type);
    let sql = format!(
        "SELECT id, project_id, name_id, package_type, name, version, qualifier, status,
                status_message, creator_id, created_at, updated_at, last_downloaded_at
           FROM packages INDEXED BY {index}
          WHERE project_id = ? {of_type} AND status IN (0, 3, 5) AND status <> 3 AND version IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM json_each(?) WHERE instr(
                (SELECT folded FROM package_names WHERE package_names.id = name_id), value) = 0)
          ORDER BY id DESC
          LIMIT ?"
    );
    let values = [
        Value::from(project_id),
        json_texts(terms),
        Value::from((limit * LOOKED_AT) as i64),
    ];
    let mut stmt = conn.prepare_cached(&sql)?;
    let mut rows = stmt.query(params_from_iter(values))?;
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let package = packages::from_row(row)?;
        if seen.insert(package.name_id) {
            found.push(package);
        }
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}

/// The index in the order of ids, and the condition that goes with it. The number is our own, so it may stand in the text.
fn of_type(package_type: Option<PackageType>) -> (&'static str, String) {
    match package_type {
        Some(package_type) => (
            "packages_by_type",
            format!("AND package_type = {}", package_type as i64),
        ),
        None => ("packages_listed", String::new()),
    }
}
