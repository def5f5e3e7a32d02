//! Users and their personal namespaces.

use super::audit::Event;
use super::paths;
use super::{Actor, Registry, User, Visibility};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, WriteTx, namespaces, users};

pub struct NewUser {
    pub username: String,
    pub name: String,
    pub email: String,
    pub admin: bool,
    pub external: bool,
}

impl Registry {
    pub async fn create_user(&self, new: NewUser) -> Result<User> {
        self.db.write(move |tx| create(tx, &new)).await
    }

    /// The same for commands.
    pub fn create_user_blocking(&self, new: NewUser) -> Result<User> {
        self.db.write_blocking(move |tx| create(tx, &new))
    }

    pub fn user(&self, id: i64) -> Result<Option<User>> {
        self.db.look(|conn| users::find(conn, id))
    }

    /// Whether this user may create groups at the top level: external users and bots may not (GitLab).
    pub fn may_create_group(&self, user: &User) -> bool {
        !user.external && !user.bot
    }

    /// By user name, without regard to case.
    pub fn user_by_name(&self, username: &str) -> Result<Option<User>> {
        self.db.look(|conn| users::find_by_username(conn, username))
    }

    /// By number or user name, as paths like `/users/:user_id/projects` have it.
    pub fn user_by_id_or_name(&self, text: &str) -> Result<User> {
        let user = match text.parse() {
            Ok(id) => self.user(id)?,
            Err(_not_a_number) => self.user_by_name(text)?,
        };
        user.ok_or_else(|| Error::not_found("User"))
    }

    /// People (no bots) whose names contain `search`, newest first, and how many there are.
    /// A whole email finds its owner for administrators alone: others must not learn who has one.
    pub async fn list_users(
        &self,
        actor: &Actor,
        search: String,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<User>, i64)> {
        let by_email = actor.is_admin();
        self.db
            .read(move |conn| users::list(conn, &search, by_email, limit, offset))
            .await
    }

    pub fn list_users_blocking(&self) -> Result<Vec<User>> {
        Ok(self
            .db
            .read_blocking(|conn| users::list(conn, "", true, i64::MAX, 0))?
            .0)
    }

    /// Takes the personal namespace, tokens and memberships along; what the user published stays.
    pub async fn delete_user(&self, id: i64) -> Result<()> {
        self.db.write(move |tx| delete(tx, id)).await
    }

    pub fn delete_user_blocking(&self, id: i64) -> Result<()> {
        self.db.write_blocking(move |tx| delete(tx, id))
    }

    pub fn block_user_blocking(&self, id: i64, blocked: bool) -> Result<()> {
        self.db.write_blocking(move |tx| block(tx, id, blocked))
    }
}

pub(super) fn create(tx: &WriteTx<'_>, new: &NewUser) -> Result<User> {
    if !is_email(&new.email) {
        return Err(Error::invalid_field("email", "is invalid"));
    }
    let conflict = |text| Error::message(actix_web::http::StatusCode::CONFLICT, text);
    if users::email_is_taken(tx, &new.email)? {
        return Err(conflict("Email has already been taken"));
    }
    if users::find_by_username(tx, &new.username)?.is_some()
        || namespaces::path_is_taken(tx, &new.username)?
    {
        return Err(conflict("Username has already been taken"));
    }
    paths::check(tx, None, &new.username).map_err(as_username)?;
    let row = users::NewUser {
        username: new.username.clone(),
        name: new.name.clone(),
        email: new.email.clone(),
        admin: new.admin,
        external: new.external,
        bot: false,
    };
    let id = users::insert(tx, &row, tx.now)?;
    let namespace = namespaces::NewNamespace {
        user_id: Some(id),
        parent: None,
        name: &new.name,
        path: &new.username,
        description: "",
        visibility: Visibility::Public,
    };
    namespaces::insert(tx, &namespace, tx.now)?;
    let user = find_again(tx, id)?;
    Event::of_user("user_created", &user)
        .with("admin", user.admin)
        .with("external", user.external)
        .saying(match user.admin {
            true => "Created the administrator",
            false => "Created the user",
        })
        .record(tx)?;
    Ok(user)
}

/// What is wrong with the path of a user's namespace is wrong with the user's name.
fn as_username(error: Error) -> Error {
    match error {
        Error::Invalid { status, fields } => Error::Invalid {
            status,
            fields: serde_json::json!({ "username": fields["path"] }),
        },
        other => other,
    }
}

/// `local@domain`, printable: mail is never sent, so more is not asked.
fn is_email(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    text.split_once('@')
        .is_some_and(|(local, domain)| plain(local) && plain(domain) && !domain.contains('@'))
}

/// The user behind a project or group access token. It has no namespace, and nobody signs in as it.
pub(super) fn create_bot(tx: &WriteTx<'_>, username: &str, name: &str) -> Result<User> {
    let row = users::NewUser {
        username: username.to_owned(),
        name: name.to_owned(),
        email: format!("{username}@noreply.invalid"), // RFC 2606: never a real domain
        admin: false,
        external: false,
        bot: true,
    };
    let id = users::insert(tx, &row, tx.now)?;
    find_again(tx, id)
}

fn find_again(conn: &Connection, id: i64) -> Result<User> {
    users::find(conn, id)?.ok_or_else(|| Error::internal("a user is gone that was just made"))
}

fn delete(tx: &WriteTx<'_>, id: i64) -> Result<()> {
    let user = users::find(tx, id)?.ok_or_else(|| Error::not_found("User"))?;
    keep_an_administrator(tx, &user)?;
    Event::of_user("user_destroyed", &user)
        .saying("Deleted the user with its tokens, memberships and personal projects")
        .record(tx)?;
    users::delete(tx, user.id)
}

fn block(tx: &WriteTx<'_>, id: i64, blocked: bool) -> Result<()> {
    let user = users::find(tx, id)?.ok_or_else(|| Error::not_found("User"))?;
    if blocked {
        keep_an_administrator(tx, &user)?;
    }
    let (event, done) = match blocked {
        true => ("user_blocked", "Blocked the user"),
        false => ("user_unblocked", "Unblocked the user"),
    };
    Event::of_user(event, &user).saying(done).record(tx)?;
    users::set_blocked(tx, id, blocked)
}

/// Without one nobody could make another through the API.
fn keep_an_administrator(conn: &Connection, user: &User) -> Result<()> {
    if user.admin && !user.blocked && users::active_admins(conn)? <= 1 {
        return Err(Error::message(
            actix_web::http::StatusCode::CONFLICT,
            format!(
                "{} is the last administrator, and the registry needs one: make another one first",
                user.username
            ),
        ));
    }
    Ok(())
}
