//! What holds for every README.

use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;

use super::readme::Readme;
use crate::fuzz::{self, promptly};

const WORDS: &[&str] = &[
    "<script>",
    "</script>",
    "<img src=x onerror=alert(1)>",
    "<a href=\"javascript:a\">",
    "[a](javascript:b)",
    "![x](data:text/html,x)",
    "<svg/onload=x>",
    "<style>",
    "<!--",
    "-->",
    "<![CDATA[",
    "`",
    "```\n",
    "\n",
    "\n\n",
    "> ",
    "- ",
    "| a ",
    "|-",
    "[",
    "]",
    "(",
    ")",
    "&lt;",
    "&#x3c;",
    "*",
    "# ",
    "<",
    ">",
    "\"",
    "<math><mi><table><mglyph><style>",
    "<p title='",
    "http://a",
];

/// `name="value"`
static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| Regex::new("([^ =]+)=\"([^\"]*)\"").unwrap());

fn html(text: &str) -> String {
    let readme = Readme::new(text, "README.md");
    readme.and_then(|readme| readme.html()).unwrap_or_default()
}

#[test]
fn a_long_readme_takes_no_square_of_its_length() {
    for flood in fuzz::floods(
        &[
            "[",
            "![",
            "*",
            "_",
            "`",
            "> ",
            "- ",
            "<a>",
            "<b",
            "<",
            "&",
            "|",
            "[a](",
            "[a]: b\n",
            "<!--",
            "~~",
            "# ",
            "\\",
            "a\n===\n",
            "|a|\n|-|\n",
            "1. ",
            "  - a\n",
            "<table><tr>",
            "](",
        ],
        96 << 10,
    ) {
        promptly(|| html(&flood));
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn no_readme_can_do_anything_in_a_page(text in fuzz::texts(WORDS)) {
        let html = promptly(|| html(&text));
        // What is left of tags is what the sanitiser writes itself: `<name` and at most these attributes, in quotes.
        for tag in html.split('<').skip(1) {
            let inside = tag.split('>').next().unwrap_or_default();
            let name = inside.trim_start_matches('/').split(' ').next().unwrap_or_default();
            prop_assert!(!["script", "img", "svg", "style", "math", "iframe", "form", "input"].contains(&name), "{html}");
            for found in ATTRIBUTE.captures_iter(inside) {
                let is_address = ["http://", "https://", "mailto:"].iter().any(|scheme| found[2].starts_with(scheme));
                let is_good = matches!(&found[1], "rel" | "start" | "title" | "lang") || &found[1] == "href" && is_address;
                prop_assert!(is_good, "{:?} in {html}", &found[0]);
            }
            prop_assert!(!ATTRIBUTE.replace_all(inside, "").contains('='), "{html}");
        }
    }
}
