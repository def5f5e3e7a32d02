//! The grammar of a file's name inside a revision.

use crate::error::{Error, Result};

pub(super) const MANIFEST: &str = "conanmanifest.txt";
pub(super) const INFO: &str = "conaninfo.txt";
pub(super) const RECIPE: &str = "conanfile.py";

/// What clients pack, in one of these compressions; a revision has each of them once.
const ARCHIVES: [&str; 3] = ["conan_export", "conan_sources", "conan_package"];
const COMPRESSIONS: [&str; 3] = [".tgz", ".txz", ".tzst"];

/// Of a whole name, folders of `metadata/` included.
const LONGEST: usize = 255;

/// `conanfile.py`, or `metadata/logs/build.log`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileName(String);

impl FileName {
    /// Fails with 400 for what is no plain name, unless it lies below `metadata/`.
    pub(super) fn parse(text: &str) -> Result<FileName> {
        let mut segments = text.split('/');
        let is_plain = |segment: &str| {
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && segment.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-')
                })
        };
        let is_good = text.len() <= LONGEST
            && segments.clone().all(is_plain)
            && (segments.clone().count() == 1 || segments.next() == Some("metadata"));
        match is_good {
            true => Ok(FileName(text.to_owned())),
            false => Err(Error::invalid_param("file_name is invalid")),
        }
    }

    /// As clients know it, made from the stored form.
    pub(super) fn of_stored(stored: &str) -> String {
        stored.replace("%2F", "/")
    }

    /// As it is stored and listed: `metadata%2Flogs%2Fbuild.log`. No other character of it needs an escape.
    pub(super) fn stored(&self) -> String {
        self.0.replace('/', "%2F")
    }

    /// What a browser saves it as.
    pub(super) fn base_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.0 == name
    }

    /// What is not part of the package, and may come and change at any time.
    pub(super) fn is_metadata(&self) -> bool {
        self.0.starts_with("metadata/")
    }

    /// The same archive in the other compressions: a client that finds two calls the package corrupted.
    pub(super) fn other_compressions(&self) -> Vec<String> {
        let Some((stem, suffix)) = self.archive() else {
            return Vec::new();
        };
        let others = COMPRESSIONS.iter().filter(|other| **other != suffix);
        others.map(|other| format!("{stem}{other}")).collect()
    }

    fn archive(&self) -> Option<(&str, &str)> {
        let at = self.0.find('.')?;
        let (stem, suffix) = self.0.split_at(at);
        (ARCHIVES.contains(&stem) && COMPRESSIONS.contains(&suffix)).then_some((stem, suffix))
    }

    /// Whether the first protocol has a place for it: in a recipe, or in a binary.
    pub(super) fn is_known(&self, in_binary: bool) -> bool {
        let of_binary = |stem: &str| stem == "conan_package";
        match self.archive() {
            Some((stem, _)) => of_binary(stem) == in_binary,
            None => self.is(MANIFEST) || self.is(if in_binary { INFO } else { RECIPE }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_and_metadata_are_accepted() {
        for good in [
            "conanfile.py",
            "conan_package.tzst",
            "a+b-c_d.e",
            ".x",
            "metadata/logs/build.log",
        ] {
            let name = FileName::parse(good).unwrap();
            assert_eq!(FileName::of_stored(&name.stored()), good);
        }
        assert_eq!(
            FileName::parse("metadata/logs/build.log")
                .unwrap()
                .base_name(),
            "build.log"
        );
    }

    #[test]
    fn hostile_names_are_refused() {
        let long = "a".repeat(256);
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "metadata/../x",
            "metadata/",
            "metadata//x",
            "/x",
            "a b",
            "a\0",
            "a\nb",
            "a%2Fb",
            "a\\b",
            "\u{e9}",
            &long,
        ] {
            assert!(FileName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_archive_has_one_compression() {
        let others = |name| FileName::parse(name).unwrap().other_compressions();
        assert_eq!(
            others("conan_package.txz"),
            ["conan_package.tgz", "conan_package.tzst"]
        );
        assert!(others("conanfile.py").is_empty());
        assert!(others("conan_package.tgz.sig").is_empty());
    }

    #[test]
    fn the_first_protocol_knows_few_files() {
        let known = |name, in_binary| FileName::parse(name).unwrap().is_known(in_binary);
        assert!(known("conanfile.py", false) && !known("conanfile.py", true));
        assert!(known("conan_sources.tgz", false) && !known("conan_sources.tgz", true));
        assert!(known("conan_package.tgz", true) && known("conaninfo.txt", true));
        assert!(known(MANIFEST, true) && known(MANIFEST, false) && !known("x.txt", false));
    }
}
