//! The grammar of a generic file's path (GitLab docs, "Publish a package file"; texts as its API answers them).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::{Error, Result};
use crate::http::{FromPath, PathParams};
use crate::registry::{PackageKey, PackageType};

/// What stays as it is when a sub-directory becomes part of a stored name (URI component encoding).
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `my_tool/1.0.0/linux/tool.tar.gz`: name, version, and a file that may lie in sub-directories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FilePath {
    pub(super) name: String,
    pub(super) version: String,
    /// As it is stored and listed: `linux%2Ftool.tar.gz`.
    pub(super) file_name: String,
    /// The last segment: what a browser saves.
    pub(super) base_name: String,
}

impl FilePath {
    pub(super) fn key(&self) -> PackageKey {
        PackageKey::exact(PackageType::Generic, &self.name, &self.version)
    }
}

impl FromPath for FilePath {
    fn from_path(params: &PathParams) -> Result<FilePath> {
        let (name, version, file) = (
            params.get("package_name"),
            params.get("package_version"),
            params.get("file"),
        );
        // GitLab keeps the last word for its front proxy; no client uses it, and it must store nothing.
        let (directory, base_name) = file.rsplit_once('/').unwrap_or(("", file));
        if base_name == "authorize" && !directory.is_empty() {
            return Err(Error::Missing);
        }
        let mut problems = Vec::new();
        let mut check = |good: bool, text: &str| {
            if !good {
                problems.push(text.to_owned())
            }
        };
        check(is_name(name), "package_name is invalid");
        check(is_version(version), "package_version is invalid");
        check(is_safe_path(file), "file_name should be a valid file path");
        check(
            is_file_name(base_name)
                && directory
                    .split('/')
                    .all(|segment| directory.is_empty() || is_segment(segment)),
            "file_name is invalid",
        );
        if !problems.is_empty() {
            return Err(Error::InvalidParams(problems));
        }
        let file_name = utf8_percent_encode(file, COMPONENT).to_string();
        let file_name = if directory.is_empty() {
            base_name.to_owned()
        } else {
            file_name
        };
        Ok(FilePath {
            name: name.to_owned(),
            version: version.to_owned(),
            file_name,
            base_name: base_name.to_owned(),
        })
    }
}

fn is_made_of(text: &str, more: &[u8]) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
}

fn is_name(text: &str) -> bool {
    is_made_of(text, b"._+-") && is_safe_path(text)
}

/// Anything but semver: a commit id is a version, too. Two dots in a row never are, nor is one alone, which clients take
/// out of a URL.
fn is_version(text: &str) -> bool {
    is_made_of(text, b"._+-") && !text.contains("..") && text != "."
}

fn is_file_name(text: &str) -> bool {
    is_made_of(text, b"._+~@-") && !text.starts_with(['~', '@']) && !text.ends_with(['~', '@'])
}

fn is_segment(text: &str) -> bool {
    is_made_of(text, b"._+~@-")
}

/// No step upwards, however it is spelled: the text is decoded again and again until nothing changes.
fn is_safe_path(text: &str) -> bool {
    let mut text = text.to_owned();
    for _ in 0..4 {
        let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == text {
            break;
        }
        text = decoded;
    }
    let climbs = text
        .split(['/', '\\'])
        .any(|segment| segment == ".." || segment == ".");
    !climbs && !text.starts_with('/') && !text.contains(['\0', '\r', '\n', '%'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, version: &str, file: &str) -> Result<FilePath> {
        FilePath::from_path(&PathParams::decode(
            [
                ("package_name", name),
                ("package_version", version),
                ("file", file),
            ]
            .into_iter(),
        ))
    }

    #[test]
    fn what_gitlab_accepts_is_accepted() {
        for file in [
            "my+file.tar.gz",
            "my~file.tar.gz",
            "myfile@1.1.tar.gz",
            "app%2Etar%2Egz",
            "a%2Bb",
        ] {
            assert!(parse("my-package", "1.2.bananas", file).is_ok(), "{file}");
        }
        for version in [
            "1.2",
            "v1.2.4-build",
            "3f786850e387550fdab836ed7e6dc881de23001b",
            "6%2E6%2E15",
        ] {
            assert!(parse("my-package", version, "f").is_ok(), "{version}");
        }
    }

    #[test]
    fn what_gitlab_refuses_is_refused() {
        for version in ["..1.2.3", "1.2.3-4%2F..%2F..%2F", "%2e%2e%2f1.2.3", "1 2"] {
            assert!(parse("my-package", version, "f").is_err(), "{version}");
        }
        for name in [
            "my-package%2F..%2F",
            "my-package%2f%2e%2e%2f",
            "my package",
            "@my",
            "..",
            "",
        ] {
            assert!(parse(name, "1.0", "f").is_err(), "{name}");
        }
        for file in [
            "..%2F.ssh%2fauthorized_keys",
            "%2e%2e%2f.ssh%2fauthorized_keys",
            "~x",
            "x~",
            "@x",
            "x@",
            "a b",
            "a%00b",
            "a%0d%0ab",
            "a%252e%252e%252fb",
            "a%5c..%5cb",
            "a//b",
            "/a",
            ".",
        ] {
            assert!(parse("my-package", "1.0", file).is_err(), "{file}");
        }
    }

    #[test]
    fn both_spellings_of_a_sub_directory_are_one_file() {
        let plain = parse("p", "1", "path/to/file.txt").expect("a good path");
        assert_eq!(plain.file_name, "path%2Fto%2Ffile.txt");
        assert_eq!(plain.base_name, "file.txt");
        assert_eq!(
            parse("p", "1", "path%2Fto%2Ffile.txt").expect("a good path"),
            plain
        );
    }
}
