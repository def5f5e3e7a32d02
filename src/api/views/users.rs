//! Users and members (contract 5.6, 11.1 and 11.4).

use serde_json::{Value, json};

use super::{UserView, merge};
use crate::http::BaseUrl;
use crate::registry::{MemberItem, Namespace, User};

/// `GET /users/:id`, as anybody sees it.
pub(in crate::api) fn user(user: User, url: &BaseUrl) -> Value {
    let more = json!({ "created_at": user.created_at, "bio": "", "bot": user.bot });
    merge(&UserView::new(user, url), more)
}

/// A user as it sees itself, and as administrators see it; these learn who else is one.
pub(in crate::api) fn whole_user(
    user: User,
    namespace: Option<&Namespace>,
    may_create_group: bool,
    to_admin: bool,
    url: &BaseUrl,
) -> Value {
    let mut more = json!({
        "created_at": user.created_at,
        "bio": "",
        "location": "",
        "linkedin": "",
        "twitter": "",
        "discord": "",
        "website_url": "",
        "github": "",
        "organization": "",
        "job_title": "",
        "pronouns": null,
        "bot": user.bot,
        "work_information": null,
        "local_time": null,
        "last_sign_in_at": null,
        "confirmed_at": user.created_at,
        "last_activity_on": null,
        "email": user.email,
        "theme_id": null,
        "color_scheme_id": null,
        "projects_limit": if user.external { 0 } else { 100_000 },
        "current_sign_in_at": null,
        "identities": [],
        "can_create_group": may_create_group,
        "can_create_project": !user.external && !user.bot,
        "two_factor_enabled": false,
        "external": user.external,
        "private_profile": false,
        "commit_email": user.email,
        "preferred_language": "en",
        "namespace_id": namespace.map(|namespace| namespace.id),
    });
    if to_admin {
        more["is_admin"] = json!(user.admin);
        more["note"] = Value::Null;
        more["created_by"] = Value::Null;
    }
    merge(&UserView::new(user, url), more)
}

/// A member of a project or group: the user's keys first.
pub(in crate::api) fn member(item: MemberItem, url: &BaseUrl) -> Value {
    let MemberItem {
        member,
        user,
        created_by,
    } = item;
    let mut more =
        json!({ "access_level": member.access_level as i64, "created_at": member.created_at });
    if let Some(by) = created_by {
        more["created_by"] = merge(&UserView::new(by, url), json!({}));
    }
    more["expires_at"] = json!(member.expires_at);
    more["membership_state"] = json!("active");
    merge(&UserView::new(user, url), more)
}
