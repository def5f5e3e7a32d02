//! READMEs: Markdown into HTML that can do nothing, everything else as the text that it is.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadmeKind {
    Markdown,
    /// reStructuredText, AsciiDoc, plain text: shown as it is written.
    Text,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readme {
    pub kind: ReadmeKind,
    /// As it was published.
    pub text: String,
}

/// Of a README, what is shown. The sanitiser's work may grow with the square of it.
const MOST_BYTES: usize = 96 << 10;

impl Readme {
    /// `None` for one that says nothing. By the media type or the file name that it comes with: `text/x-rst`, `README.rst`;
    /// without either it is Markdown, which plain text reads well as.
    pub fn new(text: &str, called: &str) -> Option<Readme> {
        let called = called.to_ascii_lowercase();
        let is_text = ["rst", "text/plain", ".txt", ".adoc", ".asciidoc", ".org"]
            .iter()
            .any(|ending| called.contains(ending));
        let text = match text.len() > MOST_BYTES {
            true => Cow::Owned(format!(
                "{}\n\n…",
                &text[..text.floor_char_boundary(MOST_BYTES)]
            )),
            false => Cow::Borrowed(text),
        };
        let text = text.trim();
        (!text.is_empty()).then(|| Readme {
            kind: if is_text {
                ReadmeKind::Text
            } else {
                ReadmeKind::Markdown
            },
            text: text.to_owned(),
        })
    }

    /// Sanitised HTML: no script, no style, no image, no form, no frame; links leave with `nofollow`. `None` for plain text.
    pub fn html(&self) -> Option<String> {
        (self.kind == ReadmeKind::Markdown).then(|| rendered(&self.text))
    }
}

fn rendered(markdown: &str) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    let mut fitting = Fitting::default();
    let events = Parser::new_ext(markdown, options).filter_map(|event| fitting.fit(event));
    pulldown_cmark::html::push_html(&mut html, events);
    SANITISER.clean(&html).to_string()
}

/// What Markdown says, as it fits into a page: headings below the page's own, a picture as a link to it (the page loads
/// nothing from elsewhere), a box to tick as the sign of one. And not deeper than a reader could follow: a browser's and the
/// sanitiser's work grows with the square of the depth.
#[derive(Default)]
struct Fitting {
    /// For each open element, whether it is shown.
    open: Vec<bool>,
    shown: usize,
    raw_tags: usize,
}

/// Elements inside each other.
const DEEPEST: usize = 24;
/// Tags of the author's own HTML; what comes after so many is shown as text.
const MOST_RAW_TAGS: usize = 1_000;

impl Fitting {
    fn fit<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        match event {
            Event::Start(tag) => {
                let is_shown = self.shown < DEEPEST;
                self.open.push(is_shown);
                self.shown += usize::from(is_shown);
                is_shown.then(|| Event::Start(fitted(tag)))
            }
            Event::End(tag) => {
                let was_shown = self.open.pop().unwrap_or(false);
                self.shown -= usize::from(was_shown);
                was_shown.then(|| Event::End(fitted_end(tag)))
            }
            Event::Html(raw) | Event::InlineHtml(raw) => {
                self.raw_tags += raw.matches('<').count();
                Some(match self.raw_tags > MOST_RAW_TAGS {
                    true => Event::Text(raw),
                    false => Event::InlineHtml(raw),
                })
            }
            Event::TaskListMarker(done) => Some(Event::Text(CowStr::Borrowed(if done {
                "☑ "
            } else {
                "☐ "
            }))),
            other => Some(other),
        }
    }
}

fn fitted(tag: Tag<'_>) -> Tag<'_> {
    match tag {
        Tag::Image {
            dest_url, title, ..
        } => Tag::Link {
            link_type: LinkType::Inline,
            dest_url,
            title,
            id: CowStr::Borrowed(""),
        },
        Tag::Heading {
            level,
            id,
            classes,
            attrs,
        } => Tag::Heading {
            level: lowered(level),
            id,
            classes,
            attrs,
        },
        other => other,
    }
}

fn fitted_end(tag: TagEnd) -> TagEnd {
    match tag {
        TagEnd::Image => TagEnd::Link,
        TagEnd::Heading(level) => TagEnd::Heading(lowered(level)),
        other => other,
    }
}

fn lowered(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 2).unwrap_or(HeadingLevel::H6)
}

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from([
            "a",
            "b",
            "blockquote",
            "br",
            "code",
            "dd",
            "del",
            "details",
            "div",
            "dl",
            "dt",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "i",
            "kbd",
            "li",
            "ol",
            "p",
            "pre",
            "q",
            "s",
            "samp",
            "strong",
            "sub",
            "summary",
            "sup",
            "table",
            "tbody",
            "td",
            "tfoot",
            "th",
            "thead",
            "tr",
            "tt",
            "ul",
            "var",
        ]))
        .clean_content_tags(HashSet::from([
            "script", "style", "iframe", "object", "template", "noscript",
        ]))
        .tag_attributes(
            [
                ("a", HashSet::from(["href"])),
                ("ol", HashSet::from(["start"])),
            ]
            .into(),
        )
        // Without this `title` and `lang` would be good everywhere.
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        // Relative addresses would lead into this registry, which has none of the repository's files.
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow noopener noreferrer"));
    builder
});

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markdown: &str) -> String {
        Readme::new(markdown, "README.md").unwrap().html().unwrap()
    }

    #[test]
    fn markdown_is_rendered() {
        let html = html("# Left\n\n*pad* with `code`\n\n| a |\n|---|\n| b |\n\n- [x] done\n");
        for part in [
            "<h3>Left</h3>",
            "☑ done",
            "<em>pad</em>",
            "<code>code</code>",
            "<td>b</td>",
        ] {
            assert!(html.contains(part), "{html}");
        }
    }

    #[test]
    fn nothing_that_could_act_survives() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "<div style=\"position:fixed;inset:0\" onclick=x>y</div>",
            "<svg><animate onbegin=alert(1)></svg>",
            "<form action=/x><input name=y><button>z</button></form>",
            "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<base href=//evil><link rel=stylesheet href=//evil><meta http-equiv=refresh content=0>",
            "![x](https://elsewhere/pixel.png)",
            "<a id=search name=main class=button>clobbered</a>",
        ];
        for markdown in hostile {
            let html = html(markdown).to_lowercase();
            for forbidden in [
                "<script",
                "<img",
                "javascript:",
                "data:",
                "style",
                "onerror",
                "onclick",
                "onbegin",
                "<form",
                "<input",
                "<button",
                "<iframe",
                "<svg",
                "<math",
                "<base",
                "<link",
                "<meta",
                " id=",
                " class=",
                " name=",
            ] {
                assert!(!html.contains(forbidden), "{markdown} became {html}");
            }
        }
    }

    #[test]
    fn a_picture_is_a_link_to_it() {
        assert!(html("![build](https://example.com/b.svg)").contains(">build</a>"));
    }

    #[test]
    fn restructured_text_stays_text() {
        let readme = Readme::new("Title\n=====\n", "text/x-rst").unwrap();
        assert_eq!((readme.kind, readme.html()), (ReadmeKind::Text, None));
        assert_eq!(Readme::new(" \n", "README.md"), None);
    }

    #[test]
    fn what_is_made_to_be_slow_is_not() {
        for part in [
            ">",
            "[",
            "<div>",
            "*a ",
            "`",
            "![",
            "<b>",
            "- ",
            "|",
            "&",
            "<a href=x>",
            "_",
            "[a](",
            "<!--",
        ] {
            let started = std::time::Instant::now();
            html(&part.repeat(MOST_BYTES / part.len()));
            let took = started.elapsed();
            assert!(took.as_secs() < 5, "{part:?} takes {took:?}");
        }
    }
}
