//! Sizes, times and numbers as people read them.

use super::html::{Html, html};
use crate::registry::{PackageType, Timestamp};

use super::snippets;

/// `12.3 KiB`
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = if value < 99.95 { 1 } else { 0 };
    format!("{value:.digits$} {}", UNITS[unit])
}

/// `1 234 567`, with thin blanks.
pub(super) fn number(value: i64) -> String {
    let digits = value.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digit.is_ascii_digit() {
            grouped.push('\u{202F}');
        }
        grouped.push(digit);
    }
    grouped
}

/// `3 files`
pub(super) fn count(value: i64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// `3 days ago`, with the moment itself behind it.
pub(super) fn ago(moment: Timestamp) -> Html {
    let text = since(moment, Timestamp::now());
    html!(
        "<time datetime=\"{}\" title=\"{}\">{}</time>",
        moment.to_string(),
        moment.to_string(),
        text
    )
}

fn since(moment: Timestamp, now: Timestamp) -> String {
    let minutes = (now.as_millis() - moment.as_millis()) / 60_000;
    let say = |value: i64, unit: &str| match value {
        1 => format!("1 {unit} ago"),
        value => format!("{value} {unit}s ago"),
    };
    match minutes {
        ..1 => "just now".to_owned(),
        1..60 => say(minutes, "minute"),
        60..1_440 => say(minutes / 60, "hour"),
        1_440..43_200 => say(minutes / 1_440, "day"),
        43_200..525_600 => say(minutes / 43_200, "month"),
        _ => say(minutes / 525_600, "year"),
    }
}

/// The mark of a format.
pub(super) fn badge(package_type: PackageType) -> Html {
    html!(
        "<span class=\"type type-{}\">{}</span>",
        package_type.as_str(),
        snippets::format_name(package_type)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_numbers_are_short() {
        assert_eq!(size(1023), "1023 B");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(1024 * 1024 - 1), "1.0 MiB");
        assert_eq!(size(u64::MAX), "16384 PiB");
        assert_eq!(number(1_234_567), "1\u{202F}234\u{202F}567");
        assert_eq!(number(999), "999");
    }

    #[test]
    fn times_are_told_in_their_largest_unit() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let before = |secs: i64| since(now.plus_secs(-secs), now);
        assert_eq!(before(10), "just now");
        assert_eq!(before(60), "1 minute ago");
        assert_eq!(before(7_200), "2 hours ago");
        assert_eq!(before(86_400 * 45), "1 month ago");
        assert_eq!(before(-500), "just now");
    }
}
