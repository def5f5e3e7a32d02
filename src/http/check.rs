//! Validation of parameters, in GitLab's words (contract 1.3).

use std::collections::BTreeMap;

use super::params::Param;
use super::{Page, Params};
use crate::error::{Error, Result};
use crate::registry::Timestamp;

/// Validation in GitLab's words: every problem is collected in the order of declaration, and all are told at once.
/// What was declared and has a value goes into the `Link` header.
pub struct Check<'a> {
    params: &'a Params,
    problems: Vec<String>,
    declared: BTreeMap<String, String>,
}

impl<'a> Check<'a> {
    pub(super) fn new(params: &'a Params) -> Check<'a> {
        Check {
            params,
            problems: Vec::new(),
            declared: BTreeMap::new(),
        }
    }

    fn problem(&mut self, name: &str, text: &str) {
        self.problems.push(format!("{name} {text}"));
    }

    fn declare(&mut self, name: &str, value: impl ToString) {
        self.declared.insert(name.to_owned(), value.to_string());
    }

    /// Any text; an empty one is as good as none.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = match self.params.values.get(name) {
            Some(Param::Text(text)) if !text.is_empty() => text.clone(),
            Some(Param::List(_)) => {
                self.problem(name, "is invalid");
                return None;
            }
            _ => return None,
        };
        self.declare(name, &text);
        Some(text)
    }

    /// A text that was given, the empty one included: how descriptions are cleared.
    pub fn text_or_empty(&mut self, name: &str) -> Option<String> {
        match self.params.values.get(name) {
            Some(Param::Text(text)) => Some(text.clone()),
            Some(Param::Null) => Some(String::new()),
            _ => None,
        }
    }

    /// A text that must be there; the empty text stands for a value that could not be had.
    pub fn required(&mut self, name: &str) -> String {
        match self.params.values.get(name) {
            None => self.problem(name, "is missing"),
            Some(Param::Text(text)) if !text.is_empty() => {
                return self.text(name).unwrap_or_default();
            }
            Some(Param::Text(_) | Param::Null) => self.problem(name, "is empty"),
            Some(Param::List(_)) => self.problem(name, "is invalid"),
        }
        String::new()
    }

    /// One of a set of words.
    pub fn choice(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let text = match self.params.values.get(name)? {
            Param::Text(text) => text.clone(),
            Param::Null => return None,
            Param::List(_) => String::new(),
        };
        match words.iter().find(|word| **word == text) {
            Some(word) => {
                self.declare(name, word);
                Some(word)
            }
            None => {
                self.problem(name, "does not have a valid value");
                None
            }
        }
    }

    /// One of a set of words that must be there.
    pub fn required_choice(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        match self.params.values.get(name) {
            None => self.problem(name, "is missing"),
            Some(Param::Null) => self.problem(name, "does not have a valid value"),
            Some(_) => return self.choice(name, words),
        }
        None
    }

    pub fn choice_or(
        &mut self,
        name: &str,
        words: &[&'static str],
        default: &'static str,
    ) -> &'static str {
        if !self.params.is_given(name) {
            self.declare(name, default);
            return default;
        }
        self.choice(name, words).unwrap_or(default)
    }

    /// `true/false`, `1/0`, `t/f`, `yes/no`, `on/off` in any case; an empty value is none.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let text = match self.params.values.get(name)? {
            Param::Text(text) if text.is_empty() => return None,
            Param::Text(text) => text.to_ascii_lowercase(),
            Param::Null => return None,
            Param::List(_) => String::new(),
        };
        let flag = match text.as_str() {
            "true" | "1" | "t" | "yes" | "y" | "on" => true,
            "false" | "0" | "f" | "no" | "n" | "off" => false,
            _ => {
                self.problem(name, "is invalid");
                return None;
            }
        };
        self.declare(name, flag);
        Some(flag)
    }

    /// A flag with a default, which stands in links as GitLab's does.
    pub fn flag_or(&mut self, name: &str, default: bool) -> bool {
        let flag = self.flag(name).unwrap_or(default);
        self.declare(name, flag);
        flag
    }

    pub fn integer(&mut self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        let number = text.trim().parse().ok();
        if number.is_none() {
            self.problem(name, "is invalid");
        }
        number
    }

    /// A whole number from nought on.
    pub fn natural(&mut self, name: &str) -> Option<i64> {
        let number = self.integer(name)?;
        if number < 0 {
            self.problem(name, "does not have a valid value");
            return None;
        }
        Some(number)
    }

    pub fn required_integer(&mut self, name: &str) -> i64 {
        if !self.params.is_given(name) {
            self.problem(name, "is missing");
        }
        self.integer(name).unwrap_or(0)
    }

    /// A calendar date `YYYY-MM-DD`; a date-time is cut to its day.
    pub fn date(&mut self, name: &str) -> Option<String> {
        Some(self.moment(name)?.date())
    }

    pub fn moment(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.text(name)?;
        let moment = Timestamp::parse(&text);
        if moment.is_none() {
            self.problem(name, "is invalid");
        }
        moment
    }

    /// An array, or text with commas.
    pub fn list(&mut self, name: &str) -> Option<Vec<String>> {
        match self.params.values.get(name)? {
            Param::List(list) => Some(list.clone()),
            Param::Text(text) => Some(
                text.split(',')
                    .map(|item| item.trim().to_owned())
                    .filter(|item| !item.is_empty())
                    .collect(),
            ),
            Param::Null => None,
        }
    }

    /// A list that must be there and hold nothing but these words.
    pub fn required_choices(&mut self, name: &str, words: &[&'static str]) -> Vec<String> {
        let Some(list) = self.list(name) else {
            self.problem(name, "is missing");
            return Vec::new();
        };
        if list.is_empty() {
            self.problem(name, "is empty");
        } else if list.iter().any(|item| !words.contains(&item.as_str())) {
            self.problem(name, "does not have a valid value");
        }
        list
    }

    /// At least one of these must be given.
    pub fn at_least_one_of(&mut self, names: &[&str]) {
        if !names.iter().any(|name| self.params.is_given(name)) {
            self.problems.push(format!(
                "{} are missing, at least one parameter must be provided",
                names.join(", ")
            ));
        }
    }

    /// `page` and `per_page` with GitLab's bounds (contract 4.1).
    pub fn page(&mut self) -> Page {
        let page = self.integer("page").unwrap_or(1);
        let per_page = self.integer("per_page").unwrap_or(20);
        if page < 1 {
            self.problem("page", "does not have a valid value");
        }
        match per_page {
            0 => self.problem("per_page", "has a value not allowed"),
            ..0 => self.problem("per_page", "does not have a valid value"),
            _ => {}
        }
        Page {
            page: page.max(1),
            per_page: per_page.clamp(1, super::pagination::MOST_PER_PAGE),
        }
    }

    /// Refuses in GitLab's words; [`Check::done`] with a text of one's own.
    pub fn refuse(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    /// 400 with every problem, or what was declared, for the `Link` header.
    pub fn done(self) -> Result<BTreeMap<String, String>> {
        if self.problems.is_empty() {
            Ok(self.declared)
        } else {
            Err(Error::InvalidParams(self.problems))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(query: &str, f: impl FnOnce(&mut Check<'_>)) -> String {
        let params = Params::from_query(query);
        let mut check = params.check();
        f(&mut check);
        check.done().expect_err("a problem").to_string()
    }

    #[test]
    fn every_problem_is_told_in_the_order_of_declaration() {
        let text = problems("order_by=foo&sort=bar", |check| {
            check.choice_or("order_by", &["created_at"], "created_at");
            check.choice_or("sort", &["asc", "desc"], "asc");
        });
        assert_eq!(
            text,
            "order_by does not have a valid value, sort does not have a valid value"
        );
    }

    #[test]
    fn empty_words_are_wrong_and_empty_texts_are_none() {
        assert_eq!(
            problems("sort=", |check| _ =
                check.choice_or("sort", &["asc"], "asc")),
            "sort does not have a valid value"
        );
        let params = Params::from_query("package_name=&page=&include_versionless=");
        let mut check = params.check();
        assert_eq!(check.text("package_name"), None);
        assert_eq!(check.flag("include_versionless"), None);
        assert_eq!(check.page().page, 1);
        assert!(check.done().is_ok());
    }

    #[test]
    fn pages_have_their_bounds() {
        assert_eq!(
            problems("per_page=0", |check| _ = check.page()),
            "per_page has a value not allowed"
        );
        assert_eq!(
            problems("per_page=-1", |check| _ = check.page()),
            "per_page does not have a valid value"
        );
        assert_eq!(
            problems("page=0", |check| _ = check.page()),
            "page does not have a valid value"
        );
        assert_eq!(
            problems("page=x", |check| _ = check.page()),
            "page is invalid"
        );
        assert_eq!(
            Params::from_query("per_page=500").check().page().per_page,
            100
        );
    }

    #[test]
    fn a_list_is_an_array_or_has_commas() {
        assert_eq!(
            Params::from_query("scopes[]=a&scopes[]=b")
                .check()
                .list("scopes"),
            Some(vec!["a".into(), "b".into()])
        );
        assert_eq!(
            Params::from_query("scopes=a,b").check().list("scopes"),
            Some(vec!["a".into(), "b".into()])
        );
    }
}
