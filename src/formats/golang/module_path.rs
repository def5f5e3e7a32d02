//! Module paths, and the paths of files in a module (golang.org/x/mod/module: `CheckPath`, `CheckFilePath`,
//! `CheckPathMajor`).

use super::version::Version;

/// Longer ones exist nowhere, and would only fill caches.
pub(super) const MOST_BYTES: usize = 512;

/// Windows has no files of these names, whatever their extension.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// What is wrong with a module path; `None`: nothing.
pub(super) fn fault(path: &str) -> Option<&'static str> {
    let first = path.split('/').next().unwrap_or_default();
    let in_host = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    if path.len() > MOST_BYTES {
        return Some("it is too long");
    }
    if let Some(fault) = path.split('/').find_map(module_element_fault) {
        return Some(fault);
    }
    if !first.contains('.') {
        return Some("its first element has no dot");
    }
    if first.starts_with('-') || !first.bytes().all(in_host) {
        return Some("its first element is no host name");
    }
    match major_suffix(path) {
        None => Some("its version suffix is wrong"),
        Some(_) => None,
    }
}

/// Whether this version may be one of the module: `/v2` and up belong to the path (`.v2` below gopkg.in).
pub(super) fn fits(path: &str, version: &Version) -> bool {
    let Some(suffix) = major_suffix(path) else {
        return false;
    };
    let suffix = suffix.strip_suffix("-unstable").unwrap_or(suffix);
    match suffix.get(2..) {
        None => version.major() < 2 || version.is_incompatible(),
        // An old `go` made such pseudo-versions of gopkg.in modules.
        Some("1") if version.is_pseudo() && version.as_str().starts_with("v0.0.0-") => true,
        Some(major) => major == version.major().to_string() && !version.is_incompatible(),
    }
}

/// `/v2`, `.v2-unstable`, or empty; `None` if it is neither.
fn major_suffix(path: &str) -> Option<&str> {
    let is_gopkg = path.starts_with("gopkg.in/");
    let stem = match is_gopkg {
        true => path.strip_suffix("-unstable").unwrap_or(path),
        false => path,
    };
    let digits = |byte: char| byte.is_ascii_digit() || (!is_gopkg && byte == '.');
    let base = stem.trim_end_matches(digits);
    let number = &stem[base.len()..];
    let mark = if is_gopkg { ".v" } else { "/v" };
    if number.is_empty() || !base.ends_with(mark) {
        return (!is_gopkg).then_some("");
    }
    let is_major = match (is_gopkg, number) {
        (true, "0") => true,
        (false, "1") => false,
        (_, number) => !number.starts_with('0') && !number.contains('.'),
    };
    is_major.then(|| &path[base.len() - mark.len()..])
}

fn module_element_fault(element: &str) -> Option<&'static str> {
    let in_path = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
    if element.starts_with('.') {
        return Some("an element begins with a dot");
    }
    if let Some(fault) = element_fault(element, in_path) {
        return Some(fault);
    }
    let stem = element.split('.').next().unwrap_or_default();
    let short_name = stem.rsplit_once('~').is_some_and(|(_, digits)| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    short_name.then_some("an element ends in a tilde and digits")
}

/// What is wrong with the path of a file in a module; `None`: nothing.
pub(super) fn file_fault(path: &str) -> Option<&'static str> {
    let in_file_name = |letter: char| match letter.is_ascii() {
        true => letter.is_ascii_alphanumeric() || "!#$%&()+,-.=@[]^_{}~ ".contains(letter),
        false => letter.is_alphabetic(),
    };
    let mut elements = path.split('/');
    elements.find_map(|element| element_fault(element, in_file_name))
}

fn element_fault(element: &str, is_letter: impl Fn(char) -> bool) -> Option<&'static str> {
    let stem = element.split('.').next().unwrap_or_default();
    if element.is_empty() {
        return Some("an element is empty");
    }
    if element.bytes().all(|byte| byte == b'.') {
        return Some("an element is made of dots");
    }
    if element.ends_with('.') {
        return Some("an element ends with a dot");
    }
    if !element.chars().all(is_letter) {
        return Some("it has a character that may not stand there");
    }
    if RESERVED.iter().any(|name| stem.eq_ignore_ascii_case(name)) {
        return Some("Windows has no file of that name");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_go_accepts_are_accepted() {
        for good in [
            "example.com",
            "example.com/Acme/hello",
            "github.com/Azure/go_sdk~x/v2",
            "example.com/v/v20",
            "example.com/hello-2.0",
            "gopkg.in/yaml.v3",
            "gopkg.in/yaml.v0",
            "gopkg.in/src-d/go-git.v4-unstable",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
    }

    #[test]
    fn paths_that_go_refuses_are_refused() {
        for bad in [
            "",
            "hello",
            "Example.com/x",
            "-example.com/x",
            "exa_mple.com/x",
            "example.com/",
            "/example.com",
            "example.com//x",
            "example.com/../x",
            "example.com/.x",
            "example.com/x.",
            "example.com/x y",
            "example.com/é",
            "example.com/CON",
            "example.com/aux.txt",
            "example.com/foo~1",
            "example.com/x/v1",
            "example.com/x/v0",
            "example.com/x/v02",
            "example.com/x/v2.0",
            "gopkg.in/yaml",
            "gopkg.in/yaml.v03",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn the_major_version_stands_in_the_path_from_two_on() {
        for (path, version, expected) in [
            ("example.com/x", "v0.1.0", true),
            ("example.com/x", "v1.9.0", true),
            ("example.com/x", "v2.0.0", false),
            ("example.com/x", "v2.0.0+incompatible", true),
            ("example.com/x/v2", "v2.1.0", true),
            ("example.com/x/v2", "v1.0.0", false),
            ("example.com/x/v2", "v3.0.0", false),
            ("example.com/x/v2", "v2.0.0+incompatible", false),
            ("gopkg.in/x.v1", "v1.2.0", true),
            ("gopkg.in/x.v1", "v0.0.0-20260102030405-abcdefabcdef", true),
            ("gopkg.in/x.v3-unstable", "v3.0.0", true),
            ("gopkg.in/x.v3", "v2.0.0", false),
        ] {
            let parsed = Version::parse(version).expect("a version");
            assert_eq!(fits(path, &parsed), expected, "{path} {version}");
        }
    }

    #[test]
    fn names_of_files_may_have_more_letters() {
        for good in [
            "go.mod",
            "a b/c@1.txt",
            "ünï/код.go",
            ".github/x",
            "foo~1.txt",
        ] {
            assert_eq!(file_fault(good), None, "{good}");
        }
        for bad in [
            "", "a//b", "../x", "a/./b", "x.", "nul.go", "a:b", "a\\b", "a*b", "a\nb", "a\u{7f}",
        ] {
            assert!(file_fault(bad).is_some(), "{bad:?}");
        }
    }
}
