//! What is read of an uploaded zip: its `composer.json`, and that nothing in it leaves its folder.
//!
//! The zip itself is kept as it came. Composer unpacks it and drops a single folder at the top, as Git hosts make them,
//! so `composer.json` lies at the top or in such a folder.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek};

use actix_web::http::StatusCode;

use super::manifest::{Manifest, unprocessable};
use crate::error::{Error, Result};
use crate::registry::archive::zip::{Entry, Zip};

const MANIFEST: &str = "composer.json";
const MOST_MANIFEST: u64 = 1 << 20;
/// Symbolic links, and what the target of one may have.
const MOST_LINKS: usize = 1000;
const MOST_TARGET: u64 = 4096;

/// Reads and checks a whole archive.
pub(super) fn read(mut file: File) -> Result<Manifest> {
    let mut magic = Vec::new();
    (&mut file).take(4).read_to_end(&mut magic)?;
    if magic != b"PK\x03\x04" {
        return Err(Error::message(
            StatusCode::BAD_REQUEST,
            "not a valid package file: Composer packages are zip files",
        ));
    }
    file.rewind()?;
    let zip = Zip::open(file)?;
    let mut layout = Layout::default();
    let found = zip.select(|entry| layout.see(entry))?;
    layout.check_links(&zip, found.iter().filter(|entry| entry.is_link))?;
    let path = layout.manifest();
    let mut manifests = found
        .iter()
        .filter(|entry| !entry.is_link && Some(normal(&entry.name)) == path);
    let entry = manifests.next().ok_or_else(|| {
        unprocessable("The file composer.json was not found. It lies at the top of the zip, or in the only folder there.")
    })?;
    if manifests.next().is_some() {
        return Err(unprocessable(
            "The file composer.json is there twice. Make the zip anew.",
        ));
    }
    Manifest::parse(&zip.read(entry, MOST_MANIFEST)?)
}

/// `./composer.json` and, from Windows, `acme\composer.json`.
fn normal(name: &str) -> String {
    let name = name.replace('\\', "/");
    let mut rest = name.as_str();
    while let Some(less) = rest.strip_prefix("./") {
        rest = less;
    }
    rest.to_owned()
}

/// What the index says of the folders.
#[derive(Default)]
struct Layout {
    /// The first name at the top.
    top: Option<String>,
    has_several: bool,
    /// How many members are called `composer.json`: at the top, and in a folder there.
    at_top: usize,
    below: usize,
    links: usize,
}

impl Layout {
    /// Whether the member is to be looked at.
    fn see(&mut self, entry: &Entry) -> bool {
        let name = normal(&entry.name);
        let (top, below) = name.split_once('/').unwrap_or((&name, ""));
        if !top.is_empty() && name != ".DS_Store" {
            match &self.top {
                None => self.top = Some(top.to_owned()),
                Some(first) => self.has_several |= first != top,
            }
        }
        if entry.is_link {
            self.links += 1;
            return self.links <= MOST_LINKS;
        }
        // Two of a kind are one too many, and enough to know.
        if name == MANIFEST {
            self.at_top += 1;
            return self.at_top <= 2;
        }
        if below == MANIFEST && !self.has_several {
            self.below += 1;
            return self.below <= 2;
        }
        false
    }

    /// Where `composer.json` lies.
    fn manifest(&self) -> Option<String> {
        if self.at_top > 0 {
            return Some(MANIFEST.to_owned());
        }
        let top = self.top.as_ref().filter(|_| !self.has_several)?;
        Some(format!("{top}/{MANIFEST}"))
    }

    fn check_links<'a>(&self, zip: &Zip, links: impl Iterator<Item = &'a Entry>) -> Result<()> {
        if self.links > MOST_LINKS {
            return Err(Error::bad_request(format!(
                "the archive is refused: it has more than {MOST_LINKS} symbolic links"
            )));
        }
        // The only folder at the top will be dropped.
        let dropped = usize::from(self.at_top == 0 && !self.has_several);
        let mut names = HashSet::new();
        for link in links {
            let target = zip.read(link, MOST_TARGET)?;
            let name = normal(&link.name);
            if !stays_inside(&name, dropped, &String::from_utf8_lossy(&target)) {
                return Err(Error::bad_request(format!(
                    "the archive is refused: its symbolic link `{}` leads out of the package",
                    name.escape_debug()
                )));
            }
            names.insert(name);
        }
        let beyond = names.iter().find(|name| {
            let folders = name.match_indices('/').map(|(at, _)| &name[..at]);
            folders.into_iter().any(|folder| names.contains(folder))
        });
        match beyond {
            Some(name) => Err(Error::bad_request(format!(
                "the archive is refused: its symbolic link `{}` lies behind another one",
                name.escape_debug()
            ))),
            None => Ok(()),
        }
    }
}

/// Whether a link leads to something in the package: upwards first if at all, and never further than to the top.
fn stays_inside(link: &str, dropped: usize, target: &str) -> bool {
    let is_absolute = target.starts_with(['/', '\\']) || target.as_bytes().get(1) == Some(&b':');
    if is_absolute || target.contains('\0') {
        return false;
    }
    let parts = || {
        target
            .split(['/', '\\'])
            .filter(|part| !matches!(*part, "" | "."))
    };
    let up = parts().take_while(|part| *part == "..").count();
    let comes_back = parts().skip(up).any(|part| part == "..");
    let depth = link.matches('/').count().saturating_sub(dropped);
    !comes_back && up <= depth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_may_lead_to_the_top_and_no_further() {
        for (link, target) in [
            ("bin/tool", "../src/tool.php"),
            ("bin/tool", "tool.php"),
            ("a/b/c", "../../x"),
            ("a", "./b"),
        ] {
            assert!(stays_inside(link, 0, target), "{link} -> {target}");
        }
        for (link, target) in [
            ("tool", "../x"),
            ("bin/tool", "../../x"),
            ("tool", "/etc/passwd"),
            ("tool", "C:\\x"),
            ("tool", "\\x"),
            ("bin/tool", "a/../../x"),
            ("bin/tool", "..\\..\\x"),
        ] {
            assert!(!stays_inside(link, 0, target), "{link} -> {target}");
        }
        assert!(!stays_inside("top/tool", 1, "../x"));
    }
}
