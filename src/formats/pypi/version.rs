//! Versions of Python projects (PEP 440): which are valid, and which are the same.

use std::sync::LazyLock;

use regex::Regex;

/// PEP 440, appendix B, without the blanks around it.
static VERSION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^v?(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\.[0-9]+)*)",
        r"(?<pre>[-_.]?(?<pre_kind>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?<pre_number>[0-9]+)?)?",
        r"(?<post>-(?<post_short>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?<post_number>[0-9]+)?)?",
        r"(?<dev>[-_.]?dev[-_.]?(?<dev_number>[0-9]+)?)?",
        r"(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$",
    ))
    .expect("the pattern of PEP 440 is a regular expression")
});

/// What identifies a version: its normal form without zeros at the end, so that `1.0`, `v1` and `1.0.0` are one.
/// `None` for what is no version.
pub(super) fn key(version: &str) -> Option<String> {
    if version.len() > 255 || !version.is_ascii() {
        return None;
    }
    let version = version.to_ascii_lowercase();
    let parts = VERSION.captures(&version)?;
    let part = |name| parts.name(name).map(|found| found.as_str());
    let number = |name| digits(part(name).unwrap_or("0"));
    let mut key = String::new();
    if let Some(epoch) = part("epoch").map(digits).filter(|epoch| *epoch != "0") {
        key = format!("{epoch}!");
    }
    let mut release: Vec<&str> = part("release")?.split('.').map(digits).collect();
    while release.len() > 1 && release.last() == Some(&"0") {
        release.pop();
    }
    key.push_str(&release.join("."));
    if let Some(kind) = part("pre_kind") {
        let kind = match kind {
            "alpha" | "a" => "a",
            "beta" | "b" => "b",
            _ => "rc",
        };
        key.push_str(kind);
        key.push_str(number("pre_number"));
    }
    if part("post").is_some() {
        let short = part("post_short").map(digits);
        key.push_str(".post");
        key.push_str(short.unwrap_or_else(|| number("post_number")));
    }
    if part("dev").is_some() {
        key.push_str(".dev");
        key.push_str(number("dev_number"));
    }
    if let Some(local) = part("local") {
        let is_number = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_digit());
        let segments = local.split(['-', '_', '.']).map(|segment| {
            if is_number(segment) {
                digits(segment)
            } else {
                segment
            }
        });
        key.push('+');
        key.push_str(&segments.collect::<Vec<_>>().join("."));
    }
    Some(key)
}

/// A number of any length in its normal form: without zeros in front.
fn digits(number: &str) -> &str {
    match number.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_version_are_one() {
        for (key_of_all, spellings) in [
            ("1", &["1.0", "v1", "1.0.0", "01.00", "0!1"][..]),
            ("0", &["0", "0.0", "000"]),
            (
                "1.2rc1",
                &["1.2rc1", "1.2-C.1", "1.2.0pre01", "1.2_preview_1"],
            ),
            ("1a0", &["1a", "1.0alpha", "1.ALPHA0"]),
            ("1b2", &["1.0-beta-2", "1b02"]),
            (
                "1.post4",
                &["1-4", "1.0.post4", "1r4", "1-rev.4", "1.POST-04"],
            ),
            ("1.post0", &["1post", "1.0.post"]),
            ("1.dev0", &["1dev", "1.0-dev", "1.dev0"]),
            (
                "2!1.1a1.post2.dev3+cu.118",
                &["2!1.1.0a1.post2.dev3+cu-118", "2!1.1-alpha1-2_dev3+CU_0118"],
            ),
            ("1+0a", &["1.0+0a"]),
        ] {
            for spelling in spellings {
                assert_eq!(key(spelling).as_deref(), Some(key_of_all), "{spelling}");
            }
        }
    }

    #[test]
    fn different_versions_are_different() {
        let keys = [
            "1.0",
            "1.0.1",
            "1!1.0",
            "1.0a1",
            "1.0b1",
            "1.0rc1",
            "1.0.post1",
            "1.0.dev1",
            "1.0+1",
            "10",
        ]
        .map(|version| key(version).expect("a version"));
        for (at, one) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(one), "{one}");
        }
    }

    #[test]
    fn what_is_no_version_has_no_key() {
        for text in [
            "",
            "a",
            "1.",
            ".1",
            "1..2",
            "1.0-",
            "1 ",
            " 1",
            "1.0+",
            "1.0+a+b",
            "1.0+a..b",
            "1.0/..",
            "1.0ſ",
            "1.0.poſt1",
            "dev",
            "1.0-a-b",
            "1.0rc1rc2",
            "latest",
            "1.0\n",
            "!1",
        ] {
            assert_eq!(key(text), None, "{text:?}");
        }
        assert_eq!(key(&"1".repeat(256)), None);
    }
}
