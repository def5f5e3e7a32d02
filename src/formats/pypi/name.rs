//! Names of Python projects (PyPA specification "Names and normalization", PEP 503).

/// What identifies a project: lower case, every run of `-`, `_` and `.` one `-`.
pub(super) fn normal(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.extend(other.to_lowercase()),
        }
    }
    normal
}

/// ASCII letters and digits, in between also `.`, `_` and `-`.
pub(super) fn is_valid(name: &str) -> bool {
    let bytes = name.as_bytes();
    let ends_well = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    bytes.len() <= 255
        && ends_well(bytes.first())
        && ends_well(bytes.last())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one() {
        for name in ["My.Pkg", "my_pkg", "my-pkg", "MY__.-pkg"] {
            assert_eq!(normal(name), "my-pkg", "{name}");
        }
    }

    #[test]
    fn a_name_begins_and_ends_with_a_letter_or_digit() {
        for name in ["a", "7", "A-b.c_d", "zope.interface"] {
            assert!(is_valid(name), "{name}");
        }
        for name in [
            "", "-a", "a-", ".a", "a b", "a/b", "../a", "é", "a%2e", "<b>",
        ] {
            assert!(!is_valid(name), "{name}");
        }
    }
}
