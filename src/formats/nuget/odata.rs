//! The OData that clients of the v2 feed write: a path with quoted keys, and a few forms of `$filter` and `$orderby`
//! (OData 2.0, "URI conventions"). What is not understood is refused: an empty feed would say that there is nothing.

use std::collections::VecDeque;

use super::version::Version;
use super::{id, refused};
use crate::error::Result;

/// A condition on one version.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    /// The folded id is, begins with, or holds this.
    Id(Match, String),
    /// The version, by its key.
    Version(String),
    Is(Flag),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Match {
    Whole,
    Start,
    Part,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Flag {
    Latest,
    AbsoluteLatest,
    Prerelease,
    Listed,
}

/// A version as filters see it.
pub(super) struct Candidate<'a> {
    pub(super) name_key: &'a str,
    pub(super) version_key: &'a str,
    pub(super) is_latest: bool,
    pub(super) is_absolute_latest: bool,
    pub(super) is_prerelease: bool,
    pub(super) is_listed: bool,
}

impl Filter {
    pub(super) fn parse(text: &str) -> Result<Filter> {
        let mut parser = Parser::of(text)?;
        let filter = parser.any(0)?;
        match parser.tokens.is_empty() {
            true => Ok(filter),
            false => Err(not_understood(text)),
        }
    }

    pub(super) fn accepts(&self, candidate: &Candidate<'_>) -> bool {
        match self {
            Filter::All(filters) => filters.iter().all(|filter| filter.accepts(candidate)),
            Filter::Any(filters) => filters.iter().any(|filter| filter.accepts(candidate)),
            Filter::Not(filter) => !filter.accepts(candidate),
            Filter::Id(Match::Whole, id) => candidate.name_key == id,
            Filter::Id(Match::Start, id) => candidate.name_key.starts_with(id.as_str()),
            Filter::Id(Match::Part, id) => candidate.name_key.contains(id.as_str()),
            Filter::Version(key) => candidate.version_key == key,
            Filter::Is(Flag::Latest) => candidate.is_latest,
            Filter::Is(Flag::AbsoluteLatest) => candidate.is_absolute_latest,
            Filter::Is(Flag::Prerelease) => candidate.is_prerelease,
            Filter::Is(Flag::Listed) => candidate.is_listed,
        }
    }

    /// The one id that it lets through, where it names one.
    pub(super) fn only_id(&self) -> Option<&str> {
        match self {
            Filter::Id(Match::Whole, id) => Some(id),
            Filter::All(filters) => filters.iter().find_map(Filter::only_id),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum OrderBy {
    Id,
    Version,
    Published,
    Downloads,
}

/// `DownloadCount desc,Id`: each with whether it descends.
pub(super) fn order(text: &str) -> Result<Vec<(OrderBy, bool)>> {
    let key = |part: &str| {
        let mut words = part.split_whitespace();
        let by = match words.next()? {
            "Id" | "Title" => OrderBy::Id,
            "Version" | "NormalizedVersion" => OrderBy::Version,
            "Published" | "Created" | "LastUpdated" | "LastEdited" => OrderBy::Published,
            "DownloadCount" | "VersionDownloadCount" => OrderBy::Downloads,
            _ => return None,
        };
        match (words.next(), words.next()) {
            (None | Some("asc"), None) => Some((by, false)),
            (Some("desc"), None) => Some((by, true)),
            _ => None,
        }
    };
    let keys: Option<Vec<_>> = text.split(',').map(key).collect();
    keys.ok_or_else(|| refused(format!("the $orderby `{}` is not understood", shown(text))))
}

/// The text in quotes, two of which stand for one; or the text without any.
pub(super) fn unquoted(text: &str) -> String {
    let inner = text
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''));
    inner.map_or_else(|| text.to_owned(), |inner| inner.replace("''", "'"))
}

/// `Id='X',Version='1.0'`: both, in either order.
pub(super) fn entity_key(text: &str) -> Option<(String, String)> {
    let mut tokens = Parser::of(text).ok()?.tokens.into_iter();
    let (mut id, mut version) = (None, None);
    loop {
        let (Some(Token::Word(name)), Some(Token::Word(equals)), Some(Token::Text(value))) =
            (tokens.next(), tokens.next(), tokens.next())
        else {
            return None;
        };
        match (name.as_str(), equals.as_str()) {
            ("Id", "=") => id = Some(value),
            ("Version", "=") => version = Some(value),
            _ => return None,
        }
        match tokens.next() {
            Some(Token::Comma) => {}
            Some(_) => return None,
            None => return Some((id?, version?)),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    /// Without its quotes.
    Text(String),
    Word(String),
}

struct Parser<'a> {
    text: &'a str,
    tokens: VecDeque<Token>,
}

const DEEPEST: usize = 16;

impl<'a> Parser<'a> {
    fn of(text: &'a str) -> Result<Parser<'a>> {
        let mut tokens = VecDeque::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '(' | ')' | ',' | '=' => {
                    tokens.push_back(match first {
                        '(' => Token::Open,
                        ')' => Token::Close,
                        ',' => Token::Comma,
                        _ => Token::Word("=".to_owned()),
                    });
                    1
                }
                '\'' => {
                    let end = end_of_text(rest).ok_or_else(|| not_understood(text))?;
                    tokens.push_back(Token::Text(unquoted(&rest[..end])));
                    end
                }
                _ => {
                    let is_end = |c: char| c.is_whitespace() || "(),='".contains(c);
                    let end = rest.find(is_end).unwrap_or(rest.len());
                    tokens.push_back(Token::Word(rest[..end].to_owned()));
                    end
                }
            };
            rest = rest[length..].trim_start();
        }
        Ok(Parser { text, tokens })
    }
}

/// Behind the closing quote of a text that begins here.
fn end_of_text(text: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        at += text.get(at..)?.find('\'')? + 1;
        match text[at..].starts_with('\'') {
            true => at += 1,
            false => return Some(at),
        }
    }
}

impl Parser<'_> {
    fn fail<T>(&self) -> Result<T> {
        Err(not_understood(self.text))
    }

    fn any(&mut self, depth: usize) -> Result<Filter> {
        let mut filters = vec![self.all(depth)?];
        while self.take_word("or") {
            filters.push(self.all(depth)?);
        }
        Ok(one_or(filters, Filter::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Filter> {
        let mut filters = vec![self.one(depth)?];
        while self.take_word("and") {
            filters.push(self.one(depth)?);
        }
        Ok(one_or(filters, Filter::All))
    }

    fn one(&mut self, depth: usize) -> Result<Filter> {
        if depth > DEEPEST {
            return self.fail();
        }
        if self.take_word("not") {
            return Ok(Filter::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take(&Token::Open) {
            let filter = self.any(depth + 1)?;
            return match self.take(&Token::Close) {
                true => self.compared(filter),
                false => self.fail(),
            };
        }
        let Some(Token::Word(word)) = self.next() else {
            return self.fail();
        };
        let flag = match word.as_str() {
            "IsLatestVersion" => Flag::Latest,
            "IsAbsoluteLatestVersion" => Flag::AbsoluteLatest,
            "IsPrerelease" => Flag::Prerelease,
            "Listed" => Flag::Listed,
            "startswith" => return self.function(Match::Start),
            "substringof" => return self.function(Match::Part),
            "tolower" | "Id" => {
                self.put_back(Token::Word(word));
                self.id()?;
                return Ok(Filter::Id(Match::Whole, id::key(&self.equal_text()?)));
            }
            "Version" | "NormalizedVersion" => {
                let text = self.equal_text()?;
                let key = Version::parse(&text).map_or(text, |version| version.key());
                return Ok(Filter::Version(key));
            }
            _ => return self.fail(),
        };
        self.compared(Filter::Is(flag))
    }

    /// `IsPrerelease eq false`, and without a comparison.
    fn compared(&mut self, filter: Filter) -> Result<Filter> {
        let negates = match self.next() {
            Some(Token::Word(word)) if word == "eq" => false,
            Some(Token::Word(word)) if word == "ne" => true,
            Some(other) => {
                self.put_back(other);
                return Ok(filter);
            }
            None => return Ok(filter),
        };
        let wanted = match self.next() {
            Some(Token::Word(word)) if word == "true" => true,
            Some(Token::Word(word)) if word == "false" => false,
            _ => return self.fail(),
        };
        Ok(match wanted != negates {
            true => filter,
            false => Filter::Not(Box::new(filter)),
        })
    }

    /// `startswith(tolower(Id),'x')` and `substringof('x',tolower(Id))`.
    fn function(&mut self, how: Match) -> Result<Filter> {
        let mut good = self.take(&Token::Open);
        let text = if how == Match::Part {
            let text = self.text()?;
            good &= self.take(&Token::Comma);
            self.id()?;
            text
        } else {
            self.id()?;
            good &= self.take(&Token::Comma);
            self.text()?
        };
        match good && self.take(&Token::Close) {
            true => self.compared(Filter::Id(how, id::key(&text))),
            false => self.fail(),
        }
    }

    /// `Id` or `tolower(Id)`.
    fn id(&mut self) -> Result<()> {
        let good = match self.take_word("tolower") {
            true => self.take(&Token::Open) && self.take_word("Id") && self.take(&Token::Close),
            false => self.take_word("Id"),
        };
        if good { Ok(()) } else { self.fail() }
    }

    fn equal_text(&mut self) -> Result<String> {
        match self.take_word("eq") {
            true => self.text(),
            false => self.fail(),
        }
    }

    fn text(&mut self) -> Result<String> {
        match self.next() {
            Some(Token::Text(text)) => Ok(text),
            _ => self.fail(),
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.take(&Token::Word(word.to_owned()))
    }

    fn take(&mut self, token: &Token) -> bool {
        let is_next = self.tokens.front() == Some(token);
        if is_next {
            self.tokens.pop_front();
        }
        is_next
    }

    fn next(&mut self) -> Option<Token> {
        self.tokens.pop_front()
    }

    fn put_back(&mut self, token: Token) {
        self.tokens.push_front(token);
    }
}

fn one_or(mut filters: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.len() {
        1 => filters.remove(0),
        _ => many(filters),
    }
}

fn not_understood(text: &str) -> crate::error::Error {
    refused(format!(
        "the $filter `{}` is not understood: Id, Version, NormalizedVersion, IsLatestVersion, IsAbsoluteLatestVersion, \
         IsPrerelease and Listed can be asked for",
        shown(text)
    ))
}

fn shown(text: &str) -> String {
    text.chars()
        .take(200)
        .collect::<String>()
        .escape_debug()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_of_the_clients_are_understood() {
        let id = |text: &str| Filter::Id(Match::Whole, text.to_owned());
        let is = |flag| Filter::Is(flag);
        for (text, filter) in [
            ("tolower(Id) eq 'acme'", id("acme")),
            ("(tolower(Id) eq 'acme')", id("acme")),
            ("Id eq 'It''s' ", id("it's")),
            ("IsLatestVersion", is(Flag::Latest)),
            ("IsLatestVersion eq true", is(Flag::Latest)),
            (
                "IsPrerelease eq false",
                Filter::Not(Box::new(is(Flag::Prerelease))),
            ),
            (
                "(tolower(Id) eq 'a') and IsAbsoluteLatestVersion",
                Filter::All(vec![id("a"), is(Flag::AbsoluteLatest)]),
            ),
            (
                "Id eq 'A' and Version eq '1.0'",
                Filter::All(vec![id("a"), Filter::Version("1.0.0".into())]),
            ),
            (
                "((tolower(Id) eq 'a') or (tolower(Id) eq 'b')) and not IsPrerelease",
                Filter::All(vec![
                    Filter::Any(vec![id("a"), id("b")]),
                    Filter::Not(Box::new(is(Flag::Prerelease))),
                ]),
            ),
            (
                "startswith(tolower(Id),'a')",
                Filter::Id(Match::Start, "a".into()),
            ),
            (
                "substringof('a',tolower(Id)) eq true",
                Filter::Id(Match::Part, "a".into()),
            ),
        ] {
            assert_eq!(Filter::parse(text).unwrap(), filter, "{text}");
        }
        let filter = Filter::parse("(Id eq 'A') and Version eq '1.0'").unwrap();
        assert_eq!(filter.only_id(), Some("a"));
    }

    #[test]
    fn everything_else_is_refused() {
        let deep = "(".repeat(100_000);
        for text in [
            "",
            "Foo eq 'x'",
            "Id",
            "Id eq",
            "Id eq 'x",
            "Id eq x",
            "Id ne 'x'",
            "IsLatestVersion and",
            "Id eq 'x' Id eq 'y'",
            "(Id eq 'x'",
            "tolower(Tags) eq 'x'",
            "not",
            "IsPrerelease eq 'x'",
            "'",
            "startswith('a',Id)",
            &deep,
        ] {
            assert!(
                Filter::parse(text).is_err(),
                "{}",
                &text[..text.len().min(40)]
            );
        }
        assert!(order("Id desc,Version").is_ok());
        for text in ["", "Foo", "Id down", "Id desc x", "Id,"] {
            assert!(order(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_are_read_in_either_order() {
        let key = Some(("It's".to_owned(), "1.0".to_owned()));
        assert_eq!(entity_key("Id='It''s',Version='1.0'"), key);
        assert_eq!(entity_key("Version='1.0', Id='It''s'"), key);
        for text in [
            "",
            "Id='x'",
            "Id='x',Version=1",
            "Id='x',Version='1',",
            "'x','1'",
        ] {
            assert_eq!(entity_key(text), None, "{text}");
        }
    }
}
