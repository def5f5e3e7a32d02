//! The sections of a package's page.

use super::html::{Html, html};
use super::package::Shown;
use super::rows;
use super::words::{ago, size};
use crate::http::BaseUrl;
use crate::registry::{Dependency, Display, Link, PackageFile, PackageItem};

/// Versions that the page lists; a link leads to all of them.
const VERSIONS: usize = 30;

pub(super) fn readme(display: &Display) -> Option<Html> {
    let readme = display.readme.as_ref()?;
    let text = match readme.html() {
        Some(html) => Html::trusted(html), // by the sanitiser
        None => html!(
            "<pre tabindex=\"0\" aria-label=\"Read me\">{}</pre>",
            readme.text
        ),
    };
    Some(html!(
        "<section id=\"readme\" aria-label=\"Read me\"><h2>Read me</h2><div class=\"readme\">{}</div></section>",
        text
    ))
}

pub(super) fn dependencies(display: &Display) -> Option<Html> {
    if display.dependencies.is_empty() {
        return None;
    }
    let row = |dependency: &Dependency| {
        let scope = (!dependency.scope.is_empty())
            .then(|| html!("<span class=\"tag\">{}</span>", dependency.scope));
        html!(
            "<tr><th scope=\"row\">{}</th><td><code>{}</code></td><td>{}</td></tr>",
            dependency.name,
            dependency.requirement,
            scope
        )
    };
    let rows: Vec<Html> = display.dependencies.iter().map(row).collect();
    Some(html!(
        "<section id=\"dependencies\"><h2>Dependencies <small>{}</small></h2><div class=\"scroll\"><table>\
         <thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Versions</th><th scope=\"col\">For</th></tr></thead><tbody>{}</tbody></table></div></section>",
        display.dependencies.len(),
        rows
    ))
}

pub(super) fn files(shown: &Shown, url: &BaseUrl) -> Html {
    let project_id = shown.detail.item.package.project_id;
    let row = |file: &PackageFile| {
        let download = url.path_of(&format!(
            "/api/v4/projects/{project_id}/packages/{}/package_files/{}/download",
            file.package_id, file.id
        ));
        html!(
            "<tr><th scope=\"row\"><a href=\"{}\" download>{}</a></th><td class=\"number\">{}</td><td>{}</td><td>{}</td></tr>",
            download,
            file.file_name.replace("%2F", "/"),
            size(file.size),
            digests(file),
            ago(file.created_at)
        )
    };
    let rows: Vec<Html> = shown.files.iter().map(row).collect();
    let more = shown.files_total - shown.files.len() as i64;
    let more = (more > 0).then(|| {
        html!(
            "<p class=\"quiet\">and {} older ones, which the API lists</p>",
            more
        )
    });
    match shown.files.is_empty() {
        true => html!(
            "<section id=\"files\"><h2>Files</h2><p class=\"empty\">This package has no files.</p></section>"
        ),
        false => html!(
            "<section id=\"files\"><h2>Files <small>{}</small></h2><div class=\"scroll\"><table class=\"files\">\
             <thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Size</th><th scope=\"col\">Digests</th><th scope=\"col\">Added</th></tr></thead><tbody>{}</tbody></table></div>{}</section>",
            shown.files_total,
            rows,
            more
        ),
    }
}

fn digests(file: &PackageFile) -> Html {
    let line = |name: &str, digest: &str| {
        html!(
            "<div class=\"digest\"><span class=\"quiet\">{}</span> <code>{}</code> <button type=\"button\" class=\"plain\" data-copy aria-label=\"Copy the {} of {}\">Copy</button></div>",
            name,
            digest,
            name,
            file.file_name
        )
    };
    let short: String = file.sha256.chars().take(12).collect();
    html!(
        "<details><summary><code>{}</code></summary>{}{}{}</details>",
        short,
        line("SHA-256", &file.sha256),
        line("SHA-1", &file.sha1),
        line("MD5", &file.md5)
    )
}

pub(super) fn versions(shown: &Shown, url: &BaseUrl) -> Html {
    let this = &shown.detail.item;
    let mut all: Vec<&PackageItem> = shown.detail.versions.iter().chain([this]).collect();
    all.sort_by_key(|item| std::cmp::Reverse(item.package.id));
    let total = all.len();
    let row = |item: &&PackageItem| {
        let version = item.package.version.as_deref().unwrap_or("no version");
        let tags: Vec<Html> = item
            .tags
            .iter()
            .map(|tag| html!("<span class=\"tag\">{}</span>", tag.name))
            .collect();
        let name = match (
            item.package.id == this.package.id,
            item.package.status.has_details(),
        ) {
            (true, _) => html!("<strong aria-current=\"page\">{}</strong>", version),
            (_, true) => html!(
                "<a href=\"{}\">{}</a>",
                url.path_of(&rows::path_of(item)),
                version
            ),
            _ => html!("{}", version),
        };
        html!(
            "<li>{}<span>{}{}</span>{}</li>",
            name,
            rows::status(item.package.status),
            tags,
            ago(item.package.created_at)
        )
    };
    let list: Vec<Html> = all.iter().take(VERSIONS).map(row).collect();
    let more = (total > VERSIONS).then(|| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("package_name", &format!("\"{}\"", this.package.name))
            .append_pair("package_type", this.package.package_type.as_str())
            .finish();
        let path = format!("/{}/-/packages?{query}", this.project_path);
        html!(
            "<p><a href=\"{}\">All {} versions</a></p>",
            url.path_of(&path),
            total
        )
    });
    html!(
        "<section id=\"versions\"><h2>Versions <small>{}</small></h2><ul class=\"versions\">{}</ul>{}</section>",
        total,
        list,
        more
    )
}

pub(super) fn links(display: &Display) -> Option<Html> {
    let link = |link: &Link| {
        html!(
            "<li><a href=\"{}\" rel=\"nofollow noopener noreferrer\">{}</a></li>",
            link.url,
            link.label
        )
    };
    let links: Vec<Html> = display.links.iter().map(link).collect();
    (!links.is_empty()).then(|| html!("<h2>Links</h2><ul class=\"links\">{}</ul>", links))
}

pub(super) fn keywords(display: &Display) -> Option<Html> {
    let words: Vec<Html> = display
        .keywords
        .iter()
        .map(|word| html!("<span class=\"tag\">{}</span> ", word))
        .collect();
    (!words.is_empty()).then(|| html!("<h2>Keywords</h2><p class=\"tags\">{}</p>", words))
}

/// For those who may: the button, or why there is none. The warnings are for everybody (GitLab docs).
pub(super) fn removal(shown: &Shown, url: &BaseUrl) -> Html {
    let item = &shown.detail.item;
    let warnings = html!(
        "<details class=\"warnings\"><summary>Before you delete or build on it</summary><ul>\
         <li>A package that is still being processed may have broken or incomplete data.</li>\
         <li>Deleting a file may corrupt the package: clients that ask for that file fail.</li>\
         <li>Deleting a whole package while requests are forwarded to a public registry lets clients fetch that name from there.</li></ul></details>"
    );
    if !item.access.destroy {
        return warnings;
    }
    if let Some(why) = &shown.protected_by {
        return html!(
            "<p class=\"note\" data-protected><strong>Protected.</strong> {}</p>{}",
            why,
            warnings
        );
    }
    let package = &item.package;
    let called = match &package.version {
        Some(version) => format!("{} {version}", package.name),
        None => package.name.clone(),
    };
    html!(
        "<button type=\"button\" class=\"danger\" data-open=\"delete\">Delete…</button>{}\
         <dialog id=\"delete\" aria-labelledby=\"delete-title\"><form method=\"dialog\">\
         <h2 id=\"delete-title\">Delete {}?</h2>\
         <p>Everything that installs it will fail. Its files are gone a minute later, and nothing brings them back.</p>\
         <p class=\"quiet\">While requests are forwarded to a public registry, clients would fetch this name from there.</p>\
         <p class=\"error\" role=\"alert\"></p>\
         <div class=\"actions\"><button type=\"submit\" value=\"cancel\">Keep it</button>\
         <button type=\"button\" class=\"danger\" data-delete=\"{}\" data-then=\"{}\">Delete</button></div></form></dialog>",
        warnings,
        called,
        url.path_of(&format!(
            "/api/v4/projects/{}/packages/{}",
            package.project_id, package.id
        )),
        url.path_of(&format!("/{}/-/packages", item.project_path)),
    )
}
