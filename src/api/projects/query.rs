//! What lists of projects may be asked for.

use crate::http::describe::{Field, Shape::*};
use crate::http::{Check, Page};
use crate::registry::{ProjectFilter, ProjectOrder, ProjectOrderBy, Search, Visibility};

const ORDERS: &[&str] = &[
    "id",
    "name",
    "path",
    "created_at",
    "updated_at",
    "last_activity_at",
    "similarity",
    "star_count",
];

/// The numbers of the roles, and the two below all of them.
pub(in crate::api) const LEVELS: &[&str] = &["0", "5", "10", "15", "20", "30", "40", "50"];

pub(super) const FILTERS: &[Field] = &[
    ("order_by?", Words(ORDERS)),
    ("sort?", Words(&["asc", "desc"])),
    ("archived?", Flag),
    ("visibility?", Words(Visibility::WORDS)),
    ("search?", Text),
    ("search_namespaces?", Flag),
    ("owned?", Flag),
    ("starred?", Flag),
    ("membership?", Flag),
    ("min_access_level?", Words(LEVELS)),
    ("id_after?", Integer),
    ("id_before?", Integer),
    ("last_activity_after?", Moment),
    ("last_activity_before?", Moment),
    ("updated_after?", Moment),
    ("updated_before?", Moment),
    ("topic?", List(&Text)),
    ("simple?", Flag),
    ("statistics?", Flag),
    ("with_custom_attributes?", Flag),
];

/// The parameters of a list, understood.
pub(super) struct ProjectQuery {
    pub(super) simple: bool,
    pub(super) filter: ProjectFilter,
    pub(super) order: ProjectOrder,
    pub(super) page: Page,
}

impl ProjectQuery {
    pub(super) fn parse(check: &mut Check<'_>) -> ProjectQuery {
        let by = match check.choice_or("order_by", ORDERS, "created_at") {
            "name" => ProjectOrderBy::Name,
            "path" => ProjectOrderBy::Path,
            "updated_at" | "last_activity_at" => ProjectOrderBy::UpdatedAt,
            "similarity" => ProjectOrderBy::Similarity,
            _ => ProjectOrderBy::Id, // GitLab: ids grow with created_at; and nothing has stars
        };
        let descending = check.choice_or("sort", &["asc", "desc"], "desc") == "desc";
        let filter = ProjectFilter {
            archived: check.flag("archived").unwrap_or(false),
            visibility: check
                .choice("visibility", Visibility::WORDS)
                .and_then(Visibility::parse),
            search: Search::parse(&check.text("search").unwrap_or_default()),
            search_namespaces: check.flag("search_namespaces").unwrap_or(false),
            owned: check.flag_or("owned", false),
            starred: check.flag_or("starred", false),
            membership: check.flag_or("membership", false),
            min_access_level: min_access_level(check),
            id_after: check.integer("id_after"),
            id_before: check.integer("id_before"),
            updated_after: check
                .moment("last_activity_after")
                .max(check.moment("updated_after")),
            updated_before: [
                check.moment("last_activity_before"),
                check.moment("updated_before"),
            ]
            .into_iter()
            .flatten()
            .min(),
            topics: check.list("topic").unwrap_or_default(),
        };
        let simple = check.flag_or("simple", false);
        check.flag_or("statistics", false); // shown to nobody: there is no repository to measure
        check.flag_or("with_custom_attributes", false);
        ProjectQuery {
            simple,
            filter,
            order: ProjectOrder { by, descending },
            page: check.page(),
        }
    }
}

/// `min_access_level`, also of lists of groups.
pub(in crate::api) fn min_access_level(check: &mut Check<'_>) -> i64 {
    check
        .choice("min_access_level", LEVELS)
        .and_then(|level| level.parse().ok())
        .unwrap_or(0)
}
