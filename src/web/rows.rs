//! Lists of packages: the rows, the filters above them, the pages below.

use actix_web::HttpRequest;

use super::html::{Html, html};
use super::snippets;
use super::words::{ago, badge, number};
use crate::http::{BaseUrl, Params};
use crate::registry::{
    COUNT_LIMIT, PackageFilter, PackageItem, PackageOrder, PackageOrderBy, PackageStatus,
    PackageType, search_terms,
};

/// Rows of a page.
pub(super) const PER_PAGE: i64 = 25;

/// The path of a package's own page, below the base.
pub(super) fn path_of(item: &PackageItem) -> String {
    let page = match item.package.package_type {
        PackageType::TerraformModule => "terraform_module_registry",
        _ => "packages",
    };
    format!("/{}/-/{page}/{}", item.project_path, item.package.id)
}

/// A list of packages; with `projects` each row tells where it lies.
pub(super) fn list(items: &[PackageItem], url: &BaseUrl, projects: bool) -> Html {
    let rows: Vec<Html> = items.iter().map(|item| row(item, url, projects)).collect();
    html!("<ul class=\"packages\">{}</ul>", rows)
}

fn row(item: &PackageItem, url: &BaseUrl, projects: bool) -> Html {
    let package = &item.package;
    let name = match package.status.has_details() {
        true => html!(
            "<a href=\"{}\">{}</a>",
            url.path_of(&path_of(item)),
            package.name
        ),
        false => html!("{}", package.name),
    };
    let version = package
        .version
        .as_deref()
        .map(|version| html!("<span class=\"version\">{}</span>", version));
    let tags: Vec<Html> = item
        .tags
        .iter()
        .take(3)
        .map(|tag| html!("<span class=\"tag\">{}</span>", tag.name))
        .collect();
    let project = projects.then(|| {
        html!(
            "<a class=\"quiet\" href=\"{}\">{}</a>",
            url.path_of(&format!("/{}", item.project_path)),
            item.project_path
        )
    });
    html!(
        "<li class=\"package-row\">{}<span class=\"name\">{}</span><span class=\"more\">{}{}{}</span><span class=\"where\">{}{}</span></li>",
        badge(package.package_type),
        name,
        version,
        status(package.status),
        tags,
        project,
        ago(package.created_at),
    )
}

/// Nothing for the usual status.
pub(super) fn status(status: PackageStatus) -> Option<Html> {
    (status != PackageStatus::Default).then(|| {
        html!(
            "<span class=\"status status-{}\">{}</span>",
            status.as_str(),
            status.as_str()
        )
    })
}

/// What a list's address asks for. What it does not understand it leaves out: an address is typed by hand, too.
pub(super) struct Asked {
    pub(super) filter: PackageFilter,
    pub(super) order: PackageOrder,
    pub(super) page: i64,
    name: String,
}

impl Asked {
    pub(super) fn read(params: &Params) -> Asked {
        let text = |name| params.text(name).unwrap_or_default().to_owned();
        let name = text("package_name");
        let by = match text("order_by").as_str() {
            "name" => PackageOrderBy::Name,
            "version" => PackageOrderBy::Version,
            "type" => PackageOrderBy::Type,
            _ => PackageOrderBy::CreatedAt,
        };
        // The newest first, names from A on: what somebody who has not said otherwise expects.
        let descending = match text("sort").as_str() {
            "asc" => false,
            "desc" => true,
            _ => by == PackageOrderBy::CreatedAt,
        };
        Asked {
            filter: PackageFilter {
                package_type: PackageType::parse(&text("package_type")),
                name_terms: search_terms(&name),
                version: params.text("package_version").map(str::to_owned),
                status: PackageStatus::parse(&text("status")),
                include_versionless: false,
            },
            order: PackageOrder { by, descending },
            page: text("page").parse().unwrap_or(1).clamp(1, 1_000_000),
            name,
        }
    }

    pub(super) fn offset(&self) -> i64 {
        (self.page - 1) * PER_PAGE
    }

    pub(super) fn is_narrowed(&self) -> bool {
        self.filter != PackageFilter::default()
    }

    /// The form above a list: without script it is sent with its button, with script as it is changed.
    pub(super) fn form(&self, action: &str) -> Html {
        let options = |all: &[(&str, &str)], chosen: &str| -> Vec<Html> {
            all.iter()
                .map(|(value, label)| {
                    let selected = (*value == chosen).then(|| html!(" selected"));
                    html!(
                        "<option value=\"{}\"{}>{}</option>",
                        *value,
                        selected,
                        *label
                    )
                })
                .collect()
        };
        let mut types = vec![("", "All types")];
        types.extend(
            snippets::FORMATS
                .iter()
                .map(|(kind, name)| (kind.as_str(), *name)),
        );
        let statuses = [
            ("", "Any status"),
            ("default", "Published"),
            ("deprecated", "Deprecated"),
            ("hidden", "Hidden"),
            ("error", "Broken"),
            ("processing", "Processing"),
        ];
        let orders = [
            ("created_at", "Newest"),
            ("name", "Name"),
            ("version", "Version"),
            ("type", "Type"),
        ];
        html!(
            "<form class=\"filters\" method=\"get\" action=\"{}\" data-filters>\
             <input type=\"search\" name=\"package_name\" value=\"{}\" placeholder=\"Name contains\" aria-label=\"Name contains\" maxlength=\"200\">\
             <input type=\"search\" name=\"package_version\" value=\"{}\" placeholder=\"Version is\" aria-label=\"Version is\" maxlength=\"200\">\
             <select name=\"package_type\" aria-label=\"Type\">{}</select>\
             <select name=\"status\" aria-label=\"Status\">{}</select>\
             <select name=\"order_by\" aria-label=\"Order\">{}</select>\
             <button type=\"submit\">Filter</button></form>",
            action,
            self.name,
            self.filter.version.as_deref().unwrap_or_default(),
            options(
                &types,
                self.filter.package_type.map_or("", PackageType::as_str)
            ),
            options(
                &statuses,
                self.filter.status.map_or("", PackageStatus::as_str)
            ),
            options(&orders, self.order_word()),
        )
    }

    fn order_word(&self) -> &'static str {
        match self.order.by {
            PackageOrderBy::Name => "name",
            PackageOrderBy::Version => "version",
            PackageOrderBy::Type => "type",
            _ => "created_at",
        }
    }

    /// Where one is among the pages, with the ways to the ones beside it.
    pub(super) fn pages(&self, request: &HttpRequest, shown: usize, total: i64) -> Html {
        let last = self.offset() + shown as i64;
        let link = |page: i64, rel: &str, label: &str| {
            html!(
                "<a class=\"button\" rel=\"{}\" href=\"?{}\">{}</a>",
                rel,
                with_page(request, page),
                label
            )
        };
        let before = (self.page > 1).then(|| link(self.page - 1, "prev", "Previous"));
        let after = (last < total).then(|| link(self.page + 1, "next", "Next"));
        if before.is_none() && after.is_none() {
            return Html::default();
        }
        let of = match total < COUNT_LIMIT {
            true => number(total),
            false => format!("more than {}", number(COUNT_LIMIT - 1)),
        };
        html!(
            "<nav class=\"pages\" aria-label=\"Pages\"><span>{} – {} of {}</span>{}{}</nav>",
            number((self.offset() + 1).min(last)),
            number(last),
            of,
            before,
            after,
        )
    }
}

/// The query as it came, at another page. Tokens that somebody put into the address do not get into links.
fn with_page(request: &HttpRequest, page: i64) -> String {
    let kept = form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(name, value)| name != "page" && !value.is_empty() && !name.ends_with("token"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    query.append_pair("page", &page.to_string());
    query.finish()
}
