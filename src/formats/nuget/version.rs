//! NuGet versions: their normal form, by which they are the same, and their order (NuGet docs, "Package versioning").

use std::cmp::Ordering;

/// `1.0`, `01.0.0` and `1.0.0.0+build` are one version, `1.0.0`; so are `1.0.0-RC` and `1.0.0-rc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    numbers: [u32; 4],
    /// The labels behind the first hyphen, as they were written.
    release: Option<String>,
    build: Option<String>,
}

/// Clients read each number into 31 bits, and refuse a whole document for one that does not fit.
const LARGEST: u32 = i32::MAX as u32;
const LONGEST: usize = 255;

impl Version {
    /// One to four numbers, labels behind a hyphen, a build behind a plus. `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Version> {
        if text.len() > LONGEST {
            return None;
        }
        let (rest, build) = match text.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (text, None),
        };
        let (rest, release) = match rest.split_once('-') {
            Some((rest, release)) => (rest, Some(release)),
            None => (rest, None),
        };
        if ![release, build].into_iter().flatten().all(are_labels) {
            return None;
        }
        let mut numbers = [0; 4];
        for (at, part) in rest.split('.').enumerate() {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let number = part.parse().ok().filter(|number| *number <= LARGEST);
            *numbers.get_mut(at)? = number.filter(|_| digits)?;
        }
        Some(Version {
            numbers,
            release: release.map(str::to_owned),
            build: build.map(str::to_owned),
        })
    }

    /// `1.2.3[.4][-rc.1]`: what stands in lists and URLs.
    pub(super) fn normal(&self) -> String {
        let [major, minor, patch, revision] = self.numbers;
        let mut text = format!("{major}.{minor}.{patch}");
        if revision > 0 {
            text.push_str(&format!(".{revision}"));
        }
        if let Some(release) = &self.release {
            text.push('-');
            text.push_str(release);
        }
        text
    }

    /// What identifies it: the normal form in lower case.
    pub(super) fn key(&self) -> String {
        self.normal().to_ascii_lowercase()
    }

    /// The normal form with the build behind it: what registrations show.
    pub(super) fn full(&self) -> String {
        match &self.build {
            Some(build) => format!("{}+{build}", self.normal()),
            None => self.normal(),
        }
    }

    pub(super) fn is_prerelease(&self) -> bool {
        self.release.is_some()
    }

    /// Whether it takes a client that knows SemVer 2: labels with dots, or a build.
    pub(super) fn is_semver2(&self) -> bool {
        self.build.is_some()
            || self
                .release
                .as_deref()
                .is_some_and(|text| text.contains('.'))
    }
}

fn are_labels(text: &str) -> bool {
    text.split('.').all(|label| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(allowed)
    })
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let by_release = || match (&self.release, &other.release) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => compare_labels(a, b),
        };
        self.numbers
            .cmp(&other.numbers)
            .then_with(by_release)
            // Not NuGet's: a total order, in which what is equal is the same.
            .then_with(|| self.key().cmp(&other.key()))
            .then_with(|| self.full().cmp(&other.full()))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// SemVer's rule without regard to case: numbers by value and below words, then the longer one is greater.
fn compare_labels(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => compare_label(a, b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn compare_label(a: &str, b: &str) -> Ordering {
    let number = |label: &str| {
        let digits = label.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| label.trim_start_matches('0').to_owned())
    };
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(&b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()),
    }
}

/// Whether clients can read this as the versions that a dependency takes: `1.0`, `[1.0, 2.0)`, `(, 1.0]`, `[1.0]`, and
/// with a star at its end. One that they cannot read would make the whole document of a package unreadable to them.
pub(super) fn is_range(text: &str) -> bool {
    let text = text.trim();
    let is_version = |text: &str| {
        let text = text.trim();
        match text.strip_suffix('*') {
            Some(floating) => {
                let fixed = floating.trim_end_matches(['.', '-']);
                fixed.is_empty() || Version::parse(fixed).is_some()
            }
            None => Version::parse(text).is_some(),
        }
    };
    let Some(inner) = text.strip_prefix(['[', '(']) else {
        return is_version(text);
    };
    let Some(inner) = inner.strip_suffix([']', ')']) else {
        return false;
    };
    match inner.split_once(',') {
        Some((low, high)) => [low, high]
            .into_iter()
            .all(|end| end.trim().is_empty() || is_version(end)),
        None => text.starts_with('[') && text.ends_with(']') && is_version(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_version_have_one_key() {
        for (text, key) in [
            ("1", "1.0.0"),
            ("1.0", "1.0.0"),
            ("01.002.3", "1.2.3"),
            ("1.0.0.0", "1.0.0"),
            ("1.0.0.4", "1.0.0.4"),
            ("1.0-RC.1+Build.7", "1.0.0-rc.1"),
            ("1.0.0-beta-2", "1.0.0-beta-2"),
            ("2147483647.0.0", "2147483647.0.0"),
        ] {
            assert_eq!(Version::parse(text).unwrap().key(), key, "{text}");
        }
        assert_eq!(Version::parse("1.0-RC+B").unwrap().full(), "1.0.0-RC+B");
    }

    #[test]
    fn what_is_no_version_is_none() {
        for text in [
            "",
            "a",
            "1.",
            ".1",
            "1..0",
            "1.0.0.0.0",
            "1.0-",
            "1.0-a..b",
            "1.0+",
            "1.0-ä",
            "-1",
            "+1",
            "1.0 ",
            "2147483648.0",
            "1.0.0-a_b",
            "1.0/..",
        ] {
            assert_eq!(Version::parse(text), None, "{text:?}");
        }
        assert_eq!(Version::parse(&"1".repeat(300)), None);
    }

    #[test]
    fn versions_are_in_nugets_order() {
        let ordered = [
            "0.9",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-ALPHA",
            "1.0.0-alpha.1",
            "1.0.0-alpha.2",
            "1.0.0-alpha.b",
            "1.0.0-beta",
            "1.0.0",
            "1.0.0.1",
            "1.0.1",
            "1.10",
            "2",
        ];
        let parsed: Vec<Version> = ordered
            .iter()
            .map(|text| Version::parse(text).unwrap())
            .collect();
        assert!(parsed.is_sorted(), "{parsed:?}");
    }

    #[test]
    fn ranges_are_told_from_what_clients_cannot_read() {
        for range in [
            "1.0",
            "[1.0, 2.0)",
            "(,1.0]",
            "[1.0]",
            "(1.0,)",
            "[1.0-a,)",
            "1.*",
            "*",
            "1.0.0-*",
            "( , )",
        ] {
            assert!(is_range(range), "{range}");
        }
        for range in [
            "",
            "x",
            "[1.0",
            "1.0]",
            "(1.0)",
            "[1,2,3]",
            "$version$",
            "[]",
            "[a,b]",
            ">=1.0",
        ] {
            assert!(!is_range(range), "{range}");
        }
    }
}
