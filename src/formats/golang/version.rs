//! Canonical versions (Modules Reference, "Versions" and "Pseudo-versions").

use std::cmp::Ordering;
use std::fmt;

use crate::registry::Timestamp;

/// `v1.2.3`, `v1.2.3-rc.1`, `v3.0.0+incompatible`, or a pseudo-version like `v0.0.0-20260102030405-abcdefabcdef`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    text: String,
    semver: semver::Version,
    /// Of a pseudo-version: the time of its commit.
    commit_time: Option<Timestamp>,
}

/// Longer ones exist nowhere.
const MOST_BYTES: usize = 128;

impl Version {
    /// `None` for what is no version, or not in its only spelling.
    pub(super) fn parse(text: &str) -> Option<Version> {
        if text.len() > MOST_BYTES {
            return None;
        }
        let semver = semver::Version::parse(text.strip_prefix('v')?).ok()?;
        let commit_time = match commit_stamp(&semver) {
            Some(stamp) => Some(time_of(stamp)?),
            None => None,
        };
        let version = Version {
            text: text.to_owned(),
            semver,
            commit_time,
        };
        let marked = !version.semver.build.is_empty();
        (!marked || version.is_incompatible() && version.major() >= 2).then_some(version)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn major(&self) -> u64 {
        self.semver.major
    }

    /// A major version from 2 on of a module that knows nothing of modules.
    pub(super) fn is_incompatible(&self) -> bool {
        self.semver.build.as_str() == "incompatible"
    }

    pub(super) fn commit_time(&self) -> Option<Timestamp> {
        self.commit_time
    }

    pub(super) fn is_pseudo(&self) -> bool {
        self.commit_time.is_some()
    }

    /// What `@latest` goes by: compatible versions first, releases before prereleases before commits.
    pub(super) fn cmp_as_latest(&self, other: &Version) -> Ordering {
        let rank = |version: &Version| {
            let class = match (version.commit_time, version.semver.pre.is_empty()) {
                (Some(_), _) => 0,
                (None, false) => 1,
                (None, true) => 2,
            };
            let time = version.commit_time.map_or(0, Timestamp::as_millis);
            (!version.is_incompatible(), class, time)
        };
        let by_rank = rank(self).cmp(&rank(other));
        by_rank.then_with(|| self.semver.cmp(&other.semver))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By precedence.
impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        self.semver.cmp(&other.semver)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The fourteen digits of a pseudo-version: `vX.0.0-STAMP-REV`, `vX.Y.Z-pre.0.STAMP-REV`, `vX.Y.Z-0.STAMP-REV`.
fn commit_stamp(semver: &semver::Version) -> Option<&str> {
    let (before, revision) = semver.pre.as_str().rsplit_once('-')?;
    let at = before.len().checked_sub(14)?;
    let (base, stamp) = (before.get(..at)?, before.get(at..)?);
    let digits = stamp.bytes().all(|byte| byte.is_ascii_digit());
    let is_named =
        !revision.is_empty() && revision.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let stands = match base {
        "" => semver.minor == 0 && semver.patch == 0,
        base => base == "0." || base.ends_with(".0."),
    };
    (digits && is_named && stands).then_some(stamp)
}

/// `20260102030405`
fn time_of(stamp: &str) -> Option<Timestamp> {
    let part = |from: usize, to: usize| stamp.get(from..to);
    Timestamp::parse(&format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap_or_else(|| panic!("{text} is a version"))
    }

    #[test]
    fn only_canonical_versions_are_versions() {
        for good in [
            "v0.0.0",
            "v1.2.3",
            "v1.2.3-Beta.1",
            "v1.2.3-rc-1",
            "v20.0.0+incompatible",
            "v0.0.0-20260102030405-abcdefabcdef",
        ] {
            version(good);
        }
        for bad in [
            "1.2.3",
            "v1",
            "v1.2",
            "v01.2.3",
            "v1.2.3-",
            "v1.2.3-01",
            "v1.2.3+build",
            "v1.2.3+incompatible",
            "v2.0.0-rc.1+incompatible.2",
            "v1.2.3.4",
            "V1.2.3",
            "main",
            "",
            "v",
            "v1.2.3-é",
            "v99999999999999999999.0.0",
            "v0.0.0-20261302030405-abcdefabcdef", // no such month
        ] {
            assert!(Version::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn pseudo_versions_have_the_time_of_their_commit() {
        for pseudo in [
            "v0.0.0-20260102030405-abcdefabcdef",
            "v1.2.4-0.20260102030405-abcdefabcdef",
            "v1.2.3-rc.1.0.20260102030405-abcdefabcdef",
            "v2.0.0-20260102030405-abcdefabcdef+incompatible",
        ] {
            let time = version(pseudo).commit_time();
            assert_eq!(time, Timestamp::parse("2026-01-02T03:04:05Z"), "{pseudo}");
        }
        for plain in [
            "v1.2.4-20260102030405-abcdefabcdef",
            "v1.2.3-rc.20260102030405-abc",
            "v1.2.3-rc1",
        ] {
            assert!(!version(plain).is_pseudo(), "{plain}");
        }
    }

    #[test]
    fn the_latest_is_the_highest_release_then_prerelease_then_commit() {
        let in_order = [
            "v9.0.0+incompatible",
            "v1.0.1-0.20260102030405-abcdefabcdef",
            "v0.0.0-20260203040506-abcdefabcdef",
            "v1.3.0-rc.2",
            "v1.3.0-rc.10",
            "v0.9.0",
            "v1.2.0",
            "v1.10.0",
        ]
        .map(version);
        for pair in in_order.windows(2) {
            assert_eq!(pair[0].cmp_as_latest(&pair[1]), Ordering::Less, "{pair:?}");
        }
    }
}
