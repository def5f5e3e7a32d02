//! Shell patterns, as Python's `fnmatch` has them: `*`, `?`, `[abc]`, `[!a-z]`.

/// A pattern that any text can be held against, in time that grows with both and no faster.
pub(super) struct Glob {
    tokens: Vec<Token>,
    ignore_case: bool,
}

enum Token {
    Star,
    Any,
    One(char),
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Glob {
    pub(super) fn parse(pattern: &str, ignore_case: bool) -> Glob {
        let folded = match ignore_case {
            true => pattern.to_lowercase(),
            false => pattern.to_owned(),
        };
        let chars: Vec<char> = folded.chars().collect();
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(&char) = chars.get(at) {
            at += 1;
            let token = match char {
                '*' => Token::Star,
                '?' => Token::Any,
                '[' => match set(&chars[at..]) {
                    Some((set, length)) => {
                        at += length;
                        set
                    }
                    None => Token::One('['), // never closed: it means itself
                },
                other => Token::One(other),
            };
            let is_second_star =
                matches!(token, Token::Star) && matches!(tokens.last(), Some(Token::Star));
            if !is_second_star {
                tokens.push(token);
            }
        }
        Glob {
            tokens,
            ignore_case,
        }
    }

    /// The whole text.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = match self.ignore_case {
            true => text.to_lowercase().chars().collect(),
            false => text.chars().collect(),
        };
        let (mut token, mut at) = (0, 0);
        // Only the last star ever needs another try, one character further on.
        let mut retry = None;
        while at < text.len() {
            match self.tokens.get(token) {
                Some(Token::Star) => {
                    token += 1;
                    retry = Some((token, at));
                }
                Some(one) if one.takes(text[at]) => {
                    token += 1;
                    at += 1;
                }
                _ => match retry {
                    Some((after_star, from)) => {
                        token = after_star;
                        at = from + 1;
                        retry = Some((after_star, at));
                    }
                    None => return false,
                },
            }
        }
        self.tokens[token.min(self.tokens.len())..]
            .iter()
            .all(|token| matches!(token, Token::Star))
    }
}

impl Token {
    fn takes(&self, char: char) -> bool {
        match self {
            Token::Star => false,
            Token::Any => true,
            Token::One(one) => *one == char,
            Token::Set { negated, ranges } => {
                let inside = ranges
                    .iter()
                    .any(|(first, last)| (first..=last).contains(&&char));
                inside != *negated
            }
        }
    }
}

/// What follows a `[`: the set, and how many characters it takes with its `]`, which stands for itself if it comes first.
fn set(chars: &[char]) -> Option<(Token, usize)> {
    let negated = chars.first() == Some(&'!');
    let start = usize::from(negated);
    let close = chars.iter().skip(start + 1).position(|char| *char == ']')? + start + 1;
    let mut ranges = Vec::new();
    let mut at = start;
    while at < close {
        if at + 2 < close && chars[at + 1] == '-' {
            ranges.push((chars[at], chars[at + 2]));
            at += 3;
        } else {
            ranges.push((chars[at], chars[at]));
            at += 1;
        }
    }
    Some((Token::Set { negated, ranges }, close + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(pattern: &str, text: &str) -> bool {
        Glob::parse(pattern, false).matches(text)
    }

    #[test]
    fn patterns_mean_what_they_mean_to_fnmatch() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "hello/0.1"),
            ("hel*", "hello/0.1"),
            ("*/0.1@*", "hello/0.1@u/c"),
            ("h?llo", "hello"),
            ("[a-hx]ello", "hello"),
            ("[!a-g]ello", "hello"),
            ("[]x]a", "]a"),
            ("[a", "[a"),
            ("a**b", "ab"),
            ("*a*b", "aab"),
        ] {
            assert!(hits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("hel", "hello"),
            ("?", ""),
            ("[!h]ello", "hello"),
            ("*x", "hello"),
            ("hello", "Hello"),
            ("a*b", "abc"),
        ] {
            assert!(!hits(pattern, text), "{pattern} {text}");
        }
        assert!(Glob::parse("HEL*", true).matches("Hello"));
    }

    #[test]
    fn a_hostile_pattern_takes_no_long_time() {
        let pattern = "*a".repeat(2_000);
        assert!(!hits(&pattern, &("a".repeat(1_000) + "b")));
    }
}
