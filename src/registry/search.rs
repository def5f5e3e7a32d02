//! What a search means (contract 6.3 and 11.2).

/// GitLab's fuzzy search over short texts: every term of at least three letters must occur in one of them.
/// A search without such a term must be a whole text.
#[derive(Clone, Debug, Default)]
pub struct Search {
    whole: String,
    terms: Vec<String>,
}

impl Search {
    pub fn parse(text: &str) -> Search {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut terms = search_terms(text);
        terms.retain(|term| term.chars().count() >= 3);
        Search {
            whole: words.join(" ").to_lowercase(),
            terms,
        }
    }

    /// Whether one of these texts is meant. An empty search means everything.
    pub fn finds<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        self.whole.is_empty() || texts.into_iter().any(|text| self.finds_in(text))
    }

    fn finds_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        match self.terms.as_slice() {
            [] => text == self.whole,
            terms => terms.iter().all(|term| text.contains(term)),
        }
    }

    /// How near a name comes: 2 it is what was searched for, 1 it begins so, 0 neither.
    pub fn nearness(&self, name: &str) -> u8 {
        let name = name.to_lowercase();
        match () {
            () if name == self.whole => 2,
            () if name.starts_with(&self.whole) => 1,
            () => 0,
        }
    }
}

/// Blanks part the terms, quotes keep a phrase together; lower case, as everything that is searched.
pub fn search_terms(search: &str) -> Vec<String> {
    let words: Vec<&str> = search.split_whitespace().collect();
    let mut terms = Vec::new();
    let mut rest = words.as_slice();
    let mut may_close = true; // once no quote closes, none of the later ones does
    while let [first, after @ ..] = rest {
        let closing = (may_close && first.starts_with('"')).then(|| {
            // A quote alone cannot close itself.
            rest.iter()
                .enumerate()
                .position(|(at, word)| word.ends_with('"') && (at > 0 || word.len() > 1))
        });
        may_close &= closing != Some(None);
        match closing.flatten() {
            Some(last) => {
                terms.push(rest[..=last].join(" ").trim_matches('"').to_owned());
                rest = &rest[last + 1..];
            }
            None => {
                terms.push((*first).to_owned());
                rest = after;
            }
        }
    }
    terms.retain(|term| !term.is_empty());
    terms.into_iter().map(|term| term.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_part_terms_and_quotes_keep_phrases() {
        assert_eq!(search_terms("  Foo   bar "), ["foo", "bar"]);
        assert_eq!(search_terms("\"foo bar\" baz"), ["foo bar", "baz"]);
        assert_eq!(search_terms("a \"b"), ["a", "\"b"]);
        assert_eq!(search_terms("\"one\""), ["one"]);
        assert!(search_terms("   ").is_empty());
    }

    #[test]
    fn long_terms_occur_and_short_searches_are_whole_texts() {
        let search = Search::parse("left pad");
        assert!(search.finds(["nothing", "My Left-Pad"]));
        assert!(!search.finds(["left", "pad"]), "both in one text");
        assert!(Search::parse("go").finds(["Go"]));
        assert!(!Search::parse("go").finds(["golang"]));
        assert!(Search::parse(" ").finds(["anything"]));
    }
}
