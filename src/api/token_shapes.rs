//! What personal, project and group access tokens have in common: their JSON, the filters of their lists, their dates.

use std::cmp::Ordering;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::http::describe::{
    Field,
    Shape::{self, *},
};
use crate::http::{Check, Page};
use crate::registry::{ACCESS_TOKEN_DAYS, AccessToken, Timestamp};

/// GitLab's access token, keys in its order.
#[derive(Serialize)]
pub(super) struct AccessTokenView {
    id: i64,
    name: String,
    active: bool,
    revoked: bool,
    expired: bool,
    /// GitLab's permissions per resource, which do not exist here.
    granular: bool,
    created_at: Timestamp,
    description: Option<String>,
    scopes: Vec<String>,
    user_id: i64,
    last_used_at: Option<Timestamp>,
    expires_at: Option<String>,
}

pub(super) const TOKEN_KEYS: &[Field] = &[
    ("id", Integer),
    ("name", Text),
    ("active", Flag),
    ("revoked", Flag),
    ("expired", Flag),
    ("granular", Flag),
    ("created_at", Moment),
    ("description", Maybe(&Text)),
    ("scopes", List(&Text)),
    ("user_id", Integer),
    ("last_used_at", Maybe(&Moment)),
    ("expires_at", Maybe(&Date)),
];
pub(super) const TOKEN: Shape = Named("AccessToken", &Object(&[TOKEN_KEYS]));
/// Shown once.
pub(super) const VALUE: &[Field] = &[("token", Text)];
pub(super) const NEW_TOKEN: Shape = Named("NewAccessToken", &Object(&[TOKEN_KEYS, VALUE]));

/// What every list of access tokens takes.
pub(super) const FILTERS: &[Field] = &[
    ("revoked?", Flag),
    ("state?", Words(&["active", "inactive"])),
    ("created_after?", Moment),
    ("created_before?", Moment),
    ("last_used_after?", Moment),
    ("last_used_before?", Moment),
    ("expires_after?", Date),
    ("expires_before?", Date),
    ("search?", Text),
    ("sort?", Words(SORTS)),
];

impl AccessTokenView {
    pub(super) fn new(token: AccessToken) -> AccessTokenView {
        let now = Timestamp::now();
        AccessTokenView {
            id: token.id,
            active: token.is_active(&now),
            expired: token.is_expired(&now),
            name: token.name,
            revoked: token.revoked,
            granular: false,
            created_at: token.created_at,
            description: token.description,
            scopes: token.scopes,
            user_id: token.user_id,
            last_used_at: token.last_used_at,
            expires_at: token.expires_at,
        }
    }
}

/// The date that a token dies on: as asked, or `default_days` from now. 400 beyond GitLab's longest life, or in the past.
pub(super) fn expiry(asked: Option<String>, default_days: i64) -> Result<String> {
    let in_days = |days: i64| Timestamp::now().plus_secs(days * 86_400).date();
    let Some(date) = asked else {
        return Ok(in_days(default_days));
    };
    let (today, last) = (in_days(0), in_days(ACCESS_TOKEN_DAYS));
    if date < today {
        return Err(Error::bad_request("Expiration date can't be in the past"));
    }
    if date > last {
        return Err(Error::bad_request(format!(
            "Expiration date must be on or before {last}"
        )));
    }
    Ok(date)
}

const SORTS: &[&str] = &[
    "created_at_asc",
    "created_at_desc",
    "expires_asc",
    "expires_desc",
    "expires_at_asc_id_desc",
    "last_used_asc",
    "last_used_desc",
    "name_asc",
    "name_desc",
];

/// The filters of every list of access tokens; absent means "any".
pub(super) struct TokenQuery {
    revoked: Option<bool>,
    active: Option<bool>,
    created: (Option<Timestamp>, Option<Timestamp>),
    last_used: (Option<Timestamp>, Option<Timestamp>),
    expires: (Option<String>, Option<String>),
    search: Option<String>,
    sort: Option<&'static str>,
    pub(super) page: Page,
}

impl TokenQuery {
    pub(super) fn parse(check: &mut Check<'_>) -> TokenQuery {
        TokenQuery {
            revoked: check.flag("revoked"),
            active: check
                .choice("state", &["active", "inactive"])
                .map(|state| state == "active"),
            created: (
                check.moment("created_after"),
                check.moment("created_before"),
            ),
            last_used: (
                check.moment("last_used_after"),
                check.moment("last_used_before"),
            ),
            expires: (check.date("expires_after"), check.date("expires_before")),
            search: check.text("search").map(|text| text.to_lowercase()),
            sort: check.choice("sort", SORTS),
            page: check.page(),
        }
    }

    /// Every token that passes, in the wanted order.
    pub(super) fn apply(&self, mut tokens: Vec<AccessToken>) -> Vec<AccessToken> {
        let now = Timestamp::now();
        tokens.retain(|token| {
            self.revoked.is_none_or(|revoked| token.revoked == revoked)
                && self
                    .active
                    .is_none_or(|active| token.is_active(&now) == active)
                && lies_between(Some(&token.created_at), &self.created)
                && lies_between(token.last_used_at.as_ref(), &self.last_used)
                && lies_between(token.expires_at.as_ref(), &self.expires)
                && self
                    .search
                    .as_ref()
                    .is_none_or(|text| token.name.to_lowercase().contains(text))
        });
        if let Some(sort) = self.sort {
            tokens.sort_by(|a, b| compare(sort, a, b));
        }
        tokens
    }
}

/// Both bounds are exclusive; what has no value lies beyond any bound.
fn lies_between<T: PartialOrd>(
    value: Option<&T>,
    (after, before): &(Option<T>, Option<T>),
) -> bool {
    after
        .as_ref()
        .is_none_or(|after| value.is_some_and(|value| value > after))
        && before
            .as_ref()
            .is_none_or(|before| value.is_some_and(|value| value < before))
}

/// Tokens without a value come last, whatever the direction; equal ones by id, newest first.
fn compare(sort: &str, a: &AccessToken, b: &AccessToken) -> Ordering {
    let present = |a: bool, b: bool| b.cmp(&a);
    let order = match sort {
        "created_at_asc" => a.created_at.cmp(&b.created_at),
        "created_at_desc" => b.created_at.cmp(&a.created_at),
        "name_asc" => a.name.cmp(&b.name),
        "name_desc" => b.name.cmp(&a.name),
        "last_used_asc" => present(a.last_used_at.is_some(), b.last_used_at.is_some())
            .then(a.last_used_at.cmp(&b.last_used_at)),
        "last_used_desc" => b.last_used_at.cmp(&a.last_used_at),
        "expires_desc" => b.expires_at.cmp(&a.expires_at),
        _ => present(a.expires_at.is_some(), b.expires_at.is_some())
            .then_with(|| a.expires_at.cmp(&b.expires_at)),
    };
    order.then(b.id.cmp(&a.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_a_year_at_most_and_does_not_die_before_it_is_born() {
        let in_days = |days: i64| Timestamp::now().plus_secs(days * 86_400).date();
        assert_eq!(expiry(None, 7).expect("a date"), in_days(7));
        assert_eq!(expiry(Some(in_days(365)), 7).expect("a date"), in_days(365));
        assert!(expiry(Some(in_days(366)), 7).is_err());
        assert!(expiry(Some(in_days(-1)), 7).is_err());
    }
}
