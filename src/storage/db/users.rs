//! Users: people, and the bots behind project and group access tokens.

use rusqlite::{Connection, Row, named_params};

use super::{Timestamp, all, one, run};
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct User {
    pub id: i64,
    pub username: String,
    pub name: String,
    pub email: String,
    pub admin: bool,
    pub external: bool,
    pub bot: bool,
    pub blocked: bool,
    pub created_at: Timestamp,
}

pub struct NewUser {
    pub username: String,
    pub name: String,
    pub email: String,
    pub admin: bool,
    pub external: bool,
    pub bot: bool,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, username, name, email, admin, external, bot, state = 'blocked', created_at FROM users ", $rest)
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        username: row.get(1)?,
        name: row.get(2)?,
        email: row.get(3)?,
        admin: row.get(4)?,
        external: row.get(5)?,
        bot: row.get(6)?,
        blocked: row.get(7)?,
        created_at: row.get(8)?,
    })
}

pub fn find(conn: &Connection, id: i64) -> Result<Option<User>> {
    one(conn, select!("WHERE id = ?1"), [id], from_row)
}

pub fn find_by_username(conn: &Connection, username: &str) -> Result<Option<User>> {
    one(
        conn,
        select!("WHERE lower(username) = lower(?1)"),
        [username],
        from_row,
    )
}

pub fn email_is_taken(conn: &Connection, email: &str) -> Result<bool> {
    Ok(one(
        conn,
        "SELECT 1 FROM users WHERE lower(email) = lower(?1)",
        [email],
        |_| Ok(()),
    )?
    .is_some())
}

/// Everybody whose name or user name contains `search`, or with `by_email` whose email it is, newest first as in GitLab;
/// `search` empty: all.
pub fn list(
    conn: &Connection,
    search: &str,
    by_email: bool,
    limit: i64,
    offset: i64,
) -> Result<(Vec<User>, i64)> {
    let total = one(
        conn,
        "SELECT count(*)
           FROM users
          WHERE NOT bot
            AND (?1 = '' OR instr(lower(username), lower(?1)) OR instr(lower(name), lower(?1)) OR (?2 AND lower(email) = lower(?1)))",
        (search, by_email),
        |row| row.get(0),
    )?;
    let users = all(
        conn,
        select!(
            "WHERE NOT bot
               AND (?1 = '' OR instr(lower(username), lower(?1)) OR instr(lower(name), lower(?1)) OR (?2 AND lower(email) = lower(?1)))
             ORDER BY id DESC
             LIMIT ?3 OFFSET ?4"
        ),
        (search, by_email, limit, offset),
        from_row,
    )?;
    Ok((users, total.unwrap_or(0)))
}

pub fn insert(conn: &Connection, user: &NewUser, now: Timestamp) -> Result<i64> {
    run(
        conn,
        "INSERT INTO users (username, name, email, admin, external, bot, created_at)
         VALUES (:username, :name, :email, :admin, :external, :bot, :now)",
        named_params! {
            ":username": user.username, ":name": user.name, ":email": user.email,
            ":admin": user.admin, ":external": user.external, ":bot": user.bot, ":now": now,
        },
    )?;
    Ok(conn.last_insert_rowid())
}

pub fn set_blocked(conn: &Connection, id: i64, blocked: bool) -> Result<()> {
    run(
        conn,
        "UPDATE users SET state = ?2 WHERE id = ?1",
        (id, if blocked { "blocked" } else { "active" }),
    )?;
    Ok(())
}

pub fn delete(conn: &Connection, id: i64) -> Result<()> {
    run(conn, "DELETE FROM users WHERE id = ?1", [id])?;
    Ok(())
}

/// How many administrators can sign in.
pub fn active_admins(conn: &Connection) -> Result<i64> {
    let count = one(
        conn,
        "SELECT count(*) FROM users WHERE admin AND state = 'active'",
        [],
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}

/// Whether this database has ever been given its first user.
pub fn any(conn: &Connection) -> Result<bool> {
    Ok(one(conn, "SELECT 1 FROM users LIMIT 1", [], |_| Ok(()))?.is_some())
}
