//! The lists of packages: every filter and order of GitLab's Packages API, over one project or many.
//!
//! A page must cost the same with a million packages as with ten. So each order has an index in `schema.sql`, and the
//! query names the one it is to walk: left to itself, without statistics, SQLite walks a million rows in order to find
//! the two hundred of a rare version. Names are searched in [`super::name_search`].

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::name_search::{self, Names};
use super::packages::{self, Package};
use super::{PackageStatus, PackageType};
use crate::error::Result;

/// What to list. Absent means "no filter"; all of them together are AND.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub package_type: Option<PackageType>,
    /// Every term must occur in the name; in lower case.
    pub name_terms: Vec<String>,
    /// Exact. With it, versionless packages never match.
    pub version: Option<String>,
    /// `None`: what is displayable (default, deprecated, error).
    pub status: Option<PackageStatus>,
    pub include_versionless: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderBy {
    /// By id: one writer gives ids in the order of creation.
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

/// Up to so many matches are sorted; with more of them, a page is soon found by walking the order.
pub(super) const FEW: usize = 2_000;

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
    let index = query.index_for(conn, filter, Some(order.by))?;
    // Walking the types in order until the versions of the last one come may take every row.
    let walks_types = order.by == OrderBy::Type && index == Some("packages_by_type");
    if walks_types && filter.version.is_some() && filter.package_type.is_none() {
        return page_by_type(conn, projects, filter, order.descending, limit, offset);
    }
    let sql = format!(
        "SELECT packages.id, packages.project_id, name_id, packages.package_type, packages.name, version, qualifier, status,
                status_message, packages.creator_id, packages.created_at, packages.updated_at, last_downloaded_at
           FROM {}
          WHERE {}
          ORDER BY {}
          LIMIT ? OFFSET ?",
        query.from(index, order.by == OrderBy::ProjectPath),
        query.conditions,
        order_by(filter, order),
    );
    query
        .values
        .extend([Value::from(limit), Value::from(offset)]);
    let mut stmt = conn.prepare_cached(&sql)?;
    let rows = stmt.query_map(params_from_iter(query.values), packages::from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The packages of one version, ordered by type: a page of each type in turn, until enough are found.
fn page_by_type(
    conn: &Connection,
    projects: &[i64],
    filter: &Filter,
    descending: bool,
    limit: i64,
    offset: i64,
) -> Result<Vec<Package>> {
    let by_id = Order {
        by: OrderBy::CreatedAt,
        descending,
    };
    let mut types = PackageType::ALL.to_vec();
    types.sort_unstable_by_key(|package_type| *package_type as i64);
    if descending {
        types.reverse();
    }
    let (mut found, mut to_skip) = (Vec::new(), offset);
    for package_type in types {
        let missing = limit - found.len() as i64;
        if missing == 0 {
            break;
        }
        let of_type = Filter {
            package_type: Some(package_type),
            ..filter.clone()
        };
        let of_this = page(conn, projects, &of_type, by_id, missing, to_skip)?;
        to_skip = match of_this.is_empty() && to_skip > 0 {
            true => {
                let query = Query::new(conn, projects, &of_type)?;
                let index = Some("packages_of_type_by_version");
                to_skip - query.map_or(Ok(0), |query| query.count(conn, index, to_skip))?
            }
            false => 0,
        };
        found.extend(of_this);
    }
    Ok(found)
}

/// How many packages the filter lets through; [`COUNT_LIMIT`] stands for that many or more.
pub fn count(conn: &Connection, projects: &[i64], filter: &Filter) -> Result<i64> {
    let Some(query) = Query::new(conn, projects, filter)? else {
        return Ok(0);
    };
    let index = query.index_for(conn, filter, None)?;
    query.count(conn, index, COUNT_LIMIT)
}

/// Equal keys are ordered by id in the same direction, so that pages are stable.
fn order_by(filter: &Filter, order: Order) -> String {
    let direction = if order.descending { "DESC" } else { "ASC" };
    let column = match order.by {
        OrderBy::CreatedAt => return format!("packages.id {direction}"),
        OrderBy::ProjectPath => return format!("projects.path {direction}, packages.id DESC"),
        OrderBy::Name => "packages.name",
        OrderBy::Type => "packages.package_type",
        OrderBy::Version => "packages.version",
    };
    let nulls = match (
        filter.include_versionless && order.by == OrderBy::Version,
        order.descending,
    ) {
        (false, _) => "",
        (true, false) => " NULLS LAST",
        (true, true) => " NULLS FIRST",
    };
    format!("{column} {direction}{nulls}, packages.id {direction}")
}

/// The conditions of a list with their values, in step.
#[derive(Default)]
struct Query {
    conditions: String,
    values: Vec<Value>,
    /// One project: then the index to walk can be named.
    in_one_project: bool,
    /// Few names were found: they are where the search starts.
    by_names: bool,
}

impl Query {
    /// `None`: nothing can match.
    fn new(conn: &Connection, projects: &[i64], filter: &Filter) -> Result<Option<Query>> {
        let mut query = Query {
            in_one_project: projects.len() == 1,
            ..Query::default()
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
        // In the words of the partial indexes, or SQLite does not see that they hold what is asked for.
        match filter.status {
            None => query.and("packages.status IN (0, 3, 5)", []),
            Some(PackageStatus::Default) => {
                query.and("packages.status IN (0, 3, 5) AND packages.status = 0", [])
            }
            Some(status) => query.and(
                "packages.status <> 0 AND packages.status = ?",
                [Value::from(status as i64)],
            ),
        }
        match &filter.version {
            Some(version) => query.and("packages.version = ?", [Value::from(version.clone())]),
            None if !filter.include_versionless => query.and("packages.version IS NOT NULL", []),
            None => {}
        }
        if !filter.name_terms.is_empty() {
            match name_search::find(conn, projects, &filter.name_terms)? {
                Names::Few(ids) if ids.is_empty() => return Ok(None),
                Names::Few(ids) => {
                    query.and(
                        "packages.name_id IN (SELECT value FROM json_each(?))",
                        [json_ids(&ids)],
                    );
                    if filter.status != Some(PackageStatus::PendingDestruction) {
                        query.by_names = true;
                        query.and("packages.status <> 4", []); // packages_unique leaves those out
                    }
                }
                Names::Many => {
                    let folded = "(SELECT folded FROM package_names WHERE package_names.id = packages.name_id)";
                    query.and(
                        &format!("NOT EXISTS (SELECT 1 FROM json_each(?) WHERE instr({folded}, value) = 0)"),
                        [json_texts(&filter.name_terms)],
                    );
                }
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

    fn from(&self, index: Option<&str>, with_projects: bool) -> String {
        let hint = index
            .map(|index| format!(" INDEXED BY {index}"))
            .unwrap_or_default();
        let join = if with_projects {
            " JOIN projects ON projects.id = packages.project_id"
        } else {
            ""
        };
        format!("packages{hint}{join}")
    }

    /// The index to walk; `None` leaves the choice to SQLite. `order` is `None` for a count.
    fn index_for(
        &self,
        conn: &Connection,
        filter: &Filter,
        order: Option<OrderBy>,
    ) -> Result<Option<&'static str>> {
        if self.by_names {
            return Ok(Some("packages_unique"));
        }
        if !self.in_one_project {
            return Ok(None);
        }
        if filter
            .status
            .is_some_and(|status| status != PackageStatus::Default)
        {
            return Ok(Some(match order.unwrap_or(OrderBy::CreatedAt) {
                OrderBy::CreatedAt | OrderBy::ProjectPath => "packages_by_rare_status",
                OrderBy::Name => "packages_of_rare_status_by_name",
                OrderBy::Version => "packages_of_rare_status_by_version",
                OrderBy::Type => "packages_of_rare_status_by_type",
            }));
        }
        let typed = filter.package_type.is_some();
        // What lists show by default has smaller indexes, which hold all that the conditions ask for.
        let by_default = !typed && !filter.include_versionless && filter.version.is_none();
        let in_order = match order.unwrap_or(OrderBy::CreatedAt) {
            OrderBy::CreatedAt if by_default => "packages_listed",
            OrderBy::CreatedAt if typed => "packages_by_type",
            OrderBy::CreatedAt => "packages_by_project",
            OrderBy::Name if by_default => "packages_listed_by_name",
            OrderBy::Name if typed => "packages_of_type_by_name",
            OrderBy::Name => "packages_by_name",
            OrderBy::Version if typed => "packages_of_type_by_version",
            OrderBy::Version => "packages_by_version",
            OrderBy::Type | OrderBy::ProjectPath => "packages_by_type",
        };
        if filter.version.is_none() {
            return Ok(Some(in_order));
        }
        let by_version = if typed {
            "packages_of_type_by_version"
        } else {
            "packages_by_version"
        };
        // Within one version that index is in the order of ids, too; and so is one type.
        let natural = match order {
            None | Some(OrderBy::CreatedAt | OrderBy::Version) => true,
            Some(OrderBy::Type) => typed,
            Some(OrderBy::Name | OrderBy::ProjectPath) => false,
        };
        let few = || {
            Ok::<_, crate::error::Error>(
                self.count(conn, Some(by_version), FEW as i64 + 1)? <= FEW as i64,
            )
        };
        Ok(Some(if natural || few()? {
            by_version
        } else {
            in_order
        }))
    }

    fn count(&self, conn: &Connection, index: Option<&str>, limit: i64) -> Result<i64> {
        let from = self.from(index, false);
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {from} WHERE {} LIMIT {limit})",
            self.conditions
        );
        Ok(conn
            .prepare_cached(&sql)?
            .query_row(params_from_iter(&self.values), |row| row.get(0))?)
    }
}

/// Many ids as one bound value, so that the statement stays the same however many there are.
pub(super) fn json_ids(ids: &[i64]) -> Value {
    Value::from(serde_json::to_string(ids).expect("integers are JSON"))
}

/// Many texts as one bound value, for the same reason.
pub(super) fn json_texts(texts: &[String]) -> Value {
    Value::from(serde_json::to_string(texts).expect("texts are JSON"))
}
