//! The column types: what a row holds, what SQLite stores for it, and what the wire shows of it.

use std::fmt;

use jiff::civil::Date;
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Serialize, Serializer};

/// A moment in UTC with milliseconds, written `2019-11-27T03:37:38.711Z` (GitLab's form) in rows and answers alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The clock of this machine, cut to milliseconds so that a time read back equals the one written.
    pub fn now() -> Timestamp {
        Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
    }

    /// Milliseconds since 1970; a value no calendar has becomes the nearest one it has.
    pub fn from_millis(millis: i64) -> Timestamp {
        // Whole seconds: the calendar ends within the last one.
        let bounds =
            jiff::Timestamp::MIN.as_second() * 1000..=jiff::Timestamp::MAX.as_second() * 1000;
        let millis = millis.clamp(*bounds.start(), *bounds.end());
        Timestamp(
            jiff::Timestamp::from_millisecond(millis)
                .expect("clamped to the range of the calendar"),
        )
    }

    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Any ISO 8601 date or date-time; a date alone is its first moment in UTC.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let moment = text.parse::<jiff::Timestamp>().ok().or_else(|| {
            let date = text.parse::<Date>().ok()?;
            Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        })?;
        Some(Timestamp::from_millis(moment.as_millisecond()))
    }

    pub fn plus_secs(self, secs: i64) -> Timestamp {
        Timestamp::from_millis(self.as_millis().saturating_add(secs.saturating_mul(1000)))
    }

    /// The calendar day in UTC, `YYYY-MM-DD`.
    pub fn date(self) -> String {
        self.0.strftime("%Y-%m-%d").to_string()
    }

    /// Whole days since 1970 in UTC.
    pub fn day(self) -> i64 {
        self.as_millis().div_euclid(86_400_000)
    }

    /// For the HTTP date headers, whose unit is a second.
    pub fn to_system_time(self) -> std::time::SystemTime {
        std::time::SystemTime::from(self.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Timestamp> {
        let text = value.as_str()?;
        text.parse()
            .map(Timestamp)
            .map_err(|error: jiff::Error| FromSqlError::Other(error.into()))
    }
}

/// An enumeration that is stored as GitLab's number and shown as GitLab's word.
macro_rules! numbered_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant = $number),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            pub fn parse(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }

            pub fn from_number(number: i64) -> Option<$name> {
                match number { $($number => Some($name::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok((*self as i64).into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<$name> {
                let number = value.as_i64()?;
                $name::from_number(number).ok_or(FromSqlError::OutOfRange(number))
            }
        }
    };
}

numbered_words! {
    /// Every package type of GitLab, served here or not: they are part of the wire contract.
    PackageType {
        Maven = 1 "maven", Npm = 2 "npm", Conan = 3 "conan", Nuget = 4 "nuget", Pypi = 5 "pypi",
        Composer = 6 "composer", Generic = 7 "generic", Golang = 8 "golang", Debian = 9 "debian",
        Rubygems = 10 "rubygems", Helm = 11 "helm", TerraformModule = 12 "terraform_module", Rpm = 13 "rpm",
        MlModel = 14 "ml_model", Cargo = 15 "cargo",
    }
}

numbered_words! {
    PackageStatus {
        Default = 0 "default",
        /// Not in lists, still installable by exact name.
        Hidden = 1 "hidden",
        /// Accepted, its metadata not read yet.
        Processing = 2 "processing",
        Error = 3 "error",
        /// Deleted; a background task removes it after a minute.
        PendingDestruction = 4 "pending_destruction",
        Deprecated = 5 "deprecated",
    }
}

numbered_words! {
    Visibility { Private = 0 "private", Internal = 10 "internal", Public = 20 "public" }
}

numbered_words! {
    /// A role, by GitLab's number: comparisons mean "at least".
    AccessLevel {
        Guest = 10 "guest", Planner = 15 "planner", Reporter = 20 "reporter", Developer = 30 "developer",
        Maintainer = 40 "maintainer", Owner = 50 "owner",
        /// Instance administrators; appears in protection rules only, never in a membership.
        Admin = 60 "admin",
    }
}

impl PackageStatus {
    /// In lists that name no status (GitLab: "displayable").
    pub fn is_displayable(self) -> bool {
        matches!(
            self,
            PackageStatus::Default | PackageStatus::Error | PackageStatus::Deprecated
        )
    }

    /// Clients get it by its exact name, whether lists show it or not.
    pub fn is_installable(self) -> bool {
        matches!(
            self,
            PackageStatus::Default | PackageStatus::Hidden | PackageStatus::Deprecated
        )
    }

    /// A person may choose it; the others are given by the machine.
    pub fn is_settable(self) -> bool {
        matches!(
            self,
            PackageStatus::Default | PackageStatus::Hidden | PackageStatus::Deprecated
        )
    }

    /// Has a detail page (GitLab: "detailed info").
    pub fn has_details(self) -> bool {
        matches!(self, PackageStatus::Default | PackageStatus::Deprecated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_shown_with_milliseconds_and_z() {
        let moment = Timestamp::from_millis(1_574_825_858_711);
        assert_eq!(moment.to_string(), "2019-11-27T03:37:38.711Z");
        assert_eq!(Timestamp::parse("2019-11-27T03:37:38.711Z"), Some(moment));
        assert_eq!(
            Timestamp::from_millis(0).to_string(),
            "1970-01-01T00:00:00.000Z"
        );
        for beyond in [i64::MIN, i64::MAX] {
            let end = Timestamp::from_millis(beyond);
            assert_eq!(Timestamp::from_millis(end.as_millis()), end);
        }
    }

    #[test]
    fn a_date_alone_is_its_first_moment() {
        assert_eq!(
            Timestamp::parse("2026-01-02")
                .map(|t| t.to_string())
                .as_deref(),
            Some("2026-01-02T00:00:00.000Z")
        );
        assert_eq!(Timestamp::parse("tomorrow"), None);
    }
}
