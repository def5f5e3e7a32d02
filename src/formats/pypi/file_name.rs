//! File names of distributions (PyPA specifications "Binary distribution format" and "Source distribution format").

use super::{name, version};

/// What a file is, as far as its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Wheel,
    SdistTarGz,
    SdistZip,
    /// What installers of today skip: `.egg`, `.exe`, `.rpm`, `.msi`, `.tar.bz2`.
    Legacy,
}

/// What the name of a distribution file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileName {
    pub(super) text: String,
    pub(super) kind: Kind,
    /// Name and version, as far as the hyphens tell them from what follows.
    stem: String,
}

const ENDINGS: [(&str, Kind); 8] = [
    (".whl", Kind::Wheel),
    (".tar.gz", Kind::SdistTarGz),
    (".zip", Kind::SdistZip),
    (".egg", Kind::Legacy),
    (".exe", Kind::Legacy),
    (".rpm", Kind::Legacy),
    (".msi", Kind::Legacy),
    (".tar.bz2", Kind::Legacy),
];

impl FileName {
    pub(super) fn parse(text: &str) -> Option<FileName> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+!-".contains(&byte);
        if text.len() > 255 || text.starts_with('.') || !text.bytes().all(is_plain) {
            return None;
        }
        let (stem, kind) = ENDINGS
            .iter()
            .find_map(|(ending, kind)| Some((text.strip_suffix(ending)?, *kind)))?;
        let is_wheel = kind == Kind::Wheel;
        if is_wheel && !matches!(stem.split('-').count(), 5 | 6) {
            return None;
        }
        Some(FileName {
            text: text.to_owned(),
            kind,
            stem: stem.to_owned(),
        })
    }

    /// Whether this is a file of that project and version. A project's name may hold hyphens (old sdists), so every
    /// hyphen may be the one between name and version.
    pub(super) fn is_of(&self, name_key: &str, version_key: &str) -> bool {
        let mut splits = self
            .stem
            .match_indices('-')
            .map(|(at, _)| (&self.stem[..at], &self.stem[at + 1..]));
        splits.any(|(project, rest)| {
            let versions = match self.kind {
                Kind::Wheel | Kind::SdistTarGz | Kind::SdistZip => vec![rest],
                Kind::Legacy => prefixes(rest),
            };
            let version = match self.kind {
                Kind::Wheel => rest.split('-').next().into_iter().collect(),
                _ => versions,
            };
            name::normal(project) == name_key
                && version
                    .iter()
                    .any(|text| version::key(text).as_deref() == Some(version_key))
        })
    }
}

/// `1.0.win32-py3` may begin with a version that ends before any dot or hyphen.
fn prefixes(rest: &str) -> Vec<&str> {
    let ends = rest.match_indices(['.', '-']).map(|(at, _)| at);
    ends.chain([rest.len()]).map(|end| &rest[..end]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn belongs(file: &str, name_key: &str, version: &str) -> bool {
        let version = version::key(version).unwrap();
        FileName::parse(file).unwrap().is_of(name_key, &version)
    }

    #[test]
    fn files_belong_to_their_project_and_version() {
        assert!(belongs(
            "acme_demo-1.0-py3-none-any.whl",
            "acme-demo",
            "1.0.0"
        ));
        assert!(belongs(
            "Acme.Demo-1.0-7-cp311-cp311-manylinux_2_17_x86_64.whl",
            "acme-demo",
            "1.0"
        ));
        assert!(belongs("a-1.0+cu118-py3-none-any.whl", "a", "1.0+cu118"));
        assert!(belongs("acme-demo-1.0.tar.gz", "acme-demo", "1"));
        assert!(belongs("acme_demo-1.0rc1.zip", "acme-demo", "1.0-rc.1"));
        assert!(belongs("acme_demo-1.0-py2.7.egg", "acme-demo", "1.0"));
        assert!(belongs("acme-demo-1.0.win32-py2.7.exe", "acme-demo", "1.0"));
        assert!(belongs("acme-demo-1.0-1.noarch.rpm", "acme-demo", "1.0"));
    }

    #[test]
    fn files_of_others_do_not() {
        assert!(!belongs("acme_demo-1.0-py3-none-any.whl", "acme", "1.0"));
        assert!(!belongs(
            "acme_demo-1.1-py3-none-any.whl",
            "acme-demo",
            "1.0"
        ));
        assert!(!belongs("other-1.0.tar.gz", "acme-demo", "1.0"));
        assert!(!belongs("acme-demo-1.0.1.tar.gz", "acme-demo", "1.0"));
    }

    #[test]
    fn what_is_no_distribution_is_refused() {
        for text in [
            "",
            "a.whl",
            "a-1.whl",
            ".a-1.tar.gz",
            "a-1.tar.xz",
            "a-1.html",
            "../a-1.tar.gz",
            "a/b-1.tar.gz",
            "a\\b-1.tar.gz",
            "a%2f-1.tar.gz",
            "a\0-1.tar.gz",
            "a <b>-1.tar.gz",
            "a-1-1-2-3-4-5-6.whl",
        ] {
            assert_eq!(FileName::parse(text), None, "{text:?}");
        }
    }
}
