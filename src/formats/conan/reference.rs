//! Which recipe: `name/version@user/channel`, or `name/version` alone.

use std::fmt;

use crate::error::{Error, Result};
use crate::http::{FromPath, PathParams};
use crate::registry::{PackageKey, PackageType};

/// In a path, for who has neither user nor channel.
const NONE: &str = "_";

/// Longest name, version or channel (Conan 2; Conan 1 and GitLab stop at 50).
const LONGEST: usize = 101;
/// At instance level the user is the path of a project, with all its groups.
const LONGEST_USER: usize = 255;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) version: String,
    /// Both or neither.
    pub(super) user_and_channel: Option<(String, String)>,
}

impl Reference {
    pub(super) fn key(&self) -> PackageKey {
        let qualifier = self
            .user_and_channel
            .as_ref()
            .map(|(user, channel)| format!("{user}/{channel}"));
        PackageKey {
            qualifier: qualifier.unwrap_or_default(),
            ..PackageKey::exact(PackageType::Conan, &self.name, &self.version)
        }
    }

    /// As it stands in a URL.
    pub(super) fn path(&self) -> String {
        let (user, channel) = match &self.user_and_channel {
            Some((user, channel)) => (user.as_str(), channel.as_str()),
            None => (NONE, NONE),
        };
        format!("{}/{}/{user}/{channel}", self.name, self.version)
    }
}

impl FromPath for Reference {
    fn from_path(params: &PathParams) -> Result<Reference> {
        let part = |name: &'static str, shortest: usize, longest: usize| {
            let text = params.get(name);
            match is_part(text, shortest, longest) {
                true => Ok(text.to_owned()),
                false => Err(Error::invalid_param(format!("{name} is invalid"))),
            }
        };
        let name = part("package_name", 2, LONGEST)?;
        let version = part("package_version", 1, LONGEST)?;
        let channel = part("package_channel", 1, LONGEST)?;
        let user = user(params);
        if !is_part(&user, 1, LONGEST_USER) {
            return Err(Error::invalid_param("package_username is invalid"));
        }
        let user_and_channel = match (user == NONE, channel == NONE) {
            (true, true) => None,
            (false, false) => Some((user, channel)),
            (true, false) => return Err(half("user")),
            (false, true) => return Err(half("channel")),
        };
        Ok(Reference {
            name,
            version,
            user_and_channel,
        })
    }
}

/// GitLab's words (Conan's own server has no such rule).
fn half(missing: &str) -> Error {
    Error::bad_request(format!("{missing} can't be solely blank"))
}

/// Some proxies turn the plus of `acme+tools` into a blank, which no user has.
fn user(params: &PathParams) -> String {
    params.get("package_username").replace(' ', "+")
}

/// The project that a recipe belongs to at instance level: its user names it.
pub(super) fn project(params: &PathParams) -> Option<String> {
    let user = user(params);
    // Digits alone would be an id.
    let is_path = user.contains('+') && is_part(&user, 1, LONGEST_USER);
    is_path.then(|| user.replace('+', "/"))
}

/// The user that a project's recipes must have at instance level.
pub(super) fn user_of_project(full_path: &str) -> String {
    full_path.replace('/', "+")
}

/// `[a-zA-Z0-9_][a-zA-Z0-9_+.-]*`
fn is_part(text: &str, shortest: usize, longest: usize) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (shortest..=longest).contains(&text.len())
        && text.bytes().next().is_some_and(is_word)
        && text
            .bytes()
            .all(|byte| is_word(byte) || matches!(byte, b'+' | b'.' | b'-'))
}

/// As people and clients write it.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.version)?;
        match &self.user_and_channel {
            Some((user, channel)) => write!(f, "@{user}/{channel}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, version: &str, user: &str, channel: &str) -> Result<Reference> {
        Reference::from_path(&params(name, version, user, channel))
    }

    fn params(name: &str, version: &str, user: &str, channel: &str) -> PathParams {
        PathParams::decode(
            [
                ("package_name", name),
                ("package_version", version),
                ("package_username", user),
                ("package_channel", channel),
            ]
            .into_iter(),
        )
    }

    #[test]
    fn what_conan_1_and_conan_2_call_their_recipes_is_accepted() {
        let reference = parse("Hello", "0.1", "acme+tools", "stable").unwrap();
        assert_eq!(reference.to_string(), "Hello/0.1@acme+tools/stable");
        assert_eq!(reference.key().qualifier, "acme+tools/stable");
        assert_eq!(reference.path(), "Hello/0.1/acme+tools/stable");
        assert_eq!(
            parse("Hello", "0.1", "acme%2Btools", "stable").unwrap(),
            reference
        );
        assert_eq!(
            parse("Hello", "0.1", "acme%20tools", "stable").unwrap(),
            reference
        );
        let bare = parse("zlib", "1", "_", "_").unwrap();
        assert_eq!(bare.to_string(), "zlib/1");
        assert_eq!(
            (bare.key().qualifier.as_str(), bare.path().as_str()),
            ("", "zlib/1/_/_")
        );
    }

    #[test]
    fn half_a_user_and_hostile_parts_are_refused() {
        assert!(parse("hello", "1.0", "_", "stable").is_err());
        assert!(parse("hello", "1.0", "me", "_").is_err());
        let long = "a".repeat(102);
        for bad in [
            "", "..", ".a", "-a", "a%2Fb", "a%00", "a\u{e9}", "a%0Ab", &long, "%2e%2e",
        ] {
            assert!(parse(bad, "1.0", "_", "_").is_err(), "{bad}");
            assert!(parse("hello", bad, "_", "_").is_err(), "{bad}");
            assert!(
                parse("hello", "1.0", bad, "stable").is_err() || bad == long,
                "{bad}"
            );
            assert!(parse("hello", "1.0", "me", bad).is_err(), "{bad}");
        }
        assert!(parse("h", "1.0", "_", "_").is_err());
    }

    #[test]
    fn only_a_path_names_a_project() {
        let of = |user| project(&params("hello", "1.0", user, "stable"));
        assert_eq!(of("acme+sub+tools").as_deref(), Some("acme/sub/tools"));
        assert_eq!(of("acme"), None);
        assert_eq!(of("_"), None);
        assert_eq!(of("12"), None);
        assert_eq!(of("..+acme"), None);
    }
}
