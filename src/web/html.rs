//! HTML that is safe because of its type: text becomes [`Html`] only by being escaped.
//!
//! ```text
//! html!("<a href=\"{}\">{}</a>", path, package.name)   // both are escaped
//! html!("<ul>{}</ul>", items)                          // a Vec<Html>, as it is
//! ```

use std::fmt::{self, Display, Write};

/// A piece of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// What is HTML already: a file of our own, or what the sanitiser made.
    pub(super) fn trusted(html: String) -> Html {
        Html(html)
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// What can stand in a piece of HTML, and how.
pub(super) trait Render {
    fn render(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// Used by [`html!`] around each of its values.
pub(super) struct Rendered<'a, T: ?Sized>(pub(super) &'a T);

impl<T: Render + ?Sized> Display for Rendered<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.render(f)
    }
}

/// `format!` whose values are escaped unless they are [`Html`].
macro_rules! html {
    ($format:literal $(, $value:expr)* $(,)?) => {
        $crate::web::html::Html::trusted(format!($format $(, $crate::web::html::Rendered(&$value))*))
    };
}
pub(super) use html;

impl Render for str {
    /// Escapes what means something in HTML, in text and in quoted attributes.
    fn render(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // A name must not turn round what stands beside it (bidirectional overrides).
                '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\0' => {
                    f.write_char('\u{FFFD}')?
                }
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

impl Render for String {
    fn render(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().render(f)
    }
}

impl Render for Html {
    fn render(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T: Render> Render for Vec<T> {
    fn render(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|item| item.render(f))
    }
}

impl<T: Render> Render for Option<T> {
    fn render(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|item| item.render(f))
    }
}

impl<T: Render + ?Sized> Render for &T {
    fn render(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).render(f)
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Render for $number {
            fn render(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Display::fmt(self, f)
            }
        }
    )*};
}
numbers!(i64 u64 usize);

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_leaves_its_place() {
        assert_eq!(
            html!("<b>{}</b>", "<a href='x' b=\"&\">").into_string(),
            "<b>&lt;a href=&#39;x&#39; b=&quot;&amp;&quot;&gt;</b>"
        );
        assert_eq!(html!("{}", "a\u{202E}b").into_string(), "a\u{FFFD}b");
    }

    #[test]
    fn html_is_not_escaped_twice() {
        let items = vec![html!("<li>{}</li>", "&"), html!("<li>{}</li>", 2_i64)];
        assert_eq!(
            html!("<ul>{}</ul>", items).into_string(),
            "<ul><li>&amp;</li><li>2</li></ul>"
        );
    }
}
