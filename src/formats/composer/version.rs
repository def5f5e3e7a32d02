//! Versions, as composer/semver reads them (its `VersionParser`): many spellings of one version, one normal form.

use std::cmp::Ordering;

use super::normal::{NUMERIC_BRANCH, normalized};

/// `1.0`, `v1.0.0` and `1.0.0.0` are one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// As it is stored and shown: as it was sent, without a leading `v`.
    pub(super) text: String,
    /// What makes two versions the same one: `1.0.0.0-beta1`, `dev-main`, `1.2.9999999.9999999-dev`.
    pub(super) normalized: String,
}

impl Version {
    /// `None` for what is no version: constraints, aliases, `@dev`, five numbers.
    pub(super) fn parse(text: &str) -> Option<Version> {
        if text.len() > 255 {
            return None;
        }
        if let Some(branch) = without_prefix(text, "dev-") {
            return named_branch(branch);
        }
        if matches!(text, "master" | "trunk" | "default") {
            return named_branch(text);
        }
        let text = without_v(text);
        let (bare, build) = match text.split_once('+') {
            Some((bare, build)) => (bare, Some(build)),
            None => (text, None),
        };
        if build.is_some_and(|build| build.is_empty() || !build.bytes().all(is_plain)) {
            return None;
        }
        let normalized = normalized(bare, build.is_none())?;
        Some(Version {
            text: text.to_owned(),
            normalized,
        })
    }

    /// The version of a Git branch, as GitLab derives it: `main` is `dev-main`, `1.2` is `1.2.x-dev`.
    pub(super) fn of_branch(branch: &str) -> Option<Version> {
        let number = without_v(branch);
        let Some(found) = NUMERIC_BRANCH.captures(number) else {
            return Version::parse(&format!("dev-{branch}"));
        };
        let number = number.replace(['X', '*'], "x");
        let is_open = found.get(4).is_none() && !number.ends_with('x');
        Version::parse(&match is_open {
            true => format!("{number}.x-dev"),
            false => format!("{number}-dev"),
        })
    }

    /// Which of the two documents of a name it stands in.
    pub(super) fn is_dev(&self) -> bool {
        self.normalized.starts_with("dev-") || self.normalized.ends_with("-dev")
    }

    /// By numbers, then by stability; named branches come first, by name.
    pub(super) fn compare(&self, other: &Version) -> Ordering {
        rank(&self.normalized).cmp(&rank(&other.normalized))
    }
}

type Rank<'a> = (Vec<u64>, u8, Vec<u64>, bool, &'a str);

fn rank(normalized: &str) -> Rank<'_> {
    let numbers = |text: &str| {
        let runs = text.split(|c: char| !c.is_ascii_digit());
        runs.filter(|run| !run.is_empty())
            .map(|run| run.parse().unwrap_or(u64::MAX))
            .collect::<Vec<u64>>()
    };
    if normalized.starts_with("dev-") {
        return (Vec::new(), 0, Vec::new(), false, normalized);
    }
    let (main, suffix) = normalized.split_once('-').unwrap_or((normalized, ""));
    let (suffix, is_final) = match suffix.strip_suffix("dev") {
        Some(rest) => (rest.trim_end_matches('-'), false),
        None => (suffix, true),
    };
    let word = suffix.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let stability = match word {
        "alpha" => 1,
        "beta" => 2,
        "RC" => 3,
        "patch" => 5,
        _ if is_final => 4,
        _ => 0,
    };
    (numbers(main), stability, numbers(suffix), is_final, "")
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

fn without_v(text: &str) -> &str {
    match without_prefix(text, "v") {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => text,
    }
}

/// What a constraint could not say, and what Git allows in no branch.
fn named_branch(branch: &str) -> Option<Version> {
    let is_good =
        |c: char| !c.is_whitespace() && !c.is_control() && !"~^:?*[\\,|#@<>=!\"'`".contains(c);
    let climbs = branch
        .split('/')
        .any(|part| matches!(part, "" | "." | ".."));
    if climbs || !branch.chars().all(is_good) {
        return None;
    }
    let text = format!("dev-{branch}");
    Some(Version {
        normalized: text.clone(),
        text,
    })
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-_+".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        Version::parse(text).map_or_else(|| "none".to_owned(), |version| version.normalized)
    }

    #[test]
    fn versions_are_normalised_as_composer_does() {
        for (text, wanted) in [
            ("1.0", "1.0.0.0"),
            ("v1.0.0", "1.0.0.0"),
            ("V1", "1.0.0.0"),
            ("1.0.0.0", "1.0.0.0"),
            ("1.0.0-beta1", "1.0.0.0-beta1"),
            ("1.0.0beta.1", "1.0.0.0-beta1"),
            ("1.0.0-b2", "1.0.0.0-beta2"),
            ("1.0-RC2", "1.0.0.0-RC2"),
            ("1.0.rc.1", "1.0.0.0-RC1"),
            ("1.0.0-alpha.3", "1.0.0.0-alpha3"),
            ("1.0.0-p1", "1.0.0.0-patch1"),
            ("1.0.0-pl3-dev", "1.0.0.0-patch3-dev"),
            ("1.0.0-stable", "1.0.0.0"),
            ("1.0.0-", "1.0.0.0"),
            ("1.0.0-beta.1.2", "1.0.0.0-beta1.2"),
            ("1.0.0_beta-1", "1.0.0.0-beta1"),
            ("1.0.0-RC1-dev", "1.0.0.0-RC1-dev"),
            ("1dev", "1.0.0.0-dev"),
            ("12345.0", "12345.0.0.0"),
            ("123456.0", "123456.0"),
            ("2010-01-02.5", "2010.01.02.5"),
            ("20100102-203040-p1", "20100102.203040-patch1"),
            ("v1.x-dev", "1.9999999.9999999.9999999-dev"),
            ("1.x.dev", "1.9999999.9999999.9999999-dev"),
            ("1.0.0+build.7", "1.0.0.0"),
            ("1.0.0-dev", "1.0.0.0-dev"),
            ("2024.01.15", "2024.01.15.0"),
            ("2024-01-15", "2024.01.15"),
            ("20240115", "20240115"),
            ("20240115-103000", "20240115.103000"),
            ("dev-main", "dev-main"),
            ("DEV-feature/x", "dev-feature/x"),
            ("master", "dev-master"),
            ("1.x-dev", "1.9999999.9999999.9999999-dev"),
            ("1.2.x-dev", "1.2.9999999.9999999-dev"),
            ("1.2.X-dev", "1.2.9999999.9999999-dev"),
        ] {
            assert_eq!(normal(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_version_is_none() {
        for text in [
            "",
            "v",
            "foo",
            "1.0.0.0.0",
            "^1.0",
            "1.*",
            "1.0@dev",
            "1.0 as 2.0",
            "1.0.0 ",
            "1.0.0\n",
            "dev-",
            "dev-a b",
            "dev-a\0",
            "dev-../x",
            "dev-a/../b",
            "dev-a//b",
            "foo-dev",
            "1.0.0-foo",
            "1.0+",
            "1.0+a b",
            "1,0",
            "dev-<script>",
            "٣.0",
        ] {
            assert_eq!(normal(text), "none", "{text:?}");
        }
        assert_eq!(normal(&format!("1.{}", "0".repeat(300))), "none");
    }

    #[test]
    fn branches_become_dev_versions() {
        for (branch, wanted) in [
            ("main", "dev-main"),
            ("feature/x", "dev-feature/x"),
            ("1.x", "1.x-dev"),
            ("1.2.x", "1.2.x-dev"),
            ("1", "1.x-dev"),
            ("1.2", "1.2.x-dev"),
            ("v1.2", "1.2.x-dev"),
            ("1.*", "1.x-dev"),
            ("1.2.3.4", "1.2.3.4-dev"),
            ("v2-next", "dev-v2-next"),
        ] {
            let version = Version::of_branch(branch).unwrap();
            assert_eq!(version.text, wanted, "{branch}");
            assert!(version.is_dev(), "{branch}");
        }
        assert_eq!(Version::of_branch(""), None);
    }

    #[test]
    fn newer_versions_come_later() {
        let sorted = [
            "dev-a",
            "dev-b",
            "1.0-dev",
            "1.0-alpha1-dev",
            "1.0-alpha1",
            "1.0-alpha2",
            "1.0-beta1",
            "1.0-RC1",
            "1.0-RC2",
            "1.0",
            "1.0-p1",
            "1.9",
            "1.10",
            "1.x-dev",
            "2.0",
        ];
        let mut versions: Vec<Version> = sorted
            .iter()
            .map(|text| Version::parse(text).unwrap())
            .collect();
        versions.reverse();
        versions.sort_by(Version::compare);
        let texts: Vec<&str> = versions
            .iter()
            .map(|version| version.text.as_str())
            .collect();
        assert_eq!(texts, sorted);
    }
}
