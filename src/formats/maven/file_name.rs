//! File names of a snapshot: `demo-1.0-20261121.204416-1-sources.jar` is build 1 of `demo` `1.0-SNAPSHOT`.

use std::collections::BTreeMap;

use super::path::SNAPSHOT;

/// When a build was made, and its number. Builds are ordered by number: the client counts it up from the newest
/// that it is told, and clocks of build machines differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Build {
    pub(super) number: u64,
    /// `20261121.204416`, UTC
    pub(super) timestamp: String,
}

/// Which file of a build: the classifier is empty for the main one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) classifier: String,
    pub(super) extension: String,
}

/// What a file of a snapshot is called; `build` is `None` for a name without a timestamp (sbt, Ivy, Maven 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SnapshotFile {
    pub(super) build: Option<Build>,
    pub(super) part: Part,
}

impl SnapshotFile {
    /// `None` for names that do not follow the grammar; they are files all the same.
    pub(super) fn parse(artifact: &str, version: &str, file_name: &str) -> Option<SnapshotFile> {
        let rest = file_name.strip_prefix(artifact)?.strip_prefix('-')?;
        if let Some(rest) = rest.strip_prefix(version) {
            return Some(SnapshotFile {
                build: None,
                part: Part::parse(rest)?,
            });
        }
        let base = version.strip_suffix(SNAPSHOT)?;
        let rest = rest.strip_prefix(base)?.strip_prefix('-')?;
        let (date, rest) = digits(rest, 8)?;
        let (time, rest) = digits(rest.strip_prefix('.')?, 6)?;
        let rest = rest.strip_prefix('-')?;
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = rest.split_at(length);
        let build = Build {
            number: number.parse().ok()?,
            timestamp: format!("{date}.{time}"),
        };
        Some(SnapshotFile {
            build: Some(build),
            part: Part::parse(rest)?,
        })
    }
}

fn digits(text: &str, length: usize) -> Option<(&str, &str)> {
    let (digits, rest) = text.split_at_checked(length)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some((digits, rest))
}

impl Part {
    /// What the file is called without a timestamp.
    pub(super) fn plain_name(&self, artifact: &str, version: &str) -> String {
        self.name(artifact, version)
    }

    /// The file of this part in one build.
    pub(super) fn name_in_build(&self, artifact: &str, version: &str, build: &Build) -> String {
        let base = version.strip_suffix(SNAPSHOT).unwrap_or(version);
        self.name(
            artifact,
            &format!("{base}-{}-{}", build.timestamp, build.number),
        )
    }

    fn name(&self, artifact: &str, version: &str) -> String {
        let dash = if self.classifier.is_empty() { "" } else { "-" };
        format!(
            "{artifact}-{version}{dash}{}.{}",
            self.classifier, self.extension
        )
    }

    /// `-sources.jar` or `.tar.gz`: what comes after the version. A signature is no part of its own.
    fn parse(rest: &str) -> Option<Part> {
        let (classifier, extension) = match rest.strip_prefix('-') {
            Some(rest) => {
                // A classifier may have dots; an extension of two words is one of tar.
                let at = rest.rfind('.')?;
                let at = rest[..at].strip_suffix(".tar").map_or(at, str::len);
                (&rest[..at], &rest[at + 1..])
            }
            None => ("", rest.strip_prefix('.')?),
        };
        let is_signature = extension == "asc" || extension.ends_with(".asc");
        let good = !extension.is_empty()
            && !is_signature
            && (rest.starts_with('.') || !classifier.is_empty());
        good.then(|| Part {
            classifier: classifier.to_owned(),
            extension: extension.to_owned(),
        })
    }
}

/// The newest build of each part, and of all of them: what the document of a snapshot says.
pub(super) fn newest_builds<'a>(
    artifact: &str,
    version: &str,
    file_names: impl Iterator<Item = &'a str>,
) -> BTreeMap<Part, Option<Build>> {
    let mut newest: BTreeMap<Part, Option<Build>> = BTreeMap::new();
    for SnapshotFile { build, part } in
        file_names.filter_map(|name| SnapshotFile::parse(artifact, version, name))
    {
        let known = newest.entry(part).or_default();
        if build > *known {
            *known = build;
        }
    }
    newest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str) -> Option<(Option<u64>, String, String)> {
        let file = SnapshotFile::parse("demo", "1.0-SNAPSHOT", name)?;
        Some((
            file.build.map(|build| build.number),
            file.part.classifier,
            file.part.extension,
        ))
    }

    fn is(
        number: Option<u64>,
        classifier: &str,
        extension: &str,
    ) -> Option<(Option<u64>, String, String)> {
        Some((number, classifier.to_owned(), extension.to_owned()))
    }

    #[test]
    fn the_parts_of_a_snapshot_are_understood() {
        assert_eq!(
            parse("demo-1.0-20261121.204416-1.jar"),
            is(Some(1), "", "jar")
        );
        assert_eq!(
            parse("demo-1.0-20261121.204416-12-sources.jar"),
            is(Some(12), "sources", "jar")
        );
        assert_eq!(
            parse("demo-1.0-20261121.204416-1-bin.tar.gz"),
            is(Some(1), "bin", "tar.gz")
        );
        assert_eq!(
            parse("demo-1.0-20261121.204416-1.tar.gz"),
            is(Some(1), "", "tar.gz")
        );
        assert_eq!(
            parse("demo-1.0-SNAPSHOT-linux.x86.so"),
            is(None, "linux.x86", "so")
        );
        assert_eq!(parse("demo-1.0-SNAPSHOT.jar"), is(None, "", "jar"));
    }

    #[test]
    fn other_names_are_no_parts() {
        for name in [
            "other-1.0-20261121.204416-1.jar",
            "demo-1.0-20261121.204416-1.jar.asc",
            "demo-1.0-20261121-1.jar",
            "demo-2.0-20261121.204416-1.jar",
            "demo-1.0-20261121.204416-99999999999999999999999.jar",
            "demo-1.0-20261121.204416-1",
            "demo-1.0-é",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn the_newest_build_is_the_one_with_the_highest_number() {
        let names = [
            "demo-1.0-20261121.204416-9.jar",
            "demo-1.0-20261121.204400-10.jar",
            "demo-1.0-SNAPSHOT.jar",
        ];
        let newest = newest_builds("demo", "1.0-SNAPSHOT", names.into_iter());
        let numbers: Vec<_> = newest
            .into_values()
            .map(|build| build.map(|build| build.number))
            .collect();
        assert_eq!(numbers, [Some(10)]);
    }
}
