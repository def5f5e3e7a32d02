//! What holds for every search, path and pattern.

use proptest::prelude::*;

use super::paths;
use super::search::{Search, search_terms};
use crate::fuzz::{self, escapes, promptly};

const WORDS: &[&str] = &[
    "\"", "\"a", "a\"", " ", "left", "pad", "\t", "ab", ".git", ".atom", "*",
];

#[test]
fn a_long_search_takes_no_square_of_its_length() {
    for flood in fuzz::floods(
        &["\"a ", "a ", "\" ", "\"a\" ", "a", "\"", "\"a b\" \"c "],
        1 << 20,
    ) {
        promptly(|| search_terms(&flood));
        promptly(|| Search::parse(&flood).finds(["left-pad"]));
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn terms_are_never_empty_and_occur_in_the_search(search in fuzz::texts(WORDS)) {
        let plain = search.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        for term in search_terms(&search) {
            prop_assert!(!term.is_empty());
            prop_assert!(plain.contains(&term), "{term:?} in {plain:?}");
        }
    }

    #[test]
    fn a_search_finds_itself(search in fuzz::texts(WORDS)) {
        prop_assume!(!search.contains('"'));
        let plain = search.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert!(Search::parse(&search).finds([plain.as_str()]));
        prop_assert_eq!(Search::parse(&search).nearness(&plain), 2);
    }

    #[test]
    fn a_valid_path_is_one_segment_of_a_url(path in fuzz::texts(WORDS)) {
        if paths::is_valid(&path) {
            prop_assert!(!escapes(&path) && !path.contains(['/', '%']), "{path:?}");
        }
        let slug = paths::slug(&path);
        prop_assert_eq!(paths::slug(&slug), slug);
    }

    #[test]
    fn a_moment_is_read_as_it_is_written(millis in any::<i64>(), text in fuzz::texts(&["2026", "-01", "T00:00", "Z", "+", "9999", "[UTC]"])) {
        let moment = super::Timestamp::from_millis(millis);
        prop_assume!(moment.to_string().len() == 24); // of years before 0 and after 9999 nobody asks
        prop_assert_eq!(super::Timestamp::parse(&moment.to_string()), Some(moment));
        if let Some(moment) = super::Timestamp::parse(&text) {
            prop_assert!(!moment.to_string().is_empty() && !moment.date().is_empty());
        }
    }
}
